//! Hashtags by themselves and on profiles.

use app::tags::{self, TagView};
use domain::Timestamp;
use serde::Serialize;

use super::Render;

/// <https://docs.joinmastodon.org/entities/Tag/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Tag {
    id: Option<String>,
    name: String,
    url: String,
    history: Vec<Day>,
    #[serde(skip_serializing_if = "Option::is_none")]
    following: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    featuring: Option<bool>,
}

/// The use of a tag on a day; numbers are text, as Mastodon writes them.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Day {
    day: String,
    uses: String,
    accounts: String,
}

impl Tag {
    pub fn render(view: &TagView, render: &Render<'_>) -> Self {
        Self {
            id: view.id.map(|id| id.to_string()),
            name: view.display_name.clone(),
            url: render.urls.tag(&view.name),
            history: view
                .history
                .iter()
                .map(|(day, uses, accounts)| Day {
                    day: day.seconds().to_string(),
                    uses: uses.to_string(),
                    accounts: accounts.to_string(),
                })
                .collect(),
            following: view.following,
            featuring: view.featuring,
        }
    }
}

/// <https://docs.joinmastodon.org/entities/FeaturedTag/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct FeaturedTag {
    id: String,
    name: String,
    url: String,
    statuses_count: String,
    last_status_at: Option<String>,
}

impl FeaturedTag {
    pub fn render(entry: &tags::FeaturedTag, render: &Render<'_>) -> Self {
        Self {
            id: entry.id.to_string(),
            name: entry.tag.display_name.clone(),
            url: render.urls.tag(&entry.tag.name),
            statuses_count: entry.statuses_count.to_string(),
            last_status_at: entry.last_status_at.map(Timestamp::date),
        }
    }
}
