//! Uploads, stored files, profiles and emoji through the API, with the real decoding child: the
//! tests of this crate have the program at hand.
#![expect(clippy::unwrap_used, reason = "a test stops where its tools fail")]

mod emoji;
mod files;
mod hostile;
mod lifetime;
mod profile;
mod support;
mod upload;
