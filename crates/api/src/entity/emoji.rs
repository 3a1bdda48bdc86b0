//! Custom emoji.

use domain::account::ForeignEmoji;
use serde::Serialize;

use super::Render;

/// <https://docs.joinmastodon.org/entities/CustomEmoji/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct CustomEmoji {
    shortcode: String,
    url: String,
    static_url: String,
    visible_in_picker: bool,
    category: Option<String>,
    featured: bool,
}

impl CustomEmoji {
    pub fn render(emoji: &app::emojis::Emoji) -> Self {
        Self {
            shortcode: emoji.shortcode.clone(),
            url: emoji.url.clone(),
            static_url: emoji.static_url.clone(),
            visible_in_picker: emoji.visible,
            category: emoji.category.clone(),
            featured: false,
        }
    }

    /// Those that texts of another server use.
    pub fn foreign(emojis: &[ForeignEmoji], render: &Render<'_>) -> Vec<Self> {
        let show = |emoji: &ForeignEmoji| Self {
            shortcode: emoji.code.clone(),
            url: render.urls.file(&emoji.key),
            static_url: render.urls.file(&emoji.key),
            visible_in_picker: false,
            category: None,
            featured: false,
        };
        emojis.iter().map(show).collect()
    }

    /// Those that stand in one of these texts of this server.
    pub fn used_in<'t>(texts: impl IntoIterator<Item = &'t str>, render: &Render<'_>) -> Vec<Self> {
        if render.emojis.0.is_empty() {
            return Vec::new();
        }
        let mut codes: Vec<String> =
            texts.into_iter().flat_map(domain::text::emoji::shortcodes).collect();
        codes.sort();
        codes.dedup();
        codes.iter().filter_map(|code| render.emojis.0.get(code)).map(Self::render).collect()
    }
}
