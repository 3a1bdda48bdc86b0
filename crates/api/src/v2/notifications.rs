//! `/api/v2/notifications`: in groups.

use app::notifications::{self, Groups, NotificationKind, Policy, Verdict};
use axum::Json;
use axum::extract::{OriginalUri, Path, State};
use serde::Deserialize;

use crate::caller::User;
use crate::entity::{Account, Count, Empty, GroupedNotifications, NotificationPolicy, Render};
use crate::pagination::{Cursor, Links, Listed, Style};
use crate::params::{Both, Params};
use crate::routes::{Access, Route, get, post, put};
use crate::v1::notifications::{ListParams, kinds};
use crate::{ApiError, Shared};

const READ: &[&str] = &["read:notifications"];
const WRITE: &[&str] = &["write:notifications"];

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get("/api/v2/notifications", Access::User(READ), list),
        get("/api/v2/notifications/unread_count", Access::User(READ), unread_count),
        get("/api/v2/notifications/policy", Access::User(READ), policy),
        put("/api/v2/notifications/policy", Access::User(WRITE), set_policy),
        post("/api/v2/notifications/clear", Access::User(WRITE), clear),
        get("/api/v2/notifications/{group_key}", Access::User(READ), show),
        get("/api/v2/notifications/{group_key}/accounts", Access::User(READ), accounts),
        post("/api/v2/notifications/{group_key}/dismiss", Access::User(WRITE), dismiss),
    ]
}

/// The kinds that can be grouped.
const GROUPABLE: &[NotificationKind] = &[
    NotificationKind::Favourite,
    NotificationKind::Boost,
    NotificationKind::Follow,
    NotificationKind::SignUp,
];

fn grouped(params: &ListParams) -> Vec<NotificationKind> {
    match &params.grouped_types {
        Some(names) if !names.is_empty() => {
            let mut wanted = kinds(names);
            wanted.retain(|kind| GROUPABLE.contains(kind));
            wanted
        }
        _ => GROUPABLE.to_vec(),
    }
}

fn is_partial(params: &ListParams) -> Result<bool, ApiError> {
    match params.expand_accounts.as_deref() {
        None | Some("" | "full") => Ok(false),
        Some("partial_avatars") => Ok(true),
        Some(_) => Err(ApiError::bad_request(
            "Invalid value for 'expand_accounts', allowed values: full, partial_avatars",
        )),
    }
}

async fn list(
    State(app): State<Shared>,
    uri: OriginalUri,
    User(me): User,
    Params(Both(params, cursor)): Params<Both<ListParams, Cursor>>,
) -> Result<(Links, Json<GroupedNotifications>), ApiError> {
    let partial = is_partial(&params)?;
    let page = params.page(&cursor);
    let filter = params.filter()?;
    let found = notifications::groups(&app, me.id(), filter, grouped(&params), page).await?;
    let cursors: Vec<i64> = found.groups.iter().map(|group| group.newest.id.0).collect();
    let links = Links::new(&app, &uri, &page, &cursors, Style::Timeline);
    let body = rendered(&app, &found, partial, &me);
    Ok((links, Json(body)))
}

fn rendered(
    app: &Shared,
    found: &Groups,
    partial: bool,
    me: &app::access::Me,
) -> GroupedNotifications {
    GroupedNotifications::render(found, partial, me.id(), &Render::new(app))
}

async fn show(
    State(app): State<Shared>,
    User(me): User,
    Path(key): Path<String>,
) -> Result<Json<GroupedNotifications>, ApiError> {
    let found = notifications::group(&app, me.id(), key).await?;
    Ok(Json(rendered(&app, &found, false, &me)))
}

async fn accounts(
    State(app): State<Shared>,
    uri: OriginalUri,
    User(me): User,
    Path(key): Path<String>,
    Params(cursor): Params<Cursor>,
) -> Result<Listed<Account>, ApiError> {
    let page = cursor.page(40);
    let found = notifications::senders(&app, me.id(), key, page).await?;
    let cursors: Vec<i64> = found.iter().map(|entry| entry.cursor).collect();
    let links = Links::new(&app, &uri, &page, &cursors, Style::Statuses);
    let render = Render::new(&app);
    let list: Vec<Account> =
        found.iter().map(|entry| Account::render(&entry.item, &render)).collect();
    Ok((links, Json(list)))
}

async fn dismiss(
    State(app): State<Shared>,
    User(me): User,
    Path(key): Path<String>,
) -> Result<Json<Empty>, ApiError> {
    notifications::dismiss(&app, me.id(), key).await?;
    Ok(Json(Empty {}))
}

async fn clear(State(app): State<Shared>, User(me): User) -> Result<Json<Empty>, ApiError> {
    notifications::clear(&app, me.id()).await?;
    Ok(Json(Empty {}))
}

async fn unread_count(
    State(app): State<Shared>,
    User(me): User,
    Params(params): Params<ListParams>,
) -> Result<Json<Count>, ApiError> {
    let (filter, grouped) = (params.filter()?, grouped(&params));
    let count = notifications::unread_groups(&app, me.id(), filter, grouped, params.most()).await?;
    Ok(Json(Count { count }))
}

async fn policy(
    State(app): State<Shared>,
    User(me): User,
) -> Result<Json<NotificationPolicy>, ApiError> {
    let policy = notifications::policy(&app, me.id()).await?;
    let summary = notifications::summary(&app, me.id()).await?;
    Ok(Json(NotificationPolicy::render(policy, summary)))
}

#[derive(Deserialize)]
struct PolicyParams {
    #[serde(default)]
    for_not_following: Option<String>,
    #[serde(default)]
    for_not_followers: Option<String>,
    #[serde(default)]
    for_new_accounts: Option<String>,
    #[serde(default)]
    for_private_mentions: Option<String>,
    #[serde(default)]
    for_limited_accounts: Option<String>,
}

async fn set_policy(
    State(app): State<Shared>,
    User(me): User,
    Params(params): Params<PolicyParams>,
) -> Result<Json<NotificationPolicy>, ApiError> {
    let old = notifications::policy(&app, me.id()).await?;
    let new = Policy {
        not_following: verdict(params.for_not_following.as_deref(), old.not_following)?,
        not_followers: verdict(params.for_not_followers.as_deref(), old.not_followers)?,
        new_accounts: verdict(params.for_new_accounts.as_deref(), old.new_accounts)?,
        private_mentions: verdict(params.for_private_mentions.as_deref(), old.private_mentions)?,
        limited_accounts: verdict(params.for_limited_accounts.as_deref(), old.limited_accounts)?,
    };
    notifications::set_policy(&app, me.id(), new).await?;
    let summary = notifications::summary(&app, me.id()).await?;
    Ok(Json(NotificationPolicy::render(new, summary)))
}

fn verdict(wanted: Option<&str>, old: Verdict) -> Result<Verdict, ApiError> {
    let Some(wanted) = wanted else { return Ok(old) };
    Verdict::parse(wanted).ok_or_else(|| {
        ApiError::new(
            http::StatusCode::UNPROCESSABLE_ENTITY,
            format!("'{}' is not a valid policy", wanted.chars().take(50).collect::<String>()),
        )
    })
}
