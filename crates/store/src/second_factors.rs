//! Second factors: the secret of the app that makes codes, recovery codes by their hashes, and
//! sign-ins that wait for a code or a security key.

use domain::secret::SecretHash;
use domain::{AccountId, Timestamp};

use crate::engine::{Conn, FromRow, Result, Row};
use crate::security_keys;
use crate::{args, statements};

statements! {
    GET = "SELECT secret, confirmed_at, last_step, handle, created_at FROM second_factors WHERE account_id = ?1";
    BEGIN = "INSERT INTO second_factors (account_id, secret, confirmed_at, last_step, created_at) VALUES (?1, ?2, NULL, 0, ?3) \
        ON CONFLICT (account_id) DO UPDATE SET secret = excluded.secret, last_step = 0, created_at = excluded.created_at \
        WHERE second_factors.confirmed_at IS NULL";
    CONFIRM = "UPDATE second_factors SET confirmed_at = ?2 WHERE account_id = ?1 AND confirmed_at IS NULL";
    USE_STEP = "UPDATE second_factors SET last_step = ?2 WHERE account_id = ?1 AND last_step < ?2";
    REMOVE = "DELETE FROM second_factors WHERE account_id = ?1";
    ADD_CODE = "INSERT INTO recovery_codes (account_id, hash) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    USE_CODE = "DELETE FROM recovery_codes WHERE account_id = ?1 AND hash = ?2";
    DROP_CODES = "DELETE FROM recovery_codes WHERE account_id = ?1";
    COUNT_CODES = "SELECT COUNT(*) FROM recovery_codes WHERE account_id = ?1";
    SET_HANDLE = "UPDATE second_factors SET handle = ?2 WHERE account_id = ?1 AND handle IS NULL";
    ADD_HALF = "INSERT INTO half_sign_ins (hash, account_id, tries, challenge, created_at) VALUES (?1, ?2, 0, ?3, ?4)";
    HALF = "SELECT account_id, tries, challenge, created_at FROM half_sign_ins WHERE hash = ?1";
    SPEND = "UPDATE half_sign_ins SET challenge = ?3 WHERE hash = ?1 AND challenge = ?2";
    TRY_HALF = "UPDATE half_sign_ins SET tries = tries + 1 WHERE hash = ?1 AND tries < ?2";
    REMOVE_HALF = "DELETE FROM half_sign_ins WHERE hash = ?1";
    REMOVE_HALVES = "DELETE FROM half_sign_ins WHERE account_id = ?1";
    SWEEP_HALVES = "DELETE FROM half_sign_ins WHERE created_at < ?1";
}

/// What an account's codes are made from.
#[derive(Clone)]
pub struct SecondFactor {
    /// The shared secret.
    pub secret: Vec<u8>,
    /// When its owner showed that their app makes the right codes; from then on they are asked for.
    pub confirmed_at: Option<Timestamp>,
    /// The time step of the newest code that was used: it and older ones work no more.
    pub last_step: i64,
    /// By which security keys know the account: random bytes, once it had one.
    pub handle: Option<Vec<u8>>,
    /// When the secret was made.
    pub created_at: Timestamp,
}

/// A sign-in whose password was right and whose code is missing.
#[derive(Clone, Debug)]
pub struct HalfSignIn {
    /// Whose.
    pub account_id: AccountId,
    /// Codes and keys tried.
    pub tries: i64,
    /// What a security key is to sign.
    pub challenge: Option<Vec<u8>>,
    /// When the password was right.
    pub created_at: Timestamp,
}

impl FromRow for SecondFactor {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            secret: row.get()?,
            confirmed_at: row.get()?,
            last_step: row.get()?,
            handle: row.get()?,
            created_at: row.get()?,
        })
    }
}

impl FromRow for HalfSignIn {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            account_id: row.get()?,
            tries: row.get()?,
            challenge: row.get()?,
            created_at: row.get()?,
        })
    }
}

/// The second factor of an account, confirmed or not.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn get(conn: &mut Conn, account: AccountId) -> Result<Option<SecondFactor>> {
    conn.optional(&GET, args![account]).await
}

/// Keeps a secret that is not confirmed yet. False when there is one that is.
///
/// # Errors
/// See [`get`].
pub async fn begin(
    conn: &mut Conn,
    account: AccountId,
    secret: &[u8],
    now: Timestamp,
) -> Result<bool> {
    Ok(conn.execute(&BEGIN, args![account, secret.to_vec(), now]).await? > 0)
}

