//! What Mastodon has and this server does not keep: yearly reports, answers that are still being fetched
//! when they are given, links that trend. Clients get what a Mastodon says that has none of it.

use app::accounts;
use axum::Json;
use axum::extract::State;
use domain::AccountId;
use serde_json::Value;

use crate::entity::AnnualReports;
use crate::params::Id;
use crate::routes::{Access, Route, get, post};
use crate::{ApiError, Shared};

pub(crate) fn routes() -> Vec<Route> {
    const READ_ACCOUNTS: Access = Access::User(&["read:accounts"]);
    const WRITE_ACCOUNTS: Access = Access::User(&["write:accounts"]);
    vec![
        get("/api/v1/annual_reports", READ_ACCOUNTS, no_reports),
        get("/api/v1/annual_reports/{year}", WRITE_ACCOUNTS, missing),
        post("/api/v1/annual_reports/{year}/read", WRITE_ACCOUNTS, missing),
        get("/api/v1_alpha/async_refreshes/{id}", Access::User(&["read"]), missing),
        get("/api/v1/timelines/link", Access::Optional(&["read:statuses"]), missing),
        get("/api/v1/accounts/{id}/identity_proofs", READ_ACCOUNTS, no_proofs),
        // Removed in Mastodon 3; here because another route has the same shape.
        post("/api/v1/notifications/dismiss", Access::Open, missing),
    ]
}

async fn no_reports() -> Json<AnnualReports> {
    Json(AnnualReports::default())
}

async fn no_proofs(
    State(app): State<Shared>,
    Id(id): Id<AccountId>,
) -> Result<Json<Vec<Value>>, ApiError> {
    accounts::show(&app, id).await?;
    Ok(Json(Vec::new()))
}

async fn missing() -> ApiError {
    ApiError::not_found()
}
