//! Keys of local actors: made once, kept in the database, parsed once a process.

use std::sync::Arc;

use activitypub::sign::SigningKey;
use domain::account::Account;

use crate::{App, AppError, Result};

/// The key of a local account, made now if it has none.
///
/// # Errors
/// [`AppError::Internal`] when the library fails, [`AppError::Store`].
pub async fn of_account(_app: &App, _account: &Account) -> Result<Arc<SigningKey>> {
    Err(AppError::Internal("no keys yet".into()))
}

/// The key of the server's own actor, made now if it has none.
///
/// # Errors
/// As [`of_account`].
pub async fn of_instance(_app: &App) -> Result<Arc<SigningKey>> {
    Err(AppError::Internal("no keys yet".into()))
}