/// The secret is asked for from now on. False when it was before.
///
/// # Errors
/// See [`get`].
pub async fn confirm(conn: &mut Conn, account: AccountId, now: Timestamp) -> Result<bool> {
    Ok(conn.execute(&CONFIRM, args![account, now]).await? > 0)
}

/// Uses up the code of a time step. False when it or a newer one was used: of two that come at the same
/// moment one wins.
///
/// # Errors
/// See [`get`].
pub async fn use_step(conn: &mut Conn, account: AccountId, step: i64) -> Result<bool> {
    Ok(conn.execute(&USE_STEP, args![account, step]).await? > 0)
}

/// Forgets an account's second factor with its recovery codes, security keys and waiting sign-ins. False
/// when there was none.
///
/// # Errors
/// See [`get`].
pub async fn remove(conn: &mut Conn, account: AccountId) -> Result<bool> {
    conn.send(&DROP_CODES, args![account]).await?;
    security_keys::remove_all(conn, account).await?;
    conn.send(&REMOVE_HALVES, args![account]).await?;
    Ok(conn.execute(&REMOVE, args![account]).await? > 0)
}

/// Gives an account these recovery codes instead of those it had.
///
/// # Errors
/// See [`get`].
pub async fn set_codes(conn: &mut Conn, account: AccountId, hashes: &[SecretHash]) -> Result<()> {
    conn.send(&DROP_CODES, args![account]).await?;
    for hash in hashes {
        conn.send(&ADD_CODE, args![account, hash]).await?;
    }
    Ok(())
}

/// Uses up a recovery code. False when it is none.
///
/// # Errors
/// See [`get`].
pub async fn use_code(conn: &mut Conn, account: AccountId, hash: &SecretHash) -> Result<bool> {
    Ok(conn.execute(&USE_CODE, args![account, hash]).await? > 0)
}

/// How many recovery codes are left.
///
/// # Errors
/// See [`get`].
pub async fn codes_left(conn: &mut Conn, account: AccountId) -> Result<i64> {
    Ok(conn.scalar(&COUNT_CODES, args![account]).await?.unwrap_or(0))
}

/// Gives an account that has codes the name by which security keys know it, unless it has one.
///
/// # Errors
/// See [`get`].
pub async fn set_handle(conn: &mut Conn, account: AccountId, handle: &[u8]) -> Result<()> {
    conn.send(&SET_HANDLE, args![account, handle.to_vec()]).await
}

/// Keeps a sign-in that waits for its code, or for a key that signs the challenge.
///
/// # Errors
/// See [`get`].
pub async fn add_half(
    conn: &mut Conn,
    hash: &SecretHash,
    account: AccountId,
    challenge: &[u8],
    now: Timestamp,
) -> Result<()> {
    conn.send(&ADD_HALF, args![hash, account, challenge.to_vec(), now]).await
}

/// Puts another challenge in the place of this one. False when it is not this one (any more): of two that
/// answer it at the same moment one wins.
///
/// # Errors
/// See [`get`].
pub async fn spend_challenge(
    conn: &mut Conn,
    hash: &SecretHash,
    challenge: &[u8],
    next: &[u8],
) -> Result<bool> {
    Ok(conn.execute(&SPEND, args![hash, challenge.to_vec(), next.to_vec()]).await? > 0)
}

/// The sign-in with this hash that waits for its code.
///
/// # Errors
/// See [`get`].
pub async fn half(conn: &mut Conn, hash: &SecretHash) -> Result<Option<HalfSignIn>> {
    conn.optional(&HALF, args![hash]).await
}

/// Counts a try. False when there were `most` before, or the sign-in is gone.
///
/// # Errors
/// See [`get`].
pub async fn try_half(conn: &mut Conn, hash: &SecretHash, most: i64) -> Result<bool> {
    Ok(conn.execute(&TRY_HALF, args![hash, most]).await? > 0)
}

/// Ends a sign-in that waited. False when it was gone.
///
/// # Errors
/// See [`get`].
pub async fn remove_half(conn: &mut Conn, hash: &SecretHash) -> Result<bool> {
    Ok(conn.execute(&REMOVE_HALF, args![hash]).await? > 0)
}

/// Ends every sign-in of an account that waits.
///
/// # Errors
/// See [`get`].
pub async fn remove_halves(conn: &mut Conn, account: AccountId) -> Result<()> {
    conn.send(&REMOVE_HALVES, args![account]).await
}

/// Forgets sign-ins that have waited since before `before`.
///
/// # Errors
/// See [`get`].
pub async fn sweep_halves(conn: &mut Conn, before: Timestamp) -> Result<u64> {
    conn.execute(&SWEEP_HALVES, args![before]).await
}
