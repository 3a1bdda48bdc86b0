//! Rules that decide, from facts already loaded, what happens. Pure, so that tests can list cases.

pub mod filter;
pub mod home_feed;
