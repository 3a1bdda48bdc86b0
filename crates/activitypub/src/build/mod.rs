//! From typed values to the JSON that other servers read, in the words and shapes of Mastodon 4.5.
//! `@context` stands on the outside only. Fields come in alphabetical order, so that the same value
//! is always the same bytes.

mod activity;
mod actor;
mod collection;
mod context;
mod fields;
mod note;
#[cfg(test)]
mod tests;

use serde_json::Value;

use crate::{Activity, Actor, Collection, Note, QuoteStamp, Uri};
use context::Words;
use fields::Fields;

/// An activity as it is delivered or shown.
#[must_use]
pub fn activity(activity: &Activity) -> String {
    document(Words::of_activity(activity), activity::activity(activity))
}

/// A note as it is shown at its id.
#[must_use]
pub fn note(note: &Note) -> String {
    document(Words::Note, note::note(note))
}

/// An actor as it is shown at its id.
#[must_use]
pub fn actor(actor: &Actor) -> String {
    document(Words::Actor, actor::actor(actor))
}

/// A collection or one page of it.
#[must_use]
pub fn collection(collection: &Collection) -> String {
    document(Words::of_collection(collection), collection::collection(collection))
}

/// What a list begins with that is written entry by entry, since it may be larger than memory. Entries are
/// parted by commas.
#[must_use]
pub fn list_begin(name: &str) -> String {
    let name = serde_json::Value::from(name);
    format!(
        "{{\"@context\":\"https://www.w3.org/ns/activitystreams\",\"id\":{name},\
         \"type\":\"OrderedCollection\",\"orderedItems\":["
    )
}

/// What ends such a list.
#[must_use]
pub fn list_end(total: u64) -> String {
    format!("],\"totalItems\":{total}}}")
}

/// A quote stamp.
#[must_use]
pub fn quote_stamp(stamp: &QuoteStamp) -> String {
    document(Words::Quote, note::quote_stamp(stamp))
}

/// What stands where something was.
#[must_use]
pub fn tombstone(id: &Uri) -> String {
    document(Words::Plain, note::tombstone(id))
}

fn document(words: Words, mut fields: Fields) -> String {
    fields.put("@context", context::context(words));
    Value::from(fields).to_string()
}
