//! The private side of local accounts.

use domain::account::{Role, User};
use domain::{AccountId, Timestamp};

use crate::engine::{Conn, FromRow, Result, Row};
use crate::{args, statements};

macro_rules! columns {
    () => {
        "account_id, email, password_hash, role, confirmed_at, approved, disabled, locale, default_visibility, \
         default_sensitive, default_language, default_quote_policy, default_format, last_seen_at, created_at"
    };
}

statements! {
    INSERT = "INSERT INTO users (account_id, email, email_folded, password_hash, role, confirmed_at, approved, disabled, \
        locale, default_visibility, default_sensitive, default_language, default_quote_policy, default_format, last_seen_at, created_at) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";
    BY_ACCOUNT = concat!("SELECT ", columns!(), " FROM users WHERE account_id = ?1");
    BY_ACCOUNTS = concat!("SELECT ", columns!(), " FROM users WHERE account_id IN_LIST(?1)");
    HOLD = concat!("SELECT ", columns!(), " FROM users WHERE account_id = ?1 FOR_UPDATE");
    BY_EMAIL = concat!("SELECT ", columns!(), " FROM users WHERE email_folded = ?1");
    ALL = concat!("SELECT ", columns!(), " FROM users ORDER BY account_id");
    SET_PASSWORD = "UPDATE users SET password_hash = ?2 WHERE account_id = ?1";
    SET_EMAIL = "UPDATE users SET email = ?2, email_folded = ?3 WHERE account_id = ?1";
    SET_CONFIRMED = "UPDATE users SET confirmed_at = ?2 WHERE account_id = ?1 AND confirmed_at IS NULL";
    SET_APPROVED = "UPDATE users SET approved = true WHERE account_id = ?1";
    SET_DEFAULTS = "UPDATE users SET locale = ?2, default_visibility = ?3, default_sensitive = ?4, default_language = ?5, \
        default_quote_policy = ?6, default_format = ?7 WHERE account_id = ?1";
    SEEN = "UPDATE users SET last_seen_at = ?2 WHERE account_id = ?1 AND (last_seen_at IS NULL OR last_seen_at < ?3)";
    OWNERS = "SELECT COUNT(*) FROM users WHERE role = 'owner'";
    FIRST_OWNER = "SELECT account_id FROM users WHERE role = 'owner' ORDER BY account_id LIMIT 1";
    COUNT = "SELECT COUNT(*) FROM users";
    COUNT_SEEN = "SELECT COUNT(*) FROM users WHERE last_seen_at > ?1";
}

impl FromRow for User {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            account_id: row.get()?,
            email: row.get()?,
            password_hash: row.get()?,
            // A role this program does not know may do the least.
            role: Role::parse(&row.get::<String>()?).unwrap_or(Role::Member),
            confirmed_at: row.get()?,
            approved: row.get()?,
            disabled: row.get()?,
            locale: row.get()?,
            default_visibility: row.get()?,
            default_sensitive: row.get()?,
            default_language: row.get()?,
            default_quote_policy: row.get()?,
            default_format: row.get()?,
            last_seen_at: row.get()?,
            created_at: row.get()?,
        })
    }
}

/// Addresses are compared without case.
fn fold(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Adds a user to an account.
///
/// # Errors
/// [`crate::StoreError::Constraint`] when the address is taken.
pub async fn insert(conn: &mut Conn, user: &User) -> Result<()> {
    conn.send(
        &INSERT,
        args![
            user.account_id,
            &user.email,
            fold(&user.email),
            user.password_hash.clone(),
            user.role.name(),
            user.confirmed_at,
            user.approved,
            user.disabled,
            &user.locale,
            user.default_visibility,
            user.default_sensitive,
            user.default_language.clone(),
            &user.default_quote_policy,
            user.default_format,
            user.last_seen_at,
            user.created_at
        ],
    )
    .await
}

/// The user of this account.
///
/// # Errors
/// [`crate::StoreError`] of the engine.
pub async fn by_account(conn: &mut Conn, id: AccountId) -> Result<Option<User>> {
    conn.optional(&BY_ACCOUNT, args![id]).await
}

/// The same; nobody changes it until the transaction ends.
///
/// # Errors
/// See [`by_account`].
pub async fn hold(conn: &mut Conn, id: AccountId) -> Result<Option<User>> {
    conn.optional(&HOLD, args![id]).await
}

/// The users of those of these accounts that have one, in no particular order.
///
/// # Errors
/// [`crate::StoreError`] of the engine.
pub async fn by_accounts(conn: &mut Conn, ids: &[AccountId]) -> Result<Vec<User>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    conn.query(&BY_ACCOUNTS, args![ids]).await
}

