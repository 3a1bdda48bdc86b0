//! The API as clients meet it: over real sockets where that matters, on both engines.

mod finding;
mod limits;
mod streaming;
mod support;
