//! From typed values to the JSON that other servers read. `@context` stands on the outside only.

use crate::{Activity, Actor, Collection, Note, QuoteStamp, Uri};

/// An activity as it is delivered or shown.
#[must_use]
pub fn activity(_activity: &Activity) -> String {
    String::new()
}

/// A note as it is shown at its id.
#[must_use]
pub fn note(_note: &Note) -> String {
    String::new()
}

/// An actor as it is shown at its id.
#[must_use]
pub fn actor(_actor: &Actor) -> String {
    String::new()
}

/// A collection or one page of it.
#[must_use]
pub fn collection(_collection: &Collection) -> String {
    String::new()
}

/// A quote stamp.
#[must_use]
pub fn quote_stamp(_stamp: &QuoteStamp) -> String {
    String::new()
}

/// What stands where something was.
#[must_use]
pub fn tombstone(_id: &Uri) -> String {
    String::new()
}
