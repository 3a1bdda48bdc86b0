//! What somebody takes along when they leave, or brings when they come, in Mastodon's tables.

mod bring;
mod export;
mod import;

pub(crate) use bring::run as bring;
pub use export::export;
pub use import::{Imported, import};

/// What a table is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Followed accounts, with how they are followed.
    Following,
    /// Blocked accounts.
    Blocking,
    /// Muted accounts, and whether their notifications are.
    Muting,
    /// Blocked domains.
    DomainBlocking,
    /// Lists and their members.
    Lists,
    /// Bookmarked statuses.
    Bookmarks,
}
