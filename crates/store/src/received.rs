//! Activities that took effect, by the SHA-256 of their ids: each one once (F08).

use domain::Timestamp;

use crate::engine::{Conn, Result};
use crate::{args, statements};

statements! {
    NOTE = "INSERT INTO received_activities (hash, received_at) SELECT text, ?2 FROM TEXTS(?1) WHERE true \
        ON CONFLICT (hash) DO NOTHING";
    KNOWN = "SELECT 1 FROM received_activities WHERE hash = ?1";
    ALL_KNOWN = "SELECT hash FROM received_activities WHERE hash IN_LIST(?1)";
    SWEEP = "DELETE FROM received_activities WHERE received_at < ?1";
}

/// Notes activities; those that were noted before stay as they are.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn note(conn: &mut Conn, hashes: Vec<String>, now: Timestamp) -> Result<()> {
    conn.send(&NOTE, args![hashes, now]).await
}

/// Whether an activity was noted.
///
/// # Errors
/// See [`note`].
pub async fn is_known(conn: &mut Conn, hash: &str) -> Result<bool> {
    Ok(conn.scalar::<i64>(&KNOWN, args![hash]).await?.is_some())
}

/// Which of these activities were noted.
///
/// # Errors
/// See [`note`].
pub async fn known(conn: &mut Conn, hashes: Vec<String>) -> Result<Vec<String>> {
    conn.column(&ALL_KNOWN, args![hashes]).await
}

/// Forgets activities noted before `before`.
///
/// # Errors
/// See [`note`].
pub async fn sweep(conn: &mut Conn, before: Timestamp) -> Result<()> {
    conn.send(&SWEEP, args![before]).await
}
