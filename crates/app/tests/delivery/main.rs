//! What goes to other servers, seen by peers on loopback.
#![expect(clippy::unwrap_used, reason = "a test stops where its tools fail")]

mod activities;
mod receipts;
mod support;
mod tries;
