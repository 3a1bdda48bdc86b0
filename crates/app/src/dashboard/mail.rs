//! How it stands with mail.

use domain::Timestamp;
use store::dashboard::MailWaiting;

use super::require;
use crate::access::Me;
use crate::mail::Sent;
use crate::{App, Result};
use domain::account::Role;

/// How it stands with mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailState {
    /// What waits, and why the last of it did not go.
    pub waiting: MailWaiting,
    /// What became of the last mail since this process started.
    pub last: Option<Sent>,
    /// Since when the oldest waits.
    pub since: Option<Timestamp>,
}

/// How it stands with mail.
///
/// # Errors
/// [`crate::AppError::Forbidden`], [`crate::AppError::Store`].
pub async fn mail(app: &App, me: &Me) -> Result<MailState> {
    require(me, Role::Admin)?;
    let waiting = app.read(|conn| Box::pin(store::dashboard::mail_waiting(conn))).await?;
    let since = Some(waiting.oldest_at).filter(|_| waiting.count > 0);
    Ok(MailState { waiting, last: app.mailer.last(), since })
}
