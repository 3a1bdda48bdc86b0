//! ActivityPub: the only room that knows its JSON and its signatures.
//!
//! [`model`] holds typed values, the same for what comes in and what goes out; [`parse`] makes them
//! of bytes from outside, [`build`] makes bytes of them; [`sign`] makes and checks HTTP signatures
//! and digests. All of it is pure: who fetches, stores and decides is `app`.

pub mod build;
mod featured_tags;
pub mod linked;
pub mod model;
pub mod parse;
pub mod sign;
mod uri;

pub use featured_tags::featured_tags;
pub use model::*;
pub use uri::Uri;

/// The media type of what this server sends.
pub const MEDIA_TYPE: &str = "application/activity+json";
/// The `Accept` header of requests for objects.
pub const ACCEPT: &str = "application/activity+json, application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"";
/// The collection that stands for everybody.
pub const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";
