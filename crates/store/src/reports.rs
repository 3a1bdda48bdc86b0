//! Reports of accounts to the staff.

use domain::{AccountId, Timestamp};

use crate::engine::{Conn, FromRow, Result, Row};
use crate::page::Page;
use crate::{args, statements};

macro_rules! columns {
    () => {
        "SELECT id, account_id, target_id, status_ids, rule_ids, category, comment, forwarded, action_taken_at, created_at, \
         assigned_to, closed_by, updated_at FROM reports"
    };
}

macro_rules! found {
    () => {
        concat!(
            columns!(),
            " WHERE id < ?2 AND id > ?3 AND (action_taken_at IS NOT NULL) = ?1 AND (CAST(?5 AS BIGINT) = 0 OR account_id = ?5) \
            AND (CAST(?6 AS BIGINT) = 0 OR target_id = ?6)"
        )
    };
}

statements! {
    INSERT = "INSERT INTO reports (id, account_id, target_id, status_ids, rule_ids, category, comment, forwarded, created_at) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    BY_IDS = concat!(columns!(), " WHERE id IN_LIST(?1)");
    NEWEST = concat!(found!(), " ORDER BY id DESC LIMIT ?4");
    OLDEST = concat!(found!(), " ORDER BY id ASC LIMIT ?4");
    UPDATE = "UPDATE reports SET category = ?2, rule_ids = ?3, assigned_to = ?4, action_taken_at = ?5, closed_by = ?6, updated_at = ?7 WHERE id = ?1";
    CLOSE_ALL = "UPDATE reports SET action_taken_at = ?2, closed_by = ?3, updated_at = ?2 WHERE target_id = ?1 AND action_taken_at IS NULL";
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
    /// Who of the staff handles it.
    pub assigned_to: Option<AccountId>,
    /// Who of the staff was done with it.
    pub closed_by: Option<AccountId>,
    /// When staff last changed it.
    pub updated_at: Option<Timestamp>,
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
            assigned_to: row.get()?,
            closed_by: row.get()?,
            updated_at: row.get()?,
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

/// Which reports staff wants to see; `None` is any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReportFilter {
    /// Those that staff is done with, instead of the others.
    pub closed: bool,
    /// Only by this account.
    pub by: Option<AccountId>,
    /// Only about this account.
    pub about: Option<AccountId>,
}

/// The reports that fit, newest first.
///
/// # Errors
/// See [`insert`].
pub async fn find(conn: &mut Conn, filter: ReportFilter, page: &Page) -> Result<Vec<Report>> {
    let id = |account: Option<AccountId>| account.map_or(0, |id| id.0);
    let more = args![id(filter.by), id(filter.about)];
    page.rows(conn, (&NEWEST, &OLDEST), filter.closed, more).await
}

/// Writes what staff changes about a report.
///
/// # Errors
/// See [`insert`].
pub async fn update(conn: &mut Conn, report: &Report) -> Result<()> {
    conn.send(
        &UPDATE,
        args![
            report.id,
            &report.category,
            &report.rule_ids,
            report.assigned_to,
            report.action_taken_at,
            report.closed_by,
            report.updated_at
        ],
    )
    .await
}

/// Notes that staff is done with every report about an account.
///
/// # Errors
/// See [`insert`].
pub async fn close_all(
    conn: &mut Conn,
    target: AccountId,
    by: AccountId,
    now: Timestamp,
) -> Result<()> {
    conn.send(&CLOSE_ALL, args![target, now, by]).await
}

/// The accounts that handle reports.
///
/// # Errors
/// See [`insert`].
pub async fn staff(conn: &mut Conn) -> Result<Vec<AccountId>> {
    conn.column(&STAFF, args![]).await
}
