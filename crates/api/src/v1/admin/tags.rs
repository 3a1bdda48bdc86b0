//! Hashtags as staff sees them.

use app::moderation::{self, TagChange};
use axum::Json;
use axum::extract::{OriginalUri, State};
use domain::TagId;
use domain::permission::Permission;
use serde::Deserialize;

use super::accounts::PAGE;
use crate::caller::User;
use crate::entity::{AdminTag, Render};
use crate::pagination::{Cursor, Links, Listed, Style};
use crate::params::{Id, Params};
use crate::routes::{Access, Route, get, put};
use crate::{ApiError, Shared};

pub(crate) fn routes() -> Vec<Route> {
    const MANAGE: Permission = Permission::ManageTaxonomies;
    const READ: Access = Access::Admin(MANAGE, &["admin:read"]);
    vec![
        get("/api/v1/admin/tags", READ, list),
        get("/api/v1/admin/tags/{id}", READ, show),
        put("/api/v1/admin/tags/{id}", Access::Admin(MANAGE, &["admin:write"]), update),
    ]
}

async fn list(
    State(app): State<Shared>,
    uri: OriginalUri,
    User(me): User,
    Params(cursor): Params<Cursor>,
) -> Result<Listed<AdminTag>, ApiError> {
    let page = cursor.page_up_to(PAGE.0, PAGE.1);
    let found = moderation::tags(&app, me.id(), page).await?;
    let cursors: Vec<i64> = found.iter().map(|(row, _)| row.tag.id.0).collect();
    let links = Links::new(&app, &uri, &page, &cursors, Style::Statuses);
    let render = Render::new(&app);
    let list: Vec<AdminTag> =
        found.iter().map(|(row, view)| AdminTag::render(row, view, &render)).collect();
    Ok((links, Json(list)))
}

async fn show(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<TagId>,
) -> Result<Json<AdminTag>, ApiError> {
    let (row, view) = moderation::tag(&app, me.id(), id).await?;
    Ok(Json(AdminTag::render(&row, &view, &Render::new(&app))))
}

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    display_name: Option<String>,
    #[serde(default)]
    usable: Option<bool>,
    #[serde(default)]
    listable: Option<bool>,
    #[serde(default)]
    trendable: Option<bool>,
}

async fn update(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<TagId>,
    Params(body): Params<Body>,
) -> Result<Json<AdminTag>, ApiError> {
    let change = TagChange {
        display_name: body.display_name,
        usable: body.usable,
        listable: body.listable,
        trendable: body.trendable,
    };
    let (row, view) = moderation::change_tag(&app, me.id(), id, change).await?;
    Ok(Json(AdminTag::render(&row, &view, &Render::new(&app))))
}
