//! Activities are queued before they are acknowledged: those that come while others are being queued together, in
//! one transaction.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use store::{StoreError, hosts, received};

use super::Received;
use crate::groups::Groups;
use crate::jobs::{self, Job, Ready};
use crate::{App, AppError, Result};

/// Most activities of one transaction.
const AT_ONCE: usize = 32;

/// Where activities are queued.
#[derive(Default)]
pub(crate) struct Door(OnceLock<Groups<Arrived, Result<IsBack>>>);

/// Whether the host of an activity is one that could not be reached lately.
type IsBack = bool;

/// An activity as it is queued.
struct Arrived {
    host: String,
    hash: String,
    job: Ready,
}

impl Door {
    /// Returns when it is queued, or was done before. A host that had failed is known to be alive then.
    ///
    /// # Errors
    /// [`AppError::Store`]; then it is not queued.
    pub(super) async fn take(&self, app: &Arc<App>, received: Received) -> Result<()> {
        let (host, hash) = (received.host.clone(), received.hash.clone());
        let job = jobs::ready(app, &Job::Receive(received))?;
        let groups = self.0.get_or_init(|| {
            // The application has this door, and is not to hold itself by it.
            let app = Arc::downgrade(app);
            Groups::open(AT_ONCE, move |group| {
                let app = app.clone();
                async move {
                    match app.upgrade() {
                        Some(app) => queue(&app, group).await,
                        None => Vec::new(),
                    }
                }
            })
        });
        let gone = || AppError::Internal("nobody queues activities".into());
        let arrived = Arrived { host: host.clone(), hash, job };
        if groups.ask(arrived).await.unwrap_or_else(|| Err(gone()))? {
            revive(app, host).await;
        }
        Ok(())
    }
}

async fn queue(app: &Arc<App>, group: Vec<Arrived>) -> Vec<Result<IsBack>> {
    let group = Arc::new(group);
    let failed = match write(app, group.clone(), 0..group.len()).await {
        Ok(outcomes) => return outcomes.into_iter().map(Ok).collect(),
        Err(error) => error,
    };
    if group.len() == 1 {
        return vec![Err(failed)];
    }
    // What cannot be written takes no other with it, and says why by itself; but nobody waits for a database that is
    // away once for each.
    let mut outcomes = Vec::with_capacity(group.len());
    let mut away = is_away(&failed);
    for place in 0..group.len() {
        outcomes.push(match &away {
            Some(why) => Err(StoreError::Unreachable(why.clone()).into()),
            None => {
                let outcome = write(app, group.clone(), place..place + 1).await;
                away = outcome.as_ref().err().and_then(is_away);
                outcome.map(|outcomes| outcomes.contains(&true))
            }
        });
    }
    outcomes
}

/// Why the database cannot be reached, if that is the trouble.
fn is_away(error: &AppError) -> Option<String> {
    match error {
        AppError::Store(StoreError::Unreachable(why)) => Some(why.clone()),
        _ => None,
    }
}

/// Queues those at these places of a group, but for what was done before.
async fn write(
    app: &Arc<App>,
    group: Arc<Vec<Arrived>>,
    places: Range<usize>,
) -> Result<Vec<IsBack>> {
    let now = app.now();
    app.write(move |conn| {
        Box::pin(async move {
            let group = group.get(places).unwrap_or_default();
            let hashes = group.iter().map(|one| one.hash.clone()).collect();
            let known = received::known(conn, hashes).await?;
            let mut new: Vec<&Arrived> =
                group.iter().filter(|one| !known.contains(&one.hash)).collect();
            // In one order, so that the doors of two processes do not wait for each other. In which order they
            // are done, their ids say.
            new.sort_by(|one, other| one.hash.cmp(&other.hash));
            for one in &new {
                one.job.queue(conn, now).await?;
            }
            let hosts = group.iter().map(|one| one.host.clone()).collect();
            let failing = hosts::failing(conn, hosts).await?;
            Ok::<_, AppError>(group.iter().map(|one| failing.contains(&one.host)).collect())
        })
    })
    .await
}

/// What waits for a host that is back goes out now. By itself: it may be much, and the activity is queued whatever
/// becomes of this.
async fn revive(app: &Arc<App>, host: String) {
    let now = app.now();
    let revived = app
        .write(move |conn| {
            Box::pin(async move { Ok::<_, AppError>(hosts::alive(conn, &host, now).await?) })
        })
        .await;
    match revived {
        Ok(true) => app.deliveries_waiting.notify_one(),
        Ok(false) => {}
        Err(error) => tracing::warn!(%error, "it was not noted that a host is back"),
    }
}
