//! Notifications: what happened that concerns somebody here.

use crate::{AccountId, NotificationId, StatusId, Timestamp};

/// What happened. Names as in Mastodon's API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationKind {
    /// Somebody mentioned you.
    Mention,
    /// Somebody you asked to hear of posted.
    Status,
    /// Somebody boosted your status.
    Boost,
    /// Somebody follows you.
    Follow,
    /// Somebody asks to follow you.
    FollowRequest,
    /// Somebody favourited your status.
    Favourite,
    /// A poll you made or voted in ended.
    Poll,
    /// A status you boosted was edited.
    Update,
    /// Somebody quoted you.
    Quote,
    /// A status you quoted was edited.
    QuotedUpdate,
    /// Somebody signed up (staff).
    SignUp,
    /// Somebody reported (staff).
    Report,
    /// Staff warned you, or did something about your account.
    Warning,
}

impl NotificationKind {
    /// All kinds.
    pub const ALL: [Self; 13] = [
        Self::Mention,
        Self::Status,
        Self::Boost,
        Self::Follow,
        Self::FollowRequest,
        Self::Favourite,
        Self::Poll,
        Self::Update,
        Self::Quote,
        Self::QuotedUpdate,
        Self::SignUp,
        Self::Report,
        Self::Warning,
    ];

    /// Mastodon's name; also what is stored.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mention => "mention",
            Self::Status => "status",
            Self::Boost => "reblog",
            Self::Follow => "follow",
            Self::FollowRequest => "follow_request",
            Self::Favourite => "favourite",
            Self::Poll => "poll",
            Self::Update => "update",
            Self::Quote => "quote",
            Self::QuotedUpdate => "quoted_update",
            Self::SignUp => "admin.sign_up",
            Self::Report => "admin.report",
            Self::Warning => "moderation_warning",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == text)
    }
}

/// One notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Its id.
    pub id: NotificationId,
    /// Who is told.
    pub account_id: AccountId,
    /// Who did it.
    pub from_account_id: AccountId,
    /// What was done.
    pub kind: NotificationKind,
    /// The status it is about.
    pub status_id: Option<StatusId>,
    /// The report it is about, or the warning.
    pub report_id: Option<i64>,
    /// Equal for those that clients show as one.
    pub group_key: String,
    /// Kept out of the list by the receiver's policy.
    pub filtered: bool,
    /// When it happened.
    pub created_at: Timestamp,
}

/// What happens to a notification from some kind of account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It is shown.
    #[default]
    Accept,
    /// It is kept back until its receiver asks.
    Filter,
    /// It is never made.
    Drop,
}

impl Verdict {
    /// Mastodon's name; also what is stored.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Filter => "filter",
            Self::Drop => "drop",
        }
    }

    /// The verdict of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Accept, Self::Filter, Self::Drop].into_iter().find(|verdict| verdict.name() == text)
    }
}

/// Whose notifications somebody wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Of accounts they do not follow.
    pub not_following: Verdict,
    /// Of accounts that do not follow them, or only lately.
    pub not_followers: Verdict,
    /// Of accounts made lately.
    pub new_accounts: Verdict,
    /// Direct mentions out of nowhere.
    pub private_mentions: Verdict,
    /// Of accounts that staff has limited.
    pub limited_accounts: Verdict,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            not_following: Verdict::Accept,
            not_followers: Verdict::Accept,
            new_accounts: Verdict::Accept,
            private_mentions: Verdict::Filter,
            limited_accounts: Verdict::Filter,
        }
    }
}
