//! `/api/v1/statuses/…`

use app::statuses::{self, NewPoll, NewStatus};
use axum::Json;
use axum::extract::State;
use domain::status::Visibility;
use domain::{AccountId, MediaId, StatusId};
use http::HeaderMap;
use serde::Deserialize;

use crate::caller::{Token, User, Viewer};
use crate::entity::{Render, Status};
use crate::params::{Id, Params};
use crate::routes::{Access, Route, get, post};
use crate::{ApiError, Shared};

const READ: &[&str] = &["read:statuses"];
const WRITE: &[&str] = &["write:statuses"];

pub(crate) fn routes() -> Vec<Route> {
    vec![
        post("/api/v1/statuses", Access::User(WRITE), create),
        get("/api/v1/statuses/{id}", Access::Optional(READ), show),
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
    #[serde(default)]
    media_ids: Option<Vec<MediaId>>,
    #[serde(default)]
    allowed_mentions: Option<Vec<AccountId>>,
    #[serde(default)]
    poll: Option<PollParams>,
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
) -> Result<Json<Status>, ApiError> {
    let new = NewStatus {
        text: params.status.unwrap_or_default(),
        spoiler_text: params.spoiler_text.unwrap_or_default(),
        visibility: visibility(params.visibility.as_deref())?,
        sensitive: params.sensitive,
        language: params.language.filter(|code| !code.is_empty()),
        in_reply_to: optional_id(params.in_reply_to_id.as_deref())?,
        quote_of: None,
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
    let view = statuses::post(&app, &me, new).await?;
    Ok(Json(Status::render(&view, Some(me.id()), &Render::new(&app))))
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
