//! Turns a parsed text into the HTML that Mastodon's clients know: paragraphs, mentions with class
//! `u-url mention`, hashtags with class `mention hashtag`, links cut to a readable length.

use super::{Piece, fold_tag, parse};

/// An account that a mention in the text leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mentioned {
    /// The name as stored.
    pub username: String,
    /// Its home; `None` is here.
    pub domain: Option<String>,
    /// Its page.
    pub url: String,
}

/// Where links get their `rel`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkStyle {
    /// In a status or biography.
    Status,
    /// In a profile field: adds `me`, so that the target can link back.
    ProfileField,
}

/// What the renderer needs to know beside the text.
pub struct Render<'r> {
    /// Base address of this server.
    pub base: &'r str,
    /// Finds the account of a mention; what it does not find stays plain text.
    pub resolve: &'r dyn Fn(&str, Option<&str>) -> Option<Mentioned>,
    /// How links are made.
    pub links: LinkStyle,
}

/// The HTML of a text. Everything from the text is escaped; the result has no newline characters.
#[must_use]
pub fn render(text: &str, context: &Render<'_>) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text = text.trim_matches('\n');
    if text.trim().is_empty() {
        return String::new();
    }
    let pieces = parse(text);
    let same_name = names_used_twice(&pieces, context);
    let mut inner = String::with_capacity(text.len() * 2);
    push_pieces(&mut inner, pieces, context, &same_name);
    paragraphs(&inner)
}

/// Adds the HTML of pieces of text.
pub(super) fn push_pieces(
    inner: &mut String,
    pieces: Vec<Piece<'_>>,
    context: &Render<'_>,
    same_name: &[String],
) {
    for piece in pieces {
        match piece {
            Piece::Text(text) => inner.push_str(&escape(text)),
            Piece::Link(url) => push_link(inner, url, context.links),
            Piece::Hashtag(name) => push_hashtag(inner, name, context.base),
            Piece::Mention { username, domain, source } => {
                match (context.resolve)(username, domain) {
                    Some(account) => push_mention(inner, &account, same_name),
                    None => inner.push_str(&escape(source)),
                }
            }
        }
    }
}

