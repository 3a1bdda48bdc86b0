//! Use cases: folder = thing, file = verb. A use case checks, opens one transaction, queues the
//! jobs it causes in it, and publishes events after the commit.
//!
//! It must not know HTTP, any JSON that leaves the server, or SQL. Called by `api`, `web` and the
//! command line.

pub mod access;
pub mod accounts;
mod context;
mod error;
pub mod jobs;
pub mod notifications;
pub mod relations;
pub mod statuses;
pub mod stream;
pub mod timelines;
pub mod urls;

pub use context::{App, Parts};
pub use error::AppError;

/// What every use case returns.
pub type Result<T, E = AppError> = std::result::Result<T, E>;

/// Views and pages of the store that callers render; they do not open the store themselves.
pub use store::statuses::{AppName, PollView, StatusView, ViewerFlags};
pub use store::{Listed, Page};
