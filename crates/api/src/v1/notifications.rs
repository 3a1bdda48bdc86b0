//! `/api/v1/notifications`

use app::Page;
use app::notifications::{self, Filter, NotificationKind};
use axum::Json;
use axum::extract::{OriginalUri, State};
use domain::{AccountId, NotificationId};
use serde::Deserialize;

use crate::caller::User;
use crate::entity::{Count, Empty, Notification, Render};
use crate::pagination::{Cursor, Links, Listed, Style};
use crate::params::{Both, Id, Params};
use crate::routes::{Access, Route, get, post};
use crate::v1::statuses::optional_id;
use crate::{ApiError, Shared};

const READ: &[&str] = &["read:notifications"];
const WRITE: &[&str] = &["write:notifications"];

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get("/api/v1/notifications", Access::User(READ), list),
        get("/api/v1/notifications/unread_count", Access::User(READ), unread_count),
        get("/api/v1/notifications/{id}", Access::User(READ), show),
        post("/api/v1/notifications/clear", Access::User(WRITE), clear),
        post("/api/v1/notifications/{id}/dismiss", Access::User(WRITE), dismiss),
    ]
}

/// The parameters of lists and counts of notifications, v1 and v2.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct ListParams {
    types: Option<Vec<String>>,
    exclude_types: Option<Vec<String>>,
    account_id: Option<String>,
    include_filtered: bool,
    pub grouped_types: Option<Vec<String>>,
    pub expand_accounts: Option<String>,
    limit: Option<i64>,
}

impl ListParams {
    /// What is left out. Names that are no kinds are passed over.
    pub fn filter(&self) -> Result<Filter, ApiError> {
        let mut kinds = match &self.types {
            Some(names) if !names.is_empty() => kinds(names),
            _ => NotificationKind::ALL.to_vec(),
        };
        if let Some(names) = &self.exclude_types {
            kinds.retain(|kind| !names.iter().any(|name| name == kind.name()));
        }
        Ok(Filter {
            kinds,
            include_filtered: self.include_filtered,
            from: optional_id::<AccountId>(self.account_id.as_deref())?,
        })
    }

    /// The page that is asked for.
    pub fn page(&self, cursor: &Cursor) -> Page {
        let limit = self.limit.map_or(40, i64::saturating_abs).clamp(1, 80);
        Page { limit, ..cursor.page(40) }
    }

    /// To how many unread notifications are counted.
    pub fn most(&self) -> i64 {
        self.limit.unwrap_or(100).saturating_abs().clamp(1, 1_000)
    }
}

/// The kinds of these names.
pub(crate) fn kinds(names: &[String]) -> Vec<NotificationKind> {
    names.iter().filter_map(|name| NotificationKind::parse(name)).collect()
}

async fn list(
    State(app): State<Shared>,
    uri: OriginalUri,
    User(me): User,
    Params(Both(params, cursor)): Params<Both<ListParams, Cursor>>,
) -> Result<Listed<Notification>, ApiError> {
    let page = params.page(&cursor);
    let views = notifications::list(&app, me.id(), params.filter()?, page).await?;
    let cursors: Vec<i64> = views.iter().map(|view| view.notification.id.0).collect();
    let links = Links::new(&app, &uri, &page, &cursors, Style::Timeline);
    let render = Render::new(&app);
    let list: Vec<Notification> =
        views.iter().map(|view| Notification::render(view, me.id(), &render)).collect();
    Ok((links, Json(list)))
}

async fn show(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<NotificationId>,
) -> Result<Json<Notification>, ApiError> {
    let view = notifications::find(&app, me.id(), id).await?.ok_or_else(ApiError::not_found)?;
    Ok(Json(Notification::render(&view, me.id(), &Render::new(&app))))
}

async fn clear(State(app): State<Shared>, User(me): User) -> Result<Json<Empty>, ApiError> {
    notifications::clear(&app, me.id()).await?;
    Ok(Json(Empty {}))
}

async fn dismiss(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<NotificationId>,
) -> Result<Json<Empty>, ApiError> {
    notifications::dismiss(&app, me.id(), id.to_string()).await?;
    Ok(Json(Empty {}))
}

async fn unread_count(
    State(app): State<Shared>,
    User(me): User,
    Params(params): Params<ListParams>,
) -> Result<Json<Count>, ApiError> {
    let most = params.most();
    let count = notifications::unread(&app, me.id(), params.filter()?, most).await?;
    Ok(Json(Count { count }))
}
