//! Statuses that wait for their time.

use app::scheduled::{Draft, ScheduledView};
use domain::Timestamp;
use serde::Serialize;

use super::{MediaAttachment, Render, Status};

/// What became of a status that was sent: it stands, or it waits for its time.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub(crate) enum Posted {
    Now(Box<Status>),
    Later(Box<ScheduledStatus>),
}

/// <https://docs.joinmastodon.org/entities/ScheduledStatus/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ScheduledStatus {
    id: String,
    scheduled_at: String,
    params: Params,
    media_attachments: Vec<MediaAttachment>,
}

/// The request that scheduled it.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "ScheduledParams"))]
struct Params {
    text: String,
    spoiler_text: Option<String>,
    visibility: &'static str,
    sensitive: Option<bool>,
    language: Option<String>,
    in_reply_to_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quoted_status_id: Option<String>,
    media_ids: Option<Vec<String>>,
    poll: Option<Poll>,
    scheduled_at: Option<String>,
    application_id: i64,
    idempotency: Option<String>,
    with_rate_limit: bool,
}

/// A poll as it was asked for.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "ScheduledPoll"))]
struct Poll {
    options: Vec<String>,
    expires_in: i64,
    multiple: bool,
    hide_totals: bool,
}

impl ScheduledStatus {
    pub fn render(view: &ScheduledView, render: &Render<'_>) -> Self {
        Self {
            id: view.id.to_string(),
            scheduled_at: view.at.rfc3339(),
            params: params(&view.draft, view.at),
            media_attachments: view
                .media
                .iter()
                .map(|media| MediaAttachment::render(media, render))
                .collect(),
        }
    }
}

fn params(draft: &Draft, at: Timestamp) -> Params {
    Params {
        text: draft.text.clone(),
        spoiler_text: (!draft.spoiler_text.is_empty()).then(|| draft.spoiler_text.clone()),
        visibility: draft.visibility.map_or("public", domain::status::Visibility::name),
        sensitive: draft.sensitive,
        language: draft.language.clone(),
        in_reply_to_id: draft.in_reply_to.map(|id| id.0),
        quoted_status_id: draft.quote_of.map(|id| id.to_string()),
        media_ids: (!draft.media_ids.is_empty())
            .then(|| draft.media_ids.iter().map(ToString::to_string).collect()),
        poll: draft.poll.as_ref().map(|poll| Poll {
            options: poll.options.clone(),
            expires_in: poll.expires_in,
            multiple: poll.multiple,
            hide_totals: poll.hide_totals,
        }),
        scheduled_at: Some(at.rfc3339()),
        application_id: draft.app.map_or(0, |id| id.0),
        idempotency: draft.idempotency_key.clone(),
        with_rate_limit: true,
    }
}
