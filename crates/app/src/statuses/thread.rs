//! The thread around a status.

use std::sync::Arc;

use domain::{AccountId, StatusId};
use store::statuses::{self, StatusView};

use crate::{App, AppError, Result, remote};

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

/// The thread of a status that the viewer may see. When a person opens one that lives elsewhere, a
/// job looks for answers that never came here; they are there when it is opened again.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn thread(app: &Arc<App>, id: StatusId, viewer: Option<AccountId>) -> Result<Thread> {
    let (up, down, depth) = if viewer.is_some() { PERSON } else { ANYBODY };
    let (context, now) = (app.clone(), app.now());
    let (thread, due) = app
        .read(move |conn| {
            Box::pin(async move {
                let status =
                    statuses::visible_by_id(conn, id, viewer).await?.ok_or(AppError::NotFound)?;
                let above = statuses::ancestors(conn, id, viewer, up, now).await?;
                let of = (id, status.account_id);
                let below = statuses::descendants(conn, of, viewer, (depth, down), now).await?;
                let due = match viewer {
                    Some(_) => {
                        let root = above.first().copied().unwrap_or(id);
                        remote::crawl_due(&context, conn, &status, root).await?
                    }
                    None => None,
                };
                let thread = Thread {
                    ancestors: statuses::hydrate(conn, &above, viewer).await?,
                    descendants: statuses::hydrate(conn, &below, viewer).await?,
                };
                Ok::<_, AppError>((thread, due))
            })
        })
        .await?;
    if let Some(crawl) = due {
        remote::queue(app, crawl).await?;
    }
    Ok(thread)
}
