//! Questions to other servers that wait. All of them are welcome rather than needed: a host that is slow to answer
//! gathers no more than so many.

use store::Conn;
use store::jobs::{self, Lane, New};

use crate::Result;

/// Most jobs that wait to ask one host.
const MOST: i64 = 250;

/// Whether this job would be one question too many for its host.
pub(super) async fn are_enough(conn: &mut Conn, job: &New) -> Result<bool> {
    let (Lane::Fetch, Some(host)) = (job.lane, &job.host) else { return Ok(false) };
    let are_enough = jobs::waiting_of(conn, job.lane, host, MOST).await? >= MOST;
    if are_enough {
        tracing::debug!(%host, job = job.kind, "too many questions to the host wait already; this one is left out");
    }
    Ok(are_enough)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use testkit::TestDatabase;

    use super::*;
    use crate::jobs::Job;
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
                let job = Job::FetchStatuses { ids: vec![format!("https://slow.test/{number}")] };
                crate::remote::queue(&app, job).await.unwrap();
            }
            let url = "https://other.test/".to_owned();
            crate::remote::queue(&app, Job::FetchCard { url, tries: 0 }).await.unwrap();
            let waiting =
                app.read(|conn| Box::pin(jobs::waiting(conn, Lane::Fetch))).await.unwrap();
            assert_eq!(waiting, MOST + 1);
            drop(app);
            database.remove().await;
        }
    }
}
