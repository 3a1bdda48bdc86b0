//! What a page says of itself: Open Graph and its cousins, and where its oEmbed is. Pure.

use domain::card::{Card, CardKind};
use url::Url;

use super::html::{Element, Part, walk};

/// A page, read.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// The preview; its title is empty when the page has none.
    pub(super) card: Card,
    /// The picture of the preview.
    pub(super) image: Option<Url>,
    /// Where oEmbed says more.
    pub(super) oembed: Option<Url>,
}

/// The text of a page, by the encoding that it or its server names; UTF-8 without one.
pub(super) fn decode(bytes: &[u8], content_type: &str) -> String {
    let head = String::from_utf8_lossy(bytes.get(..1024).unwrap_or(bytes));
    let named = charset(content_type).or_else(|| charset(&head));
    let encoding = named
        .and_then(|label| encoding_rs::Encoding::for_label(label.as_bytes()))
        .unwrap_or(encoding_rs::UTF_8);
    encoding.decode(bytes).0.into_owned()
}

/// The word after `charset=`.
fn charset(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let (_, after) = lower.split_once("charset=")?;
    let after = after.trim_start_matches(['"', '\'', ' ']);
    let end = after.find(['"', '\'', ';', '>', ' ', '/', '\r', '\n']).unwrap_or(after.len());
    after.get(..end).filter(|label| !label.is_empty()).map(str::to_owned)
}

/// Reads a page that came from `base`.
pub(super) fn read(html: &str, base: &Url) -> Page {
    let mut found = Found::default();
    let (mut in_title, mut in_body) = (false, false);
    walk(html, |part| match part {
        Part::Start(element) => {
            in_title = element.name == "title" && found.title.is_empty() && !in_body;
            // Drawings in the body have titles of their own.
            in_body |= matches!(element.name.as_str(), "body" | "svg");
            found.take(element);
        }
        Part::End(_) => in_title = false,
        Part::Text(text) if in_title && found.title.len() < 4096 => found.title.push_str(text),
        Part::Text(_) => {}
    });
    found.into_page(base)
}

/// What stood in the tags, unjudged; the first of each counts.
#[derive(Default)]
struct Found {
    title: String,
    language: Option<String>,
    oembed: Option<String>,
    meta: Vec<(String, String)>,
}

/// Tags that are remembered of one page.
const MOST_META: usize = 200;

impl Found {
    fn take(&mut self, element: &Element) {
        match element.name.as_str() {
            "html" => self.language = element.get("lang").map(str::to_owned),
            "meta" if self.meta.len() < MOST_META => {
                let name = element.get("property").or_else(|| element.get("name"));
                if let (Some(name), Some(content)) = (name, element.get("content")) {
                    self.meta.push((name.to_ascii_lowercase(), content.to_owned()));
                }
            }
            "link" if self.oembed.is_none() && element.has_word("rel", "alternate") => {
                let is_oembed = element.has_word("type", "application/json+oembed");
                self.oembed = element.get("href").filter(|_| is_oembed).map(str::to_owned);
            }
            _ => {}
        }
    }

    /// The first of these that the page has.
    fn meta(&self, names: &[&str]) -> Option<&str> {
        let first = |name: &&str| self.meta.iter().find(|(known, _)| known == name);
        names.iter().find_map(first).map(|(_, content)| content.as_str())
    }

    fn into_page(self, base: &Url) -> Page {
        let text = |names: &[&str], most| line(self.meta(names).unwrap_or_default(), most);
        let address = |names: &[&str]| self.meta(names).and_then(|to| web_address(base, to));
        let title = text(&["og:title", "twitter:title"], 500);
        let image = address(&["og:image:secure_url", "og:image", "og:image:url", "twitter:image"]);
        let player = address(&["twitter:player"]).filter(|to| to.scheme() == "https");
        let sizes = if player.is_some() {
            ["twitter:player:width", "twitter:player:height"]
        } else {
            ["og:image:width", "og:image:height"]
        };
        let [width, height] = sizes.map(|name| self.meta(&[name]).map_or(0, size));
        let site = text(&["og:site_name"], 200);
        let author = text(&["author", "article:author", "twitter:creator"], 200);
        let card = Card {
            url: base.to_string(),
            title: if title.is_empty() { line(&self.title, 500) } else { title },
            description: text(&["og:description", "twitter:description", "description"], 1000),
            kind: if player.is_some() { CardKind::Video } else { CardKind::Link },
            // Some pages name their author by an address.
            author_name: if web_address(base, &author).is_some_and(|_| author.contains("://")) {
                String::new()
            } else {
                author
            },
            author_url: address(&["article:author"])
                .filter(|_| self.meta(&["article:author"]).is_some_and(|to| to.contains("://")))
                .map(String::from)
                .unwrap_or_default(),
            provider_name: if site.is_empty() { host(base) } else { site },
            embed_url: player.map(String::from).unwrap_or_default(),
            width,
            height,
            image_description: text(&["og:image:alt", "twitter:image:alt"], 1500),
            language: self.language.as_deref().and_then(language),
            ..Card::default()
        };
        let oembed = self.oembed.and_then(|to| web_address(base, &to));
        Page { card, image, oembed }
    }
}

