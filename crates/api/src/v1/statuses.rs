//! `/api/v1/statuses/…`

use app::statuses::{self, Changes, MediaChange, NewPoll, NewStatus};
use app::uploads::Release;
use axum::Json;
use axum::extract::State;
use domain::status::{Format, Visibility};
use domain::{AccountId, MediaId, StatusId};
use http::HeaderMap;
use serde::Deserialize;

use super::scheduled::time;
use crate::caller::{Token, User, Viewer};
use crate::entity::{
    Context, Empty, Posted, Render, ScheduledStatus, Status, StatusEdit, StatusSource,
};
use crate::params::{Id, Params};
use crate::routes::{Access, Route, delete, get, post, put};
use crate::{ApiError, Shared};

const READ: &[&str] = &["read:statuses"];
const WRITE: &[&str] = &["write:statuses"];

pub(crate) fn routes() -> Vec<Route> {
    vec![
        post("/api/v1/statuses", Access::User(WRITE), create),
        get("/api/v1/statuses", Access::Optional(READ), many),
        get("/api/v1/statuses/{id}", Access::Optional(READ), show),
        put("/api/v1/statuses/{id}", Access::User(WRITE), edit),
        delete("/api/v1/statuses/{id}", Access::User(WRITE), remove),
        get("/api/v1/statuses/{id}/context", Access::Optional(READ), context),
        get("/api/v1/statuses/{id}/history", Access::Optional(READ), history),
        get("/api/v1/statuses/{id}/source", Access::AppOrUser(READ), source),
        get("/api/v1/statuses/{id}/card", Access::Optional(READ), card),
        post("/api/v1/statuses/{id}/translate", Access::User(READ), translate),
    ]
}

#[derive(Deserialize)]
struct Create {
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    spoiler_text: Option<String>,
    #[serde(default)]
    visibility: Option<String>,
    #[serde(default)]
    sensitive: Option<bool>,
    #[serde(default)]
    language: Option<String>,
    #[serde(default)]
    in_reply_to_id: Option<String>,
    #[serde(default)]
    quote_approval_policy: Option<String>,
    /// Not Mastodon's: as Pleroma and Akkoma name it.
    #[serde(default)]
    expires_in: Option<i64>,
    /// Not Mastodon's: as its forks name it.
    #[serde(default)]
    local_only: Option<bool>,
    /// Not Mastodon's: a media type, as others name it.
    #[serde(default)]
    content_type: Option<String>,
    #[serde(default)]
    quoted_status_id: Option<String>,
    #[serde(default)]
    media_ids: Option<Vec<MediaId>>,
    #[serde(default)]
    allowed_mentions: Option<Vec<AccountId>>,
    #[serde(default)]
    poll: Option<PollParams>,
    #[serde(default)]
    scheduled_at: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct PollParams {
    #[serde(default)]
    options: Vec<String>,
    #[serde(default)]
    expires_in: i64,
    #[serde(default)]
    multiple: bool,
    #[serde(default)]
    hide_totals: bool,
}

impl From<PollParams> for NewPoll {
    fn from(poll: PollParams) -> Self {
        Self {
            options: poll.options,
            expires_in: poll.expires_in,
            multiple: poll.multiple,
            hide_totals: poll.hide_totals,
        }
    }
}

async fn create(
    State(app): State<Shared>,
    User(me): User,
    Token(caller): Token,
    headers: HeaderMap,
    Params(params): Params<Create>,
) -> Result<Json<Posted>, ApiError> {
    // A time that is past posts at once.
    let later = time(params.scheduled_at.as_deref())?.filter(|at| *at > app.now());
    let new = NewStatus {
        text: params.status.unwrap_or_default(),
        spoiler_text: params.spoiler_text.unwrap_or_default(),
        visibility: visibility(params.visibility.as_deref())?,
        sensitive: params.sensitive,
        language: params.language.filter(|code| !code.is_empty()),
        in_reply_to: optional_id(params.in_reply_to_id.as_deref())?,
        expires_in: params.expires_in,
        local_only: params.local_only.unwrap_or(false),
        format: format(params.content_type.as_deref())?,
        quote_of: optional_id(params.quoted_status_id.as_deref())?,
        quote_policy: params.quote_approval_policy,
        media: params.media_ids.unwrap_or_default(),
        poll: params.poll.map(Into::into),
        allowed_mentions: params.allowed_mentions,
        app: caller.token.app_id,
        idempotency_key: headers
            .get("idempotency-key")
            .and_then(|key| key.to_str().ok())
            .map(|key| key.chars().take(200).collect()),
    };
    if let Some(at) = later {
        let view = app::scheduled::schedule(&app, &me, new, at).await?;
        let waiting = ScheduledStatus::render(&view, &Render::new(&app));
        return Ok(Json(Posted::Later(Box::new(waiting))));
    }
    let view = statuses::post(&app, &me, new).await?;
    let status = Status::render(&view, Some(me.id()), &Render::new(&app));
    Ok(Json(Posted::Now(Box::new(status))))
}

/// The visibility of that name; empty follows the author's settings.
pub(crate) fn visibility(name: Option<&str>) -> Result<Option<Visibility>, ApiError> {
    let Some(name) = name.filter(|name| !name.is_empty()) else { return Ok(None) };
    Visibility::parse(name).map(Some).ok_or_else(|| {
        ApiError::new(
            http::StatusCode::UNPROCESSABLE_ENTITY,
            "Validation failed: Visibility is not included in the list",
        )
    })
}

/// The format with that media type; empty follows the author's settings.
fn format(name: Option<&str>) -> Result<Option<Format>, ApiError> {
    let Some(name) = name.filter(|name| !name.is_empty()) else { return Ok(None) };
    Format::parse(name).map(Some).ok_or_else(|| {
        ApiError::new(
            http::StatusCode::UNPROCESSABLE_ENTITY,
            "Validation failed: Content type is not included in the list",
        )
    })
}

/// An id that may be missing or empty. Something that is no id can be of nothing: 404.
pub(crate) fn optional_id<T: From<i64>>(text: Option<&str>) -> Result<Option<T>, ApiError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    text.parse::<i64>().map(|id| Some(T::from(id))).map_err(|_| ApiError::not_found())
}

