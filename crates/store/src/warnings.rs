//! What staff told single accounts, and did to them.

use domain::{AccountId, Timestamp};

use crate::engine::{Conn, FromRow, Result, Row};
use crate::{args, statements};

statements! {
    INSERT = "INSERT INTO account_warnings (id, account_id, target_id, action, text, report_id, status_ids, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    BY_IDS = "SELECT id, account_id, target_id, action, text, report_id, status_ids, created_at FROM account_warnings WHERE id IN_LIST(?1)";
}

/// A warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Its id.
    pub id: i64,
    /// Who of the staff.
    pub account_id: AccountId,
    /// Whom.
    pub target_id: AccountId,
    /// What was done: Mastodon's name.
    pub action: String,
    /// What the account is told.
    pub text: String,
    /// The report that led to it.
    pub report_id: Option<i64>,
    /// Statuses it is about: JSON list of texts.
    pub status_ids: String,
    /// When.
    pub created_at: Timestamp,
}

impl FromRow for Warning {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            account_id: row.get()?,
            target_id: row.get()?,
            action: row.get()?,
            text: row.get()?,
            report_id: row.get()?,
            status_ids: row.get()?,
            created_at: row.get()?,
        })
    }
}

/// Adds a warning.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn insert(conn: &mut Conn, new: &Warning) -> Result<()> {
    conn.send(
        &INSERT,
        args![
            new.id,
            new.account_id,
            new.target_id,
            &new.action,
            &new.text,
            new.report_id,
            &new.status_ids,
            new.created_at
        ],
    )
    .await
}

/// The warnings with these ids, in no particular order.
///
/// # Errors
/// See [`insert`].
pub async fn by_ids(conn: &mut Conn, ids: &[i64]) -> Result<Vec<Warning>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    conn.query(&BY_IDS, args![ids.to_vec()]).await
}
