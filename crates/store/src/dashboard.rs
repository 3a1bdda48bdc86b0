//! What those who look after the server are shown: what takes room, which jobs failed, which reports
//! wait. Each is a fixed number of statements over indexed or small tables.

use domain::{AccountId, JobId, Timestamp};

use crate::engine::{Conn, FromRow, Result, Row};
use crate::{args, statements};

statements! {
    MEDIA_KINDS = "SELECT kind, COUNT(*), CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM media WHERE remote_url IS NULL GROUP BY kind ORDER BY 3 DESC, 1";
    MEDIA_ACCOUNTS = "SELECT m.account_id, COUNT(*), CAST(COALESCE(SUM(m.bytes), 0) AS BIGINT) FROM media m WHERE m.remote_url IS NULL \
        GROUP BY m.account_id ORDER BY 3 DESC, 1 LIMIT ?1";
    CACHE_KINDS = "SELECT r.kind, COUNT(*), CAST(COALESCE(SUM(r.bytes), 0) AS BIGINT) FROM \
        (SELECT bytes, CASE WHEN content_type LIKE 'image/%' THEN 'image' WHEN content_type LIKE 'video/%' THEN 'video' \
        WHEN content_type LIKE 'audio/%' THEN 'audio' ELSE 'unknown' END AS kind FROM remote_files WHERE cached_at IS NOT NULL) r \
        GROUP BY r.kind ORDER BY 3 DESC, 1";
    // A file that stands in posts of several is counted for each.
    CACHE_ACCOUNTS = "SELECT m.account_id, COUNT(*), CAST(COALESCE(SUM(r.bytes), 0) AS BIGINT) FROM remote_files r \
        JOIN media m ON m.file_key = r.key AND m.remote_url IS NOT NULL WHERE r.cached_at IS NOT NULL \
        GROUP BY m.account_id ORDER BY 3 DESC, 1 LIMIT ?1";
    CACHE_HOSTS = "SELECT a.domain, COUNT(*), CAST(COALESCE(SUM(r.bytes), 0) AS BIGINT) FROM remote_files r \
        JOIN media m ON m.file_key = r.key AND m.remote_url IS NOT NULL JOIN accounts a ON a.id = m.account_id \
        WHERE r.cached_at IS NOT NULL AND a.domain IS NOT NULL GROUP BY a.domain ORDER BY 3 DESC, 1 LIMIT ?1";
    MAIL_WAITING = "SELECT COUNT(*), COALESCE(MIN(created_at), 0) FROM jobs WHERE lane = ?1 AND set_aside = false";
    MAIL_ERROR = "SELECT last_error FROM jobs WHERE lane = ?1 AND last_error IS NOT NULL ORDER BY id DESC LIMIT 1";
    WAITING_KINDS = "SELECT kind, COUNT(*) FROM jobs WHERE set_aside = false GROUP BY kind ORDER BY 2 DESC, 1 LIMIT 40";
    ASIDE = "SELECT id, kind, attempts, last_error, created_at FROM jobs WHERE set_aside = true ORDER BY id DESC LIMIT ?1";
    AGAIN = "UPDATE jobs SET set_aside = false, attempts = 0, leased_until = 0, last_error = NULL, run_at = ?2 WHERE id = ?1 AND set_aside = true";
    DISCARD = "DELETE FROM jobs WHERE id = ?1 AND set_aside = true";
    OPEN_REPORTS = "SELECT COUNT(*) FROM (SELECT 1 FROM reports WHERE action_taken_at IS NULL LIMIT ?1) r";
}

/// How much room something takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room<T> {
    /// What.
    pub of: T,
    /// How many files.
    pub files: i64,
    /// Their bytes.
    pub bytes: i64,
}

impl<T: crate::Column> FromRow for Room<T> {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self { of: row.get()?, files: row.get()?, bytes: row.get()? })
    }
}

