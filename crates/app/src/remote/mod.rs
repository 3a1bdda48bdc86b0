//! What other servers have, fetched and kept: accounts, statuses, threads. Every request is signed
//! by the server's own actor.

mod signer;

use std::sync::Arc;

use activitypub::Uri;
use domain::StatusId;
use domain::account::Account;

use crate::{App, AppError, Result};

pub(crate) use signer::{known_signer, signer};

/// How many requests a piece of work may still make (`security.md`: 100 for each activity).
#[derive(Debug)]
pub struct Budget(pub u32);

/// How old what is known may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Whatever is known will do; asked for only when nothing is.
    Any,
    /// Asked for anew.
    Now,
}

/// The remote account with this id.
///
/// # Errors
/// [`AppError::NotFound`] when there is none, [`AppError::Busy`] when its server cannot be asked.
pub async fn account(
    _app: &Arc<App>,
    _id: &Uri,
    _freshness: Freshness,
    _budget: &mut Budget,
) -> Result<Account> {
    Err(AppError::NotFound)
}

/// The account of a handle on another server, by WebFinger.
///
/// # Errors
/// As [`account`].
pub async fn by_handle(_app: &Arc<App>, _name: &str, _domain: &str) -> Result<Account> {
    Err(AppError::NotFound)
}

/// The status with this id, with its author and the statuses it answers.
///
/// # Errors
/// As [`account`].
pub async fn status(_app: &Arc<App>, _id: &Uri, _budget: &mut Budget) -> Result<StatusId> {
    Err(AppError::NotFound)
}