/// Escapes the five characters that mean something in HTML.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Names that two different mentioned accounts share: only these show their domain.
pub(super) fn names_used_twice(pieces: &[Piece<'_>], context: &Render<'_>) -> Vec<String> {
    let mut seen: Vec<Mentioned> = Vec::new();
    let mut twice = Vec::new();
    for piece in pieces {
        let Piece::Mention { username, domain, .. } = piece else { continue };
        let Some(account) = (context.resolve)(username, *domain) else { continue };
        if seen.iter().any(|other| {
            other.username.eq_ignore_ascii_case(&account.username) && *other != account
        }) {
            twice.push(account.username.to_ascii_lowercase());
        }
        seen.push(account);
    }
    twice
}

fn push_mention(html: &mut String, account: &Mentioned, same_name: &[String]) {
    let name = match &account.domain {
        Some(domain) if same_name.contains(&account.username.to_ascii_lowercase()) => {
            format!("{}@{domain}", account.username)
        }
        _ => account.username.clone(),
    };
    html.push_str(&format!(
        "<span class=\"h-card\" translate=\"no\"><a href=\"{}\" class=\"u-url mention\">@<span>{}</span></a></span>",
        escape(&account.url),
        escape(&name)
    ));
}

fn push_hashtag(html: &mut String, name: &str, base: &str) {
    let folded = fold_tag(name).unwrap_or_default();
    html.push_str(&format!(
        "<a href=\"{}/tags/{}\" class=\"mention hashtag\" rel=\"tag\">#<span>{}</span></a>",
        escape(base),
        escape(&folded),
        escape(name)
    ));
}

/// The scheme and a leading `www.` are hidden, 30 characters are shown, the rest is hidden.
pub(super) fn push_link(html: &mut String, url: &str, style: LinkStyle) {
    const SHOWN: usize = 30;
    let scheme = if url.starts_with("https://") { "https://" } else { "http://" };
    let after = url.strip_prefix(scheme).unwrap_or(url);
    let (prefix, visible) = match after.strip_prefix("www.") {
        Some(rest) => (format!("{scheme}www."), rest),
        None => (scheme.to_owned(), after),
    };
    let head: String = visible.chars().take(SHOWN).collect();
    let tail: String = visible.chars().skip(SHOWN).collect();
    let class = if tail.is_empty() { "" } else { "ellipsis" };
    let me = if style == LinkStyle::ProfileField { " me" } else { "" };
    html.push_str(&format!(
        "<a href=\"{}\" target=\"_blank\" rel=\"nofollow noopener{me}\" translate=\"no\">\
         <span class=\"invisible\">{}</span><span class=\"{class}\">{}</span><span class=\"invisible\">{}</span></a>",
        escape(url),
        escape(&prefix),
        escape(&head),
        escape(&tail)
    ));
}

fn paragraphs(html: &str) -> String {
    let mut result = String::with_capacity(html.len() + 16);
    for paragraph in
        html.split("\n\n").map(|part| part.trim_matches('\n')).filter(|part| !part.is_empty())
    {
        result.push_str("<p>");
        result.push_str(&paragraph.replace('\n', "<br />"));
        result.push_str("</p>");
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(text: &str) -> String {
        let resolve = |name: &str, domain: Option<&str>| match (name, domain) {
            ("bob", None) => Some(Mentioned {
                username: "bob".into(),
                domain: None,
                url: "https://here.test/@bob".into(),
            }),
            ("bob", Some("far.test")) => Some(Mentioned {
                username: "bob".into(),
                domain: Some("far.test".into()),
                url: "https://far.test/@bob".into(),
            }),
            _ => None,
        };
        render(
            text,
            &Render { base: "https://here.test", resolve: &resolve, links: LinkStyle::Status },
        )
    }

    #[test]
    fn paragraphs_and_lines() {
        assert_eq!(html("a\nb\r\n\r\nc\n\n\n\nd"), "<p>a<br />b</p><p>c</p><p>d</p>");
        assert_eq!(html(" \n "), "");
    }

    #[test]
    fn m01_nothing_typed_becomes_markup() {
        assert_eq!(html("<script>\"&'"), "<p>&lt;script&gt;&quot;&amp;&#39;</p>");
        assert!(!html("https://a.test/\"onload=x").contains("\"onload"));
        assert!(!html("#a<b>").contains("<b>"));
    }

    #[test]
    fn mentions_are_links_only_when_known() {
        assert_eq!(
            html("@bob @eve"),
            "<p><span class=\"h-card\" translate=\"no\"><a href=\"https://here.test/@bob\" class=\"u-url mention\">@<span>bob</span></a></span> @eve</p>"
        );
        assert!(html("@bob@far.test").contains("@<span>bob</span>"));
        assert!(html("@bob @bob@far.test").contains("@<span>bob@far.test</span>"));
    }

    #[test]
    fn links_are_shortened_for_the_eye_only() {
        let link = html("https://www.example.com/a/path/that/is/quite/long");
        assert!(link.contains("href=\"https://www.example.com/a/path/that/is/quite/long\""));
        assert!(link.contains("<span class=\"invisible\">https://www.</span><span class=\"ellipsis\">example.com/a/path/that/is/qui</span>"));
        assert!(
            html("http://a.test")
                .contains("<span class=\"\">a.test</span><span class=\"invisible\"></span>")
        );
    }

    #[test]
    fn hashtags_lead_to_their_folded_page() {
        assert_eq!(
            html("#Rust"),
            "<p><a href=\"https://here.test/tags/rust\" class=\"mention hashtag\" rel=\"tag\">#<span>Rust</span></a></p>"
        );
    }
}
