//! Apps, access tokens and authorisation codes. Secrets come in as hashes only.

use domain::scope::Scopes;
use domain::secret::SecretHash;
use domain::{AccountId, AppId, Timestamp, TokenId};

use crate::engine::{Conn, FromRow, Result, Row, StoreError};
use crate::{args, statements};

macro_rules! app_columns {
    () => {
        "id, client_id, secret_hash, name, website, redirect_uris, scopes, created_at"
    };
}

statements! {
    INSERT_APP = "INSERT INTO apps (id, client_id, secret_hash, name, website, redirect_uris, scopes, created_at) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    APP_BY_CLIENT = concat!("SELECT ", app_columns!(), " FROM apps WHERE client_id = ?1");
    APP_BY_ID = concat!("SELECT ", app_columns!(), " FROM apps WHERE id = ?1");
    APP_NAMES = "SELECT id, name, website FROM apps WHERE id IN_LIST(?1)";
    INSERT_TOKEN = "INSERT INTO tokens (id, hash, app_id, account_id, scopes, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    TOKEN = "SELECT id, app_id, account_id, scopes, created_at, last_used_at, revoked_at FROM tokens WHERE hash = ?1";
    TOKEN_USED = "UPDATE tokens SET last_used_at = ?2 WHERE id = ?1";
    REVOKE = "UPDATE tokens SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL";
    REVOKE_ALL = "UPDATE tokens SET revoked_at = ?2 WHERE account_id = ?1 AND revoked_at IS NULL";
    DROP_PUSH = "DELETE FROM push_subscriptions WHERE token_id = ?1";
    DROP_ALL_PUSH = "DELETE FROM push_subscriptions WHERE account_id = ?1";
    REVOKED_SINCE = "SELECT id FROM tokens WHERE revoked_at IS NOT NULL AND revoked_at >= ?1";
    GRANTED = "SELECT scopes FROM tokens WHERE app_id = ?1 AND account_id = ?2 AND revoked_at IS NULL ORDER BY id DESC LIMIT 20";
    OF_ACCOUNT = "SELECT t.id, a.name, a.website, t.scopes, t.created_at, t.last_used_at FROM tokens t LEFT JOIN apps a ON a.id = t.app_id \
        WHERE t.account_id = ?1 AND t.revoked_at IS NULL ORDER BY t.id DESC LIMIT 200";
    OWN = "SELECT COUNT(*) FROM tokens WHERE account_id = ?1 AND id = ?2 AND revoked_at IS NULL";
    INSERT_CODE = "INSERT INTO auth_codes (hash, app_id, account_id, redirect_uri, scopes, challenge, created_at) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    CODE = "SELECT app_id, account_id, redirect_uri, scopes, challenge, created_at, used_at, token_id FROM auth_codes WHERE hash = ?1 FOR_UPDATE";
    PEEK_CODE = "SELECT app_id, account_id, redirect_uri, scopes, challenge, created_at, used_at, token_id FROM auth_codes WHERE hash = ?1";
    USE_CODE = "UPDATE auth_codes SET used_at = ?2, token_id = ?3 WHERE hash = ?1";
    DROP_CODES = "DELETE FROM auth_codes WHERE account_id = ?1";
    SWEEP_CODES = "DELETE FROM auth_codes WHERE created_at < ?1";
}

/// A registered application.
#[derive(Clone, Debug)]
pub struct App {
    /// Its id.
    pub id: AppId,
    /// What it calls itself with.
    pub client_id: String,
    /// Hash of its secret.
    pub secret_hash: SecretHash,
    /// Its name, as shown on the consent page and under statuses.
    pub name: String,
    /// Its page.
    pub website: Option<String>,
    /// Where codes may be sent, exactly.
    pub redirect_uris: Vec<String>,
    /// The most it may ask for.
    pub scopes: Scopes,
    /// When it registered.
    pub created_at: Timestamp,
}

/// An access token's row.
#[derive(Clone, Debug)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// The app it was given to; `None` for one made on the command line.
    pub app_id: Option<AppId>,
    /// Whose it is; `None` for the app's own.
    pub account_id: Option<AccountId>,
    /// What it may do.
    pub scopes: Scopes,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the hour.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// An authorisation code's row.
