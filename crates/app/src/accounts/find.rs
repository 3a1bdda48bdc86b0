//! Finding an account that the viewer may look at.

use domain::AccountId;
use domain::account::Account;
use store::accounts;

use crate::{App, AppError, Result};

/// The account with this id. A suspended one is there but empty: what is shown of it is the
/// caller's matter.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn show(app: &App, id: AccountId) -> Result<Account> {
    app.read(move |conn| {
        Box::pin(async move { accounts::by_id(conn, id).await?.ok_or(AppError::NotFound) })
    })
    .await
}

/// The account of a handle, `name` or `name@domain`, with or without a leading `@`.
///
/// # Errors
/// [`AppError::NotFound`] when it is not known here.
pub async fn by_acct(app: &App, acct: &str) -> Result<Account> {
    let acct = acct.trim().trim_start_matches('@').to_owned();
    let (name, domain) = match acct.split_once('@') {
        Some((name, domain)) if app.urls.is_here(Some(domain)) => (name.to_owned(), None),
        Some((name, domain)) => (name.to_owned(), Some(domain.to_lowercase())),
        None => (acct, None),
    };
    app.read(move |conn| {
        Box::pin(async move {
            accounts::by_handle(conn, &name, domain.as_deref()).await?.ok_or(AppError::NotFound)
        })
    })
    .await
}

/// Those of these accounts that are there, in the order asked for.
///
/// # Errors
/// [`AppError::Store`].
pub async fn many(app: &App, ids: Vec<AccountId>) -> Result<Vec<Account>> {
    app.read(move |conn| Box::pin(async move { Ok(accounts::in_order(conn, &ids).await?) })).await
}
