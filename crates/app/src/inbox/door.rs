//! Activities are queued before they are acknowledged: those that come while others are being queued together, in
//! one transaction.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use store::{hosts, received};

use super::Received;
use crate::groups::Groups;
use crate::jobs::{self, Job, Ready};
use crate::{App, AppError, Result};

/// Most activities of one transaction.
const AT_ONCE: usize = 32;

/// Where activities are queued.
#[derive(Default)]
pub(crate) struct Door(OnceLock<Groups<Arrived, Result<()>>>);

/// An activity as it is queued.
struct Arrived {
    host: String,
    hash: String,
    job: Ready,
}

impl Door {
    /// Returns when it is queued, or was done before. Its host is known to be alive then.
    ///
    /// # Errors
    /// [`AppError::Store`]; then it is not queued.
    pub(super) async fn take(&self, app: &Arc<App>, received: Received) -> Result<()> {
        let (host, hash) = (received.host.clone(), received.hash.clone());
        let arrived = Arrived { host, hash, job: jobs::ready(app, &Job::Receive(received))? };
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
        groups.ask(arrived).await.unwrap_or_else(|| Err(gone()))
    }
}

async fn queue(app: &Arc<App>, group: Vec<Arrived>) -> Vec<Result<()>> {
    let group = Arc::new(group);
    if write(app, group.clone(), 0..group.len()).await.is_ok() {
        return group.iter().map(|_| Ok(())).collect();
    }
    // What cannot be written takes no other with it, and says why by itself.
    let mut outcomes = Vec::with_capacity(group.len());
    for place in 0..group.len() {
        outcomes.push(write(app, group.clone(), place..place + 1).await);
    }
    outcomes
}

/// Queues those at these places of a group, but for what was done before.
async fn write(app: &Arc<App>, group: Arc<Vec<Arrived>>, places: Range<usize>) -> Result<()> {
    let now = app.now();
    let is_somebody_back = app
        .write(move |conn| {
            Box::pin(async move {
                let Some(group) = group.get(places) else { return Ok(false) };
                let hashes = group.iter().map(|one| one.hash.clone()).collect();
                let known = received::known(conn, hashes).await?;
                let mut new: Vec<&Arrived> =
                    group.iter().filter(|one| !known.contains(&one.hash)).collect();
                // In one order, so that two processes do not wait for each other. In which they are done, their
                // ids say.
                new.sort_unstable_by(|one, other| one.hash.cmp(&other.hash));
                for one in &new {
                    one.job.queue(conn, now).await?;
                }
                let mut hosts: Vec<String> = new.iter().map(|one| one.host.clone()).collect();
                hosts.sort_unstable();
                hosts.dedup();
                Ok::<_, AppError>(hosts::alive(conn, hosts, now).await?)
            })
        })
        .await?;
    if is_somebody_back {
        app.deliveries_waiting.notify_one();
    }
    Ok(())
}