/// The user with this address.
///
/// # Errors
/// [`crate::StoreError`] of the engine.
pub async fn by_email(conn: &mut Conn, email: &str) -> Result<Option<User>> {
    conn.optional(&BY_EMAIL, args![fold(email)]).await
}

/// Every user, oldest first.
///
/// # Errors
/// [`crate::StoreError`] of the engine.
pub async fn all(conn: &mut Conn) -> Result<Vec<User>> {
    conn.query(&ALL, args![]).await
}

/// Stores another password hash.
///
/// # Errors
/// [`crate::StoreError`] of the engine.
pub async fn set_password(conn: &mut Conn, id: AccountId, hash: &str) -> Result<()> {
    conn.send(&SET_PASSWORD, args![id, hash]).await
}

/// Stores another address.
///
/// # Errors
/// [`crate::StoreError::Constraint`] when it is taken.
pub async fn set_email(conn: &mut Conn, id: AccountId, email: &str) -> Result<()> {
    conn.send(&SET_EMAIL, args![id, email.trim(), fold(email)]).await
}

/// Notes that the address is confirmed.
///
/// # Errors
/// [`crate::StoreError`] of the engine.
pub async fn set_confirmed(conn: &mut Conn, id: AccountId, at: Timestamp) -> Result<()> {
    conn.send(&SET_CONFIRMED, args![id, at]).await
}

/// Notes that staff let this user in.
///
/// # Errors
/// [`crate::StoreError`] of the engine.
pub async fn set_approved(conn: &mut Conn, id: AccountId) -> Result<()> {
    conn.send(&SET_APPROVED, args![id]).await
}

/// Writes the defaults for new statuses and the language of the interface.
///
/// # Errors
/// [`crate::StoreError`] of the engine.
pub async fn set_defaults(conn: &mut Conn, user: &User) -> Result<()> {
    conn.send(
        &SET_DEFAULTS,
        args![
            user.account_id,
            &user.locale,
            user.default_visibility,
            user.default_sensitive,
            user.default_language.clone(),
            &user.default_quote_policy,
            user.default_format
        ],
    )
    .await
}

/// Notes that a user was here at `now`, unless that was noted after `unless_after`.
///
/// # Errors
/// [`crate::StoreError`] of the engine.
pub async fn seen(
    conn: &mut Conn,
    id: AccountId,
    now: Timestamp,
    unless_after: Timestamp,
) -> Result<()> {
    conn.send(&SEEN, args![id, now, unless_after]).await
}

/// How many owners there are: none before set-up.
///
/// # Errors
/// [`crate::StoreError`] of the engine.
pub async fn owners(conn: &mut Conn) -> Result<i64> {
    Ok(conn.scalar(&OWNERS, args![]).await?.unwrap_or(0))
}

/// The account of the first owner.
///
/// # Errors
/// [`crate::StoreError`] of the engine.
pub async fn first_owner(conn: &mut Conn) -> Result<Option<AccountId>> {
    conn.scalar(&FIRST_OWNER, args![]).await
}

/// How many users there are, and how many were seen after `since`.
///
/// # Errors
/// [`crate::StoreError`] of the engine.
pub async fn counts(conn: &mut Conn, since: Timestamp) -> Result<(i64, i64)> {
    let all = conn.scalar(&COUNT, args![]).await?.unwrap_or(0);
    let seen = conn.scalar(&COUNT_SEEN, args![since]).await?.unwrap_or(0);
    Ok((all, seen))
}
