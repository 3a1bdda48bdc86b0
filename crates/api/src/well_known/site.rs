//! Files that browsers and password managers look for: the way to a new password, the manifest of the web
//! app, and the style sheet that staff of a Mastodon may add to.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use http::header;
use serde_json::json;

use crate::{ApiError, Shared};

/// <https://w3c.github.io/webappsec-change-password-url/>
pub(super) async fn change_password() -> Redirect {
    Redirect::to("/auth/password/new")
}

/// There is nothing to add: pages have one style.
pub(super) async fn custom_css() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], "").into_response()
}

/// <https://www.w3.org/TR/appmanifest/>
pub(super) async fn manifest(State(app): State<Shared>) -> Result<Response, ApiError> {
    let about = app::instance::about(&app).await?;
    let body = json!({
        "id": "/",
        "name": about.title,
        "short_name": about.title,
        "description": about.description,
        "icons": [{ "src": "/assets/logo.svg", "sizes": "any", "type": "image/svg+xml" }],
        "theme_color": "#191b22",
        "background_color": "#191b22",
        "display": "standalone",
        "start_url": "/",
        "scope": "/",
    });
    let kind = [(header::CONTENT_TYPE, "application/manifest+json; charset=utf-8")];
    Ok((kind, Json(body)).into_response())
}
