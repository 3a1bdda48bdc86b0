//! From bytes of another server to typed values, in one pure step: what is not right is refused
//! here, what is too much is cut. Nothing is fetched for it, `@context` is never looked up (F10),
//! and who may say what is the business of the caller (F01, F02).

mod activity;
mod actor;
pub mod archive;
mod collection;
mod discovery;
mod files;
mod json;
mod language;
mod limits;
mod media_type;
mod note;
mod tags;
#[cfg(test)]
mod tests;
mod view;

use crate::{Activity, Actor, Collection, Jrd, Object, PublicKey};
use view::View;

pub use media_type::is_activity_type;

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
pub fn activity(bytes: &[u8]) -> Result<Activity, ParseError> {
    activity::activity(View::of(&json::object(bytes)?, "activity")?, 0)
}

/// Any object, as a fetch finds it: note, actor, activity, tombstone, stamp.
///
/// # Errors
/// [`ParseError`].
pub fn object(bytes: &[u8]) -> Result<Object, ParseError> {
    activity::object(View::of(&json::object(bytes)?, "object")?, 0)
}

/// An actor.
///
/// # Errors
/// [`ParseError`].
pub fn actor(bytes: &[u8]) -> Result<Actor, ParseError> {
    actor::actor(View::of(&json::object(bytes)?, "actor")?)
}

/// A document found at a key id: an actor with keys, or a bare key.
///
/// # Errors
/// [`ParseError`].
pub fn keys(bytes: &[u8]) -> Result<Vec<PublicKey>, ParseError> {
    actor::keys(View::of(&json::object(bytes)?, "key")?)
}

/// A collection or a page of one.
///
/// # Errors
/// [`ParseError`].
pub fn collection(bytes: &[u8]) -> Result<Collection, ParseError> {
    collection::collection(View::of(&json::object(bytes)?, "collection")?)
}

/// A WebFinger answer (RFC 7033).
///
/// # Errors
/// [`ParseError`].
pub fn jrd(bytes: &[u8]) -> Result<Jrd, ParseError> {
    discovery::jrd(View::of(&json::object(bytes)?, "WebFinger answer")?)
}

/// The template of WebFinger addresses, with `{uri}`, in a `host-meta` document (RFC 6415), which is
/// XRD or JSON.
#[must_use]
pub fn host_meta(bytes: &[u8]) -> Option<String> {
    discovery::host_meta(bytes)
}
