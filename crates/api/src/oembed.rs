//! `/api/oembed`: how a page elsewhere shows a public status of this server. <https://oembed.com>

use app::statuses;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use crate::entity::{OEmbed, Render};
use crate::params::Params;
use crate::routes::{Access, Route, get};
use crate::{ApiError, Shared};

pub(crate) fn routes() -> Vec<Route> {
    vec![get("/api/oembed", Access::Open, show)]
}

#[derive(Deserialize)]
struct Query {
    #[serde(default)]
    url: String,
    #[serde(default)]
    maxwidth: Option<i64>,
    #[serde(default)]
    maxheight: Option<i64>,
}

async fn show(
    State(app): State<Shared>,
    Params(query): Params<Query>,
) -> Result<Json<OEmbed>, ApiError> {
    let view = statuses::at_address(&app, query.url.trim()).await?;
    let bound = |wanted: Option<i64>| wanted.filter(|wanted| (1..=10_000).contains(wanted));
    let (width, height) = (bound(query.maxwidth), bound(query.maxheight));
    Ok(Json(OEmbed::render(&view, width, height, &Render::new(&app))))
}
