//! What browsers and password managers look for by names that Mastodon has: the way to a new password, the
//! manifest of the web app, and the style sheet that staff of a Mastodon may add to.

use axum::response::{IntoResponse, Redirect, Response};
use http::header;

/// <https://w3c.github.io/webappsec-change-password-url/>
pub(super) async fn change_password() -> Redirect {
    Redirect::to("/settings/security")
}

/// There is nothing to add: pages have one style.
pub(super) async fn custom_css() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], "").into_response()
}

/// The manifest is one of the pages.
pub(super) async fn manifest() -> Redirect {
    Redirect::permanent("/manifest.webmanifest")
}