#[derive(Clone, Debug)]
pub struct Code {
    /// The app it was made for.
    pub app_id: AppId,
    /// Who consented.
    pub account_id: AccountId,
    /// Where it was sent.
    pub redirect_uri: String,
    /// What was granted.
    pub scopes: Scopes,
    /// PKCE challenge (S256).
    pub challenge: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was redeemed.
    pub used_at: Option<Timestamp>,
    /// What it was redeemed for.
    pub token_id: Option<TokenId>,
}

/// Stored scopes were checked when they came in; one that a later version dropped grants nothing.
fn scopes(text: &str) -> Scopes {
    Scopes::parse(text).unwrap_or_default()
}

impl FromRow for App {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            client_id: row.get()?,
            secret_hash: SecretHash(row.get()?),
            name: row.get()?,
            website: row.get()?,
            redirect_uris: serde_json::from_str(&row.get::<String>()?).unwrap_or_default(),
            scopes: scopes(&row.get::<String>()?),
            created_at: row.get()?,
        })
    }
}

impl FromRow for Token {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            app_id: row.get()?,
            account_id: row.get()?,
            scopes: scopes(&row.get::<String>()?),
            created_at: row.get()?,
            last_used_at: row.get()?,
            revoked_at: row.get()?,
        })
    }
}

impl FromRow for Code {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            app_id: row.get()?,
            account_id: row.get()?,
            redirect_uri: row.get()?,
            scopes: scopes(&row.get::<String>()?),
            challenge: row.get()?,
            created_at: row.get()?,
            used_at: row.get()?,
            token_id: row.get()?,
        })
    }
}

/// Registers an app.
///
/// # Errors
/// [`StoreError`] of the engine, as for every function here.
pub async fn insert_app(conn: &mut Conn, app: &App) -> Result<()> {
    let redirect_uris = serde_json::to_string(&app.redirect_uris).map_err(|error| {
        StoreError::Engine { statement: "redirect_uris", cause: error.to_string() }
    })?;
    conn.send(
        &INSERT_APP,
        args![
            app.id,
            &app.client_id,
            &app.secret_hash,
            &app.name,
            app.website.clone(),
            redirect_uris,
            app.scopes.to_string(),
            app.created_at
        ],
    )
    .await
}

/// The app with this client id.
///
/// # Errors
/// See [`insert_app`].
pub async fn app_by_client(conn: &mut Conn, client_id: &str) -> Result<Option<App>> {
    conn.optional(&APP_BY_CLIENT, args![client_id]).await
}

/// The app with this row id.
///
/// # Errors
/// See [`insert_app`].
pub async fn app_by_id(conn: &mut Conn, id: AppId) -> Result<Option<App>> {
    conn.optional(&APP_BY_ID, args![id]).await
}

/// Name and website of these apps.
///
/// # Errors
/// See [`insert_app`].
pub async fn app_names(
    conn: &mut Conn,
    ids: &[AppId],
) -> Result<Vec<(AppId, String, Option<String>)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    conn.query(&APP_NAMES, args![ids]).await
}

/// Adds a token.
///
/// # Errors
/// See [`insert_app`].
pub async fn insert_token(conn: &mut Conn, hash: &SecretHash, token: &Token) -> Result<()> {
    conn.send(
        &INSERT_TOKEN,
        args![
            token.id,
            hash,
            token.app_id,
            token.account_id,
            token.scopes.to_string(),
            token.created_at
        ],
    )
    .await
}

/// The token with this hash, revoked or not.
///
/// # Errors
/// See [`insert_app`].
pub async fn token(conn: &mut Conn, hash: &SecretHash) -> Result<Option<Token>> {
    conn.optional(&TOKEN, args![hash]).await
}

/// Notes that a token was used.
///
/// # Errors
/// See [`insert_app`].
pub async fn token_used(conn: &mut Conn, id: TokenId, now: Timestamp) -> Result<()> {
    conn.send(&TOKEN_USED, args![id, now]).await
}

