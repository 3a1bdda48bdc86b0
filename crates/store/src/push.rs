//! Web push subscriptions: one a token, or one a session of a browser.

use domain::secret::SecretHash;
use domain::{AccountId, RowId, Timestamp, TokenId};

use crate::engine::{Conn, FromRow, Result, Row};
use crate::{args, statements};

macro_rules! columns {
    () => {
        "SELECT id, token_id, account_id, endpoint, p256dh, auth, standard, alerts, policy, sealed_token, created_at, \
         session_hash FROM push_subscriptions"
    };
}

statements! {
    OF_TOKEN = concat!(columns!(), " WHERE account_id = ?1 AND token_id = ?2");
    OF_SESSION = concat!(columns!(), " WHERE account_id = ?1 AND session_hash = ?2");
    OF_ACCOUNT = concat!(columns!(), " WHERE account_id = ?1 ORDER BY id");
    BY_ID = concat!(columns!(), " WHERE id = ?1");
    INSERT = "INSERT INTO push_subscriptions (id, token_id, account_id, endpoint, p256dh, auth, standard, alerts, policy, \
        sealed_token, created_at, session_hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    TRIM = "DELETE FROM push_subscriptions WHERE account_id = ?1 AND id NOT IN \
        (SELECT id FROM push_subscriptions WHERE account_id = ?1 ORDER BY id DESC LIMIT ?2)";
    REMOVE = "DELETE FROM push_subscriptions WHERE id = ?1";
    UPDATE = "UPDATE push_subscriptions SET alerts = ?3, policy = ?4 WHERE account_id = ?1 AND token_id = ?2";
    DELETE = "DELETE FROM push_subscriptions WHERE account_id = ?1 AND token_id = ?2";
    UPDATE_SESSION = "UPDATE push_subscriptions SET alerts = ?3, policy = ?4 WHERE account_id = ?1 AND session_hash = ?2";
    DELETE_SESSION = "DELETE FROM push_subscriptions WHERE account_id = ?1 AND session_hash = ?2";
}

/// Where and of what a client wants to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// Its id.
    pub id: RowId,
    /// The token it was made with; a browser has none.
    pub token_id: Option<TokenId>,
    /// Whose it is.
    pub account_id: AccountId,
    /// The push service's address.
    pub endpoint: String,
    /// The client's public key, base64url.
    pub p256dh: String,
    /// The client's secret, base64url.
    pub auth: String,
    /// RFC 8291 instead of the older draft.
    pub standard: bool,
    /// What it wants to hear of: JSON of the caller, opaque here.
    pub alerts: String,
    /// From whom: `all`, `followed`, `follower` or `none`.
    pub policy: String,
    /// The access token it was made with, sealed by the caller.
    pub sealed_token: Option<Vec<u8>>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Hash of the browser's session that it was made with; an app has none.
    pub session: Option<String>,
}

impl FromRow for Subscription {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            token_id: row.get()?,
            account_id: row.get()?,
            endpoint: row.get()?,
            p256dh: row.get()?,
            auth: row.get()?,
            standard: row.get()?,
            alerts: row.get()?,
            policy: row.get()?,
            sealed_token: row.get()?,
            created_at: row.get()?,
            session: row.get()?,
        })
    }
}

/// The subscription of this account's token.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn of_token(
    conn: &mut Conn,
    account: AccountId,
    token: TokenId,
) -> Result<Option<Subscription>> {
    conn.optional(&OF_TOKEN, args![account, token]).await
}

/// The subscriptions of an account, oldest first.
///
/// # Errors
/// See [`of_token`].
pub async fn of_account(conn: &mut Conn, account: AccountId) -> Result<Vec<Subscription>> {
    conn.query(&OF_ACCOUNT, args![account]).await
}

/// The subscription with this id.
///
/// # Errors
/// See [`of_token`].
pub async fn by_id(conn: &mut Conn, id: RowId) -> Result<Option<Subscription>> {
    conn.optional(&BY_ID, args![id]).await
}

/// Removes a subscription that its push service no longer knows.
///
/// # Errors
/// See [`of_token`].
pub async fn remove(conn: &mut Conn, id: RowId) -> Result<()> {
    conn.send(&REMOVE, args![id]).await
}

/// Makes this the subscription of its token or session, instead of the one before. Of an account the newest
/// `most` are kept.
///
/// # Errors
/// See [`of_token`].
pub async fn replace(conn: &mut Conn, new: &Subscription, most: i64) -> Result<()> {
    if let Some(token) = new.token_id {
        delete(conn, new.account_id, token).await?;
    }
    if let Some(session) = &new.session {
        conn.execute(&DELETE_SESSION, args![new.account_id, session]).await?;
    }
    conn.send(
        &INSERT,
        args![
            new.id,
            new.token_id,
            new.account_id,
            &new.endpoint,
            &new.p256dh,
            &new.auth,
            new.standard,
            &new.alerts,
            &new.policy,
            new.sealed_token.clone(),
            new.created_at,
            new.session.clone()
        ],
    )
    .await?;
    conn.send(&TRIM, args![new.account_id, most]).await
}

/// Changes what the subscription of a token wants to hear of.
///
/// # Errors
/// See [`of_token`].
pub async fn update(
    conn: &mut Conn,
    account: AccountId,
    token: TokenId,
    alerts: &str,
    policy: &str,
) -> Result<bool> {
    Ok(conn.execute(&UPDATE, args![account, token, alerts, policy]).await? > 0)
}

/// Removes the subscription of a token.
///
/// # Errors
/// See [`of_token`].
pub async fn delete(conn: &mut Conn, account: AccountId, token: TokenId) -> Result<bool> {
    Ok(conn.execute(&DELETE, args![account, token]).await? > 0)
}

/// The subscription of this account's session.
///
/// # Errors
/// See [`of_token`].
pub async fn of_session(
    conn: &mut Conn,
    account: AccountId,
    session: &SecretHash,
) -> Result<Option<Subscription>> {
    conn.optional(&OF_SESSION, args![account, &session.0]).await
}

/// Changes what the subscription of a session wants to hear of.
///
/// # Errors
/// See [`of_token`].
pub async fn update_session(
    conn: &mut Conn,
    account: AccountId,
    session: &SecretHash,
    alerts: &str,
    policy: &str,
) -> Result<bool> {
    Ok(conn.execute(&UPDATE_SESSION, args![account, &session.0, alerts, policy]).await? > 0)
}

/// Removes the subscription of a session.
///
/// # Errors
/// See [`of_token`].
pub async fn delete_session(
    conn: &mut Conn,
    account: AccountId,
    session: &SecretHash,
) -> Result<bool> {
    Ok(conn.execute(&DELETE_SESSION, args![account, &session.0]).await? > 0)
}
