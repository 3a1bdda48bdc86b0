//! What was sent to other servers: each activity's body once. Who gets it stands in
//! [`crate::deliveries`].

use domain::{AccountId, RowId, StatusId, Timestamp};

use crate::engine::{Conn, FromRow, Result, Row};
use crate::{args, statements};

statements! {
    INSERT = "INSERT INTO outgoing (id, account_id, status_id, key_id, private_key, body, sync_followers, created_at) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    BY_IDS = "SELECT id, account_id, status_id, key_id, private_key, body, sync_followers, created_at FROM outgoing WHERE id IN_LIST(?1)";
    WITHDRAW = "DELETE FROM outgoing WHERE account_id = ?1 AND id IN \
        (SELECT outgoing_id FROM deliveries WHERE state = 0)";
    SWEEP = "DELETE FROM outgoing WHERE id IN \
        (SELECT id FROM outgoing WHERE created_at < ?1 ORDER BY created_at LIMIT ?2)";
}

/// A key that signs after its account is gone (decision 0005).
#[derive(Clone, PartialEq, Eq)]
pub struct LastKey {
    /// Where others found the public half.
    pub key_id: String,
    /// PKCS#8, DER.
    pub private: Vec<u8>,
}

/// An activity on its way.
#[derive(Clone)]
pub struct Outgoing {
    /// Its row.
    pub id: RowId,
    /// Who signs; `None` is the server itself, or whoever `last_key` belonged to.
    pub account_id: Option<AccountId>,
    /// Whose receipts it counts among.
    pub status_id: Option<StatusId>,
    /// Signs instead of an account.
    pub last_key: Option<LastKey>,
    /// As it is sent.
    pub body: String,
    /// Carries the digest of the followers at each server (FEP-8fcf).
    pub sync_followers: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

impl FromRow for Outgoing {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            account_id: row.get()?,
            status_id: row.get()?,
            last_key: {
                let key_id: Option<String> = row.get()?;
                let private: Option<Vec<u8>> = row.get()?;
                key_id.zip(private).map(|(key_id, private)| LastKey { key_id, private })
            },
            body: row.get()?,
            sync_followers: row.get()?,
            created_at: row.get()?,
        })
    }
}

/// Keeps an activity.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn insert(conn: &mut Conn, new: &Outgoing) -> Result<()> {
    let (key_id, private) = new
        .last_key
        .clone()
        .map(|key| (key.key_id, key.private))
        .map_or((None, None), |(id, private)| (Some(id), Some(private)));
    conn.send(
        &INSERT,
        args![
            new.id,
            new.account_id,
            new.status_id,
            key_id,
            private,
            &new.body,
            new.sync_followers,
            new.created_at
        ],
    )
    .await
}

/// Those of these that are still there.
///
/// # Errors
/// See [`insert`].
pub async fn by_ids(conn: &mut Conn, ids: &[RowId]) -> Result<Vec<Outgoing>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    conn.query(&BY_IDS, args![ids]).await
}

/// Takes back what an account sends and has not arrived everywhere.
///
/// # Errors
/// See [`insert`].
pub async fn withdraw(conn: &mut Conn, account: AccountId) -> Result<()> {
    conn.send(&WITHDRAW, args![account]).await
}

/// Removes up to `limit` that were made before `before`, with their receipts and whatever still
/// waits. The answer is how many there were.
///
/// # Errors
/// See [`insert`].
pub async fn sweep(conn: &mut Conn, before: Timestamp, limit: i64) -> Result<u64> {
    conn.execute(&SWEEP, args![before, limit]).await
}
