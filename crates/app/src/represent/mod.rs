//! Local things as ActivityPub says them. Nobody else builds an activity's parts.

use activitypub::{Activity, Actor, Note};
use domain::StatusId;
use domain::account::Account;
use store::Conn;

use crate::{App, AppError, Result};

/// A local account.
///
/// # Errors
/// [`AppError::Store`].
pub async fn actor(_app: &App, _account: &Account) -> Result<Actor> {
    Err(AppError::NotFound)
}

/// The server's own actor, which signs requests.
///
/// # Errors
/// [`AppError::Store`].
pub async fn instance_actor(_app: &App) -> Result<Actor> {
    Err(AppError::NotFound)
}

/// A local status that is no boost.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Store`].
pub async fn note(_app: &App, _conn: &mut Conn, _id: StatusId) -> Result<Note> {
    Err(AppError::NotFound)
}

/// What a local status began with: Create of a note, or Announce of what a boost boosts.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Store`].
pub async fn origin(_app: &App, _conn: &mut Conn, _id: StatusId) -> Result<Activity> {
    Err(AppError::NotFound)
}
