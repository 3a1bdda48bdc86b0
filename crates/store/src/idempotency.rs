//! Idempotency keys of posts.

use domain::{AccountId, StatusId, Timestamp};

use crate::engine::{Conn, Result};
use crate::{args, statements};

statements! {
    FIND = "SELECT status_id FROM idempotency_keys WHERE account_id = ?1 AND key = ?2 AND created_at > ?3";
    KEEP = "INSERT INTO idempotency_keys (account_id, key, status_id, created_at) VALUES (?1, ?2, ?3, ?4) \
        ON CONFLICT (account_id, key) DO UPDATE SET status_id = excluded.status_id, created_at = excluded.created_at";
    SWEEP = "DELETE FROM idempotency_keys WHERE created_at < ?1";
}

/// The status that was posted with this key after `since`.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn find(
    conn: &mut Conn,
    account: AccountId,
    key: &str,
    since: Timestamp,
) -> Result<Option<StatusId>> {
    conn.scalar(&FIND, args![account, key, since]).await
}

/// Remembers the key of a status.
///
/// # Errors
/// See [`find`].
pub async fn keep(
    conn: &mut Conn,
    account: AccountId,
    key: &str,
    status: StatusId,
    now: Timestamp,
) -> Result<()> {
    conn.execute(&KEEP, args![account, key, status, now]).await.map(|_| ())
}

/// Forgets keys older than `before`.
///
/// # Errors
/// See [`find`].
pub async fn sweep(conn: &mut Conn, before: Timestamp) -> Result<u64> {
    conn.execute(&SWEEP, args![before]).await
}
