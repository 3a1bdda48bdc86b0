//! The `Range` header (RFC 9110 §14): one range of bytes. Several ranges, other units and nonsense
//! are answered with the whole file, as the RFC allows.

use http::{HeaderMap, header};

/// What a client wants of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of it.
    Whole,
    /// From one byte to another, both included.
    Part { first: u64, last: u64 },
    /// Only bytes that are not there.
    Nothing,
}

/// Reads the headers for a file of `length` bytes.
pub(super) fn wanted(headers: &HeaderMap, tag: &str, length: u64) -> Wanted {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    // A part of another edition would not fit the client's bytes.
    if text(header::IF_RANGE).is_some_and(|known| known.trim() != tag) {
        return Wanted::Whole;
    }
    text(header::RANGE).map_or(Wanted::Whole, |range| part(range, length))
}

fn part(range: &str, length: u64) -> Wanted {
    let Some((first, last)) = range
        .trim()
        .strip_prefix("bytes=")
        .filter(|ranges| !ranges.contains(','))
        .and_then(|range| range.trim().split_once('-'))
    else {
        return Wanted::Whole;
    };
    let end = length.saturating_sub(1);
    match (first.trim(), last.trim()) {
        ("", count) => match number(count) {
            None => Wanted::Whole,
            Some(0) => Wanted::Nothing,
            Some(_) if length == 0 => Wanted::Nothing,
            Some(count) => Wanted::Part { first: length.saturating_sub(count), last: end },
        },
        (first, last) => {
            let Some(first) = number(first) else { return Wanted::Whole };
            let last = if last.is_empty() { Some(end) } else { number(last) };
            match last {
                Some(last) if last < first && first < length => Wanted::Whole,
                None => Wanted::Whole,
                Some(_) if first >= length => Wanted::Nothing,
                Some(last) => Wanted::Part { first, last: last.min(end) },
            }
        }
    }
}

/// Digits only: no sign, and what does not fit is larger than any file.
fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_understood_and_nonsense_is_the_whole_file() {
        let cases = [
            ("bytes=0-0", Wanted::Part { first: 0, last: 0 }),
            ("bytes=2-", Wanted::Part { first: 2, last: 9 }),
            ("bytes=2-99", Wanted::Part { first: 2, last: 9 }),
            ("bytes=-3", Wanted::Part { first: 7, last: 9 }),
            ("bytes=-99", Wanted::Part { first: 0, last: 9 }),
            ("bytes=10-", Wanted::Nothing),
            ("bytes=99999999999999999999-", Wanted::Nothing),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=5-2", Wanted::Whole),
            ("bytes=0-1,3-4", Wanted::Whole),
            ("bytes=a-b", Wanted::Whole),
            ("bytes=--1", Wanted::Whole),
            ("lines=0-1", Wanted::Whole),
            ("", Wanted::Whole),
        ];
        for (range, expected) in cases {
            assert_eq!(part(range, 10), expected, "{range}");
        }
        assert_eq!(part("bytes=0-", 0), Wanted::Nothing);
    }
}