/// Ends a token and its push subscription.
///
/// # Errors
/// See [`insert_app`].
pub async fn revoke(conn: &mut Conn, id: TokenId, now: Timestamp) -> Result<()> {
    conn.send(&DROP_PUSH, args![id]).await?;
    conn.send(&REVOKE, args![id, now]).await
}

/// Ends every token of an account with its push subscription, and every code not redeemed yet.
///
/// # Errors
/// See [`insert_app`].
pub async fn revoke_all(conn: &mut Conn, account: AccountId, now: Timestamp) -> Result<()> {
    conn.send(&DROP_ALL_PUSH, args![account]).await?;
    conn.send(&DROP_CODES, args![account]).await?;
    conn.send(&REVOKE_ALL, args![account, now]).await
}

/// Tokens that were revoked at `since` or later.
///
/// # Errors
/// See [`insert_app`].
pub async fn revoked_since(conn: &mut Conn, since: Timestamp) -> Result<Vec<TokenId>> {
    conn.column(&REVOKED_SINCE, args![since]).await
}

/// The scopes an account has granted to an app before, one entry a living token.
///
/// # Errors
/// See [`insert_app`].
pub async fn granted(conn: &mut Conn, app: AppId, account: AccountId) -> Result<Vec<Scopes>> {
    let texts: Vec<String> = conn.column(&GRANTED, args![app, account]).await?;
    Ok(texts.iter().map(|text| scopes(text)).collect())
}

/// A token as its owner sees it in a list.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Its id.
    pub id: TokenId,
    /// The app's name; `None` for one made on the command line.
    pub app: Option<String>,
    /// The app's page.
    pub website: Option<String>,
    /// What it may do.
    pub scopes: Scopes,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the hour.
    pub last_used_at: Option<Timestamp>,
}

impl FromRow for Grant {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            app: row.get()?,
            website: row.get()?,
            scopes: scopes(&row.get::<String>()?),
            created_at: row.get()?,
            last_used_at: row.get()?,
        })
    }
}

/// The living tokens of an account, newest first.
///
/// # Errors
/// See [`insert_app`].
pub async fn grants(conn: &mut Conn, account: AccountId) -> Result<Vec<Grant>> {
    conn.query(&OF_ACCOUNT, args![account]).await
}

/// Whether an account has a living token with this id.
///
/// # Errors
/// See [`insert_app`].
pub async fn is_own(conn: &mut Conn, account: AccountId, id: TokenId) -> Result<bool> {
    Ok(conn.scalar::<i64>(&OWN, args![account, id]).await?.unwrap_or(0) > 0)
}

/// Keeps a code that was just given out.
///
/// # Errors
/// See [`insert_app`].
pub async fn insert_code(conn: &mut Conn, hash: &SecretHash, code: &Code) -> Result<()> {
    conn.send(
        &INSERT_CODE,
        args![
            hash,
            code.app_id,
            code.account_id,
            &code.redirect_uri,
            code.scopes.to_string(),
            code.challenge.clone(),
            code.created_at
        ],
    )
    .await
}

/// The code with this hash, locked until the transaction ends.
///
/// # Errors
/// See [`insert_app`].
pub async fn code(conn: &mut Conn, hash: &SecretHash) -> Result<Option<Code>> {
    conn.optional(&CODE, args![hash]).await
}

/// The code with this hash, only looked at.
///
/// # Errors
/// See [`insert_app`].
pub async fn code_unlocked(conn: &mut Conn, hash: &SecretHash) -> Result<Option<Code>> {
    conn.optional(&PEEK_CODE, args![hash]).await
}

/// Notes that a code was redeemed for a token.
///
/// # Errors
/// See [`insert_app`].
pub async fn use_code(
    conn: &mut Conn,
    hash: &SecretHash,
    token: TokenId,
    now: Timestamp,
) -> Result<()> {
    conn.send(&USE_CODE, args![hash, now, token]).await
}

/// Forgets codes made before `before`.
///
/// # Errors
/// See [`insert_app`].
pub async fn sweep_codes(conn: &mut Conn, before: Timestamp) -> Result<u64> {
    conn.execute(&SWEEP_CODES, args![before]).await
}
