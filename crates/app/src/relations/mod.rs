//! What accounts are to each other: follow, block, mute, note.

use domain::AccountId;
use store::relations;

use crate::{App, Result};

/// How many ask to follow this account.
///
/// # Errors
/// [`crate::AppError::Store`].
pub async fn pending_requests(app: &App, account: AccountId) -> Result<i64> {
    app.read(move |conn| {
        Box::pin(async move { Ok(relations::pending_requests(conn, account).await?) })
    })
    .await
}
