//! How far somebody has read a timeline.

use domain::{AccountId, Timestamp};

use crate::engine::{Conn, FromRow, Result, Row};
use crate::{args, statements};

statements! {
    GET = "SELECT timeline, last_read_id, version, updated_at FROM markers WHERE account_id = ?1 AND timeline IN_LIST(?2)";
    SET = "INSERT INTO markers (account_id, timeline, last_read_id, version, updated_at) VALUES (?1, ?2, ?3, 1, ?4) \
        ON CONFLICT (account_id, timeline) DO UPDATE SET last_read_id = excluded.last_read_id, version = markers.version + 1, \
        updated_at = excluded.updated_at RETURNING timeline, last_read_id, version, updated_at";
}

/// How far somebody has read a timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// `home` or `notifications`.
    pub timeline: String,
    /// The id of the newest entry that was read.
    pub last_read_id: i64,
    /// How often it was written.
    pub version: i64,
    /// When it was written last.
    pub updated_at: Timestamp,
}

impl FromRow for Marker {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            timeline: row.get()?,
            last_read_id: row.get()?,
            version: row.get()?,
            updated_at: row.get()?,
        })
    }
}

/// The markers of an account for these timelines.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn get(conn: &mut Conn, account: AccountId, timelines: &[String]) -> Result<Vec<Marker>> {
    conn.query(&GET, args![account, timelines]).await
}

/// Writes a marker and gives it as it is now.
///
/// # Errors
/// See [`get`].
pub async fn set(
    conn: &mut Conn,
    account: AccountId,
    timeline: &str,
    last_read_id: i64,
    now: Timestamp,
) -> Result<Option<Marker>> {
    conn.optional(&SET, args![account, timeline, last_read_id, now]).await
}
