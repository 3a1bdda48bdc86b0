//! Reports of accounts to the staff.

use domain::{AccountId, Timestamp};

use crate::engine::{Conn, FromRow, Result, Row};
use crate::{args, statements};

statements! {
    INSERT = "INSERT INTO reports (id, account_id, target_id, status_ids, rule_ids, category, comment, forwarded, created_at) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    BY_IDS = "SELECT id, account_id, target_id, status_ids, rule_ids, category, comment, forwarded, action_taken_at, created_at \
        FROM reports WHERE id IN_LIST(?1)";
    STAFF = "SELECT account_id FROM users WHERE role IN ('moderator', 'admin', 'owner') AND disabled = false AND approved = true ORDER BY account_id";
}

/// A report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Its id.
    pub id: i64,
    /// Who reports.
    pub account_id: AccountId,
    /// Whom.
    pub target_id: AccountId,
    /// Statuses that show why: JSON list of texts.
    pub status_ids: String,
    /// Rules that were broken: JSON list of texts.
    pub rule_ids: String,
    /// `spam`, `legal`, `violation` or `other`.
    pub category: String,
    /// What the reporter says.
    pub comment: String,
    /// Sent to the other server as well.
    pub forwarded: bool,
    /// When staff was done with it.
    pub action_taken_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl FromRow for Report {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            account_id: row.get()?,
            target_id: row.get()?,
            status_ids: row.get()?,
            rule_ids: row.get()?,
            category: row.get()?,
            comment: row.get()?,
            forwarded: row.get()?,
            action_taken_at: row.get()?,
            created_at: row.get()?,
        })
    }
}

/// Adds a report.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn insert(conn: &mut Conn, report: &Report) -> Result<()> {
    conn.send(
        &INSERT,
        args![
            report.id,
            report.account_id,
            report.target_id,
            &report.status_ids,
            &report.rule_ids,
            &report.category,
            &report.comment,
            report.forwarded,
            report.created_at
        ],
    )
    .await
}

/// The reports with these ids, in no particular order: for staff's notifications.
///
/// # Errors
/// See [`insert`].
pub async fn by_ids(conn: &mut Conn, ids: &[i64]) -> Result<Vec<Report>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    conn.query(&BY_IDS, args![ids.to_vec()]).await
}

/// The accounts that handle reports.
///
/// # Errors
/// See [`insert`].
pub async fn staff(conn: &mut Conn) -> Result<Vec<AccountId>> {
    conn.column(&STAFF, args![]).await
}
