//! What people want to be told by mail. Who never chose has no row.

use domain::AccountId;

use crate::engine::{Conn, FromRow, Result, Row};
use crate::{args, statements};

statements! {
    GET = "SELECT kinds, even_when_here FROM mail_choices WHERE account_id = ?1";
    SET = "INSERT INTO mail_choices (account_id, kinds, even_when_here) VALUES (?1, ?2, ?3) \
        ON CONFLICT (account_id) DO UPDATE SET kinds = excluded.kinds, even_when_here = excluded.even_when_here";
}

/// What somebody wants to be told by mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailChoices {
    /// Kinds of notification: JSON of the caller, opaque here.
    pub kinds: String,
    /// Also when they were here since.
    pub even_when_here: bool,
}

impl FromRow for MailChoices {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self { kinds: row.get()?, even_when_here: row.get()? })
    }
}

/// What this account chose.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn get(conn: &mut Conn, account: AccountId) -> Result<Option<MailChoices>> {
    conn.optional(&GET, args![account]).await
}

/// Keeps what this account chose.
///
/// # Errors
/// See [`get`].
pub async fn set(conn: &mut Conn, account: AccountId, choices: &MailChoices) -> Result<()> {
    conn.send(&SET, args![account, &choices.kinds, choices.even_when_here]).await
}
