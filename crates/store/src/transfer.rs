//! What imports ask of the queue.

use crate::engine::{Conn, Result};
use crate::{args, statements};

statements! {
    PAYLOAD = "SELECT payload FROM jobs WHERE unique_key = ?1 AND set_aside = false";
    WAITING = "SELECT COUNT(*) FROM jobs WHERE unique_key = ?1 AND set_aside = false";
}

/// Whether a job with this key waits or runs.
///
/// # Errors
/// [`crate::StoreError`] of the engine.
pub async fn waiting(conn: &mut Conn, key: &str) -> Result<bool> {
    Ok(conn.scalar::<i64>(&WAITING, args![key]).await?.unwrap_or(0) > 0)
}

/// What a job with this key, which waits or runs, is about: JSON of the caller.
///
/// # Errors
/// See [`waiting`].
pub async fn payload(conn: &mut Conn, key: &str) -> Result<Option<String>> {
    conn.scalar(&PAYLOAD, args![key]).await
}
