//! Archives that people take along, and which posts of an archive somebody has brought.

use domain::{AccountId, RowId, StatusId, Timestamp};

use crate::engine::{Conn, FromRow, Result, Row};
use crate::{args, statements};

macro_rules! columns {
    () => {
        "SELECT id, account_id, file_key, bytes, problem, created_at, finished_at FROM archives"
    };
}

statements! {
    INSERT = "INSERT INTO archives (id, account_id, file_key, bytes, problem, created_at, finished_at) \
        VALUES (?1, ?2, NULL, 0, NULL, ?3, NULL)";
    BY_ID = concat!(columns!(), " WHERE id = ?1");
    NEWEST = concat!(columns!(), " WHERE account_id = ?1 ORDER BY id DESC LIMIT 1");
    OF_ACCOUNT = concat!(columns!(), " WHERE account_id = ?1 ORDER BY id");
    FINISH = "UPDATE archives SET file_key = ?2, bytes = ?3, problem = ?4, finished_at = ?5 WHERE id = ?1";
    OLD = concat!(columns!(), " WHERE created_at < ?1 ORDER BY id LIMIT ?2");
    REMOVE = "DELETE FROM archives WHERE id = ?1";
    BRING = "INSERT INTO imported_posts (account_id, uri, status_id) VALUES (?1, ?2, ?3) ON CONFLICT (account_id, uri) DO NOTHING";
    BROUGHT = "SELECT status_id FROM imported_posts WHERE account_id = ?1 AND uri = ?2";
}

/// An archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    /// Its id.
    pub id: RowId,
    /// Whose.
    pub account_id: AccountId,
    /// Where its file is, once it is made.
    pub file_key: Option<String>,
    /// Size of the file.
    pub bytes: i64,
    /// Why there is none.
    pub problem: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it was made, or given up.
    pub finished_at: Option<Timestamp>,
}

impl FromRow for Archive {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            account_id: row.get()?,
            file_key: row.get()?,
            bytes: row.get()?,
            problem: row.get()?,
            created_at: row.get()?,
            finished_at: row.get()?,
        })
    }
}

/// Notes that somebody asks for an archive.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn insert(conn: &mut Conn, id: RowId, account: AccountId, now: Timestamp) -> Result<()> {
    conn.send(&INSERT, args![id, account, now]).await
}

/// The archive with this id.
///
/// # Errors
/// See [`insert`].
pub async fn by_id(conn: &mut Conn, id: RowId) -> Result<Option<Archive>> {
    conn.optional(&BY_ID, args![id]).await
}

/// The one that somebody asked for last.
///
/// # Errors
/// See [`insert`].
pub async fn newest(conn: &mut Conn, account: AccountId) -> Result<Option<Archive>> {
    conn.optional(&NEWEST, args![account]).await
}

/// All of somebody's.
///
/// # Errors
/// See [`insert`].
pub async fn of_account(conn: &mut Conn, account: AccountId) -> Result<Vec<Archive>> {
    conn.query(&OF_ACCOUNT, args![account]).await
}

/// Notes what became of it.
///
/// # Errors
/// See [`insert`].
pub async fn finish(conn: &mut Conn, archive: &Archive) -> Result<()> {
    conn.send(
        &FINISH,
        args![
            archive.id,
            archive.file_key.clone(),
            archive.bytes,
            archive.problem.clone(),
            archive.finished_at
        ],
    )
    .await
}

/// Some that were asked for before a time, the oldest first.
///
/// # Errors
/// See [`insert`].
pub async fn old(conn: &mut Conn, before: Timestamp, limit: i64) -> Result<Vec<Archive>> {
    conn.query(&OLD, args![before, limit]).await
}

/// Forgets one.
///
/// # Errors
/// See [`insert`].
pub async fn remove(conn: &mut Conn, id: RowId) -> Result<()> {
    conn.send(&REMOVE, args![id]).await
}

/// Notes that somebody has brought a post of an archive; false when that was noted before.
///
/// # Errors
/// See [`insert`].
pub async fn bring(
    conn: &mut Conn,
    account: AccountId,
    uri: &str,
    status: StatusId,
) -> Result<bool> {
    Ok(conn.execute(&BRING, args![account, uri, status]).await? > 0)
}

/// As which status somebody has brought a post of an archive. It may be deleted since.
///
/// # Errors
/// See [`insert`].
pub async fn brought(conn: &mut Conn, account: AccountId, uri: &str) -> Result<Option<StatusId>> {
    conn.scalar(&BROUGHT, args![account, uri]).await
}
