//! The apps that people sign in with. <https://docs.joinmastodon.org/entities/Application/>

use app::access::{Client, Registered};
use domain::scope::Scopes;
use serde::Serialize;

/// An app as a token's holder may know it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Application {
    id: String,
    name: String,
    website: Option<String>,
    scopes: Vec<&'static str>,
    redirect_uris: Vec<String>,
    redirect_uri: String,
    vapid_key: String,
}

impl Application {
    pub fn render(client: &Client, vapid_key: String) -> Self {
        Self {
            id: client.id.to_string(),
            name: client.name.clone(),
            website: client.website.clone(),
            scopes: client.scopes.iter().collect(),
            redirect_uri: client.redirect_uris.join("\n"),
            redirect_uris: client.redirect_uris.clone(),
            vapid_key,
        }
    }

    /// What stands in for an app where a token was made on the command line.
    pub fn of_command_line(scopes: &Scopes, vapid_key: String) -> Self {
        Self {
            id: "0".into(),
            name: "tuskling".into(),
            website: None,
            scopes: scopes.iter().collect(),
            redirect_uris: Vec::new(),
            redirect_uri: String::new(),
            vapid_key,
        }
    }
}

/// An app as it is told once, with its secret.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct CredentialApplication {
    #[serde(flatten)]
    application: Application,
    client_id: String,
    client_secret: String,
    client_secret_expires_at: i64,
}

impl CredentialApplication {
    pub fn render(registered: &Registered, vapid_key: String) -> Self {
        Self {
            application: Application::render(&registered.client, vapid_key),
            client_id: registered.client.client_id.clone(),
            client_secret: registered.secret.reveal().to_owned(),
            client_secret_expires_at: 0,
        }
    }
}
