//! How fields of an object are read: one value and a list of one are the same, an object stands for
//! its id, what is of the wrong type is not there.

use domain::Timestamp;
use serde_json::{Map, Value};

use super::ParseError;
use super::limits::TOKEN;
use crate::{Audience, PUBLIC, Uri};

/// An object that is read.
#[derive(Clone, Copy)]
pub(super) struct View<'v>(&'v Map<String, Value>);

impl<'v> View<'v> {
    /// Looks at an object that is to be a `what`. Words of linked data that move things elsewhere in
    /// the document are refused, because signers and readers differ on what they mean (F10).
    pub fn of(map: &'v Map<String, Value>, what: &'static str) -> Result<Self, ParseError> {
        match ["@graph", "@included", "@reverse"].iter().find(|word| map.contains_key(**word)) {
            Some(word) => Err(ParseError::Shape(what, format!("{word} is not read"))),
            None => Ok(Self(map)),
        }
    }

    /// Looks at an object inside of another.
    pub fn inside(value: &'v Value) -> Option<Self> {
        value.as_object().and_then(|map| Self::of(map, "object").ok())
    }

    /// The value itself, if it is there and not null.
    pub fn raw(self, name: &str) -> Option<&'v Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// All values of a field.
    pub fn list(self, name: &str) -> &'v [Value] {
        match self.raw(name) {
            Some(Value::Array(list)) => list,
            Some(single) => std::slice::from_ref(single),
            None => &[],
        }
    }

    /// The objects among the values of a field.
    pub fn objects(self, name: &str) -> impl Iterator<Item = View<'v>> {
        self.list(name).iter().filter_map(Self::inside)
    }

    /// The first object of a field.
    pub fn object(self, name: &str) -> Option<Self> {
        self.objects(name).next()
    }

    /// A text that is not empty.
    pub fn text(self, name: &str) -> Option<&'v str> {
        self.list(name).iter().find_map(Value::as_str).filter(|text| !text.is_empty())
    }

    /// The same, cut to a number of characters.
    pub fn short(self, name: &str, characters: usize) -> Option<String> {
        self.text(name).map(|text| text.chars().take(characters).collect())
    }

    /// The same, cut to a number of bytes.
    pub fn long(self, name: &str, bytes: usize) -> Option<String> {
        self.text(name).map(|text| cut(text, bytes).to_owned())
    }

    pub fn flag(self, name: &str) -> Option<bool> {
        self.list(name).iter().find_map(Value::as_bool)
    }

    /// A whole number that is not negative.
    pub fn count(self, name: &str) -> Option<i64> {
        self.raw(name).and_then(Value::as_i64).filter(|number| *number >= 0)
    }

    /// A time; an impossible one is none.
    pub fn time(self, name: &str) -> Option<Timestamp> {
        self.text(name).filter(|text| text.len() <= 64).and_then(Timestamp::parse)
    }

    /// An address: a text, the id of an object or the target of a link (F17).
    pub fn uri(self, name: &str) -> Option<Uri> {
        self.list(name).iter().find_map(uri)
    }

    /// All addresses of a field.
    pub fn uris(self, name: &str, most: usize) -> Vec<Uri> {
        self.list(name).iter().filter_map(uri).take(most).collect()
    }

    /// All ids and collections that a field names, everybody in one spelling.
    pub fn addressed(self, name: &str, most: usize) -> Vec<String> {
        self.list(name).iter().filter_map(addressed).take(most).collect()
    }

    pub fn audience(self) -> Audience {
        let list = |name| self.addressed(name, super::limits::ADDRESSED);
        Audience { to: list("to"), cc: list("cc") }
    }

    /// Its types; usually there is one.
    pub fn kinds(self) -> impl Iterator<Item = &'v str> {
        self.list("type").iter().filter_map(Value::as_str)
    }

    /// The first of its types.
    pub fn kind(self) -> &'v str {
        self.kinds().next().unwrap_or_default()
    }

    pub fn is(self, kind: &str) -> bool {
        self.kinds().any(|own| own == kind)
    }

    /// Its id, which it must have.
    pub fn id(self, what: &'static str) -> Result<Uri, ParseError> {
        self.required("id", what)
    }

    /// An address that must be there.
    pub fn required(self, name: &str, what: &'static str) -> Result<Uri, ParseError> {
        self.uri(name).ok_or_else(|| ParseError::Shape(what, format!("no usable {name}")))
    }

    /// Names of all fields.
    pub fn entries(self) -> impl Iterator<Item = (&'v str, &'v Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// How many fields there are.
    pub fn size(self) -> usize {
        self.0.len()
    }
}

/// The address that a value stands for.
pub(super) fn uri(value: &Value) -> Option<Uri> {
    match value {
        Value::String(text) => Uri::parse(text),
        Value::Object(map) => {
            ["id", "href"].iter().find_map(|name| map.get(*name)?.as_str()).and_then(Uri::parse)
        }
        _ => None,
    }
}

/// The beginning of a text, at most so many bytes.
pub(super) fn cut(text: &str, bytes: usize) -> &str {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

fn addressed(value: &Value) -> Option<String> {
    match value.as_str() {
        Some("as:Public" | "Public" | PUBLIC) => Some(PUBLIC.to_owned()),
        Some(text) if text.len() > TOKEN => None,
        _ => uri(value).map(|uri| uri.as_str().to_owned()),
    }
}
