//! `/api/v1/announcements`

use app::announcements;
use axum::Json;
use axum::extract::State;
use domain::RowId;

use crate::caller::User;
use crate::entity::{Announcement, Empty, Render};
use crate::params::{Id, Part};
use crate::routes::{Access, Route, delete, get, post, put};
use crate::{ApiError, Shared};

const REACTION: &str = "/api/v1/announcements/{id}/reactions/{name}";

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get("/api/v1/announcements", Access::User(&[]), current),
        post("/api/v1/announcements/{id}/dismiss", Access::User(&["write:accounts"]), dismiss),
        put(REACTION, Access::User(&["write:favourites"]), react),
        delete(REACTION, Access::User(&["write:favourites"]), unreact),
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
) -> Result<Json<Empty>, ApiError> {
    announcements::dismiss(&app, me.id(), id).await?;
    Ok(Json(Empty {}))
}

async fn react(
    State(app): State<Shared>,
    User(me): User,
    Part(id, name): Part<RowId>,
) -> Result<Json<Empty>, ApiError> {
    announcements::react(&app, me.id(), id, &name).await?;
    Ok(Json(Empty {}))
}

async fn unreact(
    State(app): State<Shared>,
    User(me): User,
    Part(id, name): Part<RowId>,
) -> Result<Json<Empty>, ApiError> {
    announcements::unreact(&app, me.id(), id, &name).await?;
    Ok(Json(Empty {}))
}
