//! The API as clients meet it: over real sockets where that matters, on both engines.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod cards;
mod finding;
mod limits;
mod searching;
mod streaming;
mod support;
