//! What oEmbed adds (oembed.com): a player or a picture. Of its markup only the address of a frame
//! is taken (M02). Pure.

use domain::card::{Card, CardKind};
use serde::Deserialize;
use url::Url;

use super::html::{Part, walk};
use super::page::{line, web_address};

/// Bytes of an oEmbed document.
pub(super) const MOST_BYTES: usize = 256 * 1024;

/// Numbers are strings at some sites; what is neither is none.
#[derive(Deserialize)]
#[serde(untagged)]
enum Loose {
    Number(u32),
    Text(String),
    Other(serde::de::IgnoredAny),
}

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "type")]
    kind: String,
    title: Option<String>,
    author_name: Option<String>,
    author_url: Option<String>,
    provider_name: Option<String>,
    provider_url: Option<String>,
    url: Option<String>,
    html: Option<String>,
    width: Option<Loose>,
    height: Option<Loose>,
}

/// Adds to a preview what the oEmbed document of its page says. A document that makes no sense adds
/// nothing.
pub(super) fn enrich(card: &mut Card, bytes: &[u8], own: &Url, base: &Url) {
    let Ok(document) = serde_json::from_slice::<Document>(bytes) else { return };
    let address =
        |to: &Option<String>| to.as_deref().and_then(|to| web_address(base, to)).map(String::from);
    let embed = match document.kind.as_str() {
        "photo" => address(&document.url).map(|url| (CardKind::Photo, url)),
        "video" => document
            .html
            .as_deref()
            .and_then(|html| frame(html, own))
            .map(|url| (CardKind::Video, url.into())),
        // Rich documents are scripts nearly always; they are links here, as in Mastodon.
        _ => None,
    };
    if let Some((kind, url)) = embed {
        card.kind = kind;
        card.embed_url = url;
        card.width = size(document.width.as_ref());
        card.height = size(document.height.as_ref());
    }
    let text = |to: &mut String, from: &Option<String>, most| {
        let words = line(from.as_deref().unwrap_or_default(), most);
        if !words.is_empty() {
            *to = words;
        }
    };
    text(&mut card.title, &document.title, 500);
    text(&mut card.author_name, &document.author_name, 200);
    text(&mut card.provider_name, &document.provider_name, 200);
    card.author_url = address(&document.author_url).unwrap_or_else(|| card.author_url.clone());
    card.provider_url = address(&document.provider_url).unwrap_or_default();
}

/// The address of the first frame, if it is a player on another site: https only, and never this
/// server itself, whose pages must not run in a frame of somebody's choice.
fn frame(html: &str, own: &Url) -> Option<Url> {
    let mut source = None;
    walk(html, |part| {
        if let Part::Start(element) = part
            && element.name == "iframe"
            && source.is_none()
        {
            source = element.get("src").map(str::to_owned);
        }
    });
    // Some documents leave the scheme to the page.
    let source = source.map(|to| if to.starts_with("//") { format!("https:{to}") } else { to })?;
    let url = web_address(&source.parse().ok()?, "")?;
    (url.scheme() == "https" && url.host_str() != own.host_str()).then_some(url)
}

fn size(value: Option<&Loose>) -> u32 {
    let number = match value {
        Some(Loose::Number(number)) => Some(*number),
        Some(Loose::Text(text)) => text.trim().trim_end_matches("px").parse().ok(),
        Some(Loose::Other(_)) | None => None,
    };
    number.filter(|size| *size <= 10_000).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn enriched(document: &serde_json::Value) -> Card {
        let mut card = Card { title: "before".into(), ..Card::default() };
        let (own, base) = ("https://here.test/", "https://a.test/oembed");
        enrich(
            &mut card,
            document.to_string().as_bytes(),
            &own.parse().unwrap(),
            &base.parse().unwrap(),
        );
        card
    }

    #[test]
    fn a_player_is_its_address_and_its_size() {
        let card = enriched(&json!({
            "type": "video", "title": "A film", "author_name": "Ann", "author_url": "https://a.test/ann",
            "provider_name": "Films", "provider_url": "https://a.test/", "width": "640px", "height": 360,
            "html": "<iframe width='1' src='//a.test/player?x=1&amp;y=2' onload='alert(1)'></iframe>",
        }));
        assert_eq!(card.kind, CardKind::Video);
        assert_eq!(card.embed_url, "https://a.test/player?x=1&y=2");
        assert_eq!((card.width, card.height), (640, 360));
        assert_eq!((card.title.as_str(), card.provider_name.as_str()), ("A film", "Films"));
    }

    #[test]
    fn m02_markup_of_others_never_survives() {
        let bad = [
            "<script>alert(1)</script>",
            "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
            "<iframe src='javascript:alert(1)'></iframe>",
            "<iframe src='data:text/html,<script>alert(1)</script>'></iframe>",
            "<iframe src='http://a.test/'></iframe>",
            "<iframe src='https://here.test/settings'></iframe>",
            "<iframe src='https://u:p@a.test/'></iframe>",
            "<iframe src='/relative'></iframe>",
            "<img src=x onerror=alert(1)>",
            "<object data='https://a.test/'></object>",
            "",
        ];
        for html in bad {
            let card = enriched(&json!({"type": "video", "html": html}));
            assert_eq!((card.kind, card.embed_url.as_str()), (CardKind::Link, ""), "{html}");
        }
        let rich = json!({"type": "rich", "html": "<iframe src='https://a.test/'></iframe>"});
        assert_eq!(enriched(&rich).kind, CardKind::Link);
    }

    #[test]
    fn a_photo_is_its_address_and_nonsense_adds_nothing() {
        let card =
            enriched(&json!({"type": "photo", "url": "/p.png", "width": 9e99, "height": {}}));
        assert_eq!((card.kind, card.embed_url.as_str()), (CardKind::Photo, "https://a.test/p.png"));
        assert_eq!((card.width, card.height), (0, 0));
        let bad = json!({"type": "photo", "url": "javascript:alert(1)"});
        assert_eq!(enriched(&bad).kind, CardKind::Link);
        for bad in [json!([]), json!("x"), json!({"type": 7})] {
            assert_eq!(enriched(&bad).title, "before");
        }
    }
}
