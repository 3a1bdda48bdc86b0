//! Link previews.

use app::CardView;
use domain::card::{Card, CardKind};
use domain::text::escape;
use serde::Serialize;

use super::Render;

/// <https://docs.joinmastodon.org/entities/PreviewCard/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct PreviewCard {
    url: String,
    title: String,
    description: String,
    language: Option<String>,
    #[serde(rename = "type")]
    kind: &'static str,
    author_name: String,
    author_url: String,
    authors: Vec<PreviewCardAuthor>,
    provider_name: String,
    provider_url: String,
    html: String,
    width: u32,
    height: u32,
    image: Option<String>,
    image_description: String,
    embed_url: String,
    blurhash: Option<String>,
    published_at: Option<String>,
}

/// <https://docs.joinmastodon.org/entities/PreviewCard/#PreviewCardAuthor>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct PreviewCardAuthor {
    name: String,
    url: String,
    account: Option<super::Account>,
}

impl PreviewCard {
    pub fn render(view: &CardView, render: &Render<'_>) -> Self {
        let card = &view.card;
        let is_named = !card.author_name.is_empty();
        let author = PreviewCardAuthor {
            name: card.author_name.clone(),
            url: card.author_url.clone(),
            account: None,
        };
        Self {
            url: card.url.clone(),
            title: card.title.clone(),
            description: card.description.clone(),
            language: card.language.clone(),
            kind: card.kind.name(),
            author_name: card.author_name.clone(),
            author_url: card.author_url.clone(),
            authors: is_named.then_some(author).into_iter().collect(),
            provider_name: card.provider_name.clone(),
            provider_url: card.provider_url.clone(),
            html: player(card),
            width: card.width,
            height: card.height,
            image: view.image_key.as_ref().map(|key| render.urls.file(key)),
            image_description: card.image_description.clone(),
            embed_url: if card.kind == CardKind::Photo {
                card.embed_url.clone()
            } else {
                String::new()
            },
            blurhash: None,
            published_at: None,
        }
    }
}

/// The frame of a player, made here of nothing but its address and size (M02): no markup of others
/// is ever shown. Clients put this into their pages as it is, so the frame is sandboxed.
fn player(card: &Card) -> String {
    if card.kind != CardKind::Video || !card.embed_url.starts_with("https://") {
        return String::new();
    }
    let (source, width, height) = (escape(&card.embed_url), card.width, card.height);
    format!(
        "<iframe src=\"{source}\" width=\"{width}\" height=\"{height}\" allowfullscreen=\"\" \
         sandbox=\"allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox \
         allow-forms\" loading=\"lazy\"></iframe>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m02_a_player_is_a_sandboxed_https_frame_whatever_is_stored() {
        let card = |kind, embed_url: &str| Card {
            kind,
            embed_url: embed_url.into(),
            width: 640,
            height: 360,
            ..Card::default()
        };
        let html =
            player(&card(CardKind::Video, "https://a.test/?a=1&b=\"><script>alert(1)</script>"));
        assert!(
            html.starts_with("<iframe src=\"https://a.test/?a=1&amp;b=&quot;&gt;&lt;script"),
            "{html}"
        );
        assert!(html.contains("sandbox=") && !html.contains("<script"), "{html}");
        for bad in ["http://a.test/", "javascript:alert(1)", "data:text/html,x", ""] {
            assert_eq!(player(&card(CardKind::Video, bad)), "");
        }
        assert_eq!(player(&card(CardKind::Photo, "https://a.test/x.png")), "");
    }
}
