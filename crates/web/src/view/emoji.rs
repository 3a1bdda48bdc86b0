//! Custom emoji in names and texts: shortcodes become pictures, and nothing else changes.

/// A custom emoji that a text may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmojiView {
    /// Without colons.
    pub code: String,
    /// Its picture.
    pub url: String,
}

/// Plain text as HTML with its emoji as pictures; everything else is escaped.
pub fn named(text: &str, emojis: &[EmojiView]) -> String {
    let escaped = escape(text);
    if emojis.is_empty() { escaped } else { in_text(&escaped, emojis) }
}

/// Sanitised HTML with the emoji of its texts as pictures; tags and attributes stay as they are.
pub fn with_emojis(html: &str, emojis: &[EmojiView]) -> String {
    if emojis.is_empty() || !html.contains(':') {
        return html.to_owned();
    }
    let mut out = String::with_capacity(html.len() + 128);
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        let (text, tag) = rest.split_at(start);
        out.push_str(&in_text(text, emojis));
        let end = end_of_tag(tag);
        let (tag, after) = tag.split_at(end);
        out.push_str(tag);
        rest = after;
    }
    out.push_str(&in_text(rest, emojis));
    out
}

/// Where a tag ends: an attribute's value may hold a `>`.
fn end_of_tag(tag: &str) -> usize {
    let mut quote = None;
    for (at, letter) in tag.char_indices() {
        match (quote, letter) {
            (None, '>') => return at + 1,
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), letter) if open == letter => quote = None,
            _ => {}
        }
    }
    tag.len()
}

fn in_text(text: &str, emojis: &[EmojiView]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(':') {
        out.push_str(before);
        let found = after
            .split_once(':')
            .and_then(|(code, after)| Some((emojis.iter().find(|one| one.code == code)?, after)));
        match found {
            Some((emoji, after)) => {
                out.push_str(&picture(emoji));
                rest = after;
            }
            None => {
                out.push(':');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn picture(emoji: &EmojiView) -> String {
    let (code, url) = (escape(&emoji.code), escape(super::href(&emoji.url)));
    format!(
        "<img class=\"emoji\" src=\"{url}\" alt=\":{code}:\" title=\":{code}:\" width=\"20\" height=\"20\" loading=\"lazy\">"
    )
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&#38;"),
            '<' => out.push_str("&#60;"),
            '>' => out.push_str("&#62;"),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave() -> Vec<EmojiView> {
        vec![EmojiView { code: "wave".into(), url: "/media/x.png".into() }]
    }

    #[test]
    fn shortcodes_become_pictures_in_texts_only() {
        let html = with_emojis("<a href=\"/:wave:>\">hi :wave:</a> 10:30 :other:", &wave());
        assert!(
            html.starts_with("<a href=\"/:wave:>\">hi <img class=\"emoji\" src=\"/media/x.png\"")
        );
        assert!(html.ends_with("</a> 10:30 :other:"), "{html}");
    }

    #[test]
    fn m03_names_are_escaped_and_pictures_lead_nowhere_odd() {
        assert_eq!(named("<b>:wave:", &[]), "&#60;b&#62;:wave:");
        let bad = [EmojiView { code: "wave".into(), url: "javascript:alert(1)".into() }];
        let html = named("\"<:wave:>", &bad);
        assert!(html.starts_with("&#34;&#60;<img") && html.contains("src=\"#\""), "{html}");
    }
}
