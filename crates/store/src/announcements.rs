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
    ALL = "SELECT id, text, starts_at, ends_at, all_day, published_at, updated_at, false FROM announcements ORDER BY published_at DESC, id DESC LIMIT 1000";
    ONE = "SELECT a.id, a.text, a.starts_at, a.ends_at, a.all_day, a.published_at, a.updated_at, \
        EXISTS (SELECT 1 FROM announcement_reads r WHERE r.announcement_id = a.id AND r.account_id = ?2) FROM announcements a WHERE a.id = ?1";
    UPDATE = "UPDATE announcements SET text = ?2, starts_at = ?3, ends_at = ?4, all_day = ?5, published_at = ?6, updated_at = ?7 WHERE id = ?1";
    UNREAD = "DELETE FROM announcement_reads WHERE announcement_id = ?1";
    REMOVE = "DELETE FROM announcements WHERE id = ?1";
    REACTIONS = "SELECT announcement_id, name, COUNT(*), SUM(CASE WHEN account_id = ?2 THEN 1 ELSE 0 END) \
        FROM announcement_reactions WHERE announcement_id IN_LIST(?1) GROUP BY announcement_id, name ORDER BY announcement_id, MIN(created_at), name";
    REACT = "INSERT INTO announcement_reactions (announcement_id, account_id, name, created_at) VALUES (?1, ?2, ?3, ?4) \
        ON CONFLICT (announcement_id, account_id, name) DO NOTHING";
    UNREACT = "DELETE FROM announcement_reactions WHERE announcement_id = ?1 AND account_id = ?2 AND name = ?3";
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

/// What was announced and what will be, the newest first: for staff.
///
/// # Errors
/// See [`insert`].
pub async fn all(conn: &mut Conn) -> Result<Vec<Announcement>> {
    conn.query(&ALL, args![]).await
}

/// One announcement, as this viewer has read it or not.
///
/// # Errors
/// See [`insert`].
pub async fn one(
    conn: &mut Conn,
    id: RowId,
    viewer: Option<AccountId>,
) -> Result<Option<Announcement>> {
    conn.optional(&ONE, args![id, viewer.map_or(0, |id| id.0)]).await
}

/// Writes an announcement anew, and everybody has it to read again; false when there is no such one.
///
/// # Errors
/// See [`insert`].
pub async fn update(conn: &mut Conn, new: &Announcement) -> Result<bool> {
    conn.execute(&UNREAD, args![new.id]).await?;
    let values = args![
        new.id,
        &new.text,
        new.starts_at,
        new.ends_at,
        new.all_day,
        new.published_at,
        new.updated_at
    ];
    Ok(conn.execute(&UPDATE, values).await? > 0)
}

/// Removes an announcement; false when there is no such one.
///
/// # Errors
/// See [`insert`].
pub async fn remove(conn: &mut Conn, id: RowId) -> Result<bool> {
    Ok(conn.execute(&REMOVE, args![id]).await? > 0)
}

/// How often an announcement got one reaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reaction {
    /// To which announcement.
    pub announcement: RowId,
    /// An emoji, or the shortcode of one of this server.
    pub name: String,
    /// How many reacted so.
    pub count: i64,
    /// The viewer did.
    pub mine: bool,
}

impl FromRow for Reaction {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            announcement: row.get()?,
            name: row.get()?,
            count: row.get()?,
            mine: row.get::<i64>()? > 0,
        })
    }
}

/// The reactions to these announcements, each announcement's in the order they first came.
///
/// # Errors
/// See [`insert`].
pub async fn reactions(
    conn: &mut Conn,
    ids: &[RowId],
    viewer: Option<AccountId>,
) -> Result<Vec<Reaction>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    conn.query(&REACTIONS, args![ids, viewer.map_or(0, |id| id.0)]).await
}

/// Adds a reaction; false when it was there.
///
/// # Errors
/// See [`insert`].
pub async fn react(
    conn: &mut Conn,
    id: RowId,
    account: AccountId,
    name: &str,
    now: Timestamp,
) -> Result<bool> {
    Ok(conn.execute(&REACT, args![id, account, name, now]).await? > 0)
}

/// Takes a reaction back; false when there was none.
///
/// # Errors
/// See [`insert`].
pub async fn unreact(conn: &mut Conn, id: RowId, account: AccountId, name: &str) -> Result<bool> {
    Ok(conn.execute(&UNREACT, args![id, account, name]).await? > 0)
}
