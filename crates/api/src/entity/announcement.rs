//! Announcements.

use app::announcements::{self, AnnouncementView};
use domain::Timestamp;
use domain::text::{LinkStyle, Piece, Render as TextRender};
use serde::Serialize;
use serde_json::{Value, json};

use super::{CustomEmoji, Render};

/// <https://docs.joinmastodon.org/entities/Announcement/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
    reactions: Vec<Reaction>,
}

/// <https://docs.joinmastodon.org/entities/Reaction/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Reaction {
    name: String,
    count: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    me: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    static_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    announcement_id: Option<String>,
}

impl Reaction {
    fn render(reaction: &announcements::Reaction, render: &Render<'_>) -> Self {
        let picture = render.emojis.0.get(&reaction.name);
        Self {
            name: reaction.name.clone(),
            count: reaction.count,
            me: Some(reaction.mine),
            url: picture.map(|emoji| emoji.url.clone()),
            static_url: picture.map(|emoji| emoji.static_url.clone()),
            announcement_id: None,
        }
    }

    /// What streams are told of one: the new number, which may be none.
    pub fn streamed(view: &AnnouncementView, name: &str) -> Self {
        let count = view.reactions.iter().find(|one| one.name == name).map_or(0, |one| one.count);
        Self {
            name: name.to_owned(),
            count,
            me: None,
            url: None,
            static_url: None,
            announcement_id: Some(view.announcement.id.to_string()),
        }
    }
}

impl Announcement {
    pub fn render(view: &AnnouncementView, render: &Render<'_>) -> Self {
        let announcement = &view.announcement;
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
            tags: tags(&announcement.text, render),
            emojis: CustomEmoji::used_in([announcement.text.as_str()], render),
            reactions: view.reactions.iter().map(|one| Reaction::render(one, render)).collect(),
        }
    }
}

fn tags(text: &str, render: &Render<'_>) -> Vec<Value> {
    let name = |piece: Piece<'_>| match piece {
        Piece::Hashtag(name) => domain::text::fold_tag(name),
        Piece::Text(_) | Piece::Link(_) | Piece::Mention { .. } => None,
    };
    let names = domain::text::parse(text).into_iter().filter_map(name);
    names.map(|name| json!({ "url": render.urls.tag(&name), "name": name })).collect()
}
