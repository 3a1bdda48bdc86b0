//! What somebody types into a search for statuses: words, `"phrases"`, `-exclusions` and operators
//! (`from:`, `has:`, `is:`, `before:`, `after:`, `during:`, `in:`, `language:`).
//! <https://docs.joinmastodon.org/user/search/> What is no operator is words; nothing typed is an error.

use super::words::{is_unspaced_text, query_words, squeeze};
use crate::Timestamp;
use crate::time::DAY;

/// Most parts of a query that are looked at.
const MOST: usize = 30;

/// A query, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchQuery {
    /// Words that must be there, prepared for the index.
    pub words: Vec<String>,
    /// The last of them may be the beginning of one.
    pub is_open: bool,
    /// Words that must not be there.
    pub without: Vec<String>,
    /// Stretches of text that must be there, squeezed.
    pub phrases: Vec<String>,
    /// Stretches of text that must not be there, squeezed.
    pub without_phrases: Vec<String>,
    /// `from:`: whose statuses, and whether theirs alone or all but theirs.
    pub from: Vec<(String, bool)>,
    /// `has:` and `is:`, each wanted or not.
    pub traits: Vec<(Trait, bool)>,
    /// `language:`, wanted or not.
    pub language: Option<(String, bool)>,
    /// Only statuses from then on.
    pub from_time: Option<Timestamp>,
    /// Only statuses before then.
    pub before: Option<Timestamp>,
    /// `in:`.
    pub place: Place,
}

/// Something that a status has or is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trait {
    /// Attachments.
    Media,
    /// A picture.
    Image,
    /// Something that moves.
    Video,
    /// Something to hear.
    Audio,
    /// A poll.
    Poll,
    /// A link.
    Link,
    /// It answers another.
    Reply,
    /// Its media are hidden.
    Sensitive,
    /// It quotes another.
    Quote,
}

/// Where is searched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// Everywhere that the searcher may find something.
    #[default]
    All,
    /// Among what they wrote, were mentioned in, or did something with.
    Library,
    /// Among what everybody may find.
    Public,
}

impl Trait {
    fn parse(key: &str, value: &str) -> Option<Self> {
        Some(match (key, value) {
            ("has", "media") => Self::Media,
            ("has", "image") => Self::Image,
            ("has", "video") => Self::Video,
            ("has", "audio") => Self::Audio,
            ("has", "poll") => Self::Poll,
            ("has", "link" | "embed") => Self::Link,
            ("is", "reply") => Self::Reply,
            ("is", "sensitive") => Self::Sensitive,
            ("is", "quote") | ("has", "quote") => Self::Quote,
            _ => return None,
        })
    }
}

impl SearchQuery {
    /// Reads what was typed.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut query = Self::default();
        let mut rest = text.trim_start();
        for _ in 0..MOST {
            if rest.is_empty() {
                break;
            }
            let (part, after) = Part::cut(rest);
            rest = after.trim_start();
            query.take(&part, rest.is_empty());
        }
        query.words.truncate(20);
        query.without.truncate(20);
        query
    }

    /// Whether it says anything at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn take(&mut self, part: &Part<'_>, is_last: bool) {
        if !part.is_quoted
            && let Some((key, value)) = part.text.split_once(':')
            && self.take_operator(&key.to_lowercase(), value.trim_matches(QUOTES), part.is_wanted)
        {
            return;
        }
        let words = query_words(part.text);
        if words.is_empty() {
            return;
        }
        let squeezed = squeeze(part.text);
        // Pairs of a script without spaces are in order only if the whole is there.
        let is_phrase = words.len() > 1 && (part.is_quoted || is_unspaced_text(&squeezed));
        match (part.is_wanted, is_phrase) {
            (true, _) => {
                self.words.extend(words);
                self.is_open = is_last && !part.is_quoted;
                self.phrases.extend(is_phrase.then_some(squeezed));
            }
            (false, true) => self.without_phrases.push(squeezed),
            (false, false) if words.len() > 1 => self.without_phrases.push(squeezed),
            (false, false) => self.without.extend(words),
        }
    }

    fn take_operator(&mut self, key: &str, value: &str, is_wanted: bool) -> bool {
        if value.is_empty() {
            return false;
        }
        let lower = value.to_lowercase();
        match key {
            "from" => self.from.push((value.trim_start_matches('@').to_owned(), is_wanted)),
            "language" => self.language = Some((lower, is_wanted)),
            "has" | "is" => match Trait::parse(key, &lower) {
                Some(found) => self.traits.push((found, is_wanted)),
                None => return false,
            },
            "in" if is_wanted => match lower.as_str() {
                "library" => self.place = Place::Library,
                "public" => self.place = Place::Public,
                "all" => self.place = Place::All,
                _ => return false,
            },
            "before" | "after" | "during" if is_wanted => match Timestamp::parse(value) {
                Some(time) => self.take_time(key, time),
                None => return false,
            },
            _ => return false,
        }
        true
    }

    /// A day is named: before it, after it, or it.
    fn take_time(&mut self, key: &str, time: Timestamp) {
        let (start, end) = (time.midnight(), time.midnight().plus(DAY));
        if key != "before" {
            self.from_time = Some(if key == "after" { end } else { start });
        }
        if key != "after" {
            self.before = Some(if key == "before" { start } else { end });
        }
    }
}

