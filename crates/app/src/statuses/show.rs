//! Reading one status.

use domain::{AccountId, StatusId};
use store::Conn;
use store::statuses::{self, StatusView};

use crate::{App, AppError, Result};

/// A status that the viewer may see, with everything it shows.
///
/// # Errors
/// [`AppError::NotFound`] when it is hidden or absent.
pub async fn show(app: &App, id: StatusId, viewer: Option<AccountId>) -> Result<StatusView> {
    app.read(move |conn| Box::pin(async move { view(conn, id, viewer).await })).await
}

/// The same within a transaction.
///
/// # Errors
/// [`AppError::NotFound`] when it is hidden or absent.
pub async fn view(conn: &mut Conn, id: StatusId, viewer: Option<AccountId>) -> Result<StatusView> {
    statuses::visible_by_id(conn, id, viewer).await?.ok_or(AppError::NotFound)?;
    statuses::hydrate_one(conn, id, viewer).await?.ok_or(AppError::NotFound)
}

/// The status of this server at this address, if anybody may see it.
///
/// # Errors
/// [`AppError::NotFound`] when there is none.
pub async fn at_address(app: &App, address: &str) -> Result<StatusView> {
    let id = crate::search::status_of(app, address).ok_or(AppError::NotFound)?;
    let view = show(app, id, None).await?;
    let is_ours = view.author.is_local() && view.status.boost_of.is_none();
    Some(view).filter(|_| is_ours).ok_or(AppError::NotFound)
}

/// Those of these statuses that the viewer may see, in the order asked for.
///
/// # Errors
/// [`AppError::Store`].
pub async fn many(
    app: &App,
    ids: Vec<StatusId>,
    viewer: Option<AccountId>,
) -> Result<Vec<StatusView>> {
    app.read(move |conn| {
        Box::pin(async move {
            let seen = statuses::visible_of(conn, &ids, viewer).await?;
            let ids: Vec<StatusId> = ids.into_iter().filter(|id| seen.contains(id)).collect();
            Ok(statuses::hydrate(conn, &ids, viewer).await?)
        })
    })
    .await
}
