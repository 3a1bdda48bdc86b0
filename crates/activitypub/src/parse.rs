//! From bytes of another server to typed values, in one pure step: what is not right is refused
//! here, what is too much is cut.

use crate::{Activity, Actor, Collection, Jrd, Object, PublicKey};

/// Why a document was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// It is not JSON, is nested too deep, or repeats a name (P02).
    #[error("this is no acceptable JSON: {0}")]
    Json(String),
    /// It is JSON, but not what it should be.
    #[error("this is no {0}: {1}")]
    Shape(&'static str, String),
}

/// An activity, as an inbox receives it.
///
/// # Errors
/// [`ParseError`].
pub fn activity(_bytes: &[u8]) -> Result<Activity, ParseError> {
    Err(ParseError::Shape("activity", "not built yet".into()))
}

/// Any object, as a fetch finds it: note, actor, activity, tombstone, stamp.
///
/// # Errors
/// [`ParseError`].
pub fn object(_bytes: &[u8]) -> Result<Object, ParseError> {
    Err(ParseError::Shape("object", "not built yet".into()))
}

/// An actor.
///
/// # Errors
/// [`ParseError`].
pub fn actor(_bytes: &[u8]) -> Result<Actor, ParseError> {
    Err(ParseError::Shape("actor", "not built yet".into()))
}

/// A document found at a key id: an actor with keys, or a bare key.
///
/// # Errors
/// [`ParseError`].
pub fn keys(_bytes: &[u8]) -> Result<Vec<PublicKey>, ParseError> {
    Err(ParseError::Shape("key", "not built yet".into()))
}

/// A collection or a page of one.
///
/// # Errors
/// [`ParseError`].
pub fn collection(_bytes: &[u8]) -> Result<Collection, ParseError> {
    Err(ParseError::Shape("collection", "not built yet".into()))
}

/// A WebFinger answer.
///
/// # Errors
/// [`ParseError`].
pub fn jrd(_bytes: &[u8]) -> Result<Jrd, ParseError> {
    Err(ParseError::Shape("WebFinger answer", "not built yet".into()))
}

/// Whether an answer of this `Content-Type` counts as ActivityPub (F03).
#[must_use]
pub fn is_activity_type(_content_type: &str) -> bool {
    false
}
