//! The keys of actors. A local one has its private half here; of a remote one only the public half
//! is known, under the id that its signatures name.

use domain::{AccountId, Timestamp};

use crate::engine::{Conn, FromRow, Result, Row};
use crate::{args, statements};

statements! {
    LOCAL = "SELECT key_id, public_key, private_key FROM actor_keys WHERE account_id = ?1 AND private_key IS NOT NULL";
    ALL_LOCAL = "SELECT k.account_id, k.key_id, k.public_key, k.private_key FROM actor_keys k \
        WHERE k.private_key IS NOT NULL AND k.account_id > ?1 ORDER BY k.account_id LIMIT ?2";
    KEEP = "INSERT INTO actor_keys (key_id, account_id, public_key, private_key, created_at) VALUES (?1, ?2, ?3, ?4, ?5) \
        ON CONFLICT (key_id) DO NOTHING";
    REPLACE = "UPDATE actor_keys SET public_key = ?3, private_key = ?4, created_at = ?5 \
        WHERE account_id = ?1 AND public_key = ?2 AND private_key IS NOT NULL";
    REMOTE = "SELECT account_id, public_key FROM actor_keys WHERE key_id = ?1 AND private_key IS NULL";
}

/// The key pair of a local account.
#[derive(Clone, PartialEq, Eq)]
pub struct LocalKey {
    /// Where others find the public half.
    pub key_id: String,
    /// SPKI, PEM.
    pub public_pem: String,
    /// PKCS#8, DER.
    pub private: Vec<u8>,
}

impl FromRow for LocalKey {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self { key_id: row.get()?, public_pem: row.get()?, private: row.get()? })
    }
}

/// The key pair of a local account, if it has one.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn local(conn: &mut Conn, account: AccountId) -> Result<Option<LocalKey>> {
    conn.optional(&LOCAL, args![account]).await
}

/// The key pairs of local accounts in the order of their ids, from behind `after` on.
///
/// # Errors
/// See [`local`].
pub async fn all_local(
    conn: &mut Conn,
    after: AccountId,
    limit: i64,
) -> Result<Vec<(AccountId, LocalKey)>> {
    let rows: Vec<(AccountId, String, String, Vec<u8>)> =
        conn.query(&ALL_LOCAL, args![after, limit]).await?;
    let key = |(account, key_id, public_pem, private)| {
        (account, LocalKey { key_id, public_pem, private })
    };
    Ok(rows.into_iter().map(key).collect())
}

/// Keeps a key pair unless the account has one already; the answer is the one it has now.
///
/// # Errors
/// See [`local`].
pub async fn keep_local(
    conn: &mut Conn,
    account: AccountId,
    key: &LocalKey,
    now: Timestamp,
) -> Result<Option<LocalKey>> {
    let private = Some(key.private.clone());
    conn.send(&KEEP, args![&key.key_id, account, &key.public_pem, private, now]).await?;
    local(conn, account).await
}

/// Replaces the key pair of a local account, under the same id. False when it is not `old` any more.
///
/// # Errors
/// See [`local`].
pub async fn replace_local(
    conn: &mut Conn,
    account: AccountId,
    old: &LocalKey,
    new: &LocalKey,
    now: Timestamp,
) -> Result<bool> {
    let private = Some(new.private.clone());
    let changed = conn
        .execute(&REPLACE, args![account, &old.public_pem, &new.public_pem, private, now])
        .await?;
    Ok(changed > 0)
}

/// Whose key this is, and the key (SPKI, PEM), if it is a known one of a remote account.
///
/// # Errors
/// See [`local`].
pub async fn remote(conn: &mut Conn, key_id: &str) -> Result<Option<(AccountId, String)>> {
    conn.optional(&REMOTE, args![key_id]).await
}
