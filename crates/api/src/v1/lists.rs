//! `/api/v1/lists`, and their timelines.

use app::lists::{self, Changes};
use axum::Json;
use axum::extract::{OriginalUri, State};
use domain::{AccountId, ListId};
use serde::Deserialize;

use super::timelines::answer;
use crate::caller::User;
use crate::entity::{Account, Empty, List, Render, Status};
use crate::pagination::{Cursor, Links, Listed, Style};
use crate::params::{Id, Params};
use crate::routes::{Access, Route, delete, get, post, put};
use crate::{ApiError, Shared};

const READ: Access = Access::User(&["read:lists"]);
const WRITE: Access = Access::User(&["write:lists"]);

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get("/api/v1/lists", READ, all),
        post("/api/v1/lists", WRITE, create),
        get("/api/v1/lists/{id}", READ, show),
        put("/api/v1/lists/{id}", WRITE, change),
        delete("/api/v1/lists/{id}", WRITE, remove),
        get("/api/v1/lists/{id}/accounts", READ, members),
        post("/api/v1/lists/{id}/accounts", WRITE, add_members),
        delete("/api/v1/lists/{id}/accounts", WRITE, remove_members),
        get("/api/v1/accounts/{id}/lists", READ, with_member),
        get("/api/v1/timelines/list/{id}", READ, timeline),
    ]
}

fn rendered(lists: &[domain::list::List]) -> Json<Vec<List>> {
    Json(lists.iter().map(List::render).collect())
}

async fn all(State(app): State<Shared>, User(me): User) -> Result<Json<Vec<List>>, ApiError> {
    Ok(rendered(&lists::all(&app, me.id()).await?))
}

async fn with_member(
    State(app): State<Shared>,
    User(me): User,
    Id(member): Id<AccountId>,
) -> Result<Json<Vec<List>>, ApiError> {
    Ok(rendered(&lists::with_member(&app, me.id(), member).await?))
}

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    replies_policy: Option<String>,
    #[serde(default)]
    exclusive: Option<bool>,
}

impl From<Body> for Changes {
    fn from(body: Body) -> Self {
        Self {
            title: body.title,
            replies_policy: body.replies_policy.filter(|name| !name.is_empty()),
            exclusive: body.exclusive,
        }
    }
}

async fn create(
    State(app): State<Shared>,
    User(me): User,
    Params(body): Params<Body>,
) -> Result<Json<List>, ApiError> {
    Ok(Json(List::render(&lists::create(&app, me.id(), body.into()).await?)))
}

async fn show(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<ListId>,
) -> Result<Json<List>, ApiError> {
    Ok(Json(List::render(&lists::show(&app, me.id(), id).await?)))
}

async fn change(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<ListId>,
    Params(body): Params<Body>,
) -> Result<Json<List>, ApiError> {
    Ok(Json(List::render(&lists::change(&app, me.id(), id, body.into()).await?)))
}

async fn remove(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<ListId>,
) -> Result<Json<Empty>, ApiError> {
    lists::delete(&app, me.id(), id).await?;
    Ok(Json(Empty {}))
}

async fn members(
    State(app): State<Shared>,
    uri: OriginalUri,
    User(me): User,
    Id(id): Id<ListId>,
    Params(cursor): Params<Cursor>,
) -> Result<Listed<Account>, ApiError> {
    let render = Render::new(&app);
    if cursor.wants_all() {
        let all = lists::all_members(&app, me.id(), id).await?;
        let all: Vec<Account> = all.iter().map(|one| Account::render(one, &render)).collect();
        return Ok((Links::none(), Json(all)));
    }
    let page = cursor.page(40);
    let rows = lists::members(&app, me.id(), id, page).await?;
    let cursors: Vec<i64> = rows.iter().map(|row| row.cursor).collect();
    let links = Links::new(&app, &uri, &page, &cursors, Style::Accounts);
    let list: Vec<Account> = rows.iter().map(|row| Account::render(&row.item, &render)).collect();
    Ok((links, Json(list)))
}

#[derive(Deserialize)]
struct Members {
    #[serde(default)]
    account_ids: Vec<AccountId>,
}

async fn add_members(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<ListId>,
    Params(body): Params<Members>,
) -> Result<Json<Empty>, ApiError> {
    lists::add(&app, me.id(), id, body.account_ids).await?;
    Ok(Json(Empty {}))
}

async fn remove_members(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<ListId>,
    Params(body): Params<Members>,
) -> Result<Json<Empty>, ApiError> {
    lists::remove(&app, me.id(), id, body.account_ids).await?;
    Ok(Json(Empty {}))
}

async fn timeline(
    State(app): State<Shared>,
    uri: OriginalUri,
    User(me): User,
    Id(id): Id<ListId>,
    Params(cursor): Params<Cursor>,
) -> Result<Listed<Status>, ApiError> {
    let page = cursor.page(20);
    let views = lists::timeline(&app, me.id(), id, page).await?;
    Ok(answer(&app, &uri, &page, &views, Some(me.id())))
}
