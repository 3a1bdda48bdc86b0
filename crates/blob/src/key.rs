//! Names of stored objects. A key is built by us from ids and random text; anything that could
//! climb, hide or collide on a file system is refused here, once.

use std::fmt;

const MAX_KEY: usize = 400;
const MAX_SEGMENT: usize = 120;

/// A validated object name such as `media/11/22/original/ab12.png`.
///
/// Lower-case ASCII letters, digits, `.`, `_`, `-`, in segments parted by single slashes. No segment
/// is empty or begins with a dot, so `..`, hidden files and absolute paths cannot be spelled.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(String);

/// The text is no key of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid object key")]
pub struct InvalidKey;

impl Key {
    /// Checks `text`; the only way to make a key.
    pub fn parse(text: impl Into<String>) -> Result<Self, InvalidKey> {
        let text = text.into();
        let fits = !text.is_empty() && text.len() <= MAX_KEY;
        if fits && text.split('/').all(is_segment) { Ok(Self(text)) } else { Err(InvalidKey) }
    }

    /// The key as it stands in URLs and on disk.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_segment(segment: &str) -> bool {
    !segment.is_empty()
        && segment.len() <= MAX_SEGMENT
        && !segment.starts_with('.')
        && segment
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-'))
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::str::FromStr for Key {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m05_names_that_climb_hide_or_confuse_are_no_keys() {
        let long_name = "x".repeat(4096);
        let long_segment = format!("media/{}", "x".repeat(121));
        let refused = [
            "",
            "/",
            "/etc/passwd",
            "../../x",
            "a/../b",
            "a/..",
            "..",
            ".",
            "a/./b",
            ".incoming/x",
            "a//b",
            "a/",
            "a\0b",
            "a\\b",
            "c:x",
            "UPPER",
            "a b",
            "a%2fb",
            "naïve",
            "a\nb",
            "~x",
            long_name.as_str(),
            long_segment.as_str(),
        ];
        for text in refused {
            assert_eq!(Key::parse(text), Err(InvalidKey), "{text:?}");
        }
    }

    #[test]
    fn our_own_names_are_keys() {
        for text in ["a", "media/11/22/original/ab-12_x.png", "con", "x..y"] {
            assert_eq!(Key::parse(text).map(|key| key.to_string()).as_deref(), Ok(text));
        }
    }
}
