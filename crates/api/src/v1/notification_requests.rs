//! `/api/v1/notifications/policy` and `/api/v1/notifications/requests`

use app::notifications::{self, Policy, Verdict};
use axum::Json;
use axum::extract::{OriginalUri, State};
use domain::NotificationId;
use serde::Deserialize;

use crate::caller::User;
use crate::entity::{Empty, Merged, NotificationRequest, Render, V1NotificationPolicy};
use crate::pagination::{Cursor, Links, Listed, Style};
use crate::params::{Id, Params};
use crate::routes::{Access, Route, get, post, put};
use crate::{ApiError, Shared};

const READ: &[&str] = &["read:notifications"];
const WRITE: &[&str] = &["write:notifications"];

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get("/api/v1/notifications/policy", Access::User(READ), policy),
        put("/api/v1/notifications/policy", Access::User(WRITE), set_policy),
        get("/api/v1/notifications/requests", Access::User(READ), list),
        get("/api/v1/notifications/requests/merged", Access::User(READ), merged),
        post("/api/v1/notifications/requests/accept", Access::User(WRITE), accept_many),
        post("/api/v1/notifications/requests/dismiss", Access::User(WRITE), dismiss_many),
        get("/api/v1/notifications/requests/{id}", Access::User(READ), show),
        post("/api/v1/notifications/requests/{id}/accept", Access::User(WRITE), accept),
        post("/api/v1/notifications/requests/{id}/dismiss", Access::User(WRITE), dismiss),
    ]
}

async fn policy(
    State(app): State<Shared>,
    User(me): User,
) -> Result<Json<V1NotificationPolicy>, ApiError> {
    let policy = notifications::policy(&app, me.id()).await?;
    let summary = notifications::summary(&app, me.id()).await?;
    Ok(Json(V1NotificationPolicy::render(policy, summary)))
}

#[derive(Deserialize)]
struct PolicyParams {
    #[serde(default)]
    filter_not_following: Option<bool>,
    #[serde(default)]
    filter_not_followers: Option<bool>,
    #[serde(default)]
    filter_new_accounts: Option<bool>,
    #[serde(default)]
    filter_private_mentions: Option<bool>,
}

async fn set_policy(
    State(app): State<Shared>,
    User(me): User,
    Params(params): Params<PolicyParams>,
) -> Result<Json<V1NotificationPolicy>, ApiError> {
    let old = notifications::policy(&app, me.id()).await?;
    let verdict = |wanted: Option<bool>, old: Verdict| match wanted {
        // What was stricter than filtered stays so.
        Some(true) => old.max(Verdict::Filter),
        Some(false) => Verdict::Accept,
        None => old,
    };
    let new = Policy {
        not_following: verdict(params.filter_not_following, old.not_following),
        not_followers: verdict(params.filter_not_followers, old.not_followers),
        new_accounts: verdict(params.filter_new_accounts, old.new_accounts),
        private_mentions: verdict(params.filter_private_mentions, old.private_mentions),
        limited_accounts: old.limited_accounts,
    };
    notifications::set_policy(&app, me.id(), new).await?;
    let summary = notifications::summary(&app, me.id()).await?;
    Ok(Json(V1NotificationPolicy::render(new, summary)))
}

async fn list(
    State(app): State<Shared>,
    uri: OriginalUri,
    User(me): User,
    Params(cursor): Params<Cursor>,
) -> Result<Listed<NotificationRequest>, ApiError> {
    let page = cursor.page(40);
    let views = notifications::requests(&app, me.id(), page).await?;
    let cursors: Vec<i64> = views.iter().map(|view| view.request.id.0).collect();
    let links = Links::new(&app, &uri, &page, &cursors, Style::Statuses);
    let render = Render::new(&app);
    let list: Vec<NotificationRequest> =
        views.iter().map(|view| NotificationRequest::render(view, me.id(), &render)).collect();
    Ok((links, Json(list)))
}

async fn show(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<NotificationId>,
) -> Result<Json<NotificationRequest>, ApiError> {
    let view = notifications::request(&app, me.id(), id).await?;
    Ok(Json(NotificationRequest::render(&view, me.id(), &Render::new(&app))))
}

/// What was accepted is in the list when the answer goes out, so it always is.
async fn merged(User(_): User) -> Json<Merged> {
    Json(Merged { merged: true })
}

async fn accept(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<NotificationId>,
) -> Result<Json<Empty>, ApiError> {
    notifications::accept(&app, me.id(), vec![id]).await?;
    Ok(Json(Empty {}))
}

async fn dismiss(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<NotificationId>,
) -> Result<Json<Empty>, ApiError> {
    notifications::drop_requests(&app, me.id(), vec![id]).await?;
    Ok(Json(Empty {}))
}

#[derive(Deserialize)]
struct Many {
    #[serde(default, alias = "ids")]
    id: Vec<NotificationId>,
}

async fn accept_many(
    State(app): State<Shared>,
    User(me): User,
    Params(many): Params<Many>,
) -> Result<Json<Empty>, ApiError> {
    notifications::accept(&app, me.id(), many.id).await?;
    Ok(Json(Empty {}))
}

async fn dismiss_many(
    State(app): State<Shared>,
    User(me): User,
    Params(many): Params<Many>,
) -> Result<Json<Empty>, ApiError> {
    notifications::drop_requests(&app, me.id(), many.id).await?;
    Ok(Json(Empty {}))
}
