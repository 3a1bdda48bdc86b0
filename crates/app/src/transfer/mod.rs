//! Lists of accounts, out and in: the CSV files of Mastodon's import and export.

mod import;

pub(crate) use import::run;
pub use import::{Progress, begin, progress};

use domain::AccountId;

use crate::portability::{self, Kind};
use crate::{App, Result};

/// The file of one of somebody's lists.
///
/// # Errors
/// [`crate::AppError::Store`].
pub async fn export(app: &App, me: AccountId, what: Transfer) -> Result<String> {
    let kind = match what {
        Transfer::Following => Kind::Following,
        Transfer::Mutes => Kind::Muting,
        Transfer::Blocks => Kind::Blocking,
        Transfer::DomainBlocks => Kind::DomainBlocking,
        Transfer::Bookmarks => Kind::Bookmarks,
    };
    portability::export(app, me, kind).await
}

/// What a file lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transfer {
    /// Whom somebody follows.
    Following,
    /// Whom somebody mutes.
    Mutes,
    /// Whom somebody blocks.
    Blocks,
    /// Servers that somebody blocks.
    DomainBlocks,
    /// Addresses of bookmarked posts; only out.
    Bookmarks,
}

impl Transfer {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Following, Self::Mutes, Self::Blocks, Self::DomainBlocks, Self::Bookmarks];

    /// Its name in addresses and files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Following => "following_accounts",
            Self::Mutes => "muted_accounts",
            Self::Blocks => "blocked_accounts",
            Self::DomainBlocks => "blocked_domains",
            Self::Bookmarks => "bookmarks",
        }
    }

    /// The list of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// Whether it can be brought, too.
    #[must_use]
    pub fn is_brought(self) -> bool {
        self != Self::Bookmarks
    }
}
