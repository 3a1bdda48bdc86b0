//! `/.well-known/oauth-authorization-server` (RFC 8414): what this server can do of OAuth.

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use crate::Shared;

/// <https://docs.joinmastodon.org/methods/oauth/#authorization-server-metadata>
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Metadata {
    issuer: String,
    service_documentation: &'static str,
    authorization_endpoint: String,
    token_endpoint: String,
    app_registration_endpoint: String,
    revocation_endpoint: String,
    userinfo_endpoint: String,
    scopes_supported: &'static [&'static str],
    response_types_supported: [&'static str; 1],
    response_modes_supported: [&'static str; 1],
    code_challenge_methods_supported: [&'static str; 1],
    grant_types_supported: [&'static str; 2],
    token_endpoint_auth_methods_supported: [&'static str; 2],
}

pub(super) async fn show(State(app): State<Shared>) -> Json<Metadata> {
    let at = |path: &str| format!("{}{path}", app.urls.base);
    Json(Metadata {
        issuer: at("/"),
        service_documentation: "https://docs.joinmastodon.org/",
        authorization_endpoint: at("/oauth/authorize"),
        token_endpoint: at("/oauth/token"),
        app_registration_endpoint: at("/api/v1/apps"),
        revocation_endpoint: at("/oauth/revoke"),
        userinfo_endpoint: at("/oauth/userinfo"),
        scopes_supported: domain::scope::ALL,
        response_types_supported: ["code"],
        response_modes_supported: ["query"],
        code_challenge_methods_supported: ["S256"],
        grant_types_supported: ["authorization_code", "client_credentials"],
        token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
    })
}
