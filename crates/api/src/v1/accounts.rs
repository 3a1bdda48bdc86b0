//! `/api/v1/accounts/…`

use app::accounts;
use app::timelines::AccountStatuses;
use axum::Json;
use axum::extract::{OriginalUri, State};
use domain::AccountId;
use serde::Deserialize;

use crate::caller::{User, Viewer};
use crate::entity::{Account, CredentialAccount, Render, Status};
use crate::pagination::{Cursor, Links, Listed, Style};
use crate::params::{Both, Id, Params};
use crate::routes::{Access, Route, get};
use crate::{ApiError, Shared};

const READ: &[&str] = &["read:accounts"];

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get(
            "/api/v1/accounts/verify_credentials",
            Access::User(&["profile", "read:accounts"]),
            verify_credentials,
        ),
        get("/api/v1/accounts/lookup", Access::Optional(READ), lookup),
        get("/api/v1/accounts", Access::Optional(READ), many),
        get("/api/v1/accounts/{id}", Access::Optional(READ), show),
        get("/api/v1/accounts/{id}/statuses", Access::Optional(&["read:statuses"]), statuses),
    ]
}

async fn verify_credentials(
    State(app): State<Shared>,
    User(me): User,
) -> Result<Json<CredentialAccount>, ApiError> {
    let pending = app::relations::pending_requests(&app, me.id()).await?;
    Ok(Json(CredentialAccount::render(&me, pending, &Render::new(&app))))
}

#[derive(Deserialize)]
struct Lookup {
    acct: String,
}

async fn lookup(
    State(app): State<Shared>,
    Params(params): Params<Lookup>,
) -> Result<Json<Account>, ApiError> {
    let account = accounts::by_acct(&app, &params.acct).await?;
    Ok(Json(Account::render(&account, &Render::new(&app))))
}

async fn show(State(app): State<Shared>, Id(id): Id<AccountId>) -> Result<Json<Account>, ApiError> {
    let account = accounts::show(&app, id).await?;
    Ok(Json(Account::render(&account, &Render::new(&app))))
}

#[derive(Deserialize)]
struct Many {
    #[serde(default)]
    id: Vec<AccountId>,
}

async fn many(
    State(app): State<Shared>,
    Params(mut params): Params<Many>,
) -> Result<Json<Vec<Account>>, ApiError> {
    params.id.truncate(40);
    let found = accounts::many(&app, params.id).await?;
    let render = Render::new(&app);
    Ok(Json(found.iter().map(|account| Account::render(account, &render)).collect()))
}

#[derive(Deserialize)]
struct StatusesParams {
    #[serde(default)]
    pinned: bool,
    #[serde(default)]
    tagged: Option<String>,
    #[serde(default)]
    exclude_replies: bool,
    #[serde(default)]
    exclude_reblogs: bool,
    #[serde(default)]
    only_media: bool,
}

async fn statuses(
    State(app): State<Shared>,
    uri: OriginalUri,
    Id(id): Id<AccountId>,
    Viewer(viewer): Viewer,
    Params(Both(params, cursor)): Params<Both<StatusesParams, Cursor>>,
) -> Result<Listed<Status>, ApiError> {
    let page = cursor.page(20);
    let wanted = AccountStatuses {
        pinned: params.pinned,
        tag: params.tagged,
        exclude_boosts: params.exclude_reblogs,
        exclude_replies: params.exclude_replies,
        only_media: params.only_media,
    };
    let views = app::timelines::account(&app, id, wanted, viewer, page).await?;
    let cursors: Vec<i64> = views.iter().map(|view| view.status.id.0).collect();
    let links = Links::new(&app, &uri, &page, &cursors, Style::Statuses);
    let render = Render::new(&app);
    let list: Vec<Status> =
        views.iter().map(|view| Status::render(view, viewer, &render)).collect();
    Ok((links, Json(list)))
}
