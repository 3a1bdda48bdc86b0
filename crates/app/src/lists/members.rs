//! Who is in a list.

use std::sync::Arc;

use domain::account::Account;
use domain::{AccountId, ListId};
use store::{Listed, Page, accounts, home_feed, lists, relations};

use super::own;
use crate::statuses::with_accounts;
use crate::{App, AppError, Result};

/// Most accounts that one request may name.
const MOST_AT_ONCE: usize = 200;
/// Most members that are listed in one piece.
const MOST_IN_ONE_PIECE: i64 = 5000;

/// A stretch of the members of a list.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn members(
    app: &App,
    owner: AccountId,
    list: ListId,
    page: Page,
) -> Result<Vec<Listed<Account>>> {
    app.read(move |conn| {
        Box::pin(async move {
            own(conn, owner, list).await?;
            let rows = lists::members(conn, owner, list, &page).await?;
            with_accounts(conn, rows).await
        })
    })
    .await
}

/// All members of a list.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn all_members(app: &App, owner: AccountId, list: ListId) -> Result<Vec<Account>> {
    let rows = members(app, owner, list, Page::newest(MOST_IN_ONE_PIECE)).await?;
    Ok(rows.into_iter().map(|row| row.item).collect())
}

/// Adds accounts that the owner follows or has asked to follow, or the owner.
///
/// # Errors
/// [`AppError::Invalid`] for one that is not followed or a member already, [`AppError::NotFound`].
/// Then none is added.
pub async fn add(
    app: &Arc<App>,
    owner: AccountId,
    list: ListId,
    members: Vec<AccountId>,
) -> Result<()> {
    check_number(&members)?;
    let context = app.clone();
    app.write(move |conn| {
        Box::pin(async move {
            let list = own(conn, owner, list).await?;
            let known = accounts::by_ids(conn, &members).await?;
            let related = relations::relations(conn, owner, &members, context.now()).await?;
            for (id, relation) in related {
                if !known.iter().any(|account| account.id == id) {
                    return Err(AppError::NotFound);
                }
                if id != owner && relation.following.is_none() && relation.requested.is_none() {
                    return Err(AppError::invalid("You must be already following this account"));
                }
                if !lists::add(conn, context.ids.next(), list.id, id).await? {
                    return Err(AppError::invalid("Account has already been taken"));
                }
            }
            if list.exclusive {
                home_feed::forget(conn, owner).await?;
            }
            Ok(())
        })
    })
    .await
}

/// Takes accounts out of a list.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such list.
pub async fn remove(
    app: &App,
    owner: AccountId,
    list: ListId,
    members: Vec<AccountId>,
) -> Result<()> {
    check_number(&members)?;
    app.write(move |conn| {
        Box::pin(async move {
            let list = own(conn, owner, list).await?;
            lists::remove(conn, list.id, &members).await?;
            if list.exclusive {
                home_feed::forget(conn, owner).await?;
            }
            Ok(())
        })
    })
    .await
}

fn check_number(members: &[AccountId]) -> Result<()> {
    if members.len() > MOST_AT_ONCE {
        return Err(AppError::invalid(format!("Only {MOST_AT_ONCE} accounts at a time")));
    }
    Ok(())
}
