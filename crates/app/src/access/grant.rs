//! Tokens for codes and for apps themselves, and taking them back (RFC 6749 §4.1.3, RFC 7009).

use domain::AccountId;
use domain::event::Event;
use domain::scope::Scopes;
use domain::secret::{Secret, sha256_base64url};
use domain::time::MINUTE;
use store::access::{self, Code};
use store::{Conn, StoreError, accounts, users};

use super::apps::Client;
use super::token::{self, NewToken, create_token};
use crate::{App, AppError, Result};

/// How long a code may wait.
const CODE_LIFE: i64 = 10 * MINUTE;

/// What OAuth refuses (RFC 6749 §4.1.2.1, §5.2).
#[derive(Debug, thiserror::Error)]
pub enum OAuthError {
    /// No such app, or not its secret.
    #[error(
        "Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method."
    )]
    InvalidClient,
    /// The redirect address is not registered.
    #[error("The redirect uri included is not valid.")]
    InvalidRedirect,
    /// Code, verifier or address do not fit.
    #[error(
        "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client."
    )]
    InvalidGrant,
    /// An unknown scope, or more than the app registered.
    #[error("The requested scope is invalid, unknown, or malformed.")]
    InvalidScope,
    /// A parameter is missing or malformed.
    #[error("The request is missing a required parameter or is otherwise malformed: {0}.")]
    InvalidRequest(&'static str),
    /// Another grant than the two.
    #[error("The authorization grant type is not supported by the authorization server.")]
    UnsupportedGrantType,
    /// Another answer than a code.
    #[error("The authorization server does not support this response type.")]
    UnsupportedResponseType,
    /// The token is another app's.
    #[error("You are not authorized to revoke this token")]
    UnauthorizedClient,
    /// Something that is not the client's fault.
    #[error(transparent)]
    App(#[from] AppError),
}

impl From<StoreError> for OAuthError {
    fn from(error: StoreError) -> Self {
        Self::App(error.into())
    }
}

impl OAuthError {
    /// The code of RFC 6749; `None` for what is our own fault.
    #[must_use]
    pub fn code(&self) -> Option<&'static str> {
        Some(match self {
            Self::InvalidClient => "invalid_client",
            Self::InvalidRedirect => "invalid_redirect_uri",
            Self::InvalidGrant => "invalid_grant",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidRequest(_) => "invalid_request",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::App(_) => return None,
        })
    }
}

/// A code with what must go with it.
#[derive(Debug)]
pub struct Redeem {
    /// The code.
    pub code: Secret,
    /// As in the authorisation request.
    pub redirect_uri: String,
    /// PKCE; needed when the request had a challenge.
    pub verifier: Option<String>,
}

enum Redeemed {
    Token,
    /// The code was used before; the token it gave is revoked (A01).
    Again(AccountId),
}

/// Exchanges a code for a token. A code that comes twice has leaked: its token ends.
///
/// # Errors
/// [`OAuthError::InvalidGrant`] for every way in which the code does not fit.
pub async fn redeem(app: &App, client: &Client, redeem: Redeem) -> Result<NewToken, OAuthError> {
    let now = app.now();
    let hash = redeem.code.hash();
    let client = client.id;
    let peeked = hash.clone();
    let code = app
        .read(move |conn| Box::pin(async move { access::code_unlocked(conn, &peeked).await }))
        .await
        .map_err(AppError::Store)?
        .ok_or(OAuthError::InvalidGrant)?;
    let (row, secret) = token::prepare(app, Some(code.account_id), Some(client), code.scopes);
    let new = NewToken { secret: secret.clone(), scopes: row.scopes.clone(), created_at: now };
    let outcome = app
        .write(move |conn| {
            Box::pin(async move {
                let code = access::code(conn, &hash).await?.ok_or(OAuthError::InvalidGrant)?;
                if code.app_id != client {
                    return Err(OAuthError::InvalidGrant);
                }
                if code.used_at.is_some() {
                    if let Some(token) = code.token_id {
                        access::revoke(conn, token, now).await?;
                    }
                    return Ok(Redeemed::Again(code.account_id));
                }
                if now.since(code.created_at) > CODE_LIFE || !fits(&code, &redeem) {
                    return Err(OAuthError::InvalidGrant);
                }
                check_owner(conn, code.account_id).await?;
                token::insert(conn, &row, &secret).await?;
                access::use_code(conn, &hash, row.id, now).await?;
                Ok(Redeemed::Token)
            })
        })
        .await?;
    match outcome {
        Redeemed::Token => Ok(new),
        Redeemed::Again(account) => {
            app.publish(vec![Event::AccessChanged { account }]).await;
            Err(OAuthError::InvalidGrant)
        }
    }
}

fn fits(code: &Code, redeem: &Redeem) -> bool {
    let proven = match (&code.challenge, &redeem.verifier) {
        (Some(challenge), Some(verifier)) => sha256_base64url(verifier.as_bytes()) == *challenge,
        (Some(_), None) => false,
        // RFC 9700 §2.1.1: a verifier without a challenge is a downgrade attack.
        (None, Some(_)) => false,
        (None, None) => true,
    };
    proven && code.redirect_uri == redeem.redirect_uri
}

/// Whoever consented may have been shut out since.
async fn check_owner(conn: &mut Conn, id: AccountId) -> Result<(), OAuthError> {
    let account = accounts::by_id(conn, id).await?.ok_or(OAuthError::InvalidGrant)?;
    let user = users::by_account(conn, id).await?.ok_or(OAuthError::InvalidGrant)?;
    if account.suspended_at.is_some() || user.disabled {
        return Err(OAuthError::InvalidGrant);
    }
    Ok(())
}

/// A token of the app itself.
///
/// # Errors
/// [`OAuthError::InvalidScope`] for more than it registered.
pub async fn client_credentials(
    app: &App,
    client: &Client,
    scope: &str,
) -> Result<NewToken, OAuthError> {
    let scope = if scope.trim().is_empty() { "read" } else { scope };
    let scopes = Scopes::parse(scope).map_err(|_| OAuthError::InvalidScope)?;
    if !scopes.within(&client.scopes) {
        return Err(OAuthError::InvalidScope);
    }
    Ok(create_token(app, None, Some(client.id), scopes).await?)
}

/// Takes a token back. A token that is not known is as good as revoked.
///
/// # Errors
/// [`OAuthError::UnauthorizedClient`] when it was given to another app.
pub async fn revoke(app: &App, client: &Client, token: &Secret) -> Result<(), OAuthError> {
    let now = app.now();
    let (hash, client) = (token.hash(), client.id);
    let owner = app
        .write(move |conn| {
            Box::pin(async move {
                let Some(token) = access::token(conn, &hash).await? else { return Ok(None) };
                if token.app_id != Some(client) {
                    return Err(OAuthError::UnauthorizedClient);
                }
                access::revoke(conn, token.id, now).await?;
                Ok(token.account_id)
            })
        })
        .await?;
    if let Some(account) = owner {
        app.publish(vec![Event::AccessChanged { account }]).await;
    }
    Ok(())
}

/// The token behind a secret, if it was given to this app and still opens something.
///
/// # Errors
/// [`AppError::Store`].
pub async fn inspect(
    app: &App,
    client: &Client,
    token: &Secret,
) -> Result<Option<access::Token>, AppError> {
    let (hash, client) = (token.hash(), client.id);
    let found = app
        .read(move |conn| {
            Box::pin(async move { Ok::<_, AppError>(access::token(conn, &hash).await?) })
        })
        .await?;
    Ok(found.filter(|token| token.app_id == Some(client) && token.revoked_at.is_none()))
}
