//! The nouns and rules of tuskling, pure: no I/O, no clock, no randomness of its own.
//!
//! Everything here can be called from any other room. It must not know SQL, JSON shapes of
//! Mastodon or ActivityPub, or how anything is stored or sent.

pub mod account;
pub mod card;
pub mod event;
pub mod filter;
pub mod host;
pub mod id;
pub mod list;
pub mod media;
pub mod notification;
pub mod permission;
pub mod random;
pub mod rules;
pub mod scope;
pub mod secret;
pub mod status;
pub mod text;
pub mod time;

pub use id::*;
pub use random::Random;
pub use time::{Clock, Timestamp};
