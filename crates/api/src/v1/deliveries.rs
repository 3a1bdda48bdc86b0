//! `/api/v1/tuskling/statuses/{id}/deliveries`: the author of a status sees which servers have it.
//! An extension of this server; Mastodon has nothing like it.

use app::delivery;
use axum::Json;
use axum::extract::{OriginalUri, State};
use domain::StatusId;

use crate::caller::User;
use crate::entity::{Delivery, Retried};
use crate::pagination::{Cursor, Links, Listed, Style};
use crate::params::{Id, Params};
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
    uri: OriginalUri,
    Id(id): Id<StatusId>,
    Params(cursor): Params<Cursor>,
) -> Result<Listed<Delivery>, ApiError> {
    let page = cursor.page(100);
    let receipts = delivery::receipts(&app, &me, id, page).await?;
    let cursors: Vec<i64> = receipts.iter().map(|receipt| receipt.id.0).collect();
    let links = Links::new(&app, &uri, &page, &cursors, Style::Statuses);
    let list: Vec<Delivery> = receipts.iter().map(Delivery::render).collect();
    Ok((links, Json(list)))
}

async fn retry(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<StatusId>,
) -> Result<Json<Retried>, ApiError> {
    Ok(Json(Retried { retried: delivery::retry(&app, &me, id).await? }))
}
