//! Whole servers that somebody wants nothing from.

use std::sync::Arc;

use domain::{AccountId, host};
use store::{Listed, Page, accounts, domain_blocks, home_feed};

use crate::access::Me;
use crate::relations::{dismiss, leave};
use crate::{App, AppError, Result};

/// A stretch of the domains that somebody blocks.
///
/// # Errors
/// [`AppError::Store`].
pub async fn list(app: &App, me: AccountId, page: Page) -> Result<Vec<Listed<String>>> {
    app.read(move |conn| Box::pin(async move { Ok(domain_blocks::list(conn, me, &page).await?) }))
        .await
}

/// How many follows a block would end: of theirs, and of mine.
///
/// # Errors
/// [`AppError::Invalid`].
pub async fn preview(app: &App, me: AccountId, domain: &str) -> Result<(i64, i64)> {
    let domain = normal(domain)?;
    app.read(move |conn| {
        Box::pin(async move { Ok(domain_blocks::counts(conn, me, &domain).await?) })
    })
    .await
}

/// Accounts whose follows end in one transaction.
const AT_ONCE: i64 = 100;

/// Blocks a domain: follows between it and the account end, and its servers are told so, each
/// account's for itself, before the block stands.
///
/// # Errors
/// [`AppError::Invalid`].
pub async fn block(app: &Arc<App>, me: &Me, domain: &str) -> Result<()> {
    let domain = normal(domain)?;
    while part(app, me, domain.clone()).await? {}
    let (row, me) = (app.ids.next(), me.id());
    app.write(move |conn| {
        Box::pin(async move {
            domain_blocks::block(conn, row, me, &domain).await?;
            // What came from there is gone when the feed is made anew.
            Ok(home_feed::forget(conn, me).await?)
        })
    })
    .await
}

/// Ends some of the follows between an account and a domain; true when there were any.
async fn part(app: &Arc<App>, me: &Me, domain: String) -> Result<bool> {
    let (context, me) = (app.clone(), me.account.clone());
    app.write(move |conn| {
        Box::pin(async move {
            let others = domain_blocks::circle(conn, me.id, &domain, AT_ONCE).await?;
            for other in accounts::by_ids(conn, &others).await? {
                leave(&context, conn, &me, &other).await?;
                dismiss(&context, conn, &me, &other).await?;
            }
            Ok::<_, AppError>(!others.is_empty())
        })
    })
    .await
}

/// Unblocks a domain.
///
/// # Errors
/// [`AppError::Invalid`].
pub async fn unblock(app: &App, me: AccountId, domain: &str) -> Result<()> {
    let domain = normal(domain)?;
    app.write(move |conn| {
        Box::pin(async move { Ok(domain_blocks::unblock(conn, me, &domain).await.map(|_| ())?) })
    })
    .await
}

/// Lower case and punycode, as domains of accounts are kept (F12).
fn normal(domain: &str) -> Result<String> {
    host::normal(domain.trim().trim_start_matches('@'))
        .ok_or_else(|| AppError::invalid("Domain is not a valid domain name"))
}
