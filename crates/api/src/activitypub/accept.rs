//! Which of its two forms an address is asked for in (RFC 9110 §12.5.1).

use http::{HeaderMap, header};

/// A form of a thing that has two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// A document for programs.
    Document,
    /// A page for people.
    Page,
    /// Either will do.
    Any,
}

/// The form that the request likes best; the document when it likes both alike and names both.
pub(super) fn form(headers: &HeaderMap) -> Form {
    let (mut document, mut page) = (0.0_f32, 0.0_f32);
    let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    for range in values.flat_map(split) {
        let (kind, weight) = weigh(range);
        match kind {
            Kind::Document => document = document.max(weight),
            Kind::Page => page = page.max(weight),
            Kind::Other => {}
        }
    }
    if document <= 0.0 && page <= 0.0 {
        Form::Any
    } else if document >= page {
        Form::Document
    } else {
        Form::Page
    }
}

enum Kind {
    Document,
    Page,
    Other,
}

/// The entries of a header; a comma within quotation marks is none between entries.
fn split(text: &str) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    text.split(move |letter| {
        is_quoted ^= letter == '"';
        letter == ',' && !is_quoted
    })
}

/// What an entry names, and how much it is liked.
fn weigh(range: &str) -> (Kind, f32) {
    let mut parts = range.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default().to_ascii_lowercase();
    let (mut weight, mut is_profile) = (1.0_f32, false);
    for part in parts {
        let Some((key, value)) = part.split_once('=') else { continue };
        match key.trim().to_ascii_lowercase().as_str() {
            "q" => weight = value.trim().parse().unwrap_or(1.0),
            "profile" => {
                is_profile = value
                    .trim()
                    .trim_matches('"')
                    .split(' ')
                    .any(|profile| profile == "https://www.w3.org/ns/activitystreams");
            }
            _ => {}
        }
    }
    let kind = match name.as_str() {
        "application/activity+json" => Kind::Document,
        "application/ld+json" if is_profile => Kind::Document,
        "text/html" | "application/xhtml+xml" => Kind::Page,
        _ => Kind::Other,
    };
    (kind, weight.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e08_the_form_is_what_is_liked_best() {
        const PROFILED: &str =
            "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"";
        for (accept, expected) in [
            ("application/activity+json", Form::Document),
            ("Application/Activity+JSON", Form::Document),
            (PROFILED, Form::Document),
            ("application/activity+json, application/ld+json", Form::Document),
            ("application/ld+json", Form::Any),
            ("application/ld+json; profile=\"https://example.org/other\"", Form::Any),
            (
                "application/ld+json; profile=\"https://a.test/ https://www.w3.org/ns/activitystreams\"",
                Form::Document,
            ),
            ("application/ld+json; profile=https://www.w3.org/ns/activitystreams", Form::Document),
            ("text/html", Form::Page),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Form::Page),
            ("text/html;q=0.5, application/activity+json", Form::Document),
            ("application/activity+json;q=0.1, text/html", Form::Page),
            ("application/activity+json, text/html;q=0.1", Form::Document),
            ("application/activity+json;q=0", Form::Any),
            ("application/json", Form::Any),
            ("*/*", Form::Any),
            ("", Form::Any),
            (";;;q=,\"", Form::Any),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().unwrap());
            assert_eq!(form(&headers), expected, "{accept:?}");
        }
        assert_eq!(form(&HeaderMap::new()), Form::Any);
    }
}
