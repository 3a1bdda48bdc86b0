//! What other servers read: whose eyes see what (V01, V02, V04), in which form, and how it is cut
//! into pages.
#![expect(clippy::unwrap_used, reason = "a test stops where its tools fail")]

mod cast;
mod eyes;
mod pages;
mod rules;
mod secure;
