//! `/api/v1/apps`

use app::access::{self, NewApp};
use app::push;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use crate::caller::Token;
use crate::entity::{Application, CredentialApplication};
use crate::params::Params;
use crate::routes::{Access, Route, get, post};
use crate::{ApiError, Shared};

pub(crate) fn routes() -> Vec<Route> {
    vec![
        post("/api/v1/apps", Access::Open, create),
        get("/api/v1/apps/verify_credentials", Access::AppOrUser(&[]), verify_credentials),
    ]
}

#[derive(Deserialize)]
struct CreateParams {
    #[serde(default)]
    client_name: String,
    #[serde(default)]
    redirect_uris: Vec<String>,
    #[serde(default)]
    scopes: Option<String>,
    #[serde(default)]
    website: Option<String>,
}

async fn create(
    State(app): State<Shared>,
    Params(params): Params<CreateParams>,
) -> Result<Json<CredentialApplication>, ApiError> {
    let new = NewApp {
        name: params.client_name,
        // One text may hold several addresses.
        redirect_uris: params
            .redirect_uris
            .iter()
            .flat_map(|text| text.split_whitespace())
            .map(str::to_owned)
            .collect(),
        scopes: params.scopes.unwrap_or_default(),
        website: params.website,
    };
    let registered = access::register(&app, new).await?;
    let vapid_key = push::server_key(&app).await?;
    Ok(Json(CredentialApplication::render(&registered, vapid_key)))
}

async fn verify_credentials(
    State(app): State<Shared>,
    Token(caller): Token,
) -> Result<Json<Application>, ApiError> {
    let client = match caller.token.app_id {
        Some(id) => Some(access::client_by_id(&app, id).await?),
        None => None,
    };
    let vapid_key = push::server_key(&app).await?;
    Ok(Json(match client {
        Some(client) => Application::render(&client, vapid_key),
        // A token of the command line was given to no app.
        None => Application::of_command_line(&caller.token.scopes, vapid_key),
    }))
}
