//! `/api/v1/tags`, followed tags, and tag timelines.

use app::PublicFilter;
use app::tags::{self, Wanted};
use axum::Json;
use axum::extract::{OriginalUri, Path, State};
use serde::Deserialize;

use super::timelines::answer;
use crate::caller::{User, Viewer};
use crate::entity::{Render, Status, Tag};
use crate::pagination::{Cursor, Links, Listed, Style};
use crate::params::{Both, Params};
use crate::routes::{Access, Route, get, post};
use crate::{ApiError, Shared};

const FOLLOWS: Access = Access::User(&["write:follows"]);
const ACCOUNTS: Access = Access::User(&["write:accounts"]);

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get("/api/v1/tags/{name}", Access::Optional(&[]), show),
        post("/api/v1/tags/{name}/follow", FOLLOWS, follow),
        post("/api/v1/tags/{name}/unfollow", FOLLOWS, unfollow),
        post("/api/v1/tags/{name}/feature", ACCOUNTS, feature),
        post("/api/v1/tags/{name}/unfeature", ACCOUNTS, unfeature),
        get("/api/v1/followed_tags", Access::User(&["read:follows"]), followed),
        get("/api/v1/timelines/tag/{name}", Access::Optional(&["read:statuses"]), timeline),
    ]
}

type Answer = Result<Json<Tag>, ApiError>;

async fn show(
    State(app): State<Shared>,
    Path(name): Path<String>,
    Viewer(viewer): Viewer,
) -> Answer {
    let view = tags::show(&app, &name, viewer).await?;
    Ok(Json(Tag::render(&view, &Render::new(&app))))
}

async fn follow(State(app): State<Shared>, User(me): User, Path(name): Path<String>) -> Answer {
    let view = tags::follow(&app, me.id(), &name).await?;
    Ok(Json(Tag::render(&view, &Render::new(&app))))
}

async fn unfollow(State(app): State<Shared>, User(me): User, Path(name): Path<String>) -> Answer {
    let view = tags::unfollow(&app, me.id(), &name).await?;
    Ok(Json(Tag::render(&view, &Render::new(&app))))
}

async fn feature(State(app): State<Shared>, User(me): User, Path(name): Path<String>) -> Answer {
    let view = tags::feature_named(&app, me.id(), &name).await?;
    Ok(Json(Tag::render(&view, &Render::new(&app))))
}

async fn unfeature(State(app): State<Shared>, User(me): User, Path(name): Path<String>) -> Answer {
    let view = tags::unfeature_named(&app, me.id(), &name).await?;
    Ok(Json(Tag::render(&view, &Render::new(&app))))
}

async fn followed(
    State(app): State<Shared>,
    uri: OriginalUri,
    User(me): User,
    Params(cursor): Params<Cursor>,
) -> Result<Listed<Tag>, ApiError> {
    let page = cursor.page(100);
    let rows = tags::followed(&app, me.id(), page).await?;
    let cursors: Vec<i64> = rows.iter().map(|row| row.cursor).collect();
    let links = Links::new(&app, &uri, &page, &cursors, Style::Accounts);
    let render = Render::new(&app);
    let list: Vec<Tag> = rows.iter().map(|row| Tag::render(&row.item, &render)).collect();
    Ok((links, Json(list)))
}

#[derive(Deserialize)]
struct TimelineParams {
    #[serde(default)]
    any: Vec<String>,
    #[serde(default)]
    all: Vec<String>,
    #[serde(default)]
    none: Vec<String>,
    #[serde(default)]
    local: bool,
    #[serde(default)]
    remote: bool,
    #[serde(default)]
    only_media: bool,
}

async fn timeline(
    State(app): State<Shared>,
    uri: OriginalUri,
    Path(name): Path<String>,
    Viewer(viewer): Viewer,
    Params(Both(params, cursor)): Params<Both<TimelineParams, Cursor>>,
) -> Result<Listed<Status>, ApiError> {
    let page = cursor.page(20);
    let wanted = Wanted {
        name,
        any: params.any,
        all: params.all,
        none: params.none,
        public: PublicFilter {
            local: params.local,
            remote: params.remote,
            only_media: params.only_media,
        },
    };
    let views = tags::timeline(&app, wanted, viewer, page).await?;
    Ok(answer(&app, &uri, &page, &views, viewer))
}
