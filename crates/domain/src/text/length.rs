//! How long a status counts: characters as people see them (grapheme clusters), a link always 23,
//! a remote mention without its domain. As Mastodon's clients count.

use unicode_segmentation::UnicodeSegmentation;

use super::{Piece, parse};

/// What every link counts.
pub const URL_LENGTH: usize = 23;

/// The length of a status text together with its content warning.
#[must_use]
pub fn length(text: &str, spoiler: &str) -> usize {
    let counted: usize = parse(text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.graphemes(true).count(),
            Piece::Link(_) => URL_LENGTH,
            Piece::Mention { username, .. } => 1 + username.len(),
            Piece::Hashtag(name) => 1 + name.graphemes(true).count(),
        })
        .sum();
    counted + spoiler.graphemes(true).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_domains_of_mentions_cost_the_same_however_long() {
        assert_eq!(length("https://example.com/a/very/long/path/that/goes/on", ""), 23);
        assert_eq!(length("@bob@a.very.long.example", ""), 4);
        assert_eq!(length("👨‍👩‍👧é", "cw"), 4);
    }
}
