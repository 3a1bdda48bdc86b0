//! Idempotency keys of posts.

use domain::{AccountId, StatusId, Timestamp};

use crate::engine::{Conn, Result};
use crate::{args, statements};

statements! {
    FIND = "SELECT status_id FROM idempotency_keys WHERE account_id = ?1 AND key = ?2";
    CLAIM = "INSERT INTO idempotency_keys (account_id, key, status_id, created_at) VALUES (?1, ?2, ?3, ?4) \
        ON CONFLICT (account_id, key) DO NOTHING";
    EXPIRE = "DELETE FROM idempotency_keys WHERE account_id = ?1 AND key = ?2 AND created_at <= ?3";
    SWEEP = "DELETE FROM idempotency_keys WHERE created_at < ?1";
}

/// Claims a key for a status that is about to be written. `None` means that the key is this
/// status's; otherwise it was used after `since`, for the status in the answer. Of two transactions
/// that claim at once, the second waits for the first.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn claim(
    conn: &mut Conn,
    (account, key): (AccountId, &str),
    status: StatusId,
    since: Timestamp,
    now: Timestamp,
) -> Result<Option<StatusId>> {
    conn.send(&EXPIRE, args![account, key, since]).await?;
    if conn.execute(&CLAIM, args![account, key, status, now]).await? > 0 {
        return Ok(None);
    }
    conn.scalar(&FIND, args![account, key]).await
}

/// The status that was written under a key, if any.
///
/// # Errors
/// See [`claim`].
pub async fn find(conn: &mut Conn, account: AccountId, key: &str) -> Result<Option<StatusId>> {
    conn.scalar(&FIND, args![account, key]).await
}

/// Forgets keys older than `before`.
///
/// # Errors
/// See [`claim`].
pub async fn sweep(conn: &mut Conn, before: Timestamp) -> Result<u64> {
    conn.execute(&SWEEP, args![before]).await
}
