//! The client against real listeners on loopback.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod instance;
mod reach;
mod size;
mod smtp;
mod support;
mod time;
mod tls;
mod use_of;
