//! Announcements.

use app::announcements;
use domain::Timestamp;
use domain::text::{LinkStyle, Render as TextRender};
use serde::Serialize;
use serde_json::Value;

use super::{CustomEmoji, Render};

/// <https://docs.joinmastodon.org/entities/Announcement/>
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Announcement {
    id: String,
    content: String,
    starts_at: Option<String>,
    ends_at: Option<String>,
    all_day: bool,
    published_at: String,
    updated_at: String,
    read: bool,
    mentions: Vec<Value>,
    statuses: Vec<Value>,
    tags: Vec<Value>,
    emojis: Vec<CustomEmoji>,
    reactions: Vec<Value>,
}

impl Announcement {
    pub fn render(announcement: &announcements::Announcement, render: &Render<'_>) -> Self {
        let context =
            TextRender { base: &render.urls.base, resolve: &|_, _| None, links: LinkStyle::Status };
        Self {
            id: announcement.id.to_string(),
            content: domain::text::render(&announcement.text, &context),
            starts_at: announcement.starts_at.map(Timestamp::rfc3339),
            ends_at: announcement.ends_at.map(Timestamp::rfc3339),
            all_day: announcement.all_day,
            published_at: announcement.published_at.rfc3339(),
            updated_at: announcement.updated_at.rfc3339(),
            read: announcement.read,
            mentions: Vec::new(),
            statuses: Vec::new(),
            tags: Vec::new(),
            emojis: CustomEmoji::used_in([announcement.text.as_str()], render),
            reactions: Vec::new(),
        }
    }
}
