//! Whole servers that somebody wants nothing from.

use std::sync::Arc;

use domain::{AccountId, host};
use store::{Listed, Page, domain_blocks, home_feed};

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

/// Blocks a domain: follows between it and the account end.
///
/// # Errors
/// [`AppError::Invalid`].
pub async fn block(app: &Arc<App>, me: AccountId, domain: &str) -> Result<()> {
    let domain = normal(domain)?;
    let row = app.ids.next();
    app.write(move |conn| {
        Box::pin(async move {
            domain_blocks::block(conn, row, me, &domain).await?;
            // What came from there is gone when the feed is made anew.
            Ok(home_feed::forget(conn, me).await?)
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
