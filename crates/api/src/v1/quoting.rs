//! Who may quote one's status, and taking a quote back.

use app::statuses;
use axum::Json;
use axum::extract::State;
use domain::StatusId;
use serde::Deserialize;

use crate::caller::User;
use crate::entity::{Render, Status};
use crate::params::{Id, Ids, Params};
use crate::routes::{Access, Route, post, put};
use crate::{ApiError, Shared};

pub(crate) fn routes() -> Vec<Route> {
    const WRITE: Access = Access::User(&["write:statuses"]);
    vec![
        put("/api/v1/statuses/{id}/interaction_policy", WRITE, set_policy),
        post("/api/v1/statuses/{id}/quotes/{quoting}/revoke", WRITE, revoke),
    ]
}

#[derive(Deserialize)]
struct Policy {
    #[serde(default)]
    quote_approval_policy: Option<String>,
}

async fn set_policy(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<StatusId>,
    Params(params): Params<Policy>,
) -> Result<Json<Status>, ApiError> {
    let policy = params.quote_approval_policy.filter(|policy| !policy.is_empty());
    let view = statuses::set_quote_policy(&app, &me, id, policy).await?;
    Ok(Json(Status::render(&view, Some(me.id()), &Render::new(&app))))
}

async fn revoke(
    State(app): State<Shared>,
    User(me): User,
    Ids(quoted, quoting): Ids<StatusId, StatusId>,
) -> Result<Json<Status>, ApiError> {
    let view = statuses::revoke_quote(&app, &me, quoted, quoting).await?;
    Ok(Json(Status::render(&view, Some(me.id()), &Render::new(&app))))
}
