//! `/api/v1/polls/…`

use app::polls;
use axum::Json;
use axum::extract::State;
use domain::PollId;
use serde::Deserialize;

use crate::caller::{User, Viewer};
use crate::entity::{Poll, Render};
use crate::params::{Id, Params};
use crate::routes::{Access, Route, get, post};
use crate::{ApiError, Shared};

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get("/api/v1/polls/{id}", Access::Optional(&["read:statuses"]), show),
        post("/api/v1/polls/{id}/votes", Access::User(&["write:statuses"]), vote),
    ]
}

async fn show(
    State(app): State<Shared>,
    Id(id): Id<PollId>,
    Viewer(viewer): Viewer,
) -> Result<Json<Poll>, ApiError> {
    let view = polls::show(&app, id, viewer).await?;
    Ok(Json(Poll::render(&view, viewer, &Render::new(&app))))
}

#[derive(Deserialize)]
struct Vote {
    #[serde(default)]
    choices: Vec<i64>,
}

async fn vote(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<PollId>,
    Params(params): Params<Vote>,
) -> Result<Json<Poll>, ApiError> {
    let view = polls::vote(&app, &me, id, params.choices).await?;
    Ok(Json(Poll::render(&view, Some(me.id()), &Render::new(&app))))
}
