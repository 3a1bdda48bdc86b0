//! What staff announces to everybody here, and who has read it.

use domain::{AccountId, RowId, Timestamp};

use crate::engine::{Conn, FromRow, Result, Row};
use crate::{args, statements};

statements! {
    INSERT = "INSERT INTO announcements (id, text, starts_at, ends_at, all_day, published_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    CURRENT = "SELECT a.id, a.text, a.starts_at, a.ends_at, a.all_day, a.published_at, a.updated_at, \
        EXISTS (SELECT 1 FROM announcement_reads r WHERE r.announcement_id = a.id AND r.account_id = ?1) \
        FROM announcements a WHERE a.published_at <= ?2 AND (a.ends_at IS NULL OR a.ends_at > ?2) ORDER BY a.published_at, a.id LIMIT 100";
    DISMISS = "INSERT INTO announcement_reads (announcement_id, account_id) SELECT a.id, CAST(?2 AS BIGINT) FROM announcements a WHERE a.id = ?1 \
        ON CONFLICT (announcement_id, account_id) DO NOTHING";
    EXISTS = "SELECT 1 FROM announcements WHERE id = ?1 AND published_at <= ?2";
}

/// An announcement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// Its id.
    pub id: RowId,
    /// As staff typed it.
    pub text: String,
    /// When what it announces begins.
    pub starts_at: Option<Timestamp>,
    /// When that ends.
    pub ends_at: Option<Timestamp>,
    /// Both are whole days.
    pub all_day: bool,
    /// From when it is shown.
    pub published_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// The viewer has read it.
    pub read: bool,
}

impl FromRow for Announcement {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            text: row.get()?,
            starts_at: row.get()?,
            ends_at: row.get()?,
            all_day: row.get()?,
            published_at: row.get()?,
            updated_at: row.get()?,
            read: row.get()?,
        })
    }
}

/// Adds an announcement.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn insert(conn: &mut Conn, new: &Announcement) -> Result<()> {
    conn.send(
        &INSERT,
        args![
            new.id,
            &new.text,
            new.starts_at,
            new.ends_at,
            new.all_day,
            new.published_at,
            new.updated_at
        ],
    )
    .await
}

/// What is announced now, oldest first.
///
/// # Errors
/// See [`insert`].
pub async fn current(
    conn: &mut Conn,
    viewer: AccountId,
    now: Timestamp,
) -> Result<Vec<Announcement>> {
    conn.query(&CURRENT, args![viewer, now]).await
}

/// Notes that an account has read an announcement; false when there is no such one.
///
/// # Errors
/// See [`insert`].
pub async fn dismiss(
    conn: &mut Conn,
    id: RowId,
    account: AccountId,
    now: Timestamp,
) -> Result<bool> {
    if conn.scalar::<i64>(&EXISTS, args![id, now]).await?.is_none() {
        return Ok(false);
    }
    conn.execute(&DISMISS, args![id, account]).await.map(|_| true)
}
