//! Whether the words of a filter stand in a text.

use crate::filter::FilterKeyword;

/// Texts of one status, made ready once for many keywords.
pub struct Haystack(Vec<Vec<char>>);

impl Haystack {
    /// What readers of a status see as words: text, warning, answers of its poll, descriptions of
    /// its media.
    pub fn new<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        Self(texts.into_iter().filter(|text| !text.is_empty()).map(fold).collect())
    }

    /// Whether the keyword stands in one of the texts, in any case. A whole word is asked for only
    /// at an edge where the keyword itself has a word character: `#tag` may follow a letter.
    #[must_use]
    pub fn contains(&self, keyword: &FilterKeyword) -> bool {
        let needle = fold(&keyword.keyword);
        self.0.iter().any(|text| stands_in(text, &needle, keyword.whole_word))
    }
}

fn fold(text: &str) -> Vec<char> {
    text.chars().flat_map(char::to_lowercase).collect()
}

fn stands_in(text: &[char], needle: &[char], whole_word: bool) -> bool {
    let (Some(first), Some(last)) = (needle.first(), needle.last()) else { return false };
    let bound_left = whole_word && is_word(*first);
    let bound_right = whole_word && is_word(*last);
    text.windows(needle.len()).enumerate().any(|(at, window)| {
        window == needle
            && !(bound_left && at > 0 && text.get(at - 1).copied().is_some_and(is_word))
            && !(bound_right && text.get(at + needle.len()).copied().is_some_and(is_word))
    })
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || unicode_normalization::char::is_combining_mark(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RowId;

    fn hit(text: &str, keyword: &str, whole_word: bool) -> bool {
        let keyword = FilterKeyword { id: RowId(1), keyword: keyword.into(), whole_word };
        Haystack::new(["", text]).contains(&keyword)
    }

    #[test]
    fn words_are_found_in_any_case() {
        assert!(hit("I like Cats.", "cat", false));
        assert!(hit("ÄRGER", "ärger", true));
        assert!(!hit("dogs", "cat", false));
        assert!(!hit("anything", "", false));
    }

    #[test]
    fn whole_words_stand_alone_where_the_keyword_has_a_letter() {
        assert!(!hit("concatenate", "cat", true));
        assert!(!hit("cats", "cat", true));
        assert!(hit("a cat, a dog", "cat", true));
        assert!(hit("concatenate cat", "cat", true), "a later place counts");
        assert!(hit("x#rust!", "#rust", true), "no edge before a sign");
        assert!(!hit("#rusty", "#rust", true));
        assert!(hit("big   cat", "  cat", true));
    }
}
