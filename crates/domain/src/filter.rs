//! Filters: words and statuses that somebody wants to be warned of or not to see.

use crate::{AccountId, FilterId, RowId, StatusId, Timestamp};

/// A filter of somebody's with all it looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Its id.
    pub id: FilterId,
    /// Whose it is.
    pub account_id: AccountId,
    /// Its name.
    pub title: String,
    /// Where it applies.
    pub contexts: Vec<FilterContext>,
    /// What clients do with a hit.
    pub action: FilterAction,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// Words it looks for.
    pub keywords: Vec<FilterKeyword>,
    /// Statuses it names.
    pub statuses: Vec<FilterStatus>,
}

impl Filter {
    /// Whether it has ended at `now`.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

/// A word or phrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterKeyword {
    /// Its id.
    pub id: RowId,
    /// What is looked for, in any case.
    pub keyword: String,
    /// Only as a word of its own.
    pub whole_word: bool,
}

/// A status that is filtered by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterStatus {
    /// The id of this entry.
    pub id: RowId,
    /// The status.
    pub status_id: StatusId,
}

/// Where a filter applies. Names as in Mastodon's API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FilterContext {
    /// Home and lists.
    Home,
    /// Notifications.
    Notifications,
    /// Public timelines.
    Public,
    /// Threads.
    Thread,
    /// Profiles.
    Account,
}

impl FilterContext {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Home, Self::Notifications, Self::Public, Self::Thread, Self::Account];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Notifications => "notifications",
            Self::Public => "public",
            Self::Thread => "thread",
            Self::Account => "account",
        }
    }

    /// The context of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|context| context.name() == text)
    }
}

/// What clients do with a hit. Names as in Mastodon's API.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FilterAction {
    /// Show a warning instead.
    #[default]
    Warn,
    /// Leave it out.
    Hide,
    /// Hide its media behind a warning.
    Blur,
}

impl FilterAction {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Hide => "hide",
            Self::Blur => "blur",
        }
    }

    /// The action of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Warn, Self::Hide, Self::Blur].into_iter().find(|action| action.name() == text)
    }
}
