//! `POST /oauth/token` and `POST /oauth/revoke`.

use app::access::{self, NewToken, OAuthError, Redeem};
use axum::Json;
use axum::extract::State;
use domain::secret::Secret;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde::{Deserialize, Serialize};

use super::client::client;
use crate::entity::Empty;
use crate::params::Params;
use crate::{ApiError, Shared};

/// <https://docs.joinmastodon.org/entities/Token/>
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Token {
    access_token: String,
    token_type: &'static str,
    scope: String,
    created_at: i64,
}

impl Token {
    /// The only answer that holds a token in the clear.
    pub fn render(new: &NewToken) -> Self {
        Self {
            access_token: new.secret.reveal().to_owned(),
            token_type: "Bearer",
            scope: new.scopes.to_string(),
            created_at: new.created_at.seconds(),
        }
    }

    /// With the headers that keep it out of caches (RFC 6749 §5.1).
    pub fn answer(new: &NewToken) -> Answer {
        let kept = HeaderValue::from_static("private, no-store");
        ([(header::CACHE_CONTROL, kept)], Json(Self::render(new)))
    }
}

/// A token and the headers that it travels with.
pub(crate) type Answer = ([(HeaderName, HeaderValue); 1], Json<Token>);

#[derive(Deserialize)]
pub(super) struct TokenParams {
    grant_type: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    code: Option<String>,
    redirect_uri: Option<String>,
    code_verifier: Option<String>,
    scope: Option<String>,
}

pub(super) async fn create(
    State(app): State<Shared>,
    headers: HeaderMap,
    Params(params): Params<TokenParams>,
) -> Result<Answer, ApiError> {
    let grant = params.grant_type.as_deref().unwrap_or_default();
    if grant.is_empty() {
        return Err(OAuthError::InvalidRequest("Missing required parameter: grant_type").into());
    }
    if grant != "authorization_code" && grant != "client_credentials" {
        return Err(OAuthError::UnsupportedGrantType.into());
    }
    let client = client(&app, &headers, params.client_id, params.client_secret).await?;
    if grant == "client_credentials" {
        let scope = params.scope.unwrap_or_default();
        return Ok(Token::answer(&access::client_credentials(&app, &client, &scope).await?));
    }
    let code = params.code.filter(|code| !code.is_empty());
    let missing = |what| OAuthError::InvalidRequest(what);
    let redeem = Redeem {
        code: Secret::from_outside(
            code.ok_or_else(|| missing("Missing required parameter: code"))?,
        ),
        redirect_uri: params
            .redirect_uri
            .ok_or_else(|| missing("Missing required parameter: redirect_uri"))?,
        verifier: params.code_verifier.filter(|verifier| !verifier.is_empty()),
    };
    Ok(Token::answer(&access::redeem(&app, &client, redeem).await?))
}

#[derive(Deserialize)]
pub(super) struct RevokeParams {
    client_id: Option<String>,
    client_secret: Option<String>,
    token: Option<String>,
}

pub(super) async fn revoke(
    State(app): State<Shared>,
    headers: HeaderMap,
    Params(params): Params<RevokeParams>,
) -> Result<Json<Empty>, ApiError> {
    let client = match client(&app, &headers, params.client_id, params.client_secret).await {
        Ok(client) => client,
        // Mastodon's words for a revocation without proper credentials.
        Err(OAuthError::InvalidClient) => return Err(OAuthError::UnauthorizedClient.into()),
        Err(error) => return Err(error.into()),
    };
    let token = Secret::from_outside(params.token.unwrap_or_default());
    access::revoke(&app, &client, &token).await?;
    Ok(Json(Empty {}))
}
