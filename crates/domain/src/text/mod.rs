//! Texts: what in a local one is a link, a mention or a hashtag, how long it counts, how it becomes
//! HTML; and how HTML of other servers becomes safe. Pure; every function takes whatever comes.

mod clean;
mod clean_check;
pub mod emoji;
mod html;
mod length;
mod markdown;
mod parse;
pub mod query;
mod tag;
mod words;

pub use clean::{clean, shown, strip};
pub use clean_check::is_clean;
pub use html::{LinkStyle, Mentioned, Render, escape, render};
pub use length::{URL_LENGTH, length};
pub use markdown::{markdown_runs, render_markdown};
pub use parse::{Piece, parse};
pub use tag::fold_tag;
pub use words::{index_words, query_words, squeeze, stands_in};

/// Text without tags, for search and previews: what stands between the tags of safe HTML, with the
/// entities that our renderer and [`clean`] write turned back, and a space or newline where a block ends.
#[must_use]
pub fn plain(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        let (before, from) = rest.split_at(open);
        text.push_str(before);
        let Some(close) = from.find('>') else { return unescape(&text) };
        let (tag, after) = from.split_at(close + 1);
        if tag.starts_with("</p") || tag.starts_with("<br") || tag.starts_with("</li") {
            text.push('\n');
        }
        rest = after;
    }
    text.push_str(rest);
    unescape(text.trim_end())
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&nbsp;", "\u{a0}")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn plain_text_keeps_words_apart_and_entities_readable() {
        assert_eq!(plain("<p>a &lt;b&gt;</p><p>c<br />d</p>"), "a <b>\nc\nd");
        assert_eq!(plain("&amp;lt;"), "&lt;");
    }
}
