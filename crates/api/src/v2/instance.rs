//! `/api/v2/instance`

use axum::Json;
use axum::extract::State;

use crate::entity::Render;
use crate::entity::instance::V2Instance;
use crate::routes::{Access, Route, get};
use crate::v1::instance::facts;
use crate::{ApiError, Shared};

pub(crate) fn routes() -> Vec<Route> {
    vec![get("/api/v2/instance", Access::Open, show)]
}

async fn show(State(app): State<Shared>) -> Result<Json<V2Instance>, ApiError> {
    let render = Render::new(&app);
    facts(&app, |facts| V2Instance::render(facts, &render)).await.map(Json)
}
