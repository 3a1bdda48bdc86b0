//! Leases are short, so that what a killed process was about does not wait for long, and held for longer
//! while the process lives.

use std::sync::Arc;
use std::time::Duration;

use domain::Timestamp;
use domain::time::MINUTE;
use store::jobs;

use super::mine::Mine;
use crate::App;

/// How long a job is held before another process may take it, unless it is held for longer.
const LEASE: i64 = 2 * MINUTE;
/// How often everything that a worker is about is held for longer: a lease outlives five turns that did not come.
const RENEWAL: Duration = Duration::from_secs(20);

/// Until when what is taken now is held.
pub(super) fn until(now: Timestamp) -> Timestamp {
    now.plus(LEASE)
}

/// Holds for longer whatever is on the list, for as long as this runs.
pub(super) async fn keep(app: Arc<App>, mine: Mine) {
    loop {
        tokio::time::sleep(RENEWAL).await;
        renew(&app, &mine, app.now()).await;
    }
}

async fn renew(app: &App, mine: &Mine, now: Timestamp) {
    let (ids, until) = (mine.ids(), until(now));
    if ids.is_empty() {
        return;
    }
    let held = app
        .store
        .write(move |conn| Box::pin(async move { jobs::renew(conn, &ids, until).await }))
        .await;
    if let Err(error) = held {
        tracing::warn!(%error, "jobs could not be held; another process may run them as well");
    }
}

#[cfg(test)]
mod tests {
    use domain::JobId;
    use domain::time::SECOND;
    use store::jobs::{Lane, New};
    use testkit::TestDatabase;
    use testkit::engines::START;

    use super::super::tests::application;
    use super::*;

    fn new(id: i64, host: &str) -> New {
        New {
            id: JobId(id),
            kind: "receive",
            payload: "{}".into(),
            unique_key: None,
            run_at: START,
            lane: Lane::Inbox,
            host: Some(host.into()),
        }
    }

    #[tokio::test]
    async fn what_a_living_process_is_about_is_left_to_it() {
        let mut databases = vec![TestDatabase::sqlite().await];
        databases.extend(TestDatabase::postgres().await);
        for database in databases {
            let folder = tempfile::tempdir().unwrap();
            let app = application(database.store.clone(), folder.path(), START);
            let leased = app
                .store
                .write(|conn| {
                    Box::pin(async move {
                        jobs::insert(conn, &new(1, "a.test"), START).await?;
                        jobs::insert(conn, &new(2, "b.test"), START).await?;
                        jobs::lease(conn, START, until(START), 10, Lane::Inbox, &[]).await
                    })
                })
                .await
                .unwrap();
            assert_eq!(leased.len(), 2);
            let mine = Mine::default();
            let held = mine.take(&leased[0]);
            renew(&app, &mine, START.plus(LEASE - SECOND)).await;
            let now = START.plus(LEASE + SECOND);
            let mut taken = Vec::new();
            for _ in 0..2 {
                let suspect = app.store.write(move |conn| {
                    Box::pin(async move {
                        jobs::lease_suspect(conn, now, until(now), Lane::Inbox).await
                    })
                });
                taken.extend(suspect.await.unwrap().map(|job| job.id));
            }
            assert_eq!(taken, [JobId(2)], "the other one is held");
            drop(held);
            database.remove().await;
        }
    }
}
