//! `/api/v1/markers`

use std::collections::BTreeMap;

use app::markers::{self, TIMELINES};
use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use crate::caller::User;
use crate::entity::Marker;
use crate::params::Params;
use crate::routes::{Access, Route, get, post};
use crate::{ApiError, Shared};

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get("/api/v1/markers", Access::User(&["read:statuses"]), show),
        post("/api/v1/markers", Access::User(&["write:statuses"]), write),
    ]
}

type Markers = BTreeMap<String, Marker>;

fn rendered(markers: Vec<markers::Marker>) -> Json<Markers> {
    let entries = markers.into_iter().map(|marker| {
        let shown = Marker::render(&marker);
        (marker.timeline, shown)
    });
    Json(entries.collect())
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    timeline: Vec<String>,
}

async fn show(
    State(app): State<Shared>,
    User(me): User,
    Params(wanted): Params<Wanted>,
) -> Result<Json<Markers>, ApiError> {
    let mut timelines = wanted.timeline;
    timelines.retain(|name| TIMELINES.contains(&name.as_str()));
    Ok(rendered(markers::get(&app, me.id(), timelines).await?))
}

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    home: Option<Read>,
    #[serde(default)]
    notifications: Option<Read>,
}

#[derive(Deserialize)]
struct Read {
    last_read_id: i64,
}

async fn write(
    State(app): State<Shared>,
    User(me): User,
    Params(body): Params<Body>,
) -> Result<Json<Markers>, ApiError> {
    let [home, notifications] = TIMELINES;
    let read = [(home, body.home), (notifications, body.notifications)]
        .into_iter()
        .filter_map(|(timeline, read)| Some((timeline, read?.last_read_id)))
        .collect();
    Ok(rendered(markers::set(&app, me.id(), read).await?))
}
