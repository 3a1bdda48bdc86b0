//! `/api/v1/emails/…`: confirming the address.

use app::access;
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;

use crate::caller::{Token, User};
use crate::entity::Empty;
use crate::params::Params;
use crate::routes::{Access, Route, get, post};
use crate::{ApiError, Shared};

pub(crate) fn routes() -> Vec<Route> {
    vec![
        post("/api/v1/emails/confirmations", Access::Unconfirmed(&["write:accounts"]), resend),
        get("/api/v1/emails/check_confirmation", Access::Unconfirmed(&["read:accounts"]), check),
    ]
}

#[derive(Deserialize)]
struct ResendParams {
    #[serde(default)]
    email: Option<String>,
}

async fn resend(
    State(app): State<Shared>,
    Token(caller): Token,
    Params(params): Params<ResendParams>,
) -> Result<Json<Empty>, ApiError> {
    let through = caller.token.app_id;
    let Some(me) = caller.me else {
        return Err(ApiError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "This method requires an authenticated user",
        ));
    };
    access::resend(&app, &me, through, params.email).await??;
    Ok(Json(Empty {}))
}

async fn check(User(me): User) -> Json<bool> {
    Json(me.user.confirmed_at.is_some())
}
