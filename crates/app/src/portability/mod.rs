//! What somebody takes along when they leave, or brings when they come, in Mastodon's tables.

use domain::AccountId;
use domain::secret::sha256_base64url;

mod bring;
mod export;
mod import;

pub(crate) use bring::run as bring;
pub use export::export;
pub use import::{Imported, import, waiting};

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

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Following,
        Self::Lists,
        Self::Muting,
        Self::Blocking,
        Self::DomainBlocking,
        Self::Bookmarks,
    ];

    /// Its name in addresses and files, as Mastodon names them.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Following => "following_accounts",
            Self::Lists => "lists",
            Self::Muting => "muted_accounts",
            Self::Blocking => "blocked_accounts",
            Self::DomainBlocking => "blocked_domains",
            Self::Bookmarks => "bookmarks",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// What every line of somebody's tables that still waits has in common.
fn keys(account: AccountId) -> String {
    format!("bring:{account}:")
}

/// Names a line of a table: the same one waits once.
pub(crate) fn key(account: AccountId, kind: Kind, cells: &[String]) -> String {
    let line = sha256_base64url(cells.join("\n").as_bytes());
    format!("{}{}:{line}", keys(account), kind.name())
}
