//! `/api/v1/conversations`

use app::conversations;
use axum::Json;
use axum::extract::{OriginalUri, State};
use domain::RowId;

use crate::caller::User;
use crate::entity::{Conversation, Empty, Render};
use crate::pagination::{Cursor, Links, Listed, Style};
use crate::params::{Id, Params};
use crate::routes::{Access, Route, delete, get, post};
use crate::{ApiError, Shared};

const READ: &[&str] = &["read:statuses"];
const WRITE: &[&str] = &["write:conversations"];

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get("/api/v1/conversations", Access::User(READ), list),
        delete("/api/v1/conversations/{id}", Access::User(WRITE), remove),
        post("/api/v1/conversations/{id}/read", Access::User(WRITE), read),
        post("/api/v1/conversations/{id}/unread", Access::User(WRITE), unread),
    ]
}

async fn list(
    State(app): State<Shared>,
    uri: OriginalUri,
    User(me): User,
    Params(cursor): Params<Cursor>,
) -> Result<Listed<Conversation>, ApiError> {
    let page = cursor.page(20);
    let views = conversations::list(&app, me.id(), page).await?;
    let cursors: Vec<i64> = views.iter().map(|view| view.conversation.last_status.0).collect();
    let links = Links::new(&app, &uri, &page, &cursors, Style::Statuses);
    let render = Render::new(&app);
    let list: Vec<Conversation> =
        views.iter().map(|view| Conversation::render(view, me.id(), &render)).collect();
    Ok((links, Json(list)))
}

async fn remove(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<RowId>,
) -> Result<Json<Empty>, ApiError> {
    conversations::remove(&app, me.id(), id).await?;
    Ok(Json(Empty {}))
}

async fn read(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<RowId>,
) -> Result<Json<Conversation>, ApiError> {
    let view = conversations::mark(&app, me.id(), id, false).await?;
    Ok(Json(Conversation::render(&view, me.id(), &Render::new(&app))))
}

async fn unread(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<RowId>,
) -> Result<Json<Conversation>, ApiError> {
    let view = conversations::mark(&app, me.id(), id, true).await?;
    Ok(Json(Conversation::render(&view, me.id(), &Render::new(&app))))
}
