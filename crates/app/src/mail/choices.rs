//! What somebody wants to be told by mail: kinds of notification, and whether also when they were here
//! since.

use std::collections::BTreeSet;

use domain::AccountId;
use domain::notification::NotificationKind;
use store::Conn;
use store::mail_choices::{self, MailChoices};

use crate::{App, AppError, Result};

/// Kinds that somebody who never chose is told of: what waits for an answer of theirs.
const USUAL: [NotificationKind; 5] = [
    NotificationKind::Mention,
    NotificationKind::FollowRequest,
    NotificationKind::Quote,
    NotificationKind::SignUp,
    NotificationKind::Report,
];

/// What somebody wants to be told by mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choices {
    /// Kinds of notification.
    pub kinds: Vec<NotificationKind>,
    /// Also when they were here since.
    pub even_when_here: bool,
}

/// What this account wants.
///
/// # Errors
/// [`AppError::Store`].
pub async fn show(app: &App, me: AccountId) -> Result<Choices> {
    app.read(move |conn| Box::pin(async move { of(conn, me).await })).await
}

/// Keeps what this account wants.
///
/// # Errors
/// [`AppError::Store`].
pub async fn change(app: &App, me: AccountId, wanted: Choices) -> Result<()> {
    let names: BTreeSet<&str> = wanted.kinds.iter().map(|kind| kind.name()).collect();
    let kinds =
        serde_json::to_string(&names).map_err(|error| AppError::Internal(error.to_string()))?;
    let row = MailChoices { kinds, even_when_here: wanted.even_when_here };
    app.write(move |conn| Box::pin(async move { Ok(mail_choices::set(conn, me, &row).await?) }))
        .await
}

pub(super) async fn of(conn: &mut Conn, account: AccountId) -> Result<Choices> {
    let Some(row) = mail_choices::get(conn, account).await? else {
        return Ok(Choices { kinds: USUAL.to_vec(), even_when_here: false });
    };
    let names: Vec<String> = serde_json::from_str(&row.kinds).unwrap_or_default();
    let kinds = names.iter().filter_map(|name| NotificationKind::parse(name)).collect();
    Ok(Choices { kinds, even_when_here: row.even_when_here })
}
