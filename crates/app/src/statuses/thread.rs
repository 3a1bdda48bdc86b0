//! The thread around a status.

use domain::{AccountId, StatusId};
use store::statuses::{self, StatusView};

use crate::{App, AppError, Result};

/// What stands above and below a status.
#[derive(Clone, Debug)]
pub struct Thread {
    /// From the root down.
    pub ancestors: Vec<StatusView>,
    /// Depth first.
    pub descendants: Vec<StatusView>,
}

/// The most ancestors, descendants, and levels down, for a person and for anybody.
const PERSON: (i64, i64, i64) = (4096, 4096, 4096);
const ANYBODY: (i64, i64, i64) = (40, 60, 20);

/// The thread of a status that the viewer may see.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn thread(app: &App, id: StatusId, viewer: Option<AccountId>) -> Result<Thread> {
    let (up, down, depth) = if viewer.is_some() { PERSON } else { ANYBODY };
    let now = app.now();
    app.read(move |conn| {
        Box::pin(async move {
            let status =
                statuses::visible_by_id(conn, id, viewer).await?.ok_or(AppError::NotFound)?;
            let above = statuses::ancestors(conn, id, viewer, up, now).await?;
            let below =
                statuses::descendants(conn, (id, status.account_id), viewer, (depth, down), now)
                    .await?;
            Ok(Thread {
                ancestors: statuses::hydrate(conn, &above, viewer).await?,
                descendants: statuses::hydrate(conn, &below, viewer).await?,
            })
        })
    })
    .await
}
