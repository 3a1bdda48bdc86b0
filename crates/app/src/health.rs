//! Whether the server works, and a few figures about it.

use domain::time::{DAY, SECOND};
use store::{deliveries, jobs, remote_files, settings, statuses, users};

use crate::{App, AppError, Result};

/// Reads and writes once.
///
/// # Errors
/// [`AppError`] when either fails.
pub async fn check(app: &App) -> Result<()> {
    if !app.store.can_write() {
        return Err(AppError::Internal("an earlier write failed; restart the server".into()));
    }
    let stamp = app.now().to_string();
    app.write(move |conn| {
        Box::pin(async move {
            settings::set(conn, "last_ready", &stamp).await?;
            settings::get(conn, "last_ready").await?;
            Ok(())
        })
    })
    .await
}

/// Figures for `/metrics` and the instance pages.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    /// Jobs in the queue.
    pub jobs: i64,
    /// Those of them that failed for good.
    pub set_aside: i64,
    /// Users.
    pub users: i64,
    /// Users seen within 30 days.
    pub users_month: i64,
    /// Statuses made here.
    pub statuses: i64,
    /// Deliveries to other servers that wait.
    pub deliveries: i64,
    /// How long the oldest of them has waited, in seconds.
    pub oldest_delivery: i64,
    /// Bytes of other servers' files in the cache.
    pub cached_bytes: i64,
}

/// Counts.
///
/// # Errors
/// [`AppError::Store`].
pub async fn figures(app: &App) -> Result<Figures> {
    let now = app.now();
    let since = now.plus(-30 * DAY);
    app.read(move |conn| {
        Box::pin(async move {
            let (jobs, set_aside) = jobs::counts(conn).await?;
            let (deliveries, oldest) = deliveries::backlog(conn).await?;
            let (users, users_month) = users::counts(conn, since).await?;
            Ok(Figures {
                jobs,
                set_aside,
                users,
                users_month,
                deliveries,
                oldest_delivery: oldest.map_or(0, |oldest| now.since(oldest).max(0) / SECOND),
                statuses: statuses::local_count(conn).await?,
                cached_bytes: remote_files::total(conn).await?,
            })
        })
    })
    .await
}
