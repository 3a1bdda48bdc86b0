//! Versions and sources of statuses, and threads.

use app::statuses::{Thread, Version};
use domain::AccountId;
use domain::status;
use serde::Serialize;

use super::{Account, CustomEmoji, MediaAttachment, Render, Status, html};

/// <https://docs.joinmastodon.org/entities/StatusEdit/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct StatusEdit {
    content: String,
    spoiler_text: String,
    sensitive: bool,
    created_at: String,
    account: Account,
    #[serde(skip_serializing_if = "Option::is_none")]
    poll: Option<EditedPoll>,
    media_attachments: Vec<MediaAttachment>,
    emojis: Vec<CustomEmoji>,
    quote: Option<()>,
}

/// The answers of a poll at that time.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct EditedPoll {
    options: Vec<EditedOption>,
}

/// One answer.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct EditedOption {
    title: String,
}

impl StatusEdit {
    pub fn render(version: &Version, render: &Render<'_>) -> Self {
        let texts = [version.content.as_str(), version.spoiler_text.as_str()];
        Self {
            content: html(&version.content, &version.author),
            spoiler_text: version.spoiler_text.clone(),
            sensitive: version.sensitive,
            created_at: version.created_at.rfc3339(),
            account: Account::render(&version.author, render),
            poll: version.poll_options.as_ref().map(|options| EditedPoll {
                options: options
                    .iter()
                    .map(|title| EditedOption { title: title.clone() })
                    .collect(),
            }),
            media_attachments: version
                .media
                .iter()
                .map(|media| MediaAttachment::render(media, render))
                .collect(),
            emojis: CustomEmoji::used_in(texts, render),
            quote: None,
        }
    }
}

/// <https://docs.joinmastodon.org/entities/StatusSource/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct StatusSource {
    id: String,
    text: String,
    spoiler_text: String,
    /// Not Mastodon's: how the text is read.
    content_type: &'static str,
}

impl StatusSource {
    pub fn render(status: &status::Status) -> Self {
        Self {
            id: status.id.to_string(),
            text: status.text.clone(),
            spoiler_text: status.spoiler_text.clone(),
            content_type: status.format.mime(),
        }
    }
}

/// <https://docs.joinmastodon.org/entities/Context/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Context {
    ancestors: Vec<Status>,
    descendants: Vec<Status>,
}

impl Context {
    pub fn render(thread: &Thread, viewer: Option<AccountId>, render: &Render<'_>) -> Self {
        let list = |views: &[app::StatusView]| {
            views.iter().map(|view| Status::render(view, viewer, render)).collect()
        };
        Self { ancestors: list(&thread.ancestors), descendants: list(&thread.descendants) }
    }
}
