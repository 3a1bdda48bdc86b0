//! OAuth 2 for programs: token, revoke, userinfo, metadata (RFC 6749, RFC 7009, RFC 7636, RFC 8414).
//! The pages on which a person consents are in `web`.

mod client;
mod inspect;
mod metadata;
mod token;
mod userinfo;

use app::access::{Limited, OAuthError};
use http::StatusCode;

use crate::ApiError;
use crate::routes::{Access, Route, get, post};

pub(crate) use client::Origin;
pub(crate) use token::{Answer, Token};

pub(crate) fn routes() -> Vec<Route> {
    const PROFILE: Access = Access::User(&["profile"]);
    vec![
        post("/oauth/token", Access::Open, token::create),
        post("/oauth/revoke", Access::Open, token::revoke),
        post("/oauth/introspect", Access::Open, inspect::introspect),
        get("/oauth/token/info", Access::AppOrUser(&[]), inspect::info),
        get("/oauth/userinfo", PROFILE, userinfo::show),
        post("/oauth/userinfo", PROFILE, userinfo::show),
        get("/.well-known/oauth-authorization-server", Access::Open, metadata::show),
    ]
}

impl From<OAuthError> for ApiError {
    fn from(error: OAuthError) -> Self {
        let text = error.to_string();
        let code = error.code().unwrap_or_default();
        match error {
            OAuthError::App(cause) => cause.into(),
            OAuthError::InvalidClient => Self::oauth(StatusCode::UNAUTHORIZED, code, &text),
            OAuthError::UnauthorizedClient => Self::oauth(StatusCode::FORBIDDEN, code, &text),
            OAuthError::InvalidRedirect
            | OAuthError::InvalidGrant
            | OAuthError::InvalidScope
            | OAuthError::InvalidRequest(_)
            | OAuthError::UnsupportedGrantType
            | OAuthError::UnsupportedResponseType => {
                Self::oauth(StatusCode::BAD_REQUEST, code, &text)
            }
        }
    }
}

impl From<Limited> for ApiError {
    fn from(_: Limited) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "Too many requests")
    }
}
