//! `/api/v1/accounts/:id/follow` and its kin, follow requests, blocks and mutes.

use app::relations::{self, Circle, FollowChanges};
use axum::Json;
use axum::extract::{OriginalUri, State};
use domain::AccountId;
use serde::Deserialize;

use crate::caller::{User, Viewer};
use crate::entity::{Account, MutedAccount, Relationship, Render};
use crate::pagination::{Cursor, Links, Listed, Style};
use crate::params::{Id, Params};
use crate::routes::{Access, Route, get, post};
use crate::{ApiError, Shared};

const FOLLOWS: Access = Access::User(&["write:follows"]);
const BLOCKS: Access = Access::User(&["write:blocks"]);
const MUTES: Access = Access::User(&["write:mutes"]);
const READ: Access = Access::Optional(&["read:accounts"]);

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get("/api/v1/accounts/relationships", Access::User(&["read:follows"]), relationships),
        post("/api/v1/accounts/{id}/follow", FOLLOWS, follow),
        post("/api/v1/accounts/{id}/unfollow", FOLLOWS, unfollow),
        post("/api/v1/accounts/{id}/remove_from_followers", FOLLOWS, remove_follower),
        post("/api/v1/accounts/{id}/block", BLOCKS, block),
        post("/api/v1/accounts/{id}/unblock", BLOCKS, unblock),
        post("/api/v1/accounts/{id}/mute", MUTES, mute),
        post("/api/v1/accounts/{id}/unmute", MUTES, unmute),
        post("/api/v1/accounts/{id}/note", Access::User(&["write:accounts"]), note),
        get("/api/v1/accounts/{id}/followers", READ, followers),
        get("/api/v1/accounts/{id}/following", READ, following),
        get("/api/v1/follow_requests", Access::User(&["read:follows"]), requests),
        post("/api/v1/follow_requests/{id}/authorize", FOLLOWS, authorize),
        post("/api/v1/follow_requests/{id}/reject", FOLLOWS, reject),
        get("/api/v1/blocks", Access::User(&["read:blocks"]), blocks),
        get("/api/v1/mutes", Access::User(&["read:mutes"]), mutes),
    ]
}

type Answer = Result<Json<Relationship>, ApiError>;

fn answer(id: AccountId, relation: &relations::Relationship) -> Answer {
    Ok(Json(Relationship::render(id, relation)))
}

#[derive(Deserialize)]
struct Ids {
    #[serde(default)]
    id: Vec<AccountId>,
}

async fn relationships(
    State(app): State<Shared>,
    User(me): User,
    Params(params): Params<Ids>,
) -> Result<Json<Vec<Relationship>>, ApiError> {
    let mut ids = params.id;
    ids.truncate(400);
    let found = relations::relationships(&app, me.id(), ids).await?;
    Ok(Json(found.iter().map(|(id, relation)| Relationship::render(*id, relation)).collect()))
}

#[derive(Deserialize)]
struct Follow {
    #[serde(default)]
    reblogs: Option<bool>,
    #[serde(default)]
    notify: Option<bool>,
    #[serde(default)]
    languages: Option<Vec<String>>,
}

async fn follow(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<AccountId>,
    Params(params): Params<Follow>,
) -> Answer {
    let is_code = |code: &String| {
        code.len() <= 20 && code.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-')
    };
    if params.languages.iter().flatten().any(|code| !is_code(code)) {
        return Err(ApiError::new(
            http::StatusCode::UNPROCESSABLE_ENTITY,
            "Validation failed: Languages must be ISO 639 codes",
        ));
    }
    let changes = FollowChanges {
        show_boosts: params.reblogs,
        notify: params.notify,
        languages: params.languages,
    };
    answer(id, &relations::follow(&app, &me, id, changes).await?)
}

async fn unfollow(State(app): State<Shared>, User(me): User, Id(id): Id<AccountId>) -> Answer {
    answer(id, &relations::unfollow(&app, &me, id).await?)
}

async fn remove_follower(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<AccountId>,
) -> Answer {
    answer(id, &relations::remove_follower(&app, &me, id).await?)
}

async fn block(State(app): State<Shared>, User(me): User, Id(id): Id<AccountId>) -> Answer {
    answer(id, &relations::block(&app, &me, id).await?)
}

