//! `/api/v1/domain_blocks`: whole servers that somebody wants nothing from.

use app::domain_blocks;
use axum::Json;
use axum::extract::{OriginalUri, State};
use serde::Deserialize;

use crate::caller::User;
use crate::entity::{DomainBlockPreview, Empty};
use crate::pagination::{Cursor, Links, Listed, Style};
use crate::params::Params;
use crate::routes::{Access, Route, delete, get, post};
use crate::{ApiError, Shared};

const READ: Access = Access::User(&["read:blocks"]);
const WRITE: Access = Access::User(&["write:blocks"]);

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get("/api/v1/domain_blocks", READ, all),
        post("/api/v1/domain_blocks", WRITE, block),
        delete("/api/v1/domain_blocks", WRITE, unblock),
        get("/api/v1/domain_blocks/preview", WRITE, preview),
    ]
}

async fn all(
    State(app): State<Shared>,
    uri: OriginalUri,
    User(me): User,
    Params(cursor): Params<Cursor>,
) -> Result<Listed<String>, ApiError> {
    let page = cursor.page(100);
    let rows = domain_blocks::list(&app, me.id(), page).await?;
    let cursors: Vec<i64> = rows.iter().map(|row| row.cursor).collect();
    let links = Links::new(&app, &uri, &page, &cursors, Style::Accounts);
    let list: Vec<String> = rows.into_iter().map(|row| row.item).collect();
    Ok((links, Json(list)))
}

#[derive(Deserialize)]
struct Body {
    domain: String,
}

async fn block(
    State(app): State<Shared>,
    User(me): User,
    Params(body): Params<Body>,
) -> Result<Json<Empty>, ApiError> {
    domain_blocks::block(&app, &me, &body.domain).await?;
    Ok(Json(Empty {}))
}

async fn unblock(
    State(app): State<Shared>,
    User(me): User,
    Params(body): Params<Body>,
) -> Result<Json<Empty>, ApiError> {
    domain_blocks::unblock(&app, me.id(), &body.domain).await?;
    Ok(Json(Empty {}))
}

async fn preview(
    State(app): State<Shared>,
    User(me): User,
    Params(body): Params<Body>,
) -> Result<Json<DomainBlockPreview>, ApiError> {
    let (following_count, followers_count) =
        domain_blocks::preview(&app, me.id(), &body.domain).await?;
    Ok(Json(DomainBlockPreview { following_count, followers_count }))
}
