//! Whose own posts go by themselves when they are old, and which of them stay.

use domain::{AccountId, StatusId};

use crate::engine::{Conn, FromRow, Result, Row};
use crate::{args, statements};

macro_rules! columns {
    () => {
        "SELECT account_id, days, keep_pinned, keep_direct, keep_media, keep_polls, keep_marked FROM post_expiry"
    };
}

statements! {
    PUT = "INSERT INTO post_expiry (account_id, days, keep_pinned, keep_direct, keep_media, keep_polls, keep_marked) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (account_id) DO UPDATE SET days = excluded.days, keep_pinned = excluded.keep_pinned, \
        keep_direct = excluded.keep_direct, keep_media = excluded.keep_media, keep_polls = excluded.keep_polls, keep_marked = excluded.keep_marked";
    DROP = "DELETE FROM post_expiry WHERE account_id = ?1";
    OF = concat!(columns!(), " WHERE account_id = ?1");
    ALL = concat!(columns!(), " WHERE account_id > ?1 ORDER BY account_id LIMIT ?2");
    DUE = "SELECT s.id FROM statuses s WHERE s.account_id = ?1 AND s.id < ?2 AND s.local = true \
        AND (?4 = false OR s.visibility <> 3) AND (?5 = false OR (s.parts & 1) = 0) AND (?6 = false OR (s.parts & 8) = 0) \
        AND (?3 = false OR NOT EXISTS (SELECT 1 FROM pins p WHERE p.status_id = s.id)) \
        AND (?7 = false OR (NOT EXISTS (SELECT 1 FROM favourites f WHERE f.status_id = s.id AND f.account_id = ?1) \
        AND NOT EXISTS (SELECT 1 FROM bookmarks k WHERE k.status_id = s.id AND k.account_id = ?1))) ORDER BY s.id LIMIT ?8";
}

/// What somebody said of their own old posts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Whose posts.
    pub account_id: AccountId,
    /// How old they become.
    pub days: i64,
    /// Pinned ones stay.
    pub keep_pinned: bool,
    /// Direct ones stay.
    pub keep_direct: bool,
    /// Those with attachments stay.
    pub keep_media: bool,
    /// Those with polls stay.
    pub keep_polls: bool,
    /// Those that their author favourited or bookmarked stay.
    pub keep_marked: bool,
}

impl FromRow for Rule {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            account_id: row.get()?,
            days: row.get()?,
            keep_pinned: row.get()?,
            keep_direct: row.get()?,
            keep_media: row.get()?,
            keep_polls: row.get()?,
            keep_marked: row.get()?,
        })
    }
}

/// Writes somebody's rule.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn put(conn: &mut Conn, rule: &Rule) -> Result<()> {
    conn.execute(
        &PUT,
        args![
            rule.account_id,
            rule.days,
            rule.keep_pinned,
            rule.keep_direct,
            rule.keep_media,
            rule.keep_polls,
            rule.keep_marked
        ],
    )
    .await
    .map(|_| ())
}

/// Removes somebody's rule.
///
/// # Errors
/// See [`put`].
pub async fn remove(conn: &mut Conn, account: AccountId) -> Result<bool> {
    Ok(conn.execute(&DROP, args![account]).await? > 0)
}

/// Somebody's rule.
///
/// # Errors
/// See [`put`].
pub async fn of(conn: &mut Conn, account: AccountId) -> Result<Option<Rule>> {
    conn.optional(&OF, args![account]).await
}

/// The rules of accounts above an id.
///
/// # Errors
/// See [`put`].
pub async fn after(conn: &mut Conn, account: AccountId, limit: i64) -> Result<Vec<Rule>> {
    conn.query(&ALL, args![account, limit]).await
}

/// The oldest posts below an id that a rule lets go.
///
/// # Errors
/// See [`put`].
pub async fn due(
    conn: &mut Conn,
    rule: &Rule,
    below: StatusId,
    limit: i64,
) -> Result<Vec<StatusId>> {
    conn.column(
        &DUE,
        args![
            rule.account_id,
            below,
            rule.keep_pinned,
            rule.keep_direct,
            rule.keep_media,
            rule.keep_polls,
            rule.keep_marked,
            limit
        ],
    )
    .await
}
