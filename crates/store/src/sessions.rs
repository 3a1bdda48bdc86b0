//! Browser sessions and links sent by mail. Their secrets come in as hashes only.

use domain::secret::SecretHash;
use domain::{AccountId, Timestamp};

use crate::engine::{Conn, FromRow, Result, Row};
use crate::{args, statements};

statements! {
    INSERT = "INSERT INTO sessions (hash, account_id, form_key, user_agent, created_at, last_used_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    BY_HASH = "SELECT account_id, form_key, user_agent, created_at, last_used_at FROM sessions WHERE hash = ?1";
    TOUCH = "UPDATE sessions SET last_used_at = ?2 WHERE hash = ?1";
    REMOVE = "DELETE FROM sessions WHERE hash = ?1";
    REMOVE_ALL = "DELETE FROM sessions WHERE account_id = ?1";
    OF_ACCOUNT = "SELECT hash, account_id, form_key, user_agent, created_at, last_used_at FROM sessions \
        WHERE account_id = ?1 ORDER BY last_used_at DESC, hash LIMIT 100";
    REMOVE_OWN = "DELETE FROM sessions WHERE account_id = ?1 AND hash = ?2";
    REMOVE_OTHERS = "DELETE FROM sessions WHERE account_id = ?1 AND hash <> ?2";
    SWEEP = "DELETE FROM sessions WHERE last_used_at < ?1";
    KNOWS_BROWSERS = "SELECT COUNT(*) FROM known_browsers WHERE account_id = ?1";
    SEE_BROWSER = "UPDATE known_browsers SET seen_at = ?3 WHERE account_id = ?1 AND hash = ?2";
    ADD_BROWSER = "INSERT INTO known_browsers (account_id, hash, seen_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    TRIM_BROWSERS = "DELETE FROM known_browsers WHERE account_id = ?1 AND hash NOT IN \
        (SELECT hash FROM known_browsers WHERE account_id = ?1 ORDER BY seen_at DESC, hash LIMIT ?2)";
    SWEEP_BROWSERS = "DELETE FROM known_browsers WHERE seen_at < ?1";
    INSERT_LINK = "INSERT INTO mail_links (hash, account_id, purpose, created_at) VALUES (?1, ?2, ?3, ?4)";
    INSERT_CHANGE = "INSERT INTO mail_links (hash, account_id, purpose, created_at, email) VALUES (?1, ?2, 'change', ?3, ?4)";
    LINK = "SELECT account_id, purpose, created_at, used_at, email FROM mail_links WHERE hash = ?1 FOR_UPDATE";
    PEEK_LINK = "SELECT account_id, purpose, created_at, used_at, email FROM mail_links WHERE hash = ?1";
    REMOVE_LINK = "DELETE FROM mail_links WHERE hash = ?1";
    USE_LINK = "UPDATE mail_links SET used_at = ?2 WHERE hash = ?1";
    REMOVE_LINKS = "DELETE FROM mail_links WHERE account_id = ?1";
    SWEEP_LINKS = "DELETE FROM mail_links WHERE created_at < ?1";
}

/// A signed-in browser.
#[derive(Clone, Debug)]
pub struct Session {
    /// Who signed in.
    pub account_id: AccountId,
    /// What forms of this session must carry.
    pub form_key: String,
    /// What the browser called itself.
    pub user_agent: String,
    /// When it signed in.
    pub created_at: Timestamp,
    /// When it was last here, to the hour.
    pub last_used_at: Timestamp,
}

/// What a link sent by mail is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Choosing a new password.
    Reset,
    /// Confirming the address.
    Confirm,
    /// Confirming another address, which takes the place of the one before.
    Change,
}

/// A link sent by mail.
#[derive(Clone, Debug)]
pub struct MailLink {
    /// Who got it.
    pub account_id: AccountId,
    /// What it is good for; `None` for a purpose this program does not know.
    pub purpose: Option<Purpose>,
    /// When it was sent.
    pub created_at: Timestamp,
    /// When it was used.
    pub used_at: Option<Timestamp>,
    /// The address that it was sent to, when that is not the account's.
    pub email: Option<String>,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Confirm => "confirm",
            Self::Change => "change",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Reset, Self::Confirm, Self::Change]
            .into_iter()
            .find(|purpose| purpose.name() == text)
    }
}

impl FromRow for Session {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            account_id: row.get()?,
            form_key: row.get()?,
            user_agent: row.get()?,
            created_at: row.get()?,
            last_used_at: row.get()?,
        })
    }
}

impl FromRow for MailLink {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            account_id: row.get()?,
            purpose: Purpose::parse(&row.get::<String>()?),
            created_at: row.get()?,
            used_at: row.get()?,
            email: row.get()?,
        })
    }
}

/// Keeps a session that has just begun.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn insert(conn: &mut Conn, hash: &SecretHash, session: &Session) -> Result<()> {
    conn.send(
        &INSERT,
        args![
            hash,
            session.account_id,
            &session.form_key,
            &session.user_agent,
            session.created_at,
            session.last_used_at
        ],
    )
    .await
}

/// The session with this hash.
///
/// # Errors
/// See [`insert`].
pub async fn by_hash(conn: &mut Conn, hash: &SecretHash) -> Result<Option<Session>> {
    conn.optional(&BY_HASH, args![hash]).await
}

/// Notes that a session was used.
///
/// # Errors
/// See [`insert`].
pub async fn touch(conn: &mut Conn, hash: &SecretHash, now: Timestamp) -> Result<()> {
    conn.send(&TOUCH, args![hash, now]).await
}

