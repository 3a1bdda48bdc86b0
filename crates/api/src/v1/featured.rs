//! What people show on their profiles: hashtags and accounts.

use app::{discovery, tags};
use axum::Json;
use axum::extract::{OriginalUri, State};
use domain::{AccountId, RowId};
use serde::Deserialize;

use crate::caller::{User, Viewer};
use crate::entity::{Account, Empty, FeaturedTag, Relationship, Render, Tag};
use crate::pagination::{Cursor, Links, Listed, Style};
use crate::params::{Id, Params};
use crate::routes::{Access, Route, delete, get, post};
use crate::{ApiError, Shared};

const READ: Access = Access::User(&["read:accounts"]);
const WRITE: Access = Access::User(&["write:accounts"]);

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get("/api/v1/featured_tags", READ, own_tags),
        post("/api/v1/featured_tags", WRITE, add_tag),
        delete("/api/v1/featured_tags/{id}", WRITE, remove_tag),
        get("/api/v1/featured_tags/suggestions", READ, suggested_tags),
        get("/api/v1/accounts/{id}/featured_tags", Access::Open, tags_of),
        get("/api/v1/endorsements", READ, own_endorsements),
        get(
            "/api/v1/accounts/{id}/endorsements",
            Access::Optional(&["read:accounts"]),
            endorsements_of,
        ),
        post("/api/v1/accounts/{id}/endorse", WRITE, endorse),
        post("/api/v1/accounts/{id}/unendorse", WRITE, unendorse),
        // The names of these before 4.4.
        post("/api/v1/accounts/{id}/pin", WRITE, endorse),
        post("/api/v1/accounts/{id}/unpin", WRITE, unendorse),
    ]
}

async fn tags_on(app: &Shared, account: AccountId) -> Result<Json<Vec<FeaturedTag>>, ApiError> {
    let entries = tags::featured(app, account).await?;
    let render = Render::new(app);
    Ok(Json(entries.iter().map(|entry| FeaturedTag::render(entry, &render)).collect()))
}

async fn own_tags(
    State(app): State<Shared>,
    User(me): User,
) -> Result<Json<Vec<FeaturedTag>>, ApiError> {
    tags_on(&app, me.id()).await
}

async fn tags_of(
    State(app): State<Shared>,
    Id(id): Id<AccountId>,
) -> Result<Json<Vec<FeaturedTag>>, ApiError> {
    tags_on(&app, id).await
}

#[derive(Deserialize)]
struct TagBody {
    name: String,
}

async fn add_tag(
    State(app): State<Shared>,
    User(me): User,
    Params(body): Params<TagBody>,
) -> Result<Json<FeaturedTag>, ApiError> {
    let entry = tags::feature(&app, me.id(), &body.name).await?;
    Ok(Json(FeaturedTag::render(&entry, &Render::new(&app))))
}

async fn remove_tag(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<RowId>,
) -> Result<Json<Empty>, ApiError> {
    tags::unfeature(&app, me.id(), id).await?;
    Ok(Json(Empty {}))
}

async fn suggested_tags(
    State(app): State<Shared>,
    User(me): User,
) -> Result<Json<Vec<Tag>>, ApiError> {
    let views = tags::suggestions(&app, me.id()).await?;
    let render = Render::new(&app);
    Ok(Json(views.iter().map(|view| Tag::render(view, &render)).collect()))
}

async fn endorsed(
    app: &Shared,
    uri: &OriginalUri,
    of: AccountId,
    viewer: Option<AccountId>,
    cursor: &Cursor,
) -> Result<Listed<Account>, ApiError> {
    let page = cursor.page(40);
    let rows = discovery::endorsed(app, of, viewer, page).await?;
    let cursors: Vec<i64> = rows.iter().map(|row| row.cursor).collect();
    let links = Links::new(app, uri, &page, &cursors, Style::Accounts);
    let render = Render::new(app);
    let list: Vec<Account> = rows.iter().map(|row| Account::render(&row.item, &render)).collect();
    Ok((links, Json(list)))
}

async fn own_endorsements(
    State(app): State<Shared>,
    uri: OriginalUri,
    User(me): User,
    Params(cursor): Params<Cursor>,
) -> Result<Listed<Account>, ApiError> {
    endorsed(&app, &uri, me.id(), Some(me.id()), &cursor).await
}

async fn endorsements_of(
    State(app): State<Shared>,
    uri: OriginalUri,
    Id(id): Id<AccountId>,
    Viewer(viewer): Viewer,
    Params(cursor): Params<Cursor>,
) -> Result<Listed<Account>, ApiError> {
    endorsed(&app, &uri, id, viewer, &cursor).await
}

async fn endorse(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<AccountId>,
) -> Result<Json<Relationship>, ApiError> {
    let relation = discovery::endorse(&app, me.id(), id).await?;
    Ok(Json(Relationship::render(id, &relation)))
}

async fn unendorse(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<AccountId>,
) -> Result<Json<Relationship>, ApiError> {
    let relation = discovery::unendorse(&app, me.id(), id).await?;
    Ok(Json(Relationship::render(id, &relation)))
}
