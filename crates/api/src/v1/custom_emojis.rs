//! `/api/v1/custom_emojis`

use axum::Json;
use axum::extract::State;

use crate::Shared;
use crate::entity::CustomEmoji;
use crate::routes::{Access, Route, get};

pub(crate) fn routes() -> Vec<Route> {
    vec![get("/api/v1/custom_emojis", Access::Open, list)]
}

/// From memory: nothing is asked of the database.
async fn list(State(app): State<Shared>) -> Json<Vec<CustomEmoji>> {
    Json(app.emojis.get().0.values().map(CustomEmoji::render).collect())
}
