//! `/api/v1/scheduled_statuses`

use app::scheduled;
use axum::Json;
use axum::extract::{OriginalUri, State};
use domain::{RowId, Timestamp};
use serde::Deserialize;

use crate::caller::User;
use crate::entity::{Empty, Render, ScheduledStatus};
use crate::pagination::{Cursor, Links, Listed, Style};
use crate::params::{Id, Params};
use crate::routes::{Access, Route, delete, get, put};
use crate::{ApiError, Shared};

const READ: Access = Access::User(&["read:statuses"]);
const WRITE: Access = Access::User(&["write:statuses"]);

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get("/api/v1/scheduled_statuses", READ, all),
        get("/api/v1/scheduled_statuses/{id}", READ, show),
        put("/api/v1/scheduled_statuses/{id}", WRITE, move_to),
        delete("/api/v1/scheduled_statuses/{id}", WRITE, cancel),
    ]
}

/// A time as a client sends it; empty is none.
pub(crate) fn time(text: Option<&str>) -> Result<Option<Timestamp>, ApiError> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    Timestamp::parse(text).map(Some).ok_or_else(|| {
        ApiError::new(
            http::StatusCode::UNPROCESSABLE_ENTITY,
            "Validation failed: Scheduled at is not a valid date",
        )
    })
}

async fn all(
    State(app): State<Shared>,
    uri: OriginalUri,
    User(me): User,
    Params(cursor): Params<Cursor>,
) -> Result<Listed<ScheduledStatus>, ApiError> {
    let page = cursor.page(20);
    let views = scheduled::list(&app, me.id(), page).await?;
    let cursors: Vec<i64> = views.iter().map(|view| view.id.0).collect();
    let links = Links::new(&app, &uri, &page, &cursors, Style::Statuses);
    let render = Render::new(&app);
    let list: Vec<ScheduledStatus> =
        views.iter().map(|view| ScheduledStatus::render(view, &render)).collect();
    Ok((links, Json(list)))
}

async fn show(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<RowId>,
) -> Result<Json<ScheduledStatus>, ApiError> {
    let view = scheduled::show(&app, me.id(), id).await?;
    Ok(Json(ScheduledStatus::render(&view, &Render::new(&app))))
}

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    scheduled_at: Option<String>,
}

async fn move_to(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<RowId>,
    Params(body): Params<Body>,
) -> Result<Json<ScheduledStatus>, ApiError> {
    let view = match time(body.scheduled_at.as_deref())? {
        Some(at) => scheduled::move_to(&app, me.id(), id, at).await?,
        None => scheduled::show(&app, me.id(), id).await?,
    };
    Ok(Json(ScheduledStatus::render(&view, &Render::new(&app))))
}

async fn cancel(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<RowId>,
) -> Result<Json<Empty>, ApiError> {
    scheduled::cancel(&app, me.id(), id).await?;
    Ok(Json(Empty {}))
}
