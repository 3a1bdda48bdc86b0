//! What people do with statuses: favourite, boost, bookmark, pin, mute, and who did.

use app::statuses::{self, Mark};
use axum::Json;
use axum::extract::{OriginalUri, State};
use domain::StatusId;
use domain::account;
use serde::Deserialize;

use super::statuses::visibility;
use crate::caller::{User, Viewer};
use crate::entity::{Account, Render, Status};
use crate::pagination::{Cursor, Links, Listed, Style};
use crate::params::{Id, Params};
use crate::routes::{Access, Route, get, post};
use crate::{ApiError, Shared};

const FAVOURITE: Access = Access::User(&["write:favourites"]);
const BOOKMARK: Access = Access::User(&["write:bookmarks"]);
const PIN: Access = Access::User(&["write:accounts"]);
const MUTE: Access = Access::User(&["write:mutes"]);
const BOOST: Access = Access::User(&["write:statuses"]);
const PEOPLE: Access = Access::Optional(&["read:accounts"]);

pub(crate) fn routes() -> Vec<Route> {
    vec![
        post("/api/v1/statuses/{id}/favourite", FAVOURITE, favourite),
        post("/api/v1/statuses/{id}/unfavourite", FAVOURITE, unfavourite),
        post("/api/v1/statuses/{id}/bookmark", BOOKMARK, bookmark),
        post("/api/v1/statuses/{id}/unbookmark", BOOKMARK, unbookmark),
        post("/api/v1/statuses/{id}/pin", PIN, pin),
        post("/api/v1/statuses/{id}/unpin", PIN, unpin),
        post("/api/v1/statuses/{id}/mute", MUTE, mute),
        post("/api/v1/statuses/{id}/unmute", MUTE, unmute),
        post("/api/v1/statuses/{id}/reblog", BOOST, boost),
        post("/api/v1/statuses/{id}/unreblog", BOOST, unboost),
        get("/api/v1/statuses/{id}/favourited_by", PEOPLE, favourited_by),
        get("/api/v1/statuses/{id}/reblogged_by", PEOPLE, reblogged_by),
        get("/api/v1/statuses/{id}/quotes", Access::User(&["read:statuses"]), quotes),
        get("/api/v1/favourites", Access::User(&["read:favourites"]), favourites),
        get("/api/v1/bookmarks", Access::User(&["read:bookmarks"]), bookmarks),
    ]
}

type Answer = Result<Json<Status>, ApiError>;

fn answer(app: &Shared, me: &app::access::Me, view: &app::StatusView) -> Answer {
    Ok(Json(Status::render(view, Some(me.id()), &Render::new(app))))
}

macro_rules! marks {
    ($($on:ident $off:ident $mark:ident;)*) => {$(
        async fn $on(State(app): State<Shared>, User(me): User, Id(id): Id<StatusId>) -> Answer {
            answer(&app, &me, &statuses::mark(&app, &me, id, Mark::$mark).await?)
        }

        async fn $off(State(app): State<Shared>, User(me): User, Id(id): Id<StatusId>) -> Answer {
            answer(&app, &me, &statuses::unmark(&app, &me, id, Mark::$mark).await?)
        }
    )*};
}

marks! {
    favourite unfavourite Favourite;
    bookmark unbookmark Bookmark;
    pin unpin Pin;
    mute unmute Mute;
}

#[derive(Deserialize)]
struct Boost {
    #[serde(default)]
    visibility: Option<String>,
}

async fn boost(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<StatusId>,
    Params(params): Params<Boost>,
) -> Answer {
    let audience = visibility(params.visibility.as_deref())?;
    answer(&app, &me, &statuses::boost(&app, &me, id, audience).await?)
}

async fn unboost(State(app): State<Shared>, User(me): User, Id(id): Id<StatusId>) -> Answer {
    answer(&app, &me, &statuses::unboost(&app, &me, id).await?)
}

fn people(
    app: &Shared,
    uri: &OriginalUri,
    page: &app::Page,
    rows: &[app::Listed<account::Account>],
) -> Listed<Account> {
    let cursors: Vec<i64> = rows.iter().map(|row| row.cursor).collect();
    let links = Links::new(app, uri, page, &cursors, Style::Accounts);
    let render = Render::new(app);
    let list: Vec<Account> = rows.iter().map(|row| Account::render(&row.item, &render)).collect();
    (links, Json(list))
}

async fn favourited_by(
    State(app): State<Shared>,
    uri: OriginalUri,
    Id(id): Id<StatusId>,
    Viewer(viewer): Viewer,
    Params(cursor): Params<Cursor>,
) -> Result<Listed<Account>, ApiError> {
    let page = cursor.page(40);
    let rows = statuses::favouriters(&app, id, viewer, page).await?;
    Ok(people(&app, &uri, &page, &rows))
}

async fn reblogged_by(
    State(app): State<Shared>,
    uri: OriginalUri,
    Id(id): Id<StatusId>,
    Viewer(viewer): Viewer,
    Params(cursor): Params<Cursor>,
) -> Result<Listed<Account>, ApiError> {
    let page = cursor.page(40);
    let rows = statuses::boosters(&app, id, viewer, page).await?;
    Ok(people(&app, &uri, &page, &rows))
}

/// What the viewer marked, with its links.
async fn marked(
    app: &Shared,
    uri: &OriginalUri,
    me: &app::access::Me,
    mark: Mark,
    cursor: &Cursor,
) -> Result<Listed<Status>, ApiError> {
    let page = cursor.page(20);
    let rows = statuses::marked(app, me.id(), mark, page).await?;
    let cursors: Vec<i64> = rows.iter().map(|row| row.cursor).collect();
    let links = Links::new(app, uri, &page, &cursors, Style::Statuses);
    let render = Render::new(app);
    let list: Vec<Status> =
        rows.iter().map(|row| Status::render(&row.item, Some(me.id()), &render)).collect();
    Ok((links, Json(list)))
}

async fn favourites(
    State(app): State<Shared>,
    uri: OriginalUri,
    User(me): User,
    Params(cursor): Params<Cursor>,
) -> Result<Listed<Status>, ApiError> {
    marked(&app, &uri, &me, Mark::Favourite, &cursor).await
}

async fn bookmarks(
    State(app): State<Shared>,
    uri: OriginalUri,
    User(me): User,
    Params(cursor): Params<Cursor>,
) -> Result<Listed<Status>, ApiError> {
    marked(&app, &uri, &me, Mark::Bookmark, &cursor).await
}

async fn quotes(
    State(app): State<Shared>,
    uri: OriginalUri,
    User(me): User,
    Id(id): Id<StatusId>,
    Params(cursor): Params<Cursor>,
) -> Result<Listed<Status>, ApiError> {
    let page = cursor.page(20);
    let views = statuses::quotes(&app, id, Some(me.id()), page).await?;
    let cursors: Vec<i64> = views.iter().map(|view| view.status.id.0).collect();
    let links = Links::new(&app, &uri, &page, &cursors, Style::Accounts);
    let render = Render::new(&app);
    let list: Vec<Status> =
        views.iter().map(|view| Status::render(view, Some(me.id()), &render)).collect();
    Ok((links, Json(list)))
}
