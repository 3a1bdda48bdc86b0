//! Invites, and what people wrote who asked to be let in.

use domain::{AccountId, AppId, RowId, Timestamp};

use crate::engine::{Conn, FromRow, Result, Row};
use crate::{args, statements};

macro_rules! columns {
    () => {
        "SELECT id, code, account_id, most_uses, uses, expires_at, created_at FROM invites"
    };
}

statements! {
    INSERT = "INSERT INTO invites (id, code, account_id, most_uses, uses, expires_at, created_at) VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6)";
    BY_CODE = concat!(columns!(), " WHERE code = ?1");
    ALL = concat!(columns!(), " ORDER BY id DESC LIMIT 500");
    USE = "UPDATE invites SET uses = uses + 1 WHERE id = ?1 AND (most_uses IS NULL OR uses < most_uses) \
        AND (expires_at IS NULL OR expires_at > ?2)";
    REMOVE = "DELETE FROM invites WHERE code = ?1";
    COUNT = "SELECT COUNT(*) FROM invites";
    SWEEP = "DELETE FROM invites WHERE expires_at IS NOT NULL AND expires_at < ?1";
    ADD_WORDS = "INSERT INTO sign_up_words (account_id, reason, invite_id, app_id) VALUES (?1, ?2, ?3, ?4)";
    APP_OF = "SELECT app_id FROM sign_up_words WHERE account_id = ?1";
    REASONS = "SELECT account_id, reason FROM sign_up_words WHERE account_id IN_LIST(?1)";
    REASON = "SELECT reason FROM sign_up_words WHERE account_id = ?1";
}

/// A code that lets people in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invite {
    /// Its id.
    pub id: RowId,
    /// What is typed, or stands in the link.
    pub code: String,
    /// Who made it; `None` for the command line.
    pub account_id: Option<AccountId>,
    /// How many may come by it.
    pub most_uses: Option<i64>,
    /// How many have.
    pub uses: i64,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl FromRow for Invite {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            code: row.get()?,
            account_id: row.get()?,
            most_uses: row.get()?,
            uses: row.get()?,
            expires_at: row.get()?,
            created_at: row.get()?,
        })
    }
}

/// Keeps a new invite.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn insert(conn: &mut Conn, new: &Invite) -> Result<()> {
    conn.send(
        &INSERT,
        args![new.id, &new.code, new.account_id, new.most_uses, new.expires_at, new.created_at],
    )
    .await
}

/// The invite with this code, whether it still works or not.
///
/// # Errors
/// See [`insert`].
pub async fn by_code(conn: &mut Conn, code: &str) -> Result<Option<Invite>> {
    conn.optional(&BY_CODE, args![code]).await
}

/// The newest invites.
///
/// # Errors
/// See [`insert`].
pub async fn all(conn: &mut Conn) -> Result<Vec<Invite>> {
    conn.query(&ALL, args![]).await
}

/// Counts one who comes by an invite. False when it is used up or over: of two who take the last place
/// one gets it.
///
/// # Errors
/// See [`insert`].
pub async fn use_one(conn: &mut Conn, id: RowId, now: Timestamp) -> Result<bool> {
    Ok(conn.execute(&USE, args![id, now]).await? > 0)
}

/// Removes an invite. False when there is none with that code.
///
/// # Errors
/// See [`insert`].
pub async fn remove(conn: &mut Conn, code: &str) -> Result<bool> {
    Ok(conn.execute(&REMOVE, args![code]).await? > 0)
}

/// How many there are.
///
/// # Errors
/// See [`insert`].
pub async fn count(conn: &mut Conn) -> Result<i64> {
    Ok(conn.scalar(&COUNT, args![]).await?.unwrap_or(0))
}

/// Forgets invites that ended before `before`.
///
/// # Errors
/// See [`insert`].
pub async fn sweep(conn: &mut Conn, before: Timestamp) -> Result<u64> {
    conn.execute(&SWEEP, args![before]).await
}

/// How somebody came here.
#[derive(Clone, Copy, Debug)]
pub struct Words<'w> {
    /// What they wrote to staff.
    pub reason: &'w str,
    /// By which invite.
    pub invite: Option<RowId>,
    /// Through which app.
    pub app: Option<AppId>,
}

/// Keeps how somebody came here.
///
/// # Errors
/// See [`insert`].
pub async fn add_words(conn: &mut Conn, account: AccountId, words: Words<'_>) -> Result<()> {
    conn.send(&ADD_WORDS, args![account, words.reason, words.invite, words.app]).await
}

/// The app through which this account signed up.
///
/// # Errors
/// See [`insert`].
pub async fn app_of(conn: &mut Conn, account: AccountId) -> Result<Option<AppId>> {
    Ok(conn.scalar::<Option<AppId>>(&APP_OF, args![account]).await?.flatten())
}

/// What this account wrote when it asked to be let in.
///
/// # Errors
/// See [`insert`].
pub async fn reason(conn: &mut Conn, account: AccountId) -> Result<Option<String>> {
    conn.scalar(&REASON, args![account]).await
}

/// What those of these accounts wrote that asked to be let in.
///
/// # Errors
/// See [`insert`].
pub async fn reasons(conn: &mut Conn, accounts: &[AccountId]) -> Result<Vec<(AccountId, String)>> {
    conn.query(&REASONS, args![accounts]).await
}
