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
    /// A page, in a language.
    Page(Tongue),
    /// Some other JSON.
    Json,
    /// Whatever there is.
    Any,
}

/// The language that a request for a page likes best, by its two letters without a region; none if it does not say or
/// the language has no such letters. Of wishes in many languages only the first counts, so that there are few.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Tongue(Option<[u8; 2]>);

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
            Self::Page(Tongue::of(headers))
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
            Self::Page(_) => "text/html",
            Self::Json => "application/json",
            Self::Any => "*/*",
        })
    }

    /// In which language.
    pub fn accept_language(self) -> Option<HeaderValue> {
        let Self::Page(Tongue(Some(letters))) = self else { return None };
        HeaderValue::from_bytes(&letters).ok()
    }
}

impl Tongue {
    fn of(headers: &HeaderMap) -> Self {
        let values = headers.get_all(header::ACCEPT_LANGUAGE).iter();
        let mut best: (f32, Self) = (0.0, Self::default());
        for range in values.filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(','))
        {
            let mut parts = range.split(';').map(str::trim);
            let tag = parts.next().unwrap_or_default();
            let weight = parts.find_map(|part| part.strip_prefix("q="));
            let weight = weight.map_or(1.0, |text| text.trim().parse().unwrap_or(0.0));
            if weight > best.0 {
                best = (weight, Self::parse(tag.split('-').next().unwrap_or_default()));
            }
        }
        best.1
    }

    /// Nothing of what is no two letters.
    fn parse(text: &str) -> Self {
        let letters = <[u8; 2]>::try_from(text.as_bytes()).ok();
        let letters = letters.filter(|letters| letters.iter().all(u8::is_ascii_alphabetic));
        Self(letters.map(|letters| letters.map(|letter| letter.to_ascii_lowercase())))
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

/// Stands for a page in file names.
const PAGE: char = 'p';
/// The others.
const LETTERS: [(char, Variant); 4] = [
    ('e', Variant::Every),
    ('d', Variant::Of(Form::Document)),
    ('j', Variant::Of(Form::Json)),
    ('a', Variant::Of(Form::Any)),
];

impl Key {
    /// The name of its file: the digest and a letter for the variant; for a page its language comes behind.
    pub fn file_name(self) -> String {
        let mut name = String::with_capacity(2 * LENGTH + 1);
        for byte in self.place.0 {
            // Writing into a string cannot fail.
            let _ = write!(name, "{byte:02x}");
        }
        if let Variant::Of(Form::Page(Tongue(letters))) = self.variant {
            name.push(PAGE);
            name.extend(letters.into_iter().flatten().map(char::from));
            return name;
        }
        let letter = LETTERS.iter().find(|(_, variant)| *variant == self.variant);
        name.push(letter.map_or('e', |(letter, _)| *letter));
        name
    }

    /// Of a file name.
    pub fn parse(name: &str) -> Option<Self> {
        let (digits, rest) = name.split_at_checked(2 * LENGTH)?;
        let variant = match rest.strip_prefix(PAGE) {
            Some("") => Variant::Of(Form::Page(Tongue::default())),
            Some(letters) => {
                let tongue = Tongue::parse(letters);
                let is_fit = tongue != Tongue::default() && letters == letters.to_lowercase();
                is_fit.then_some(Variant::Of(Form::Page(tongue)))?
            }
            None => LETTERS.iter().find(|(known, _)| rest.strip_prefix(*known) == Some(""))?.1,
        };
        let is_fit = digits.len() == 2 * LENGTH
            && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let number = is_fit.then(|| u128::from_str_radix(digits, 16).ok()).flatten()?;
        Some(Self { place: Place(number.to_be_bytes()), variant })
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
        let pages = ["", "de", "fr"].map(|tongue| Form::Page(Tongue::parse(tongue)));
        let pages = pages.into_iter().map(Variant::Of);
        for variant in LETTERS.into_iter().map(|(_, variant)| variant).chain(pages) {
            let key = Key { place: Place::of("a.test", "/x"), variant };
            assert_eq!(Key::parse(&key.file_name()), Some(key));
        }
        let name = Key { place: Place::of("a.test", "/x"), variant: Variant::Every }.file_name();
        for bad in [
            "",
            "e",
            &name[1..],
            &name.to_uppercase(),
            &format!("{name}.tmp"),
            &format!("{name}de"),
            "é",
        ] {
            assert_eq!(Key::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn e08_the_form_that_is_liked_best() {
        for (accept, form) in [
            (
                "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                Form::Page(Tongue::default()),
            ),
            ("application/activity+json", Form::Document),
            ("application/activity+json, application/ld+json", Form::Document),
            (
                "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"",
                Form::Document,
            ),
            ("application/ld+json", Form::Json),
            ("text/html;q=0.5, application/activity+json", Form::Document),
            ("application/activity+json;q=0.1, text/html", Form::Page(Tongue::default())),
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

    #[test]
    fn e08_a_page_is_wanted_in_one_language() {
        for (wish, language) in [
            ("de-CH, de;q=0.9, en;q=0.8", Some("de")),
            ("en;q=0.5, FR;q=0.9", Some("fr")),
            ("*", None),
            ("gsw", None),
            ("d3", None),
            ("de;q=0", None),
            (";;q=,\"", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, "text/html".parse().unwrap());
            headers.insert(header::ACCEPT_LANGUAGE, wish.parse().unwrap());
            let asked = Form::of(&headers).accept_language();
            assert_eq!(asked.as_ref().map(|value| value.to_str().unwrap()), language, "{wish:?}");
            headers.insert(header::ACCEPT, "application/json".parse().unwrap());
            assert_eq!(Form::of(&headers).accept_language(), None);
        }
    }
}
