//! Hashtags as staff sees them.

use app::moderation::StaffTag;
use app::tags::TagView;
use serde::Serialize;

use crate::entity::{Render, Tag};

/// <https://docs.joinmastodon.org/entities/Tag/#admin>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct AdminTag {
    #[serde(flatten)]
    tag: Tag,
    trendable: bool,
    usable: bool,
    listable: bool,
    requires_review: bool,
}

impl AdminTag {
    pub fn render(row: &StaffTag, view: &TagView, render: &Render<'_>) -> Self {
        Self {
            tag: Tag::render(view, render),
            trendable: row.trendable,
            usable: row.usable,
            listable: row.listable,
            // Nothing trends, so nothing waits for somebody to look at it.
            requires_review: false,
        }
    }
}
