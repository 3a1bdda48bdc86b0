//! Security keys: what each answers to, its public half and how often it has signed; and the questions that
//! new ones are to answer, one a session.

use domain::secret::SecretHash;
use domain::{AccountId, RowId, Timestamp};

use crate::engine::{Conn, FromRow, Result, Row};
use crate::{args, statements};

macro_rules! columns {
    () => {
        "SELECT id, credential, public_key, sign_count, transports, name, created_at, last_used_at FROM security_keys"
    };
}

statements! {
    INSERT = "INSERT INTO security_keys (id, account_id, credential, public_key, sign_count, transports, name, created_at, last_used_at) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, NULL) ON CONFLICT DO NOTHING";
    OF_ACCOUNT = concat!(columns!(), " WHERE account_id = ?1 ORDER BY id LIMIT 100");
    OWN = concat!(columns!(), " WHERE account_id = ?1 AND credential = ?2");
    USE = "UPDATE security_keys SET sign_count = ?3, last_used_at = ?4 WHERE account_id = ?1 AND id = ?2 \
        AND (sign_count < ?3 OR (sign_count = 0 AND CAST(?3 AS BIGINT) = 0))";
    REMOVE = "DELETE FROM security_keys WHERE account_id = ?1 AND id = ?2";
    REMOVE_ALL = "DELETE FROM security_keys WHERE account_id = ?1";
    BEGIN = "INSERT INTO key_enrolments (session, account_id, challenge, created_at) VALUES (?1, ?2, ?3, ?4) \
        ON CONFLICT (session) DO UPDATE SET challenge = excluded.challenge, created_at = excluded.created_at";
    ENROLMENT = "SELECT account_id, challenge, created_at FROM key_enrolments WHERE session = ?1";
    SPEND = "UPDATE key_enrolments SET challenge = ?3 WHERE session = ?1 AND challenge = ?2";
    END = "DELETE FROM key_enrolments WHERE session = ?1";
    END_ALL = "DELETE FROM key_enrolments WHERE account_id = ?1";
    SWEEP = "DELETE FROM key_enrolments WHERE created_at < ?1";
}

/// A security key of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityKey {
    /// Its id here.
    pub id: RowId,
    /// By which the key itself knows it.
    pub credential: Vec<u8>,
    /// Its public half, as it came.
    pub public_key: Vec<u8>,
    /// How often it had signed when it was last used; 0 when it does not count.
    pub sign_count: i64,
    /// How it is reached, in the browser's words, separated by commas.
    pub transports: String,
    /// What its owner calls it.
    pub name: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last used to sign in.
    pub last_used_at: Option<Timestamp>,
}

/// A key that is being added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolment {
    /// To which account.
    pub account_id: AccountId,
    /// What it is to answer.
    pub challenge: Vec<u8>,
    /// When the password was right.
    pub created_at: Timestamp,
}

impl FromRow for SecurityKey {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            credential: row.get()?,
            public_key: row.get()?,
            sign_count: row.get()?,
            transports: row.get()?,
            name: row.get()?,
            created_at: row.get()?,
            last_used_at: row.get()?,
        })
    }
}

impl FromRow for Enrolment {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self { account_id: row.get()?, challenge: row.get()?, created_at: row.get()? })
    }
}

/// Keeps a key of an account. False when somebody has it already, or the account another one of its name.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn insert(conn: &mut Conn, account: AccountId, key: &SecurityKey) -> Result<bool> {
    let arguments = args![
        key.id,
        account,
        key.credential.clone(),
        key.public_key.clone(),
        key.sign_count,
        &key.transports,
        &key.name,
        key.created_at
    ];
    Ok(conn.execute(&INSERT, arguments).await? > 0)
}

/// The keys of an account, in the order in which they came.
///
/// # Errors
/// See [`insert`].
pub async fn of_account(conn: &mut Conn, account: AccountId) -> Result<Vec<SecurityKey>> {
    conn.query(&OF_ACCOUNT, args![account]).await
}

/// The key of this account that answers to these bytes.
///
/// # Errors
/// See [`insert`].
pub async fn own(
    conn: &mut Conn,
    account: AccountId,
    credential: &[u8],
) -> Result<Option<SecurityKey>> {
    conn.optional(&OWN, args![account, credential.to_vec()]).await
}

/// Notes that a key has signed so often. False when it had signed as often before, or the key is gone: a
/// key that counts never stands still, so this may be a copy (W3C Web Authentication §6.1.1).
///
/// # Errors
/// See [`insert`].
pub async fn use_key(
    conn: &mut Conn,
    account: AccountId,
    id: RowId,
    sign_count: i64,
    now: Timestamp,
) -> Result<bool> {
    Ok(conn.execute(&USE, args![account, id, sign_count, now]).await? > 0)
}

/// Forgets a key of an account. False when it has no such key.
///
/// # Errors
/// See [`insert`].
pub async fn remove(conn: &mut Conn, account: AccountId, id: RowId) -> Result<bool> {
    Ok(conn.execute(&REMOVE, args![account, id]).await? > 0)
}

/// Forgets all keys of an account, also those that are being added.
///
/// # Errors
/// See [`insert`].
pub async fn remove_all(conn: &mut Conn, account: AccountId) -> Result<()> {
    conn.send(&END_ALL, args![account]).await?;
    conn.send(&REMOVE_ALL, args![account]).await
}

/// A session begins to add a key, which is to answer this challenge and none before.
///
/// # Errors
/// See [`insert`].
pub async fn begin(
    conn: &mut Conn,
    session: &SecretHash,
    account: AccountId,
    challenge: &[u8],
    now: Timestamp,
) -> Result<()> {
    conn.send(&BEGIN, args![session, account, challenge.to_vec(), now]).await
}

/// What a session is adding.
///
/// # Errors
/// See [`insert`].
pub async fn enrolment(conn: &mut Conn, session: &SecretHash) -> Result<Option<Enrolment>> {
    conn.optional(&ENROLMENT, args![session]).await
}

/// Puts another challenge in the place of this one. False when it is not this one (any more): of two that
/// answer it at the same moment one wins.
///
/// # Errors
/// See [`insert`].
pub async fn spend_challenge(
    conn: &mut Conn,
    session: &SecretHash,
    challenge: &[u8],
    next: &[u8],
) -> Result<bool> {
    Ok(conn.execute(&SPEND, args![session, challenge.to_vec(), next.to_vec()]).await? > 0)
}

/// A session adds no key any more.
///
/// # Errors
/// See [`insert`].
pub async fn end(conn: &mut Conn, session: &SecretHash) -> Result<()> {
    conn.send(&END, args![session]).await
}

/// Forgets what has waited since before `before`.
///
/// # Errors
/// See [`insert`].
pub async fn sweep(conn: &mut Conn, before: Timestamp) -> Result<u64> {
    conn.execute(&SWEEP, args![before]).await
}
