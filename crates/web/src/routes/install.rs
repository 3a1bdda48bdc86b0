//! What browsers and robots ask for by fixed names: the manifest that makes the client installable, and
//! which pages are not for search engines.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header;
use serde_json::json;

use super::{Shared, site};
use crate::paths;
use crate::routes::answer::Refusal;

/// <https://www.w3.org/TR/appmanifest/>
pub(super) async fn manifest(State(app): State<Shared>) -> Result<Response, Refusal> {
    let title = site(&app).await?.title;
    let short: String = title.chars().take(16).collect();
    let icon = |name: &str, sizes: &str, kind: &str, purpose: &str| json!({"src": crate::assets::url(name), "sizes": sizes, "type": kind, "purpose": purpose});
    let manifest = json!({
        "id": paths::HOME,
        "name": title,
        "short_name": short,
        "start_url": paths::HOME,
        "scope": "/",
        "display": "standalone",
        "background_color": "#faf6ee",
        "theme_color": "#faf6ee",
        "icons": [
            icon("icon-192.png", "192x192", "image/png", "any maskable"),
            icon("icon-512.png", "512x512", "image/png", "any maskable"),
            icon("logo.svg", "any", "image/svg+xml", "any"),
        ],
        "shortcuts": [
            {"name": crate::t().new_post, "url": paths::COMPOSE},
            {"name": crate::t().notifications, "url": paths::NOTIFICATIONS},
        ],
        "share_target": {
            "action": paths::COMPOSE,
            "method": "GET",
            "enctype": "application/x-www-form-urlencoded",
            "params": {"text": "text"},
        },
    });
    let headers = [
        (header::CONTENT_TYPE, "application/manifest+json"),
        (header::CACHE_CONTROL, "public, max-age=3600"),
        (header::VARY, "Accept-Language, Cookie"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((headers, manifest.to_string()).into_response())
}

/// Pages that are for people who are signed in, and files that belong to others. What an account does
/// not want to be found says so on its own page.
const ROBOTS: &str = "User-agent: *
Disallow: /api/
Disallow: /auth/
Disallow: /oauth/
Disallow: /media/remote/
Disallow: /home
Disallow: /search
Disallow: /settings
Disallow: /compose
Disallow: /posts/
Disallow: /people/
Disallow: /dashboard
";

/// RFC 9309.
pub(super) async fn robots() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=3600"),
    ];
    (headers, ROBOTS).into_response()
}
