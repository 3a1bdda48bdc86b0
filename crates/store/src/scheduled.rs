//! Statuses that wait for their time.

use domain::{AccountId, MediaId, RowId, Timestamp};

use crate::engine::{Conn, FromRow, Result, Row};
use crate::page::Page;
use crate::{args, statements};

macro_rules! columns {
    () => {
        "id, account_id, scheduled_at, params, media_ids"
    };
}

macro_rules! list {
    () => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM scheduled_statuses WHERE account_id = ?1 AND id < ?2 AND id > ?3"
        )
    };
}

statements! {
    NEWEST = concat!(list!(), " ORDER BY id DESC LIMIT ?4");
    OLDEST = concat!(list!(), " ORDER BY id ASC LIMIT ?4");
    OWN = concat!("SELECT ", columns!(), " FROM scheduled_statuses WHERE account_id = ?1 AND id = ?2");
    TAKE = concat!("DELETE FROM scheduled_statuses WHERE id = ?1 AND scheduled_at <= ?2 RETURNING ", columns!());
    INSERT = "INSERT INTO scheduled_statuses (id, account_id, scheduled_at, params, media_ids) VALUES (?1, ?2, ?3, ?4, ?5)";
    MOVE = "UPDATE scheduled_statuses SET scheduled_at = ?3 WHERE account_id = ?1 AND id = ?2";
    DELETE = "DELETE FROM scheduled_statuses WHERE account_id = ?1 AND id = ?2";
    /// Uploads that hang on nothing go a day after they were made: these are made for later.
    HOLD_MEDIA = "UPDATE media SET created_at = ?3 WHERE account_id = ?1 AND status_id IS NULL AND id IN_LIST(?2)";
    COUNTS = "SELECT COUNT(*), COUNT(*) FILTER (WHERE scheduled_at >= ?2 AND scheduled_at < ?3) FROM scheduled_statuses \
        WHERE account_id = ?1 AND id <> ?4";
}

/// A status that waits for its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheduled {
    /// Its id; the status gets another one.
    pub id: RowId,
    /// Whose it is.
    pub account_id: AccountId,
    /// When it is to be posted.
    pub scheduled_at: Timestamp,
    /// The status: JSON of the caller, opaque here.
    pub params: String,
    /// Its attachments, JSON list of ids.
    pub media_ids: String,
}

impl FromRow for Scheduled {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            account_id: row.get()?,
            scheduled_at: row.get()?,
            params: row.get()?,
            media_ids: row.get()?,
        })
    }
}

/// A stretch of what an account has scheduled.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn list(conn: &mut Conn, account: AccountId, page: &Page) -> Result<Vec<Scheduled>> {
    page.rows(conn, (&NEWEST, &OLDEST), account, args![]).await
}

/// The one with this id, if it is this account's.
///
/// # Errors
/// See [`list`].
pub async fn own(conn: &mut Conn, account: AccountId, id: RowId) -> Result<Option<Scheduled>> {
    conn.optional(&OWN, args![account, id]).await
}

/// Takes out the one with this id if its time has come.
///
/// # Errors
/// See [`list`].
pub async fn take_due(conn: &mut Conn, id: RowId, now: Timestamp) -> Result<Option<Scheduled>> {
    conn.optional(&TAKE, args![id, now]).await
}

/// Adds one.
///
/// # Errors
/// See [`list`].
pub async fn insert(conn: &mut Conn, new: &Scheduled) -> Result<()> {
    conn.send(&INSERT, args![new.id, new.account_id, new.scheduled_at, &new.params, &new.media_ids])
        .await
}

/// Moves one to another time; true when it is this account's.
///
/// # Errors
/// See [`list`].
pub async fn move_to(
    conn: &mut Conn,
    account: AccountId,
    id: RowId,
    at: Timestamp,
) -> Result<bool> {
    Ok(conn.execute(&MOVE, args![account, id, at]).await? > 0)
}

/// Removes one; true when it was this account's.
///
/// # Errors
/// See [`list`].
pub async fn delete(conn: &mut Conn, account: AccountId, id: RowId) -> Result<bool> {
    Ok(conn.execute(&DELETE, args![account, id]).await? > 0)
}

/// How many an account has scheduled beside `except`: in all, and from `start` to before `end`.
///
/// # Errors
/// See [`list`].
pub async fn counts(
    conn: &mut Conn,
    account: AccountId,
    (start, end): (Timestamp, Timestamp),
    except: RowId,
) -> Result<(i64, i64)> {
    Ok(conn.optional(&COUNTS, args![account, start, end, except]).await?.unwrap_or((0, 0)))
}

/// Keeps unattached uploads of an account from being swept before a day after `until`.
///
/// # Errors
/// See [`list`].
pub async fn hold_media(
    conn: &mut Conn,
    account: AccountId,
    media: &[MediaId],
    until: Timestamp,
) -> Result<()> {
    if media.is_empty() {
        return Ok(());
    }
    conn.send(&HOLD_MEDIA, args![account, media, until]).await
}
