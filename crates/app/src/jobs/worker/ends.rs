//! Jobs that ended well are taken out of the queue in groups.

use std::sync::Arc;

use domain::JobId;
use store::{jobs, received};

use super::super::Job;
use crate::groups::Groups;
use crate::{App, AppError, Result};

/// Most ends of one transaction.
const AT_ONCE: usize = 64;

/// What is written of a job that did its work.
#[derive(Clone, Debug)]
pub(super) struct Done {
    id: JobId,
    /// Names the activity that took effect (F08).
    activity: Option<String>,
}

impl Done {
    /// The end of this job.
    pub(super) fn of(id: JobId, job: &Job) -> Self {
        Self { id, activity: job.activity().map(str::to_owned) }
    }
}

/// Takes these out of the queue, and notes their activities with them.
///
/// # Errors
/// [`AppError::Store`]; the jobs run once more.
pub(super) async fn finish(app: &Arc<App>, done: Vec<Done>) -> Result<()> {
    let context = app.clone();
    app.write(move |conn| {
        Box::pin(async move {
            // Else the jobs run once more.
            conn.may_be_redone();
            let ids: Vec<JobId> = done.iter().map(|done| done.id).collect();
            let activities: Vec<String> =
                done.into_iter().filter_map(|done| done.activity).collect();
            if !activities.is_empty() {
                received::note(conn, activities, context.now()).await?;
            }
            Ok(jobs::done(conn, &ids).await?)
        })
    })
    .await
}

/// Where the jobs of a worker end.
#[derive(Clone)]
pub(super) struct Ends(Groups<Done, Result<()>>);

impl Ends {
    /// Ends that are written by a task of their own.
    pub(super) fn open(app: &Arc<App>) -> Self {
        let app = app.clone();
        Self(Groups::open(AT_ONCE, move |group| {
            let app = app.clone();
            async move { write(&app, group).await }
        }))
    }

    /// Returns when the end is written.
    ///
    /// # Errors
    /// See [`finish`].
    pub(super) async fn note(&self, done: Done) -> Result<()> {
        let gone = || AppError::Internal("nobody writes the ends of jobs".into());
        self.0.ask(done).await.unwrap_or_else(|| Err(gone()))
    }
}

async fn write(app: &Arc<App>, group: Vec<Done>) -> Vec<Result<()>> {
    if finish(app, group.clone()).await.is_ok() {
        return group.iter().map(|_| Ok(())).collect();
    }
    // What cannot be written takes no other with it, and says why by itself.
    let mut outcomes = Vec::with_capacity(group.len());
    for done in group {
        outcomes.push(finish(app, vec![done]).await);
    }
    outcomes
}
