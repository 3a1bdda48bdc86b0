//! WebFinger, host-meta, NodeInfo, and other files with known names.

mod nodeinfo;
mod site;
mod webfinger;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};

use crate::routes::{Access, Route, get};

/// The same for everybody: it may be kept for a minute, and shown for a day while this server is
/// away.
const KEPT: HeaderValue =
    HeaderValue::from_static("public, max-age=60, stale-while-revalidate=60, stale-if-error=86400");

/// A document that everybody may keep for a moment.
fn kept(document: impl IntoResponse) -> Response {
    let mut response = document.into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, KEPT);
    response
}

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get("/.well-known/webfinger", Access::Open, webfinger::webfinger),
        get("/.well-known/host-meta", Access::Open, webfinger::host_meta),
        get("/.well-known/host-meta.json", Access::Open, webfinger::host_meta_json),
        get("/.well-known/nodeinfo", Access::Open, nodeinfo::links),
        get("/nodeinfo/2.0", Access::Open, nodeinfo::version_2_0),
        get("/nodeinfo/2.1", Access::Open, nodeinfo::version_2_1),
        get("/.well-known/change-password", Access::Open, site::change_password),
        get("/custom.css", Access::Open, site::custom_css),
        get("/manifest", Access::Open, site::manifest),
        get("/manifest.json", Access::Open, site::manifest),
    ]
}
