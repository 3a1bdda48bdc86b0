//! What a token is good for: for the app it was given to (RFC 7662) and for whoever holds it.

use app::access::{Client, client_by_id, inspect};
use axum::Json;
use axum::extract::State;
use domain::secret::Secret;
use http::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};

use super::client::client;
use crate::caller::Token;
use crate::params::Params;
use crate::{ApiError, Shared};

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    token: String,
    #[serde(default)]
    client_id: Option<String>,
    #[serde(default)]
    client_secret: Option<String>,
}

/// A token of another app is as unknown as one that never was.
pub(super) async fn introspect(
    State(app): State<Shared>,
    headers: HeaderMap,
    Params(asked): Params<Asked>,
) -> Result<Json<Value>, ApiError> {
    let client: Client = client(&app, &headers, asked.client_id, asked.client_secret).await?;
    let found = inspect(&app, &client, &Secret::from_outside(asked.token)).await?;
    Ok(Json(match found {
        None => json!({ "active": false }),
        Some(token) => json!({
            "active": true,
            "scope": token.scopes.to_string(),
            "client_id": client.client_id,
            "token_type": "Bearer",
            "exp": null,
            "iat": token.created_at.seconds(),
        }),
    }))
}

pub(super) async fn info(
    State(app): State<Shared>,
    Token(caller): Token,
) -> Result<Json<Value>, ApiError> {
    let client = match caller.token.app_id {
        Some(id) => Some(client_by_id(&app, id).await?.client_id),
        None => None,
    };
    Ok(Json(json!({
        "resource_owner_id": caller.me.as_ref().map(|me| me.id().to_string()),
        "scope": caller.token.scopes.iter().collect::<Vec<_>>(),
        "expires_in": null,
        "application": { "uid": client },
        "created_at": caller.token.created_at.seconds(),
    })))
}
