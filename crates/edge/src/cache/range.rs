//! The part of an answer that a request asks for (RFC 9110 §14), and whether the client has it
//! already (§13).

use http::{HeaderMap, HeaderValue, header};

/// What a request says of what it wants and has.
#[derive(Clone, Default)]
pub(super) struct Asked {
    range: Option<HeaderValue>,
    if_range: Option<HeaderValue>,
    if_none_match: Vec<HeaderValue>,
    if_modified_since: Option<HeaderValue>,
}

/// What it gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of it.
    Whole,
    /// From one byte to before another.
    Part(u64, u64),
    /// Nothing of it exists.
    Beyond,
}

impl Asked {
    pub fn of(headers: &HeaderMap) -> Self {
        Self {
            range: headers.get(header::RANGE).cloned(),
            if_range: headers.get(header::IF_RANGE).cloned(),
            if_none_match: headers.get_all(header::IF_NONE_MATCH).iter().cloned().collect(),
            if_modified_since: headers.get(header::IF_MODIFIED_SINCE).cloned(),
        }
    }

    /// Whether what the client has is what would be sent.
    pub fn has(&self, headers: &HeaderMap) -> bool {
        if self.if_none_match.is_empty() {
            // Origins tell a date in one spelling, and clients give it back as they got it.
            let modified = headers.get(header::LAST_MODIFIED);
            return self.if_modified_since.is_some() && self.if_modified_since.as_ref() == modified;
        }
        let tag = headers.get(header::ETAG).and_then(|value| value.to_str().ok());
        let lists = self.if_none_match.iter().filter_map(|value| value.to_str().ok());
        lists.flat_map(|list| list.split(',')).map(str::trim).any(|known| {
            known == "*" || tag.is_some_and(|tag| without_weakness(known) == without_weakness(tag))
        })
    }

    /// The part that is wanted. More than one at once gets all of it, which is allowed.
    pub fn wanted(&self, headers: &HeaderMap, length: u64) -> Wanted {
        let range = self.range.as_ref().and_then(|value| value.to_str().ok());
        let Some(range) = range.and_then(|text| text.strip_prefix("bytes=")) else {
            return Wanted::Whole;
        };
        if !self.is_same(headers) {
            return Wanted::Whole;
        }
        let Some((first, last)) = range.split_once('-') else { return Wanted::Whole };
        let (first, last) = (first.trim(), last.trim());
        let number = |text: &str| -> Option<u64> {
            let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| text.parse().unwrap_or(u64::MAX))
        };
        let (from, to) = match (number(first), number(last)) {
            (Some(first), Some(last)) if first <= last => {
                (first, last.saturating_add(1).min(length))
            }
            (Some(first), None) if last.is_empty() => (first, length),
            (None, Some(count)) if first.is_empty() => {
                if count == 0 {
                    return Wanted::Beyond;
                }
                (length.saturating_sub(count), length)
            }
            _ => return Wanted::Whole,
        };
        if from < to { Wanted::Part(from, to) } else { Wanted::Beyond }
    }

    /// Whether the rest of what the client has is the rest of this (`If-Range`).
    fn is_same(&self, headers: &HeaderMap) -> bool {
        let Some(known) = &self.if_range else { return true };
        let is_strong = !known.as_bytes().starts_with(b"W/");
        let tag = headers.get(header::ETAG).filter(|_| is_strong);
        tag == Some(known) || headers.get(header::LAST_MODIFIED) == Some(known)
    }
}

/// For caches weak and strong are the same (RFC 9110 §13.1.2).
fn without_weakness(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use http::HeaderName;

    use super::*;

    fn map(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        lines.iter().map(pair).collect()
    }

    #[test]
    fn parts_of_a_hundred_bytes() {
        for (range, wanted) in [
            ("bytes=0-0", Wanted::Part(0, 1)),
            ("bytes=0-", Wanted::Part(0, 100)),
            ("bytes=10-19", Wanted::Part(10, 20)),
            ("bytes=10-1000", Wanted::Part(10, 100)),
            ("bytes=-5", Wanted::Part(95, 100)),
            ("bytes=-500", Wanted::Part(0, 100)),
            ("bytes=99-99999999999999999999999", Wanted::Part(99, 100)),
            ("bytes=100-", Wanted::Beyond),
            ("bytes=99999999999999999999999-", Wanted::Beyond),
            ("bytes=-0", Wanted::Beyond),
            ("bytes=5-4", Wanted::Whole),
            ("bytes=-", Wanted::Whole),
            ("bytes=+1-2", Wanted::Whole),
            ("bytes=0-1,3-4", Wanted::Whole),
            ("lines=0-1", Wanted::Whole),
            ("", Wanted::Whole),
        ] {
            let asked = Asked::of(&map(&[("range", range)]));
            assert_eq!(asked.wanted(&HeaderMap::new(), 100), wanted, "{range}");
        }
    }

    #[test]
    fn the_rest_of_another_file_is_not_sent() {
        let stored = map(&[("etag", "\"1\""), ("last-modified", "yesterday")]);
        for (known, is_same) in
            [("\"1\"", true), ("\"2\"", false), ("W/\"1\"", false), ("yesterday", true)]
        {
            let asked = Asked::of(&map(&[("range", "bytes=1-"), ("if-range", known)]));
            let expected = if is_same { Wanted::Part(1, 9) } else { Wanted::Whole };
            assert_eq!(asked.wanted(&stored, 9), expected, "{known}");
        }
    }

    #[test]
    fn what_the_client_has() {
        let stored = map(&[("etag", "\"1\""), ("last-modified", "yesterday")]);
        for (lines, has) in [
            (&[("if-none-match", "\"1\"")][..], true),
            (&[("if-none-match", "\"0\", W/\"1\"")], true),
            (&[("if-none-match", "*")], true),
            (&[("if-none-match", "\"2\""), ("if-modified-since", "yesterday")], false),
            (&[("if-modified-since", "yesterday")], true),
            (&[("if-modified-since", "today")], false),
            (&[], false),
        ] {
            assert_eq!(Asked::of(&map(lines)).has(&stored), has, "{lines:?}");
        }
        assert!(!Asked::of(&map(&[("if-none-match", "\"1\"")])).has(&HeaderMap::new()));
    }
}