/// Ends a session.
///
/// # Errors
/// See [`insert`].
pub async fn remove(conn: &mut Conn, hash: &SecretHash) -> Result<()> {
    conn.send(&REMOVE, args![hash]).await
}

/// Ends every session of an account.
///
/// # Errors
/// See [`insert`].
pub async fn remove_all(conn: &mut Conn, account: AccountId) -> Result<()> {
    conn.send(&REMOVE_ALL, args![account]).await
}

/// The sessions of an account with their hashes, the one used last first.
///
/// # Errors
/// See [`insert`].
pub async fn of_account(conn: &mut Conn, account: AccountId) -> Result<Vec<(SecretHash, Session)>> {
    let rows: Vec<Hashed> = conn.query(&OF_ACCOUNT, args![account]).await?;
    Ok(rows.into_iter().map(|Hashed(hash, session)| (hash, session)).collect())
}

struct Hashed(SecretHash, Session);

impl FromRow for Hashed {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self(SecretHash(row.get()?), Session::from_row(row)?))
    }
}

/// Ends one of an account's sessions. False when it has none with that hash.
///
/// # Errors
/// See [`insert`].
pub async fn remove_own(conn: &mut Conn, account: AccountId, hash: &SecretHash) -> Result<bool> {
    Ok(conn.execute(&REMOVE_OWN, args![account, hash]).await? > 0)
}

/// Ends every session of an account but this one.
///
/// # Errors
/// See [`insert`].
pub async fn remove_others(conn: &mut Conn, account: AccountId, but: &SecretHash) -> Result<()> {
    conn.send(&REMOVE_OTHERS, args![account, but]).await
}

/// What is known of the browser that signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Nobody has signed in to this account before.
    First,
    /// This browser has.
    Before,
    /// Others have, this one has not.
    Never,
}

/// Notes that a browser signs in to an account, and tells whether it did before. Of an account the
/// `most` seen last are known.
///
/// # Errors
/// See [`insert`].
pub async fn see_browser(
    conn: &mut Conn,
    account: AccountId,
    hash: &SecretHash,
    most: i64,
    now: Timestamp,
) -> Result<Seen> {
    if conn.execute(&SEE_BROWSER, args![account, hash, now]).await? > 0 {
        return Ok(Seen::Before);
    }
    let known: i64 = conn.scalar(&KNOWS_BROWSERS, args![account]).await?.unwrap_or(0);
    conn.send(&ADD_BROWSER, args![account, hash, now]).await?;
    conn.send(&TRIM_BROWSERS, args![account, most]).await?;
    Ok(if known == 0 { Seen::First } else { Seen::Never })
}

/// Forgets browsers that were last seen before `before`.
///
/// # Errors
/// See [`insert`].
pub async fn sweep_browsers(conn: &mut Conn, before: Timestamp) -> Result<u64> {
    conn.execute(&SWEEP_BROWSERS, args![before]).await
}

/// Forgets sessions that were last used before `before`.
///
/// # Errors
/// See [`insert`].
pub async fn sweep(conn: &mut Conn, before: Timestamp) -> Result<u64> {
    conn.execute(&SWEEP, args![before]).await
}

/// Keeps a link that is about to be mailed.
///
/// # Errors
/// See [`insert`].
pub async fn insert_link(
    conn: &mut Conn,
    hash: &SecretHash,
    account: AccountId,
    purpose: Purpose,
    now: Timestamp,
) -> Result<()> {
    conn.send(&INSERT_LINK, args![hash, account, purpose.name(), now]).await
}

/// The link with this hash, locked until the transaction ends.
///
/// # Errors
/// See [`insert`].
pub async fn link(conn: &mut Conn, hash: &SecretHash) -> Result<Option<MailLink>> {
    conn.optional(&LINK, args![hash]).await
}

/// The link with this hash, only looked at.
///
/// # Errors
/// See [`insert`].
pub async fn peek_link(conn: &mut Conn, hash: &SecretHash) -> Result<Option<MailLink>> {
    conn.optional(&PEEK_LINK, args![hash]).await
}

/// Notes that a link was used.
///
/// # Errors
/// See [`insert`].
pub async fn use_link(conn: &mut Conn, hash: &SecretHash, now: Timestamp) -> Result<()> {
    conn.send(&USE_LINK, args![hash, now]).await
}

/// Keeps a link that is about to be mailed to another address of an account.
///
/// # Errors
/// See [`insert`].
pub async fn insert_change(
    conn: &mut Conn,
    hash: &SecretHash,
    account: AccountId,
    email: &str,
    now: Timestamp,
) -> Result<()> {
    conn.send(&INSERT_CHANGE, args![hash, account, now, email]).await
}

/// Forgets a link that could not be mailed.
///
/// # Errors
/// See [`insert`].
pub async fn remove_link(conn: &mut Conn, hash: &SecretHash) -> Result<()> {
    conn.send(&REMOVE_LINK, args![hash]).await
}

/// Forgets every link sent to an account.
///
/// # Errors
/// See [`insert`].
pub async fn remove_links(conn: &mut Conn, account: AccountId) -> Result<()> {
    conn.send(&REMOVE_LINKS, args![account]).await
}

/// Forgets links sent before `before`.
///
/// # Errors
/// See [`insert`].
pub async fn sweep_links(conn: &mut Conn, before: Timestamp) -> Result<u64> {
    conn.execute(&SWEEP_LINKS, args![before]).await
}
