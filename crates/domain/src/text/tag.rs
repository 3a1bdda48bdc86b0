//! Hashtag names: which spellings are one tag.

use unicode_normalization::UnicodeNormalization;

/// Folds a hashtag to the form two spellings share: NFKC, lower case. `None` when the text, without
/// a leading `#`, is no hashtag name: other characters than letters, digits, underscores, marks and
/// middle dots, only digits, or over 255 characters.
#[must_use]
pub fn fold_tag(name: &str) -> Option<String> {
    let name = name.strip_prefix('#').unwrap_or(name);
    if name.is_empty() || name.chars().count() > 255 {
        return None;
    }
    if !name.chars().all(is_tag_char)
        || !name.chars().any(|c| is_tag_char(c) && !c.is_numeric() && c != '_')
    {
        return None;
    }
    Some(name.nfkc().collect::<String>().to_lowercase())
}

/// Whether a character may stand in a hashtag.
pub(super) fn is_tag_char(c: char) -> bool {
    c.is_alphanumeric()
        || matches!(c, '_' | '\u{00B7}' | '\u{30FB}' | '\u{200C}')
        || unicode_normalization::char::is_combining_mark(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_tag_meet() {
        assert_eq!(fold_tag("Rust"), Some("rust".into()));
        assert_eq!(fold_tag("#ＲＵＳＴ"), Some("rust".into()));
        assert_eq!(fold_tag("2024"), None);
        assert_eq!(fold_tag("a-b"), None);
        assert_eq!(fold_tag(""), None);
    }
}
