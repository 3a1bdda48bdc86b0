//! Words for full-text search: accents folded, lower case, letters and digits only. Scripts without
//! spaces become overlapping pairs, so that any stretch of two characters is found.

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
    let words: BTreeSet<String> = split(text).into_iter().take(MOST).collect();
    words.into_iter().collect()
}

/// The words that somebody searches for, in their order.
#[must_use]
pub fn query_words(text: &str) -> Vec<String> {
    let mut words = split(text);
    words.truncate(20);
    words
}

fn split(text: &str) -> Vec<String> {
    let folded: String = text
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .filter(|c| !is_combining_mark(*c))
        .collect();
    let mut words = Vec::new();
    for run in folded.split(|c: char| !c.is_alphanumeric()).filter(|run| !run.is_empty()) {
        let mut rest: Vec<char> = Vec::new();
        let mut joined: Option<bool> = None;
        for c in run.chars() {
            if joined.is_some_and(|joined| joined != is_unspaced(c)) {
                push(&mut words, &rest, joined);
                rest.clear();
            }
            joined = Some(is_unspaced(c));
            rest.push(c);
        }
        push(&mut words, &rest, joined);
    }
    words
}

fn push(words: &mut Vec<String>, run: &[char], unspaced: Option<bool>) {
    if unspaced == Some(true) && run.len() > 1 {
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
