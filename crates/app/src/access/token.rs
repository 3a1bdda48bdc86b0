//! Making access tokens.

use domain::scope::Scopes;
use domain::secret::Secret;
use domain::{AccountId, AppId, Timestamp};
use store::access::Token;
use store::{Conn, access};

use crate::{App, Result};

/// A token that was just made: the only moment its secret is known.
#[derive(Debug)]
pub struct NewToken {
    /// Hand it to its owner.
    pub secret: Secret,
    /// What was stored.
    pub scopes: Scopes,
    /// When.
    pub created_at: Timestamp,
}

/// Makes a token for an account, an app, or an account through an app.
///
/// # Errors
/// [`crate::AppError::Store`].
pub async fn create_token(
    app: &App,
    account: Option<AccountId>,
    through: Option<AppId>,
    scopes: Scopes,
) -> Result<NewToken> {
    let (token, secret) = prepare(app, account, through, scopes);
    let new = NewToken {
        secret: secret.clone(),
        scopes: token.scopes.clone(),
        created_at: token.created_at,
    };
    app.write(move |conn| Box::pin(async move { insert(conn, &token, &secret).await })).await?;
    Ok(new)
}

/// A token's row and secret, not stored yet: for callers that store it in their own transaction.
pub(crate) fn prepare(
    app: &App,
    account: Option<AccountId>,
    through: Option<AppId>,
    scopes: Scopes,
) -> (Token, Secret) {
    let token = Token {
        id: app.ids.next(),
        app_id: through,
        account_id: account,
        scopes,
        created_at: app.now(),
        last_used_at: None,
        revoked_at: None,
    };
    (token, Secret::generate(app.random.as_ref()))
}

/// Stores a token in the caller's transaction.
pub(crate) async fn insert(conn: &mut Conn, token: &Token, secret: &Secret) -> Result<()> {
    Ok(access::insert_token(conn, &secret.hash(), token).await?)
}
