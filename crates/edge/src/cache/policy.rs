//! Which answers may be kept, and how long (RFC 9111 §3, §4.2; RFC 5861; E08, E09). Only what the
//! origin says in so many words counts: nothing is guessed.

use std::time::Duration;

use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};

use super::key::{Form, Variant};
use crate::plan::Cached;

/// For how long an answer may be shown while the server is away (E09).
const STALE_AT_MOST: u64 = 24 * 60 * 60;
/// For how long a file is shown before the origin is asked whether it is still there, which costs
/// it next to nothing. Origins say a year; but files are deleted.
const FILE_FRESH: u64 = 60 * 60;
/// For how long at most anything is shown while the origin is being asked.
const REVALIDATING_AT_MOST: u64 = 5 * 60;

/// How long an answer is good, in seconds since it was last known to be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Terms {
    /// Without asking.
    pub fresh: u64,
    /// After that, while the origin is being asked.
    pub revalidating: u64,
    /// After the same, when the origin is away.
    pub if_error: u64,
}

impl Terms {
    pub fn is_fresh(self, age: Duration) -> bool {
        age.as_secs() < self.fresh
    }

    pub fn may_revalidate(self, age: Duration) -> bool {
        age.as_secs() < self.fresh.saturating_add(self.revalidating)
    }

    pub fn may_replace_error(self, age: Duration) -> bool {
        age.as_secs() < self.fresh.saturating_add(self.if_error)
    }
}

/// The terms on which an answer to this kind of request may be kept, and for whom it holds; nothing
/// when it may not.
pub(super) fn terms(
    status: StatusCode,
    headers: &HeaderMap,
    kind: Cached,
    form: Form,
) -> Option<(Terms, Variant)> {
    const KEPT: [u16; 7] = [200, 301, 302, 307, 308, 404, 410];
    let is_whole = KEPT.contains(&status.as_u16()) && !headers.contains_key(header::CONTENT_RANGE);
    let is_plain = !headers.contains_key(header::CONTENT_ENCODING)
        && !headers.contains_key(header::SET_COOKIE)
        && !headers.contains_key("sec-websocket-accept");
    if !is_whole || !is_plain {
        return None;
    }
    let said = Said::read(headers)?;
    let variant = varies(headers, form)?;
    let age = headers.get(header::AGE).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let mut fresh = said.fresh?.checked_sub(age.unwrap_or(0)).filter(|seconds| *seconds > 0)?;
    if kind == Cached::Files {
        fresh = fresh.min(FILE_FRESH);
    }
    let (revalidating, if_error) = if said.is_strict {
        (0, 0)
    } else {
        // That something is missing is no news of a server that cannot say so any more: a peer would
        // forget an account for it.
        let usual = if status.is_client_error() { 0 } else { STALE_AT_MOST };
        let if_error = said.if_error.unwrap_or(usual);
        (said.revalidating.min(REVALIDATING_AT_MOST), if_error.min(STALE_AT_MOST))
    };
    Some((Terms { fresh, revalidating, if_error }, variant))
}

/// What `Cache-Control` says to a cache like this one.
#[derive(Default)]
struct Said {
    fresh: Option<u64>,
    revalidating: u64,
    if_error: Option<u64>,
    is_strict: bool,
}

impl Said {
    /// Nothing when it forbids.
    fn read(headers: &HeaderMap) -> Option<Self> {
        let mut said = Self::default();
        let mut shared = None;
        for value in headers.get_all(header::CACHE_CONTROL) {
            for item in value.to_str().ok()?.split(',') {
                let (name, value) = item.split_once('=').unwrap_or((item, ""));
                let seconds = || value.trim().trim_matches('"').parse::<u64>().ok();
                match name.trim().to_ascii_lowercase().as_str() {
                    "private" | "no-store" | "no-cache" => return None,
                    // What cannot be read is no time at all.
                    "s-maxage" => shared = Some(seconds().unwrap_or(0)),
                    "max-age" => said.fresh = Some(seconds().unwrap_or(0)),
                    "stale-while-revalidate" => said.revalidating = seconds().unwrap_or(0),
                    "stale-if-error" => said.if_error = Some(seconds().unwrap_or(0)),
                    "must-revalidate" | "proxy-revalidate" => said.is_strict = true,
                    _ => {}
                }
            }
        }
        if shared.is_some() {
            // RFC 9111 §5.2.2.10.
            (said.fresh, said.is_strict) = (shared, true);
        }
        Some(said)
    }
}

