//! Activities that took effect, by the SHA-256 of their ids: each one once (F08).

use domain::Timestamp;

use crate::engine::{Conn, Result};
use crate::{args, statements};

statements! {
    CLAIM = "INSERT INTO received_activities (hash, received_at) VALUES (?1, ?2) ON CONFLICT (hash) DO NOTHING";
    KNOWN = "SELECT 1 FROM received_activities WHERE hash = ?1";
    SWEEP = "DELETE FROM received_activities WHERE received_at < ?1";
}

/// Notes an activity; false when it was noted before.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn claim(conn: &mut Conn, hash: &str, now: Timestamp) -> Result<bool> {
    Ok(conn.execute(&CLAIM, args![hash, now]).await? > 0)
}

/// Whether an activity was noted.
///
/// # Errors
/// See [`claim`].
pub async fn is_known(conn: &mut Conn, hash: &str) -> Result<bool> {
    Ok(conn.scalar::<i64>(&KNOWN, args![hash]).await?.is_some())
}

/// Forgets activities noted before `before`.
///
/// # Errors
/// See [`claim`].
pub async fn sweep(conn: &mut Conn, before: Timestamp) -> Result<()> {
    conn.send(&SWEEP, args![before]).await
}