async fn unblock(State(app): State<Shared>, User(me): User, Id(id): Id<AccountId>) -> Answer {
    answer(id, &relations::unblock(&app, &me, id).await?)
}

#[derive(Deserialize)]
struct Mute {
    #[serde(default)]
    notifications: Option<bool>,
    #[serde(default)]
    duration: Option<i64>,
}

async fn mute(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<AccountId>,
    Params(params): Params<Mute>,
) -> Answer {
    let (notifications, seconds) =
        (params.notifications.unwrap_or(true), params.duration.unwrap_or(0));
    answer(id, &relations::mute(&app, &me, id, notifications, seconds).await?)
}

async fn unmute(State(app): State<Shared>, User(me): User, Id(id): Id<AccountId>) -> Answer {
    answer(id, &relations::unmute(&app, &me, id).await?)
}

#[derive(Deserialize)]
struct Note {
    #[serde(default)]
    comment: String,
}

async fn note(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<AccountId>,
    Params(params): Params<Note>,
) -> Answer {
    answer(id, &relations::note(&app, &me, id, params.comment).await?)
}

async fn authorize(State(app): State<Shared>, User(me): User, Id(id): Id<AccountId>) -> Answer {
    answer(id, &relations::authorize(&app, &me, id).await?)
}

async fn reject(State(app): State<Shared>, User(me): User, Id(id): Id<AccountId>) -> Answer {
    answer(id, &relations::reject(&app, &me, id).await?)
}

/// A list of accounts with its links.
async fn circle(
    app: &Shared,
    uri: &OriginalUri,
    of: AccountId,
    which: Circle,
    viewer: Option<AccountId>,
    cursor: &Cursor,
) -> Result<Listed<Account>, ApiError> {
    let page = cursor.page(40);
    let rows = relations::circle(app, of, which, viewer, page).await?;
    let cursors: Vec<i64> = rows.iter().map(|row| row.cursor).collect();
    let links = Links::new(app, uri, &page, &cursors, Style::Accounts);
    let render = Render::new(app);
    let list: Vec<Account> = rows.iter().map(|row| Account::render(&row.item, &render)).collect();
    Ok((links, Json(list)))
}

async fn followers(
    State(app): State<Shared>,
    uri: OriginalUri,
    Id(id): Id<AccountId>,
    Viewer(viewer): Viewer,
    Params(cursor): Params<Cursor>,
) -> Result<Listed<Account>, ApiError> {
    circle(&app, &uri, id, Circle::Followers, viewer, &cursor).await
}

async fn following(
    State(app): State<Shared>,
    uri: OriginalUri,
    Id(id): Id<AccountId>,
    Viewer(viewer): Viewer,
    Params(cursor): Params<Cursor>,
) -> Result<Listed<Account>, ApiError> {
    circle(&app, &uri, id, Circle::Following, viewer, &cursor).await
}

async fn requests(
    State(app): State<Shared>,
    uri: OriginalUri,
    User(me): User,
    Params(cursor): Params<Cursor>,
) -> Result<Listed<Account>, ApiError> {
    circle(&app, &uri, me.id(), Circle::Requests, Some(me.id()), &cursor).await
}

async fn blocks(
    State(app): State<Shared>,
    uri: OriginalUri,
    User(me): User,
    Params(cursor): Params<Cursor>,
) -> Result<Listed<Account>, ApiError> {
    circle(&app, &uri, me.id(), Circle::Blocks, Some(me.id()), &cursor).await
}

async fn mutes(
    State(app): State<Shared>,
    uri: OriginalUri,
    User(me): User,
    Params(cursor): Params<Cursor>,
) -> Result<Listed<MutedAccount>, ApiError> {
    let page = cursor.page(40);
    let rows = relations::muted(&app, me.id(), page).await?;
    let cursors: Vec<i64> = rows.iter().map(|row| row.cursor).collect();
    let links = Links::new(&app, &uri, &page, &cursors, Style::Accounts);
    let render = Render::new(&app);
    let list: Vec<MutedAccount> =
        rows.iter().map(|row| MutedAccount::render(&row.item, &render)).collect();
    Ok((links, Json(list)))
}
