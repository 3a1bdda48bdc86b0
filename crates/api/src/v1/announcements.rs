//! `/api/v1/announcements`

use app::announcements;
use axum::Json;
use axum::extract::State;
use domain::RowId;
use serde_json::{Value, json};

use crate::caller::User;
use crate::entity::{Announcement, Render};
use crate::params::Id;
use crate::routes::{Access, Route, get, post};
use crate::{ApiError, Shared};

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get("/api/v1/announcements", Access::User(&[]), current),
        post("/api/v1/announcements/{id}/dismiss", Access::User(&["write:accounts"]), dismiss),
    ]
}

async fn current(
    State(app): State<Shared>,
    User(me): User,
) -> Result<Json<Vec<Announcement>>, ApiError> {
    let current = announcements::current(&app, me.id()).await?;
    let render = Render::new(&app);
    Ok(Json(current.iter().map(|one| Announcement::render(one, &render)).collect()))
}

async fn dismiss(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<RowId>,
) -> Result<Json<Value>, ApiError> {
    announcements::dismiss(&app, me.id(), id).await?;
    Ok(Json(json!({})))
}
