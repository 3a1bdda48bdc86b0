//! The client against real listeners on loopback.

mod reach;
mod size;
mod support;
mod time;
mod tls;
mod use_of;
