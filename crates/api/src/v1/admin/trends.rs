//! Trends for staff. Nothing is counted as a trend here: the lists are empty, and there is nothing that
//! could be let in or kept out.

use axum::Json;
use axum::extract::State;
use domain::permission::Permission;
use serde_json::Value;

use crate::pagination::{Cursor, Offset};
use crate::params::Params;
use crate::routes::{Access, Route, get, post};
use crate::{ApiError, Shared};

pub(crate) fn routes() -> Vec<Route> {
    const MANAGE: Permission = Permission::ManageTaxonomies;
    const READ: Access = Access::Admin(MANAGE, &["admin:read"]);
    const WRITE: Access = Access::Admin(MANAGE, &["admin:write"]);
    vec![
        get("/api/v1/admin/trends/links", READ, none),
        post("/api/v1/admin/trends/links/{id}/approve", WRITE, missing),
        post("/api/v1/admin/trends/links/{id}/reject", WRITE, missing),
        get("/api/v1/admin/trends/links/publishers", READ, no_publishers),
        post("/api/v1/admin/trends/links/publishers/{id}/approve", WRITE, missing),
        post("/api/v1/admin/trends/links/publishers/{id}/reject", WRITE, missing),
        get("/api/v1/admin/trends/statuses", READ, none),
        post("/api/v1/admin/trends/statuses/{id}/approve", WRITE, missing),
        post("/api/v1/admin/trends/statuses/{id}/reject", WRITE, missing),
        get("/api/v1/admin/trends/tags", READ, none),
        post("/api/v1/admin/trends/tags/{id}/approve", WRITE, missing),
        post("/api/v1/admin/trends/tags/{id}/reject", WRITE, missing),
    ]
}

async fn none(Params(offset): Params<Offset>) -> Result<Json<Vec<Value>>, ApiError> {
    offset.stretch(20)?;
    Ok(Json(Vec::new()))
}

async fn no_publishers(_: State<Shared>, Params(_): Params<Cursor>) -> Json<Vec<Value>> {
    Json(Vec::new())
}

async fn missing() -> ApiError {
    ApiError::not_found()
}
