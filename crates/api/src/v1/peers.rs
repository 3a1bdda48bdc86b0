//! `/api/v1/peers/search`: names of other servers, completed.

use app::instance;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use crate::params::Params;
use crate::routes::{Access, Route, get};
use crate::{ApiError, Shared};

pub(crate) fn routes() -> Vec<Route> {
    vec![get("/api/v1/peers/search", Access::Open, search)]
}

#[derive(Deserialize)]
struct Query {
    #[serde(default)]
    q: String,
}

async fn search(
    State(app): State<Shared>,
    Params(query): Params<Query>,
) -> Result<Json<Vec<String>>, ApiError> {
    Ok(Json(instance::find_peers(&app, &query.q).await?))
}
