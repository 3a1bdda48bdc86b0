//! Lists: some of the accounts that somebody follows, as a timeline of their own.

use crate::{AccountId, ListId};

/// A list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// Its id.
    pub id: ListId,
    /// Whose it is.
    pub account_id: AccountId,
    /// Its name.
    pub title: String,
    /// Which replies of its members it shows.
    pub replies_policy: RepliesPolicy,
    /// Its members stay out of the home feed.
    pub exclusive: bool,
}

/// Which replies a list shows. Names as in Mastodon's API, and as stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RepliesPolicy {
    /// To anybody the owner follows.
    Followed,
    /// To members of the list.
    #[default]
    List,
    /// None.
    None,
}

impl RepliesPolicy {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Followed => "followed",
            Self::List => "list",
            Self::None => "none",
        }
    }

    /// The policy of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Followed, Self::List, Self::None].into_iter().find(|policy| policy.name() == text)
    }
}
