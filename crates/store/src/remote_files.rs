//! Pictures and files of other servers: a key of ours for each address, and which of them lie in
//! the cache.

use domain::Timestamp;
use domain::secret::sha256_base64url;

use crate::engine::{Conn, FromRow, Result, Row};
use crate::{args, statements};

statements! {
    KEY_OF_URL = "SELECT key, in_text FROM remote_files WHERE url_hash = ?1";
    // The update changes nothing; it makes the statement answer when another transaction was faster.
    INSERT = "INSERT INTO remote_files (key, url, url_hash, bytes, used_at, failures, in_text) VALUES (?1, ?2, ?3, 0, ?4, 0, ?5) \
        ON CONFLICT (url_hash) DO UPDATE SET url_hash = excluded.url_hash RETURNING key";
    NOW_IN_TEXT = "UPDATE remote_files SET in_text = true WHERE key = ?1";
    SLICE = "SELECT key FROM remote_files WHERE key > ?1 ORDER BY key LIMIT ?2";
    SWEEP = "DELETE FROM remote_files WHERE key IN_LIST(?1) AND in_text = false AND used_at < ?2 \
        AND NOT EXISTS (SELECT 1 FROM media m WHERE m.file_key = remote_files.key AND m.remote_url IS NOT NULL) \
        AND NOT EXISTS (SELECT 1 FROM media m WHERE m.preview_key = remote_files.key AND m.remote_url IS NOT NULL) \
        AND NOT EXISTS (SELECT 1 FROM accounts a WHERE a.avatar = remote_files.key AND a.domain IS NOT NULL) \
        AND NOT EXISTS (SELECT 1 FROM accounts a WHERE a.header = remote_files.key AND a.domain IS NOT NULL) \
        AND NOT EXISTS (SELECT 1 FROM cards c WHERE c.image_key = remote_files.key) RETURNING key";
    BY_KEY = "SELECT key, url, content_type, bytes, cached_at, used_at, failed_at, failures FROM remote_files WHERE key = ?1";
    CACHED = "UPDATE remote_files SET content_type = ?2, bytes = ?3, cached_at = ?4, used_at = ?4, failed_at = NULL, failures = 0 \
        WHERE key = ?1";
    FAILED = "UPDATE remote_files SET content_type = NULL, bytes = 0, cached_at = NULL, failed_at = ?2, failures = failures + ?3 \
        WHERE key = ?1";
    USED = "UPDATE remote_files SET used_at = ?2 WHERE key = ?1";
    TOTAL = "SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM remote_files WHERE cached_at IS NOT NULL";
    OLDEST = "SELECT key, bytes FROM remote_files WHERE cached_at IS NOT NULL ORDER BY used_at, key LIMIT ?1";
    UNCACHE = "UPDATE remote_files SET content_type = NULL, bytes = 0, cached_at = NULL WHERE key IN_LIST(?1)";
    FORGET = "DELETE FROM remote_files WHERE key = ?1 \
        AND NOT EXISTS (SELECT 1 FROM media WHERE file_key = ?1 AND remote_url IS NOT NULL)";
}

/// A file of another server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteFile {
    /// Our key for it, random: who has it may see the file.
    pub key: String,
    /// Where it is.
    pub url: String,
    /// The type of its bytes, while it is cached.
    pub content_type: Option<String>,
    /// How many bytes are cached.
    pub bytes: i64,
    /// Since when it is cached.
    pub cached_at: Option<Timestamp>,
    /// When somebody last looked at it.
    pub used_at: Timestamp,
    /// When it could last not be fetched.
    pub failed_at: Option<Timestamp>,
    /// How often in a row; more for a failure that does not pass.
    pub failures: i64,
}

impl FromRow for RemoteFile {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            key: row.get()?,
            url: row.get()?,
            content_type: row.get()?,
            bytes: row.get()?,
            cached_at: row.get()?,
            used_at: row.get()?,
            failed_at: row.get()?,
            failures: row.get()?,
        })
    }
}

/// Where a key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a column of its own, where [`sweep`] looks.
    Column,
    /// Within a text, as the key of an emoji: it is never swept.
    Text,
}

