//! Ids of other servers' things that are gone: they do not come back (F16).

use domain::Timestamp;

use crate::engine::{Conn, Result};
use crate::{args, statements};

statements! {
    PUT = "INSERT INTO tombstones (uri, deleted_at) VALUES (?1, ?2) ON CONFLICT (uri) DO NOTHING";
    STANDS = "SELECT 1 FROM tombstones WHERE uri = ?1";
    SWEEP = "DELETE FROM tombstones WHERE deleted_at < ?1";
}

/// Notes that a thing is gone.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn put(conn: &mut Conn, uri: &str, now: Timestamp) -> Result<()> {
    conn.send(&PUT, args![uri, now]).await
}

/// Whether a thing is known to be gone.
///
/// # Errors
/// See [`put`].
pub async fn stands(conn: &mut Conn, uri: &str) -> Result<bool> {
    Ok(conn.scalar::<i64>(&STANDS, args![uri]).await?.is_some())
}

/// Forgets what went before `before`.
///
/// # Errors
/// See [`put`].
pub async fn sweep(conn: &mut Conn, before: Timestamp) -> Result<()> {
    conn.send(&SWEEP, args![before]).await
}
