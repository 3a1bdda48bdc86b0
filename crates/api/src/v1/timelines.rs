//! `/api/v1/timelines/…`

use app::{PublicFilter, StatusView, timelines};
use axum::Json;
use axum::extract::{OriginalUri, State};
use domain::AccountId;
use serde::Deserialize;

use crate::caller::{User, Viewer};
use crate::entity::{Render, Status};
use crate::pagination::{Cursor, Links, Listed, Style};
use crate::params::{Both, Params};
use crate::routes::{Access, Route, get};
use crate::{ApiError, Shared};

const READ: &[&str] = &["read:statuses"];

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get("/api/v1/timelines/home", Access::User(READ), home),
        get("/api/v1/timelines/public", Access::Optional(READ), public),
    ]
}

/// A timeline with its links.
pub(crate) fn answer(
    app: &Shared,
    uri: &OriginalUri,
    page: &app::Page,
    views: &[StatusView],
    viewer: Option<AccountId>,
) -> Listed<Status> {
    let cursors: Vec<i64> = views.iter().map(|view| view.status.id.0).collect();
    let links = Links::new(app, uri, page, &cursors, Style::Timeline);
    let render = Render::new(app);
    let list: Vec<Status> =
        views.iter().map(|view| Status::render(view, viewer, &render)).collect();
    (links, Json(list))
}

async fn home(
    State(app): State<Shared>,
    uri: OriginalUri,
    User(me): User,
    Params(cursor): Params<Cursor>,
) -> Result<Listed<Status>, ApiError> {
    let page = cursor.page(20);
    let views = timelines::home(&app, me.id(), page).await?;
    Ok(answer(&app, &uri, &page, &views, Some(me.id())))
}

#[derive(Deserialize)]
struct PublicParams {
    #[serde(default)]
    local: bool,
    #[serde(default)]
    remote: bool,
    #[serde(default)]
    only_media: bool,
}

async fn public(
    State(app): State<Shared>,
    uri: OriginalUri,
    Viewer(viewer): Viewer,
    Params(Both(params, cursor)): Params<Both<PublicParams, Cursor>>,
) -> Result<Listed<Status>, ApiError> {
    let page = cursor.page(20);
    let filter =
        PublicFilter { local: params.local, remote: params.remote, only_media: params.only_media };
    let views = timelines::public(&app, filter, viewer, page).await?;
    Ok(answer(&app, &uri, &page, &views, viewer))
}
