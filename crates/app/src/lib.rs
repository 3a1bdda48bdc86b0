//! Use cases: folder = thing, file = verb. A use case checks, opens one transaction, queues the
//! jobs it causes in it, and publishes events after the commit.
//!
//! It must not know HTTP, any JSON that leaves the server, or SQL. Called by `api`, `web` and the
//! command line.

mod context;
mod error;

pub mod access;
pub mod accounts;
pub mod announcements;
pub mod archive;
pub mod backups;
mod cards;
pub mod conversations;
mod csv;
pub mod dashboard;
pub mod delivery;
pub mod discovery;
pub mod documents;
pub mod domain_blocks;
pub mod domain_rules;
pub mod edges;
pub mod emojis;
pub mod figures;
pub mod filters;
pub mod gone;
mod groups;
pub mod health;
pub mod house_rules;
pub mod inbox;
pub mod instance;
pub mod jobs;
pub mod keys;
pub mod lists;
pub mod mail;
pub mod markers;
pub mod moderation;
pub mod notifications;
pub mod polls;
pub mod portability;
pub mod push;
pub mod rates;
pub mod relations;
pub mod remote;
pub mod remote_files;
pub mod reports;
pub mod represent;
pub mod scheduled;
pub mod search;
pub mod setup;
pub mod shut_out;
pub mod statuses;
pub mod stream;
pub mod tags;
pub mod timelines;
pub mod uploads;
pub mod urls;

pub use context::{App, Parts};
pub use error::AppError;

/// What every use case returns.
pub type Result<T, E = AppError> = std::result::Result<T, E>;

/// What lists leave out; see the functions that take them.
pub use store::statuses::{AccountFilter, PublicFilter, TagFilter};

/// Views and pages of the store that callers render; they do not open the store themselves.
pub use store::cards::CardView;
pub use store::statuses::{AppName, FilterHit, PollView, Quote, StatusView, ViewerFlags};
pub use store::{Listed, Page, StoreError};
