//! `/api/v1/reports`

use app::reports::{self, NewReport};
use axum::Json;
use axum::extract::State;
use domain::{AccountId, StatusId};
use serde::Deserialize;

use crate::caller::User;
use crate::entity::{Render, Report};
use crate::params::Params;
use crate::routes::{Access, Route, post};
use crate::{ApiError, Shared};

pub(crate) fn routes() -> Vec<Route> {
    vec![post("/api/v1/reports", Access::User(&["write:reports"]), report)]
}

#[derive(Deserialize)]
struct Body {
    account_id: String,
    #[serde(default)]
    status_ids: Vec<StatusId>,
    #[serde(default)]
    comment: Option<String>,
    #[serde(default)]
    category: Option<String>,
    #[serde(default)]
    rule_ids: Option<Vec<String>>,
    #[serde(default)]
    forward: Option<bool>,
}

async fn report(
    State(app): State<Shared>,
    User(me): User,
    Params(body): Params<Body>,
) -> Result<Json<Report>, ApiError> {
    let target: AccountId = body.account_id.parse().map_err(|_| ApiError::not_found())?;
    let new = NewReport {
        statuses: body.status_ids,
        comment: body.comment.unwrap_or_default(),
        category: body.category,
        rules: body.rule_ids.unwrap_or_default(),
        forward: body.forward.unwrap_or(false),
    };
    let view = reports::report(&app, me.id(), target, new).await?;
    Ok(Json(Report::render(&view, &Render::new(&app))))
}
