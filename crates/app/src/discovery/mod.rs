//! Finding people: endorsements on profiles, the directory, followers in common, suggestions.

use std::sync::Arc;

use domain::AccountId;
use domain::account::Account;
use domain::time::DAY;
use store::discovery;
use store::relations::{self, Relation};
use store::{Conn, Listed, Page, accounts};

pub use store::discovery::Order;

use crate::statuses::with_accounts;
use crate::{App, AppError, Result};

/// A stretch of those that an account shows on its profile.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such account.
pub async fn endorsed(
    app: &App,
    account: AccountId,
    viewer: Option<AccountId>,
    page: Page,
) -> Result<Vec<Listed<Account>>> {
    app.read(move |conn| {
        Box::pin(async move {
            let account = accounts::by_id(conn, account).await?.ok_or(AppError::NotFound)?;
            if account.suspended_at.is_some() {
                return Ok(Vec::new());
            }
            let rows = discovery::endorsed(conn, account.id, viewer, &page).await?;
            with_accounts(conn, rows).await
        })
    })
    .await
}

/// Shows an account that one follows on one's profile.
///
/// # Errors
/// [`AppError::Invalid`] when it is not followed, [`AppError::NotFound`].
pub async fn endorse(app: &Arc<App>, me: AccountId, target: AccountId) -> Result<Relation> {
    let context = app.clone();
    app.write(move |conn| {
        Box::pin(async move {
            accounts::by_id(conn, target).await?.ok_or(AppError::NotFound)?;
            if !relations::is_following(conn, me, target).await? {
                return Err(AppError::invalid(
                    "You must be already following the person you want to endorse",
                ));
            }
            discovery::endorse(conn, context.ids.next(), me, target).await?;
            relation(&context, conn, me, target).await
        })
    })
    .await
}

/// Takes an account off one's profile.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn unendorse(app: &Arc<App>, me: AccountId, target: AccountId) -> Result<Relation> {
    let context = app.clone();
    app.write(move |conn| {
        Box::pin(async move {
            accounts::by_id(conn, target).await?.ok_or(AppError::NotFound)?;
            discovery::unendorse(conn, me, target).await?;
            relation(&context, conn, me, target).await
        })
    })
    .await
}

async fn relation(
    app: &App,
    conn: &mut Conn,
    viewer: AccountId,
    other: AccountId,
) -> Result<Relation> {
    let found = relations::relations(conn, viewer, &[other], app.now()).await?;
    found.into_iter().next().map(|(_, relation)| relation).ok_or(AppError::NotFound)
}

/// A stretch of those who want to be found.
///
/// # Errors
/// [`AppError::Store`].
pub async fn directory(
    app: &App,
    order: Order,
    only_local: bool,
    stretch: (i64, i64),
) -> Result<Vec<Account>> {
    app.read(move |conn| {
        Box::pin(async move {
            let ids = discovery::directory(conn, order, only_local, stretch).await?;
            Ok(accounts::in_order(conn, &ids).await?)
        })
    })
    .await
}

/// For each of these accounts, those that the viewer follows who follow it.
///
/// # Errors
/// [`AppError::Store`].
pub async fn familiar(
    app: &App,
    viewer: AccountId,
    others: Vec<AccountId>,
) -> Result<Vec<(AccountId, Vec<Account>)>> {
    app.read(move |conn| {
        Box::pin(async move {
            let pairs = discovery::familiar(conn, viewer, &others).await?;
            let mut ids: Vec<AccountId> = pairs.iter().map(|(_, id)| *id).collect();
            ids.sort_unstable();
            ids.dedup();
            let known = accounts::by_ids(conn, &ids).await?;
            let of = |other: AccountId| {
                pairs
                    .iter()
                    .filter(|(target, _)| *target == other)
                    .filter_map(|(_, id)| known.iter().find(|account| account.id == *id).cloned())
                    .collect()
            };
            Ok(others.into_iter().map(|other| (other, of(other))).collect())
        })
    })
    .await
}

/// Accounts of this server that the viewer might like: those who want to be found, posted within a
/// month, and are not known to the viewer yet; the most followed first.
///
/// # Errors
/// [`AppError::Store`].
pub async fn suggested(app: &App, viewer: AccountId, stretch: (i64, i64)) -> Result<Vec<Account>> {
    let since = app.now().plus(-30 * DAY);
    app.read(move |conn| {
        Box::pin(async move {
            let ids = discovery::suggested(conn, viewer, since, stretch).await?;
            Ok(accounts::in_order(conn, &ids).await?)
        })
    })
    .await
}

/// Does not suggest an account again.
///
/// # Errors
/// [`AppError::Store`].
pub async fn dismiss(app: &App, viewer: AccountId, target: AccountId) -> Result<()> {
    app.write(move |conn| {
        Box::pin(async move { Ok(discovery::dismiss(conn, viewer, target).await?) })
    })
    .await
}
