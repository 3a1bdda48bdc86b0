//! `/api/v1/trends`: nothing is counted as a trend here, so the lists are empty.

use axum::Json;
use serde_json::Value;

use crate::ApiError;
use crate::pagination::Offset;
use crate::params::Params;
use crate::routes::{Access, Route, get};

pub(crate) fn routes() -> Vec<Route> {
    let anybody = Access::Optional(&[]);
    vec![
        get("/api/v1/trends", anybody, none),
        get("/api/v1/trends/tags", anybody, none),
        get("/api/v1/trends/links", anybody, none),
        get("/api/v1/trends/statuses", anybody, none),
    ]
}

async fn none(Params(offset): Params<Offset>) -> Result<Json<Vec<Value>>, ApiError> {
    offset.stretch(20)?;
    Ok(Json(Vec::new()))
}
