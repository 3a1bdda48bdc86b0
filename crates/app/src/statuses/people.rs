//! Who favourited or boosted a status, and what somebody favourited or bookmarked.

use domain::account::Account;
use domain::{AccountId, StatusId};
use store::statuses::{self, StatusView};
use store::{Conn, Listed, Page, accounts};

use super::Mark;
use crate::{App, AppError, Result};

/// Who favourited a status that the viewer may see.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn favouriters(
    app: &App,
    id: StatusId,
    viewer: Option<AccountId>,
    page: Page,
) -> Result<Vec<Listed<Account>>> {
    app.read(move |conn| {
        Box::pin(async move {
            let status =
                statuses::visible_by_id(conn, id, viewer).await?.ok_or(AppError::NotFound)?;
            let of = status.boost_of.unwrap_or(id);
            let rows = statuses::favouriters(conn, of, viewer, &page).await?;
            with_accounts(conn, rows).await
        })
    })
    .await
}

/// Who boosted a status that the viewer may see.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn boosters(
    app: &App,
    id: StatusId,
    viewer: Option<AccountId>,
    page: Page,
) -> Result<Vec<Listed<Account>>> {
    app.read(move |conn| {
        Box::pin(async move {
            let status =
                statuses::visible_by_id(conn, id, viewer).await?.ok_or(AppError::NotFound)?;
            let of = status.boost_of.unwrap_or(id);
            let rows = statuses::boosters(conn, of, viewer, &page).await?;
            with_accounts(conn, rows).await
        })
    })
    .await
}

/// Loads the accounts of a list in one query; those that are gone are left out.
pub(crate) async fn with_accounts(
    conn: &mut Conn,
    rows: Vec<Listed<AccountId>>,
) -> Result<Vec<Listed<Account>>> {
    let ids: Vec<AccountId> = rows.iter().map(|row| row.item).collect();
    let mut found = accounts::in_order(conn, &ids).await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let at = found.iter().position(|account| account.id == row.item)?;
            Some(Listed { cursor: row.cursor, item: found.remove(at) })
        })
        .collect())
}

/// What somebody favourited or bookmarked, newest first.
///
/// # Errors
/// [`AppError::Store`].
pub async fn marked(
    app: &App,
    who: AccountId,
    mark: Mark,
    page: Page,
) -> Result<Vec<Listed<StatusView>>> {
    app.read(move |conn| {
        Box::pin(async move {
            let rows = match mark {
                Mark::Favourite => statuses::favourites(conn, who, &page).await?,
                Mark::Bookmark => statuses::bookmarks(conn, who, &page).await?,
                Mark::Pin | Mark::Mute => Vec::new(),
            };
            let ids: Vec<StatusId> = rows.iter().map(|row| row.item).collect();
            let views = statuses::hydrate(conn, &ids, Some(who)).await?;
            Ok(views
                .into_iter()
                .filter_map(|view| {
                    let row = rows.iter().find(|row| row.item == view.status.id)?;
                    Some(Listed { cursor: row.cursor, item: view })
                })
                .collect())
        })
    })
    .await
}

/// The statuses that quote one which the viewer may see.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn quotes(
    app: &App,
    id: StatusId,
    viewer: Option<AccountId>,
    page: Page,
) -> Result<Vec<StatusView>> {
    app.read(move |conn| {
        Box::pin(async move {
            statuses::visible_by_id(conn, id, viewer).await?.ok_or(AppError::NotFound)?;
            let ids = statuses::quotes(conn, id, viewer, &page).await?;
            Ok(statuses::hydrate(conn, &ids, viewer).await?)
        })
    })
    .await
}