/// For which requests it holds. What varies by anything that is no part of the key is not kept;
/// credentials are such a part, because requests with them are never answered from here.
fn varies(headers: &HeaderMap, form: Form) -> Option<Variant> {
    let mut variant = Variant::Every;
    for value in headers.get_all(header::VARY) {
        for name in value.to_str().ok()?.split(',') {
            match name.trim().to_ascii_lowercase().as_str() {
                // A form of a page has its language, of the rest there is but one.
                "accept" | "accept-language" => variant = Variant::Of(form),
                "" | "accept-encoding" | "authorization" | "cookie" | "signature" => {}
                _ => return None,
            }
        }
    }
    Some(variant)
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::super::key::Tongue;
    use super::*;

    fn judged(status: u16, lines: &[&str], kind: Cached) -> Option<(Terms, Variant)> {
        let mut headers = HeaderMap::new();
        for line in lines {
            let (name, value) = line.split_once(": ").unwrap();
            headers.append(
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        terms(StatusCode::from_u16(status).unwrap(), &headers, kind, Form::Page(Tongue::default()))
    }

    #[test]
    fn e08_what_is_not_for_everybody_is_not_kept() {
        for lines in [
            &[][..],
            &["cache-control: public"],
            &["cache-control: max-age=0"],
            &["cache-control: max-age=x"],
            &["cache-control: private, max-age=60"],
            &["cache-control: max-age=60, no-store"],
            &["cache-control: max-age=60", "cache-control: no-cache"],
            &["cache-control: max-age=60, s-maxage=0"],
            &["cache-control: max-age=60", "set-cookie: a=b"],
            &["cache-control: max-age=60", "vary: *"],
            &["cache-control: max-age=60", "vary: Accept, User-Agent"],
            &["cache-control: max-age=60", "vary: Origin"],
            &["cache-control: max-age=60", "content-encoding: gzip"],
            &["cache-control: max-age=60", "content-range: bytes 0-1/2"],
            &["cache-control: max-age=60", "age: 60"],
        ] {
            assert_eq!(judged(200, lines, Cached::Answers), None, "{lines:?}");
        }
        for status in [101, 204, 206, 304, 400, 401, 403, 421, 429, 500, 503] {
            assert_eq!(judged(status, &["cache-control: max-age=60"], Cached::Answers), None);
        }
        assert!(judged(410, &["cache-control: max-age=60"], Cached::Answers).is_some());
    }

    #[test]
    fn e09_how_long_is_what_the_origin_says_within_bounds() {
        let long = "cache-control: public, max-age=31536000, immutable";
        let (terms, variant) = judged(200, &[long], Cached::Files).unwrap();
        assert_eq!(variant, Variant::Every);
        assert_eq!(terms, Terms { fresh: 3600, revalidating: 0, if_error: 86_400 });
        let (terms, _) = judged(200, &[long, "age: 5"], Cached::Answers).unwrap();
        assert_eq!(terms.fresh, 31_535_995);
        for missing in [404, 410] {
            let (terms, _) =
                judged(missing, &["cache-control: max-age=15"], Cached::Files).unwrap();
            assert_eq!(terms, Terms { fresh: 15, revalidating: 0, if_error: 0 }, "{missing}");
        }
        let page =
            "cache-control: public, max-age=15, stale-while-revalidate=30, stale-if-error=60";
        let (terms, variant) =
            judged(200, &[page, "vary: Accept", "vary: Cookie"], Cached::Answers).unwrap();
        assert_eq!(variant, Variant::Of(Form::Page(Tongue::default())));
        assert_eq!(terms, Terms { fresh: 15, revalidating: 30, if_error: 60 });
        let after = |seconds| Duration::from_secs(seconds);
        assert!(terms.is_fresh(after(14)) && !terms.is_fresh(after(15)));
        assert!(terms.may_revalidate(after(44)) && !terms.may_revalidate(after(45)));
        assert!(terms.may_replace_error(after(74)) && !terms.may_replace_error(after(75)));
        for strict in ["max-age=15, must-revalidate", "s-maxage=15, max-age=99"] {
            let line = format!("cache-control: {strict}, stale-if-error=99");
            let (terms, _) = judged(200, &[&line], Cached::Answers).unwrap();
            assert_eq!(terms, Terms { fresh: 15, revalidating: 0, if_error: 0 }, "{strict}");
        }
    }
}
