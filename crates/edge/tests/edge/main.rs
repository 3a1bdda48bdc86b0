//! The edge as its clients and origins see it: real sockets on loopback, raw bytes where a proper
//! client could not send what an attacker does.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod cache;
mod floods;
mod framing;
mod inbox;
mod lengths;
mod origins;
mod streams;
mod support;
mod time;
mod tls;
mod upgrades;
