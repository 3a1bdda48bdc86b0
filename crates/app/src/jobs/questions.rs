//! Questions to other servers that wait, of the kinds that can be asked again: a host that is slow to answer gathers
//! no more than so many. Previews have turns of their own (`cards/turns.rs`), after which they come into the queue anew.

use domain::host::registrable;
use store::Conn;
use store::jobs::{self, Lane, New};

use super::Job;
use crate::Result;

/// Most jobs that wait to ask one host.
const MOST: i64 = 100;

/// Whether this job would be one question too many for its host.
pub(super) async fn are_enough(conn: &mut Conn, job: &Job, row: &New) -> Result<bool> {
    let is_dispensable = match job {
        Job::RefreshAccount { .. } | Job::FetchStatuses { .. } => true,
        Job::CrawlThread { round, .. } => *round == 0,
        _ => false,
    };
    let Some(host) = row.host.as_ref().filter(|_| is_dispensable) else { return Ok(false) };
    let are_enough = jobs::waiting_of(conn, Lane::Fetch, host, MOST).await? >= MOST;
    if are_enough {
        tracing::debug!(%host, job = row.kind, "too many questions to the host wait already; this one is left out");
    }
    Ok(are_enough)
}

/// Whom a question at this address is for: all names below a domain are one, because whoever has a domain has as many
/// as they like.
pub(super) fn asked(address: &str) -> Option<String> {
    crate::cards::host_of(address).map(|host| registrable(host.trim_end_matches('.')))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use testkit::TestDatabase;

    use super::*;
    use crate::jobs::worker::tests::application;

    #[tokio::test]
    async fn r09_a_host_that_does_not_answer_gathers_no_questions_without_end() {
        let mut databases = vec![TestDatabase::sqlite().await];
        databases.extend(TestDatabase::postgres().await);
        for database in databases {
            let folder = tempfile::tempdir().unwrap();
            let start = testkit::engines::START;
            let app = Arc::new(application(database.store.clone(), folder.path(), start));
            for number in 0..=MOST {
                let ids = vec![format!("https://name{number}.slow.test/1")];
                crate::remote::queue(&app, Job::FetchStatuses { ids }).await.unwrap();
            }
            let other = Job::FetchStatuses { ids: vec!["https://other.test/1".into()] };
            crate::remote::queue(&app, other).await.unwrap();
            // Such as one that waits for its turn: it is not lost.
            let preview = Job::FetchCard { url: "https://slow.test/".into(), tries: 0 };
            let (context, later) = (app.clone(), start.plus(1));
            app.write(move |conn| {
                Box::pin(async move { crate::jobs::enqueue(&context, conn, &preview, later).await })
            })
            .await
            .unwrap();
            let waiting =
                app.read(|conn| Box::pin(jobs::waiting(conn, Lane::Fetch))).await.unwrap();
            assert_eq!(waiting, MOST + 2);
            drop(app);
            database.remove().await;
        }
    }
}
