//! What software this is and how many use it. <https://nodeinfo.diaspora.software/protocol>

use app::instance;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use config::RegistrationsMode;
use http::header;
use serde_json::{Value, json};

use super::kept;
use crate::{ApiError, Shared};

/// The numbers of the schemas.
const VERSIONS: [&str; 2] = ["2.0", "2.1"];

pub(super) async fn links(State(app): State<Shared>) -> Response {
    let links = VERSIONS.map(|version| {
        json!({
            "rel": format!("http://nodeinfo.diaspora.software/ns/schema/{version}"),
            "href": format!("{}/nodeinfo/{version}", app.urls.base),
        })
    });
    kept(Json(json!({ "links": links })))
}

pub(super) async fn version_2_0(State(app): State<Shared>) -> Result<Response, ApiError> {
    document(&app, "2.0").await
}

pub(super) async fn version_2_1(State(app): State<Shared>) -> Result<Response, ApiError> {
    document(&app, "2.1").await
}

async fn document(app: &Shared, version: &str) -> Result<Response, ApiError> {
    let (about, counts) = (instance::about(app).await?, instance::counts(app).await?);
    let mut software = json!({ "name": "tuskling", "version": env!("CARGO_PKG_VERSION") });
    if version == "2.1"
        && let Value::Object(entries) = &mut software
    {
        entries.insert("repository".into(), env!("CARGO_PKG_REPOSITORY").into());
    }
    let body = json!({
        "version": version,
        "software": software,
        "protocols": ["activitypub"],
        "services": { "inbound": [], "outbound": [] },
        "openRegistrations": app.config.registrations.mode == RegistrationsMode::Open,
        "usage": {
            "users": {
                "total": counts.users,
                "activeMonth": counts.active_month,
                "activeHalfyear": counts.active_half_year,
            },
            "localPosts": counts.statuses,
        },
        "metadata": { "nodeName": about.title, "nodeDescription": about.description },
    });
    let content_type = format!(
        "application/json; profile=\"http://nodeinfo.diaspora.software/ns/schema/{version}#\"; charset=utf-8"
    );
    Ok(kept(([(header::CONTENT_TYPE, content_type)], Json(body))))
}
