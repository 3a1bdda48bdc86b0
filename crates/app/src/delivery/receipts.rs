//! Receipts: the author of a status sees which servers have it, which wait and why, and can try
//! again; the owner of the server sees which servers most waits for.

use std::sync::Arc;

use domain::StatusId;
use store::deliveries::{self, Receipt, WaitingHost};
use store::{Conn, Page, statuses};

use crate::access::Me;
use crate::{App, AppError, Result};

pub use store::deliveries::{Receipt as Sent, State};

/// Most receipts of one status that the command line shows, the newest.
const MOST: i64 = 10_000;

/// What became of everything that was sent about one's own status, newest first.
///
/// # Errors
/// [`AppError::NotFound`] when the status is absent or somebody else's: both look the same (V02).
pub async fn receipts(app: &App, me: &Me, status: StatusId, page: Page) -> Result<Vec<Receipt>> {
    let author = me.id();
    app.read(move |conn| {
        Box::pin(async move {
            own(conn, author, status).await?;
            Ok(deliveries::receipts(conn, status, &page).await?)
        })
    })
    .await
}

/// Tries everything about one's own status again that has not arrived. The answer is how many
/// inboxes that is.
///
/// # Errors
/// As [`receipts`].
pub async fn retry(app: &Arc<App>, me: &Me, status: StatusId) -> Result<u64> {
    let author = me.id();
    let now = app.now();
    let count = app
        .write(move |conn| {
            Box::pin(async move {
                own(conn, author, status).await?;
                Ok::<_, AppError>(deliveries::retry_status(conn, status, now).await?)
            })
        })
        .await?;
    app.deliveries_waiting.notify_one();
    Ok(count)
}

/// The same for the command line, which may see every local status; `None` lists only.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such status here.
pub async fn receipts_of_any(app: &App, status: StatusId) -> Result<Vec<Receipt>> {
    app.read(move |conn| {
        Box::pin(async move {
            statuses::by_id(conn, status).await?.ok_or(AppError::NotFound)?;
            Ok(deliveries::receipts(conn, status, &Page::newest(MOST)).await?)
        })
    })
    .await
}

/// Tries again, for the command line. A running server notices within a second.
///
/// # Errors
/// As [`receipts_of_any`].
pub async fn retry_any(app: &App, status: StatusId) -> Result<u64> {
    let now = app.now();
    app.write(move |conn| {
        Box::pin(async move {
            statuses::by_id(conn, status).await?.ok_or(AppError::NotFound)?;
            Ok(deliveries::retry_status(conn, status, now).await?)
        })
    })
    .await
}

/// The hosts that most waits for, the fullest first.
///
/// # Errors
/// [`AppError::Store`].
pub async fn waiting_hosts(app: &App) -> Result<Vec<WaitingHost>> {
    app.read(move |conn| Box::pin(async move { Ok(deliveries::waiting_hosts(conn, 1_000).await?) }))
        .await
}

async fn own(conn: &mut Conn, author: domain::AccountId, status: StatusId) -> Result<()> {
    let found = statuses::by_id(conn, status).await?;
    match found {
        Some(status) if status.account_id == author => Ok(()),
        _ => Err(AppError::NotFound),
    }
}
