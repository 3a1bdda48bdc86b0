//! `/api/v1/tuskling/statuses/{id}/deliveries`: the author of a status sees which servers have it.
//! An extension of this server; Mastodon has nothing like it.

use app::delivery;
use axum::Json;
use axum::extract::State;
use domain::StatusId;

use crate::caller::User;
use crate::entity::{Delivery, Retried};
use crate::params::Id;
use crate::routes::{Access, Route, get, post};
use crate::{ApiError, Shared};

pub(crate) fn routes() -> Vec<Route> {
    let (read, write) = (Access::User(&["read:statuses"]), Access::User(&["write:statuses"]));
    vec![
        get("/api/v1/tuskling/statuses/{id}/deliveries", read, list),
        post("/api/v1/tuskling/statuses/{id}/deliveries/retry", write, retry),
    ]
}

async fn list(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<StatusId>,
) -> Result<Json<Vec<Delivery>>, ApiError> {
    let receipts = delivery::receipts(&app, &me, id).await?;
    Ok(Json(receipts.iter().map(Delivery::render).collect()))
}

async fn retry(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<StatusId>,
) -> Result<Json<Retried>, ApiError> {
    Ok(Json(Retried { retried: delivery::retry(&app, &me, id).await? }))
}
