//! Which language a browser asks for: `Accept-Language` (RFC 9110 §12.5.4).

use http::{HeaderMap, header};

use super::Language;

/// More entries are not read.
const MOST: usize = 32;

/// The language that is liked best of those there are; of equals the first. `None` if none is wanted.
pub(crate) fn accepted(headers: &HeaderMap) -> Option<Language> {
    let values = headers.get_all(header::ACCEPT_LANGUAGE).iter();
    let entries = values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    let mut best: Option<(f32, Language)> = None;
    for entry in entries.take(MOST) {
        let mut parts = entry.split(';').map(str::trim);
        let tag = parts.next().unwrap_or_default();
        let weight = parts.find_map(|part| part.strip_prefix("q="));
        let weight = weight.map_or(1.0, |text| text.trim().parse().unwrap_or(0.0));
        let Some(language) = Language::of(tag) else { continue };
        if weight > best.map_or(0.0, |(most, _)| most) {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_that_is_liked_best() {
        for (asked, code) in [
            ("de", Some("de")),
            ("de-CH, fr;q=0.9", Some("de")),
            ("en;q=0.5, fr;q=0.8, *;q=0.1", Some("fr")),
            ("eo, fr-BE;q=0.3", Some("fr")),
            ("fr;q=0, de;q=0.1", Some("de")),
            ("ja", None),
            ("*", None),
            ("", None),
            ("fr;q=much, ;;q=,\u{e9}", None),
            ("de;q=NaN", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, asked.parse().unwrap());
            assert_eq!(accepted(&headers).map(Language::code), code, "{asked:?}");
        }
        assert_eq!(accepted(&HeaderMap::new()), None);
        let mut many = HeaderMap::new();
        many.insert(header::ACCEPT_LANGUAGE, format!("{}de", "x,".repeat(500)).parse().unwrap());
        assert_eq!(accepted(&many), None, "endless wishes are not read to their end");
    }
}
