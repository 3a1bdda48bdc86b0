//! `/api/v1/apps`

use app::access::{self, Client, NewApp};
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use crate::caller::Token;
use crate::params::Params;
use crate::routes::{Access, Route, get, post};
use crate::{ApiError, Shared};

pub(crate) fn routes() -> Vec<Route> {
    vec![
        post("/api/v1/apps", Access::Open, create),
        get("/api/v1/apps/verify_credentials", Access::AppOrUser(&[]), verify_credentials),
    ]
}

/// <https://docs.joinmastodon.org/entities/Application/>
#[derive(Debug, Serialize)]
struct Application {
    id: String,
    name: String,
    website: Option<String>,
    scopes: Vec<&'static str>,
    redirect_uris: Vec<String>,
    redirect_uri: String,
    vapid_key: String,
}

/// <https://docs.joinmastodon.org/entities/Application/#CredentialApplication>
#[derive(Debug, Serialize)]
struct CredentialApplication {
    #[serde(flatten)]
    application: Application,
    client_id: String,
    client_secret: String,
    client_secret_expires_at: i64,
}

impl Application {
    fn render(client: &Client) -> Self {
        Self {
            id: client.id.to_string(),
            name: client.name.clone(),
            website: client.website.clone(),
            scopes: client.scopes.iter().collect(),
            redirect_uri: client.redirect_uris.join("\n"),
            redirect_uris: client.redirect_uris.clone(),
            // Web push is not built yet; an empty key tells clients so.
            vapid_key: String::new(),
        }
    }
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
    Ok(Json(CredentialApplication {
        application: Application::render(&registered.client),
        client_id: registered.client.client_id.clone(),
        client_secret: registered.secret.reveal().to_owned(),
        client_secret_expires_at: 0,
    }))
}

async fn verify_credentials(
    State(app): State<Shared>,
    Token(caller): Token,
) -> Result<Json<Application>, ApiError> {
    let client = match caller.token.app_id {
        Some(id) => Some(access::client_by_id(&app, id).await?),
        None => None,
    };
    Ok(Json(match client {
        Some(client) => Application::render(&client),
        // A token of the command line was given to no app.
        None => Application {
            id: "0".into(),
            name: "tuskling".into(),
            website: None,
            scopes: caller.token.scopes.iter().collect(),
            redirect_uris: Vec::new(),
            redirect_uri: String::new(),
            vapid_key: String::new(),
        },
    }))
}