/// One line of plain text of at most `most` characters.
pub(super) fn line(text: &str, most: usize) -> String {
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ").chars().take(most).collect()
}

/// An address on the web, seen from a page (F17): http or https, without credentials, not endless.
pub(super) fn web_address(base: &Url, to: &str) -> Option<Url> {
    let url = base.join(to.trim()).ok()?;
    let web = matches!(url.scheme(), "http" | "https") && url.host_str().is_some();
    let plain = url.username().is_empty() && url.password().is_none();
    (web && plain && url.as_str().len() <= 2048).then_some(url)
}

/// A size in pixels; nonsense is unknown.
fn size(text: &str) -> u32 {
    text.trim().parse().ok().filter(|size| *size <= 10_000).unwrap_or(0)
}

fn host(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

fn language(tag: &str) -> Option<String> {
    let short = tag.split(['-', '_']).next()?.to_ascii_lowercase();
    let plain =
        (2..=3).contains(&short.len()) && short.bytes().all(|byte| byte.is_ascii_lowercase());
    plain.then_some(short)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(html: &str) -> Page {
        read(html, &"https://a.test/dir/page".parse().unwrap())
    }

    #[test]
    fn a_page_says_who_it_is() {
        let page = page(
            r#"<!doctype html><html lang="de-AT"><head><title>Plain &amp;
            simple</title>
            <meta property="og:title" content="A &lt;b&gt;title&lt;/b&gt;">
            <meta property="og:description" content="What it says">
            <meta property="og:image" content="/picture.png"><meta property="og:image:width" content="1200">
            <meta property="og:image:height" content="630"><meta property="og:image:alt" content="A cat">
            <meta property="og:site_name" content="Site"><meta name="author" content="Ann">
            <link rel="alternate" type="application/json+oembed" href="/oembed?url=x">
            </head><body><svg><title>drawing</title></svg></body></html>"#,
        );
        let card = Card {
            url: "https://a.test/dir/page".into(),
            title: "A <b>title</b>".into(),
            description: "What it says".into(),
            author_name: "Ann".into(),
            provider_name: "Site".into(),
            width: 1200,
            height: 630,
            image_description: "A cat".into(),
            language: Some("de".into()),
            ..Card::default()
        };
        assert_eq!(page.card, card);
        assert_eq!(page.image.unwrap().as_str(), "https://a.test/picture.png");
        assert_eq!(page.oembed.unwrap().as_str(), "https://a.test/oembed?url=x");
    }

    #[test]
    fn a_page_without_words_of_its_own_has_its_title_and_host() {
        let page = page("<title> a\n  b </title><body><svg><title>no</title></svg>");
        assert_eq!((page.card.title.as_str(), page.card.provider_name.as_str()), ("a b", "a.test"));
        assert_eq!(page.card.kind, CardKind::Link);
    }

    #[test]
    fn m02_nothing_but_web_addresses_is_taken() {
        for bad in
            ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "https://u:p@b.test/"]
        {
            let html = format!(
                r#"<title>x</title><meta property="og:image" content="{bad}"><meta name="twitter:player" content="{bad}">
                <meta property="article:author" content="{bad}">
                <link rel="alternate" type="application/json+oembed" href="{bad}">"#
            );
            let page = page(&html);
            assert!(page.image.is_none() && page.oembed.is_none(), "{bad}");
            assert_eq!((page.card.embed_url, page.card.author_url), Default::default(), "{bad}");
        }
        let page = page(r#"<title>x</title><meta name="twitter:player" content="http://b.test/">"#);
        assert_eq!(page.card.kind, CardKind::Link, "players are https");
    }

    #[test]
    fn tags_in_scripts_and_comments_are_none() {
        let page = page(
            r#"<script>"<meta property='og:title' content='no'>"</script>
            <!-- <meta property="og:title" content="no"> --><title><meta property="og:title" content="no"></title>"#,
        );
        assert_eq!(page.card.title, r#"<meta property="og:title" content="no">"#);
    }

    #[test]
    fn other_encodings_are_read() {
        let latin = b"<title>caf\xe9</title>";
        assert!(decode(latin, "text/html; charset=ISO-8859-1").contains("café"));
        let meta = b"<meta charset='windows-1252'><title>caf\xe9</title>";
        assert!(decode(meta, "text/html").contains("café"));
        assert!(decode("<title>café</title>".as_bytes(), "text/html").contains("café"));
    }

    #[test]
    fn p05_no_page_costs_much() {
        let deep = "<div>".repeat(200_000);
        let wide = "<meta property='og:x' content='y'>".repeat(30_000);
        let long = format!("<title>{}", "x".repeat(1_000_000));
        for html in [deep.as_str(), wide.as_str(), long.as_str(), "<", "<meta", "<a href='", "&#x"]
        {
            let page = page(html);
            assert!(page.card.title.len() <= 500);
        }
    }
}