/// The key of the file at this address; `fresh_key` becomes it when there is none yet.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn key_of(
    conn: &mut Conn,
    url: &str,
    fresh_key: &str,
    place: Place,
    now: Timestamp,
) -> Result<String> {
    let hash = sha256_base64url(url.as_bytes());
    let in_text = place == Place::Text;
    if let Some((key, known)) = conn.optional::<(String, bool)>(&KEY_OF_URL, args![&hash]).await? {
        if in_text && !known {
            conn.send(&NOW_IN_TEXT, args![&key]).await?;
        }
        return Ok(key);
    }
    let key: Option<String> =
        conn.scalar(&INSERT, args![fresh_key, url, &hash, now, in_text]).await?;
    Ok(key.unwrap_or_else(|| fresh_key.to_owned()))
}

/// Removes those of the `limit` files above a key to which nothing refers and which nobody looked at
/// since `before`. Answers with the last key that was looked at, if there was any, and with those
/// that went; their bytes are the caller's to remove.
///
/// # Errors
/// See [`key_of`].
pub async fn sweep(
    conn: &mut Conn,
    above: &str,
    limit: i64,
    before: Timestamp,
) -> Result<(Option<String>, Vec<String>)> {
    let slice: Vec<String> = conn.column(&SLICE, args![above, limit]).await?;
    let Some(last) = slice.last().cloned() else { return Ok((None, Vec::new())) };
    let gone = conn.column(&SWEEP, args![slice.as_slice(), before]).await?;
    Ok((Some(last), gone))
}

/// The file with this key.
///
/// # Errors
/// See [`key_of`].
pub async fn by_key(conn: &mut Conn, key: &str) -> Result<Option<RemoteFile>> {
    conn.optional(&BY_KEY, args![key]).await
}

/// Notes that a file lies in the cache. False when it was forgotten meanwhile.
///
/// # Errors
/// See [`key_of`].
pub async fn cached(
    conn: &mut Conn,
    key: &str,
    content_type: &str,
    bytes: i64,
    now: Timestamp,
) -> Result<bool> {
    Ok(conn.execute(&CACHED, args![key, content_type, bytes, now]).await? > 0)
}

/// Notes that a file could not be fetched. `weight` is 1, or more for what does not pass.
///
/// # Errors
/// See [`key_of`].
pub async fn failed(conn: &mut Conn, key: &str, weight: i64, now: Timestamp) -> Result<()> {
    conn.send(&FAILED, args![key, now, weight]).await
}

/// Notes that somebody looked at a file.
///
/// # Errors
/// See [`key_of`].
pub async fn used(conn: &mut Conn, key: &str, now: Timestamp) -> Result<()> {
    conn.send(&USED, args![key, now]).await
}

/// How many bytes the cached files have together.
///
/// # Errors
/// See [`key_of`].
pub async fn total(conn: &mut Conn) -> Result<i64> {
    Ok(conn.scalar(&TOTAL, args![]).await?.unwrap_or(0))
}

/// Takes those files out of the cache at which nobody looked for longest, until the rest has at
/// most `room` bytes, but at most `limit` of them. Answers with their keys; their bytes are the
/// caller's to remove.
///
/// # Errors
/// See [`key_of`].
pub async fn evict(conn: &mut Conn, room: i64, limit: i64) -> Result<Vec<String>> {
    let mut excess = total(conn).await? - room;
    if excess <= 0 {
        return Ok(Vec::new());
    }
    let oldest: Vec<(String, i64)> = conn.query(&OLDEST, args![limit]).await?;
    let mut keys = Vec::new();
    for (key, bytes) in oldest {
        if excess <= 0 {
            break;
        }
        excess -= bytes;
        keys.push(key);
    }
    conn.send(&UNCACHE, args![keys.as_slice()]).await?;
    Ok(keys)
}

/// Forgets the file of an attachment that is gone, unless another attachment shows it. Then its
/// key leads nowhere (F16).
///
/// # Errors
/// See [`key_of`].
pub async fn forget(conn: &mut Conn, key: &str) -> Result<bool> {
    Ok(conn.execute(&FORGET, args![key]).await? > 0)
}
