//! Texts of other servers as they are kept.

use activitypub::{Note, NoteKind};
pub(super) use domain::text::clean;
use domain::text::escape;

/// One line of plain text with at most so many characters.
pub(super) fn line(text: &str, most: usize) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(most).collect()
}

/// Most characters of a content warning or a title.
const WARNING: usize = 2_000;

/// Content and content warning of a note. What is not written for timelines (articles, links,
/// videos, events) is shown as title, summary and link.
pub(crate) fn of_note(note: &Note) -> (String, String) {
    let content = note.content.as_deref().map(clean).unwrap_or_default();
    if matches!(note.kind, NoteKind::Note | NoteKind::Question) {
        let warning = note.summary.as_deref().unwrap_or_default();
        return (content, line(&domain::text::plain(warning), WARNING));
    }
    let mut parts = Vec::new();
    if let Some(title) = note.name.as_deref().filter(|title| !title.trim().is_empty()) {
        parts.push(format!("<p><strong>{}</strong></p>", escape(&line(title, WARNING))));
    }
    match note.summary.as_deref().filter(|summary| !summary.trim().is_empty()) {
        Some(summary) => parts.push(clean(summary)),
        None => parts.push(content),
    }
    let page = note.url.as_ref().unwrap_or(&note.id);
    let page = escape(page.as_str());
    parts.push(format!(
        "<p><a href=\"{page}\" rel=\"nofollow noopener\" target=\"_blank\">{page}</a></p>"
    ));
    (parts.concat(), String::new())
}

/// Content without the line that names the quoted status for servers that know no quotes: the quote
/// itself is shown below (`<p class="quote-inline">`, Mastodon 4.5).
pub(super) fn without_quote_line(content: &str) -> String {
    let Some(rest) = content.strip_prefix("<p class=\"quote-inline\">") else {
        return content.to_owned();
    };
    rest.split_once("</p>").map_or_else(|| content.to_owned(), |(_, rest)| rest.to_owned())
}

#[cfg(test)]
mod tests {
    use super::without_quote_line;

    #[test]
    fn the_line_that_stands_for_a_quote_is_left_out() {
        let text = "<p class=\"quote-inline\">RE: <a>x</a></p><p>yes</p>";
        assert_eq!(without_quote_line(text), "<p>yes</p>");
        assert_eq!(without_quote_line("<p>yes</p>"), "<p>yes</p>");
    }
}