/// A job that failed for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aside {
    /// Its id.
    pub id: JobId,
    /// What it is.
    pub kind: String,
    /// How often it was tried.
    pub attempts: i64,
    /// Why it failed.
    pub error: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl FromRow for Aside {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            kind: row.get()?,
            attempts: row.get()?,
            error: row.get()?,
            created_at: row.get()?,
        })
    }
}

struct Kind(String, i64);

impl FromRow for Kind {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self(row.get()?, row.get()?))
    }
}

/// Own uploads by kind.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn media_kinds(conn: &mut Conn) -> Result<Vec<Room<String>>> {
    conn.query(&MEDIA_KINDS, args![]).await
}

/// The accounts whose uploads take most room.
///
/// # Errors
/// See [`media_kinds`].
pub async fn media_accounts(conn: &mut Conn, most: i64) -> Result<Vec<Room<AccountId>>> {
    conn.query(&MEDIA_ACCOUNTS, args![most]).await
}

/// Cached files of other servers by kind.
///
/// # Errors
/// See [`media_kinds`].
pub async fn cache_kinds(conn: &mut Conn) -> Result<Vec<Room<String>>> {
    conn.query(&CACHE_KINDS, args![]).await
}

/// The accounts elsewhere whose files take most of the cache.
///
/// # Errors
/// See [`media_kinds`].
pub async fn cache_accounts(conn: &mut Conn, most: i64) -> Result<Vec<Room<AccountId>>> {
    conn.query(&CACHE_ACCOUNTS, args![most]).await
}

/// The servers whose files take most of the cache.
///
/// # Errors
/// See [`media_kinds`].
pub async fn cache_hosts(conn: &mut Conn, most: i64) -> Result<Vec<Room<String>>> {
    conn.query(&CACHE_HOSTS, args![most]).await
}

/// Mail that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailWaiting {
    /// How many.
    pub count: i64,
    /// When the oldest was written; the epoch when none waits.
    pub oldest_at: Timestamp,
    /// Why one did not go, the latest.
    pub last_error: Option<String>,
}

/// Mail that waits.
///
/// # Errors
/// See [`media_kinds`].
pub async fn mail_waiting(conn: &mut Conn) -> Result<MailWaiting> {
    let lane = crate::jobs::Lane::Mail.number();
    let found: Option<(i64, i64)> = conn.optional(&MAIL_WAITING, args![lane]).await?;
    let (count, oldest) = found.unwrap_or((0, 0));
    let last_error = conn.scalar(&MAIL_ERROR, args![lane]).await?;
    Ok(MailWaiting { count, oldest_at: Timestamp(oldest), last_error })
}

/// Waiting jobs by kind.
///
/// # Errors
/// See [`media_kinds`].
pub async fn waiting_kinds(conn: &mut Conn) -> Result<Vec<(String, i64)>> {
    let rows: Vec<Kind> = conn.query(&WAITING_KINDS, args![]).await?;
    Ok(rows.into_iter().map(|Kind(kind, count)| (kind, count)).collect())
}

/// Jobs that failed for good, the newest first.
///
/// # Errors
/// See [`media_kinds`].
pub async fn aside(conn: &mut Conn, most: i64) -> Result<Vec<Aside>> {
    conn.query(&ASIDE, args![most]).await
}

/// Puts a job that failed for good back into its line.
///
/// # Errors
/// See [`media_kinds`].
pub async fn again(conn: &mut Conn, id: JobId, now: Timestamp) -> Result<bool> {
    Ok(conn.execute(&AGAIN, args![id, now]).await? > 0)
}

/// Forgets a job that failed for good.
///
/// # Errors
/// See [`media_kinds`].
pub async fn discard(conn: &mut Conn, id: JobId) -> Result<bool> {
    Ok(conn.execute(&DISCARD, args![id]).await? > 0)
}

/// How many reports wait; more than `most` are not counted.
///
/// # Errors
/// See [`media_kinds`].
pub async fn open_reports(conn: &mut Conn, most: i64) -> Result<i64> {
    Ok(conn.scalar(&OPEN_REPORTS, args![most]).await?.unwrap_or(0))
}
