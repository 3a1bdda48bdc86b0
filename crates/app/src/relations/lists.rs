//! Followers, followed, requests, blocked, muted.

use domain::account::Account;
use domain::{AccountId, Timestamp};
use store::relations::{self, Circle};
use store::{Listed, Page, accounts};

use crate::statuses::with_accounts;
use crate::{App, AppError, Result};

/// A list of accounts around one. Followers and followed of an account that hides them are empty
/// for everybody else.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn circle(
    app: &App,
    of: AccountId,
    which: Circle,
    viewer: Option<AccountId>,
    page: Page,
) -> Result<Vec<Listed<Account>>> {
    let now = app.now();
    app.read(move |conn| {
        Box::pin(async move {
            let account = accounts::by_id(conn, of).await?.ok_or(AppError::NotFound)?;
            let own = viewer == Some(of);
            if account.suspended_at.is_some() || (account.hide_collections && !own) {
                return Ok(Vec::new());
            }
            if let Some(viewer) = viewer
                && relations::is_blocking(conn, of, viewer).await?
            {
                return Ok(Vec::new());
            }
            let rows = relations::circle(conn, of, which, viewer, &page, now).await?;
            with_accounts(conn, rows).await
        })
    })
    .await
}

/// A muted account and when that ends.
#[derive(Clone, Debug)]
pub struct Muted {
    /// Who.
    pub account: Account,
    /// `None` is never.
    pub until: Option<Timestamp>,
}

/// Whom somebody mutes.
///
/// # Errors
/// [`AppError::Store`].
pub async fn muted(app: &App, who: AccountId, page: Page) -> Result<Vec<Listed<Muted>>> {
    let now = app.now();
    app.read(move |conn| {
        Box::pin(async move {
            let rows = relations::circle(conn, who, Circle::Mutes, Some(who), &page, now).await?;
            let ids: Vec<AccountId> = rows.iter().map(|row| row.item).collect();
            let ends = relations::mute_ends(conn, who, &ids).await?;
            let listed = with_accounts(conn, rows).await?;
            Ok(listed
                .into_iter()
                .map(|row| {
                    let until = ends
                        .iter()
                        .find(|(id, _)| *id == row.item.id)
                        .and_then(|(_, until)| *until);
                    Listed { cursor: row.cursor, item: Muted { account: row.item, until } }
                })
                .collect())
        })
    })
    .await
}
