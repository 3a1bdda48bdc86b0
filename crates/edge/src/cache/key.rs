//! What names an answer in the cache (E08): scheme, host, path and query, and the form that was asked
//! for. The encoding is no part of it: bytes are kept as they are and packed when they are sent.

use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};
use http::{HeaderMap, HeaderValue, header};

/// Bytes of a digest that are kept: enough that nobody finds two addresses with the same.
const LENGTH: usize = 16;

/// An address: what all its forms have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Place([u8; LENGTH]);

/// The form of an answer that a request likes best. There are few, so that nobody fills the cache by
/// writing the same wish in many ways; the origin is asked for exactly this form, so that what is
/// kept under it is the answer to it and to nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Form {
    /// ActivityPub's document.
    Document,
    /// A page.
    Page,
    /// Some other JSON.
    Json,
    /// Whatever there is.
    Any,
}

/// For which requests an answer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Variant {
    /// For all: it does not vary by `Accept`.
    Every,
    /// For those who ask for this form.
    Of(Form),
}

/// The name of one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Key {
    pub place: Place,
    pub variant: Variant,
}

impl Place {
    /// Of a name in lower case and a path with its query. All that is cached came by https.
    pub fn of(name: &str, target: &str) -> Self {
        let whole = digest(&SHA256, format!("https\n{name}\n{target}").as_bytes());
        let mut place = [0; LENGTH];
        place.iter_mut().zip(whole.as_ref()).for_each(|(to, from)| *to = *from);
        Self(place)
    }
}

impl Form {
    /// Of a request.
    pub fn of(headers: &HeaderMap) -> Self {
        let (mut document, mut page, mut json) = (0.0_f32, 0.0_f32, 0.0_f32);
        let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        for range in values.flat_map(split) {
            let lower = range.to_ascii_lowercase();
            let mut parts = lower.split(';').map(str::trim);
            let kind = parts.next().unwrap_or_default();
            let weight = parts.clone().find_map(|part| part.strip_prefix("q="));
            let weight = weight.map_or(1.0, |text| text.trim().parse().unwrap_or(1.0));
            let most = match kind {
                "application/activity+json" => &mut document,
                "application/ld+json" if lower.contains("www.w3.org/ns/activitystreams") => {
                    &mut document
                }
                "text/html" | "application/xhtml+xml" => &mut page,
                _ if kind.ends_with("json") => &mut json,
                _ => continue,
            };
            *most = most.max(weight);
        }
        if document > 0.0 && document >= page {
            Self::Document
        } else if page > 0.0 {
            Self::Page
        } else if json > 0.0 {
            Self::Json
        } else {
            Self::Any
        }
    }

    /// What the origin is asked for.
    pub fn accept(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Document => "application/activity+json",
            Self::Page => "text/html",
            Self::Json => "application/json",
            Self::Any => "*/*",
        })
    }
}

/// The entries of a header; a comma within quotation marks is none between entries.
fn split(text: &str) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    text.split(move |letter| {
        is_quoted ^= letter == '"';
        letter == ',' && !is_quoted
    })
}

/// In file names.
const LETTERS: [(char, Variant); 5] = [
    ('e', Variant::Every),
    ('d', Variant::Of(Form::Document)),
    ('p', Variant::Of(Form::Page)),
    ('j', Variant::Of(Form::Json)),
    ('a', Variant::Of(Form::Any)),
];

impl Key {
    /// The name of its file: the digest and a letter for the variant.
    pub fn file_name(self) -> String {
        let mut name = String::with_capacity(2 * LENGTH + 1);
        for byte in self.place.0 {
            // Writing into a string cannot fail.
            let _ = write!(name, "{byte:02x}");
        }
        let letter = LETTERS.iter().find(|(_, variant)| *variant == self.variant);
        name.push(letter.map_or('e', |(letter, _)| *letter));
        name
    }

    /// Of a file name.
    pub fn parse(name: &str) -> Option<Self> {
        let letter = name.chars().last()?;
        let (_, variant) = LETTERS.iter().find(|(known, _)| *known == letter)?;
        let digits = name.strip_suffix(letter)?;
        let is_fit = digits.len() == 2 * LENGTH
            && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let number = is_fit.then(|| u128::from_str_radix(digits, 16).ok()).flatten()?;
        Some(Self { place: Place(number.to_be_bytes()), variant: *variant })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e08_one_name_for_one_address_and_form() {
        let all = [
            Place::of("a.test", "/x"),
            Place::of("a.test", "/x?"),
            Place::of("a.test", "/x?y"),
            Place::of("b.test", "/x"),
            Place::of("a.test", "/X"),
        ];
        for (index, one) in all.iter().enumerate() {
            assert!(all.iter().skip(index + 1).all(|other| one != other));
        }
        for (_, variant) in LETTERS {
            let key = Key { place: Place::of("a.test", "/x"), variant };
            assert_eq!(Key::parse(&key.file_name()), Some(key));
        }
        let name = Key { place: Place::of("a.test", "/x"), variant: Variant::Every }.file_name();
        for bad in ["", "e", &name[1..], &name.to_uppercase(), &format!("{name}.tmp"), "é"] {
            assert_eq!(Key::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn e08_the_form_that_is_liked_best() {
        for (accept, form) in [
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Form::Page),
            ("application/activity+json", Form::Document),
            ("application/activity+json, application/ld+json", Form::Document),
            (
                "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"",
                Form::Document,
            ),
            ("application/ld+json", Form::Json),
            ("text/html;q=0.5, application/activity+json", Form::Document),
            ("application/activity+json;q=0.1, text/html", Form::Page),
            ("application/activity+json;q=0", Form::Any),
            ("application/json", Form::Json),
            ("application/jrd+json, */*", Form::Json),
            ("image/webp,*/*", Form::Any),
            ("*/*", Form::Any),
            ("", Form::Any),
            (";;;q=,\"", Form::Any),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().unwrap());
            assert_eq!(Form::of(&headers), form, "{accept:?}");
        }
        assert_eq!(Form::of(&HeaderMap::new()), Form::Any);
    }
}
