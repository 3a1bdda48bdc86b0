//! What anybody may read of a thread: for the public page of a status.

use domain::StatusId;
use store::statuses::{self, StatusView};

use crate::{App, AppError, Result};

/// Most statuses above.
const ABOVE: i64 = 40;
/// Most statuses below, and how deep.
const BELOW: i64 = 60;
const DEEPEST: i64 = 20;

/// A status between what it answers and what answers it.
#[derive(Clone, Debug)]
pub struct OpenThread {
    /// From the root down.
    pub ancestors: Vec<StatusView>,
    /// The status itself.
    pub status: StatusView,
    /// Answers, depth first.
    pub replies: Vec<StatusView>,
}

/// A public or unlisted status with what everybody may see of its thread.
///
/// # Errors
/// [`AppError::NotFound`] when it is for fewer people, a boost, or absent: all look the same (V02).
pub async fn open_thread(app: &App, id: StatusId) -> Result<OpenThread> {
    let now = app.now();
    app.read(move |conn| {
        Box::pin(async move {
            let status = super::view(conn, id, None).await?;
            let shown = status.status.visibility.is_open()
                && status.status.boost_of.is_none()
                && status.author.suspended_at.is_none();
            if !shown {
                return Err(AppError::NotFound);
            }
            let above = statuses::ancestors(conn, id, None, ABOVE, now).await?;
            let root = (id, status.author.id);
            let below = statuses::descendants(conn, root, None, (DEEPEST, BELOW), now).await?;
            Ok(OpenThread {
                ancestors: statuses::hydrate(conn, &above, None).await?,
                replies: statuses::hydrate(conn, &below, None).await?,
                status,
            })
        })
    })
    .await
}
