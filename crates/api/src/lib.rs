//! Mastodon's client API and what other servers read, over HTTP: extract, call `app`, render.
//!
//! The only room that knows Mastodon's JSON. A handler opens no transaction and knows no SQL; every
//! route is a line of one table that also says who may call it (A02).

mod activitypub;
mod caller;
mod cors;
#[cfg(test)]
mod description;
mod entity;
mod error;
mod files;
mod oauth;
mod oembed;
mod pagination;
mod params;
mod rate_limit;
mod routes;
mod streaming;
mod v1;
mod v2;
mod well_known;

pub use activitypub::{Arrived, ReceivedAt, negotiate};
pub use cors::frame;
pub use error::ApiError;
pub use rate_limit::Class;
pub use routes::{Access, Route, router, table};

use std::sync::Arc;

/// The state of every handler.
pub type Shared = Arc<app::App>;