/// Straight quotes and those that phones make of them.
const QUOTES: [char; 5] = ['"', '“', '”', '„', '«'];

/// One part of a query.
struct Part<'t> {
    text: &'t str,
    is_wanted: bool,
    is_quoted: bool,
}

impl<'t> Part<'t> {
    /// Cuts the first part off; the other half is what comes after it.
    fn cut(text: &'t str) -> (Self, &'t str) {
        let (text, is_wanted) = match text.strip_prefix('-') {
            Some(rest) if !rest.is_empty() && !rest.starts_with(char::is_whitespace) => {
                (rest, false)
            }
            _ => (text.strip_prefix('+').unwrap_or(text), true),
        };
        if let Some(inside) = text.strip_prefix(QUOTES) {
            let (text, after) = inside.split_once(QUOTES).unwrap_or((inside, ""));
            return (Self { text, is_wanted, is_quoted: true }, after);
        }
        let (text, after) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        (Self { text, is_wanted, is_quoted: false }, after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_phrases_and_exclusions_are_told_apart() {
        let query = SearchQuery::parse("Crème -tart \"apple pie\" -“no way” caf");
        assert_eq!(query.words, ["creme", "apple", "pie", "caf"]);
        assert_eq!((query.phrases, query.is_open), (vec!["apple pie".to_owned()], true));
        assert_eq!(
            (query.without, query.without_phrases),
            (vec!["tart".into()], vec!["no way".into()])
        );
        assert!(!SearchQuery::parse("\"closed\"").is_open);
        assert_eq!(SearchQuery::parse("東京都").phrases, ["東京都"]);
        assert_eq!(SearchQuery::parse("a - b").words, ["a", "b"]);
    }

    #[test]
    fn operators_are_read_and_what_is_none_is_words() {
        let query = SearchQuery::parse(
            "from:@bob@a.test -from:me has:image -is:reply in:library language:DE x",
        );
        assert_eq!(query.from, [("bob@a.test".to_owned(), true), ("me".to_owned(), false)]);
        assert_eq!(query.traits, [(Trait::Image, true), (Trait::Reply, false)]);
        assert_eq!((query.place, query.language), (Place::Library, Some(("de".into(), true))));
        assert_eq!(query.words, ["x"]);
        let query = SearchQuery::parse("during:2024-05-02 has:nothing before: http://a.test");
        let day = Timestamp::parse("2024-05-02").unwrap();
        assert_eq!((query.from_time, query.before), (Some(day), Some(day.plus(DAY))));
        assert_eq!(query.words, ["has", "nothing", "before", "http", "a", "test"]);
        let query = SearchQuery::parse("after:2024-05-02 before:\"2024-06-01\"");
        assert_eq!(
            (query.from_time, query.before),
            (Some(day.plus(DAY)), Timestamp::parse("2024-06-01"))
        );
        assert!(SearchQuery::parse(" \"\" - : ").is_empty());
    }

    #[test]
    fn p06_nothing_typed_is_an_error_or_without_end() {
        for odd in ["\"", "-", "--", "-\"", "from:", ":::", "\u{0}", "“”", "-from:\"x", "è"] {
            let _ = SearchQuery::parse(odd);
        }
        let long = SearchQuery::parse(&"word from:x ".repeat(10_000));
        assert!(long.words.len() <= 20 && long.from.len() <= 30);
    }
}
