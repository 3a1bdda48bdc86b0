//! Words for full-text search: accents folded, lower case, letters and digits only. Scripts without
//! spaces become overlapping pairs, so that any stretch of two characters is found, and single
//! characters, so that one alone is.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longest word kept, in characters.
const LONGEST: usize = 64;
/// Most words of one text.
const MOST: usize = 2_000;

/// The words by which a text is found, each once.
#[must_use]
pub fn index_words(text: &str) -> Vec<String> {
    let words: BTreeSet<String> = split(text, true).into_iter().take(MOST).collect();
    words.into_iter().collect()
}

/// The words that somebody searches for, in their order.
#[must_use]
pub fn query_words(text: &str) -> Vec<String> {
    let mut words = split(text, false);
    words.truncate(20);
    words
}

/// A text with nothing left but its words, folded, with one space between: what phrases are looked for in.
#[must_use]
pub fn squeeze(text: &str) -> String {
    let folded = fold(text);
    let runs = folded.split(|c: char| !c.is_alphanumeric()).filter(|run| !run.is_empty());
    runs.collect::<Vec<_>>().join(" ")
}

/// Whether a phrase stands in a text; both [`squeeze`]d. Where words have spaces between them, whole
/// words are meant.
#[must_use]
pub fn stands_in(phrase: &str, text: &str) -> bool {
    if is_unspaced_text(phrase) {
        return text.contains(phrase);
    }
    format!(" {text} ").contains(&format!(" {phrase} "))
}

/// Whether a text begins or ends in a script without spaces.
pub(super) fn is_unspaced_text(text: &str) -> bool {
    let mut ends = text.chars().next().into_iter().chain(text.chars().next_back());
    ends.any(is_unspaced)
}

fn fold(text: &str) -> String {
    text.nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .filter(|c| !is_combining_mark(*c))
        .collect()
}

fn split(text: &str, with_singles: bool) -> Vec<String> {
    let folded = fold(text);
    let mut words = Vec::new();
    for run in folded.split(|c: char| !c.is_alphanumeric()).filter(|run| !run.is_empty()) {
        let mut rest: Vec<char> = Vec::new();
        let mut joined: Option<bool> = None;
        for c in run.chars() {
            if joined.is_some_and(|joined| joined != is_unspaced(c)) {
                push(&mut words, &rest, joined, with_singles);
                rest.clear();
            }
            joined = Some(is_unspaced(c));
            rest.push(c);
        }
        push(&mut words, &rest, joined, with_singles);
    }
    words
}

fn push(words: &mut Vec<String>, run: &[char], unspaced: Option<bool>, with_singles: bool) {
    if unspaced == Some(true) && run.len() > 1 {
        if with_singles {
            words.extend(run.iter().map(char::to_string));
        }
        words.extend(run.windows(2).map(|pair| pair.iter().collect::<String>()));
    } else if !run.is_empty() {
        words.push(run.iter().take(LONGEST).collect());
    }
}

/// Scripts that are written without spaces between words.
fn is_unspaced(c: char) -> bool {
    matches!(u32::from(c),
        0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x3040..=0x30FF | 0x31F0..=0x31FF
        | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x2_0000..=0x3_FFFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_with_and_without_accents_meet() {
        assert_eq!(query_words("Crème BRÛLÉE!"), ["creme", "brulee"]);
        assert_eq!(index_words("a A á b"), ["a", "b"]);
    }

    #[test]
    fn scripts_without_spaces_become_pairs() {
        assert_eq!(query_words("東京都に"), ["東京", "京都", "都に"]);
        assert_eq!(query_words("rust東京"), ["rust", "東京"]);
        assert_eq!(query_words("猫"), ["猫"]);
        assert_eq!(index_words("黒猫"), ["猫", "黒", "黒猫"]);
    }

    #[test]
    fn phrases_are_whole_words_where_there_are_any() {
        let text = squeeze("An Apple-pie, please; 東京都に行く");
        for there in ["apple pie", "an", "京都", "東京都に行く", "please 東京"] {
            assert!(stands_in(&squeeze(there), &text), "{there}");
        }
        for not_there in ["pple pie", "apple please", "都京", "pie pleas"] {
            assert!(!stands_in(&squeeze(not_there), &text), "{not_there}");
        }
    }

    #[test]
    fn p06_operators_are_no_words() {
        assert_eq!(
            query_words("\" OR x* NEAR(a) AND -b:c ^d"),
            ["or", "x", "near", "a", "and", "b", "c", "d"]
        );
        assert!(query_words("'\"%_*():&|!").is_empty());
        assert_eq!(query_words(&"x".repeat(100))[0].len(), 64);
    }
}
