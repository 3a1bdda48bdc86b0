//! Shortcodes of custom emoji, `:like_this:`, and what is an emoji of Unicode.

use unicode_segmentation::UnicodeSegmentation;

/// The distinct shortcodes that stand in `text`: two to 128 letters, digits or underscores between
/// colons. Capped at 100, so that a hostile text cannot ask for more.
#[must_use]
pub fn shortcodes(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut pieces = text.split(':');
    pieces.next();
    let mut pieces = pieces.peekable();
    while let Some(piece) = pieces.next() {
        // The last piece has no colon behind it.
        if pieces.peek().is_none() || found.len() >= 100 {
            break;
        }
        if is_shortcode(piece) && !found.iter().any(|known| known == piece) {
            found.push(piece.to_owned());
        }
    }
    found
}

/// Whether `text` can be the name of an emoji of this server.
#[must_use]
pub fn is_shortcode(text: &str) -> bool {
    (2..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Whether `text` is one emoji of Unicode: a single picture to people, however many characters it is
/// made of. <https://unicode.org/reports/tr51/>
#[must_use]
pub fn is_emoji(text: &str) -> bool {
    if text.len() > 64 || text.graphemes(true).count() != 1 {
        return false;
    }
    let mut characters = text.chars();
    let Some(first) = characters.next() else { return false };
    let rest: Vec<char> = characters.collect();
    if first.is_ascii_digit() || matches!(first, '#' | '*') {
        return rest.last() == Some(&'\u{20E3}');
    }
    is_pictograph(first) && rest.iter().all(|c| is_pictograph(*c) || is_joined(*c))
}

fn is_pictograph(c: char) -> bool {
    matches!(u32::from(c),
        0xA9 | 0xAE | 0x203C | 0x2049 | 0x2122 | 0x2139 | 0x2190..=0x21FF | 0x2300..=0x23FF | 0x24C2
        | 0x25A0..=0x27BF | 0x2900..=0x297F | 0x2B00..=0x2BFF | 0x3030 | 0x303D | 0x3297 | 0x3299
        | 0x1_F000..=0x1_FAFF)
}

/// What changes or joins pictures: joiner, style, tags of regions.
fn is_joined(c: char) -> bool {
    matches!(u32::from(c), 0x200D | 0xFE0F | 0xE_0020..=0xE_007F)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emoji_is_one_picture() {
        for one in ["👍", "❤️", "👩‍👩‍👧", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "1️⃣", "🇩🇪", "👍🏽", "©"]
        {
            assert!(is_emoji(one), "{one}");
        }
        for none in ["", "a", "👍👍", "1", "<b>", "é", "👍a", " "] {
            assert!(!is_emoji(none), "{none:?}");
        }
    }

    #[test]
    fn shortcodes_stand_between_colons() {
        assert_eq!(
            shortcodes("hi :blob_cat::wave: at 10:30:00 :blob_cat: :no way:"),
            ["blob_cat", "wave", "30"]
        );
        assert!(shortcodes("none").is_empty());
        assert!(shortcodes(":open").is_empty());
    }
}
