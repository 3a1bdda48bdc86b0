//! The fields of an object that is being built.

use domain::Timestamp;
use serde_json::{Map, Value};

use crate::{Emoji, HashtagTag, Uri};

/// Fields of one object.
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    /// An object of this type.
    pub fn of(kind: &str) -> Self {
        let mut fields = Self(Map::new());
        fields.put("type", kind);
        fields
    }

    pub fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// Puts it if there is one.
    pub fn maybe<V: Into<Value>>(&mut self, name: &str, value: Option<V>) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }

    pub fn id(&mut self, name: &str, id: Option<&Uri>) {
        self.maybe(name, id.map(Uri::as_str));
    }

    pub fn time(&mut self, name: &str, time: Option<Timestamp>) {
        self.maybe(name, time.map(Timestamp::rfc3339));
    }

    /// Puts the list unless it is empty.
    pub fn list(&mut self, name: &str, values: Vec<Value>) {
        if !values.is_empty() {
            self.put(name, values);
        }
    }
}

impl From<Fields> for Value {
    fn from(fields: Fields) -> Self {
        Self::Object(fields.0)
    }
}

/// A list of texts.
pub(super) fn texts(values: &[String]) -> Vec<Value> {
    values.iter().map(|text| text.as_str().into()).collect()
}

/// A list of ids.
pub(super) fn ids(values: &[Uri]) -> Vec<Value> {
    values.iter().map(|id| id.as_str().into()).collect()
}

/// A hashtag, in `tag` and in the collection of featured ones.
pub(super) fn hashtag(tag: &HashtagTag) -> Fields {
    let mut fields = Fields::of("Hashtag");
    fields.put("name", format!("#{}", tag.name));
    fields.id("href", tag.href.as_ref());
    fields
}

/// A custom emoji in `tag`.
pub(super) fn emoji(emoji: &Emoji) -> Fields {
    let mut icon = Fields::of("Image");
    icon.put("url", emoji.url.as_str());
    let mut fields = Fields::of("Emoji");
    fields.id("id", emoji.id.as_ref());
    fields.put("name", format!(":{}:", emoji.shortcode));
    fields.time("updated", emoji.updated);
    fields.put("icon", icon);
    fields
}