async fn show(
    State(app): State<Shared>,
    Id(id): Id<StatusId>,
    Viewer(viewer): Viewer,
) -> Result<Json<Status>, ApiError> {
    let view = statuses::show(&app, id, viewer).await?;
    Ok(Json(Status::render(&view, viewer, &Render::new(&app))))
}

#[derive(Deserialize)]
struct Many {
    #[serde(default)]
    id: Vec<StatusId>,
}

async fn many(
    State(app): State<Shared>,
    Viewer(viewer): Viewer,
    Params(mut params): Params<Many>,
) -> Result<Json<Vec<Status>>, ApiError> {
    params.id.truncate(40);
    let views = statuses::many(&app, params.id, viewer).await?;
    let render = Render::new(&app);
    Ok(Json(views.iter().map(|view| Status::render(view, viewer, &render)).collect()))
}

#[derive(Deserialize)]
struct Edit {
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    spoiler_text: Option<String>,
    #[serde(default)]
    sensitive: Option<bool>,
    #[serde(default)]
    language: Option<String>,
    #[serde(default)]
    quote_approval_policy: Option<String>,
    #[serde(default)]
    content_type: Option<String>,
    #[serde(default)]
    media_ids: Option<Vec<MediaId>>,
    #[serde(default)]
    media_attributes: Vec<MediaAttributes>,
    #[serde(default)]
    poll: Option<PollParams>,
}

#[derive(Deserialize)]
struct MediaAttributes {
    id: MediaId,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    focus: Option<String>,
}

/// `-0.5,0.25` in ten-thousandths, each between -1 and 1.
pub(crate) fn focus(text: &str) -> Option<(i64, i64)> {
    let part = |text: &str| {
        let value: f64 = text.trim().parse().ok()?;
        #[expect(clippy::cast_possible_truncation, reason = "clamped to ten thousand")]
        value.is_finite().then(|| (value.clamp(-1.0, 1.0) * 10_000.0).round() as i64)
    };
    let (x, y) = text.split_once(',')?;
    Some((part(x)?, part(y)?))
}

async fn edit(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<StatusId>,
    Params(params): Params<Edit>,
) -> Result<Json<Status>, ApiError> {
    let changes = Changes {
        text: params.status,
        spoiler_text: params.spoiler_text,
        sensitive: params.sensitive,
        language: params.language.filter(|code| !code.is_empty()),
        quote_policy: params.quote_approval_policy,
        media: params.media_ids,
        media_changes: params
            .media_attributes
            .into_iter()
            .map(|media| MediaChange {
                id: media.id,
                description: media.description,
                focus: media.focus.as_deref().and_then(focus),
            })
            .collect(),
        poll: params.poll.map(Into::into),
        format: format(params.content_type.as_deref())?,
    };
    let view = statuses::edit(&app, &me, id, changes).await?;
    Ok(Json(Status::render(&view, Some(me.id()), &Render::new(&app))))
}

#[derive(Deserialize)]
struct Remove {
    #[serde(default)]
    delete_media: bool,
}

async fn remove(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<StatusId>,
    Params(params): Params<Remove>,
) -> Result<Json<Status>, ApiError> {
    let release = if params.delete_media { Release::ForGood } else { Release::ForRedraft };
    let view = statuses::delete(&app, &me, id, release).await?;
    let status = Status::render(&view, Some(me.id()), &Render::new(&app));
    Ok(Json(status.into_deleted(&view.status)))
}

async fn context(
    State(app): State<Shared>,
    Id(id): Id<StatusId>,
    Viewer(viewer): Viewer,
) -> Result<Json<Context>, ApiError> {
    let thread = statuses::thread(&app, id, viewer).await?;
    Ok(Json(Context::render(&thread, viewer, &Render::new(&app))))
}

async fn history(
    State(app): State<Shared>,
    Id(id): Id<StatusId>,
    Viewer(viewer): Viewer,
) -> Result<Json<Vec<StatusEdit>>, ApiError> {
    let versions = statuses::history(&app, id, viewer).await?;
    let render = Render::new(&app);
    Ok(Json(versions.iter().map(|version| StatusEdit::render(version, &render)).collect()))
}

async fn source(
    State(app): State<Shared>,
    Id(id): Id<StatusId>,
    Viewer(viewer): Viewer,
) -> Result<Json<StatusSource>, ApiError> {
    let status = statuses::source(&app, id, viewer).await?;
    Ok(Json(StatusSource::render(&status)))
}

/// The old way to ask for a card; without one the answer is empty.
async fn card(
    State(app): State<Shared>,
    Id(id): Id<StatusId>,
    Viewer(viewer): Viewer,
) -> Result<Json<Empty>, ApiError> {
    statuses::show(&app, id, viewer).await?;
    Ok(Json(Empty {}))
}

/// There is no translation service: an open status cannot be translated, another one must not be.
async fn translate(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<StatusId>,
) -> Result<Json<Status>, ApiError> {
    let view = statuses::show(&app, id, Some(me.id())).await?;
    if view.status.visibility.is_open() {
        return Err(ApiError::not_found());
    }
    Err(ApiError::new(http::StatusCode::FORBIDDEN, "This action is not allowed"))
}
