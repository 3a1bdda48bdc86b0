//! Statuses: what people post, and everything that hangs on one.

use crate::account::ForeignEmoji;
use crate::{AccountId, AppId, ConversationId, PollId, StatusId, TagId, Timestamp};

/// Who a status is for. The order is from widest to narrowest, and is the stored number.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Everybody, and in public timelines.
    Public,
    /// Everybody, but in no public timeline or search.
    Unlisted,
    /// Followers and mentioned accounts.
    Private,
    /// Mentioned accounts.
    Direct,
}

impl Visibility {
    /// The visibility of that name in Mastodon's API.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "public" => Some(Self::Public),
            "unlisted" => Some(Self::Unlisted),
            "private" => Some(Self::Private),
            "direct" => Some(Self::Direct),
            _ => None,
        }
    }

    /// Its name in Mastodon's API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Unlisted => "unlisted",
            Self::Private => "private",
            Self::Direct => "direct",
        }
    }

    /// The stored number.
    #[must_use]
    pub fn number(self) -> i64 {
        self as i64
    }

    /// The visibility stored as `number`; what is unknown is the narrowest.
    #[must_use]
    pub fn from_number(number: i64) -> Self {
        match number {
            0 => Self::Public,
            1 => Self::Unlisted,
            2 => Self::Private,
            _ => Self::Direct,
        }
    }

    /// True when anybody on the internet may read it.
    #[must_use]
    pub fn is_open(self) -> bool {
        self <= Self::Unlisted
    }
}

/// How what somebody typed is read.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// As it stands: paragraphs, links, mentions and hashtags.
    #[default]
    Plain,
    /// Markdown.
    Markdown,
}

impl Format {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 2] = [Self::Plain, Self::Markdown];

    /// The format with that media type.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.mime() == text)
    }

    /// Its media type, by which clients know it.
    #[must_use]
    pub fn mime(self) -> &'static str {
        match self {
            Self::Plain => "text/plain",
            Self::Markdown => "text/markdown",
        }
    }

    /// The stored number.
    #[must_use]
    pub fn number(self) -> i64 {
        self as i64
    }

    /// The format stored as `number`; what is unknown is plain.
    #[must_use]
    pub fn from_number(number: i64) -> Self {
        if number == 1 { Self::Markdown } else { Self::Plain }
    }
}

/// What hangs on a status, as bits, so that a list of statuses without media asks for none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts(pub i64);

impl Parts {
    /// Has attachments.
    pub const MEDIA: i64 = 1;
    /// Mentions accounts.
    pub const MENTIONS: i64 = 2;
    /// Carries hashtags.
    pub const TAGS: i64 = 4;
    /// Has a poll.
    pub const POLL: i64 = 8;

    /// Whether all of `bits` are set.
    #[must_use]
    pub fn has(self, bits: i64) -> bool {
        self.0 & bits == bits
    }
}

/// A status or, when `boost_of` is set, a boost of one.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    /// Its id here; tells the time it was made.
    pub id: StatusId,
    /// ActivityPub id; `None` for a local status, whose id follows from its author and number.
    pub uri: Option<String>,
    /// Page for people; `None` for a local status.
    pub url: Option<String>,
    /// Its author, or who boosted.
    pub account_id: AccountId,
    /// What the author typed (local) or nothing (remote).
    pub text: String,
    /// HTML that is safe to show.
    pub content: String,
    /// Content warning, plain text; empty when none.
    pub spoiler_text: String,
    /// Who it is for.
    pub visibility: Visibility,
    /// Media are hidden until asked for.
    pub sensitive: bool,
    /// ISO 639 code.
    pub language: Option<String>,
    /// The status it answers.
    pub in_reply_to: Option<StatusId>,
    /// Whose status it answers.
    pub in_reply_to_account: Option<AccountId>,
    /// The status it boosts.
    pub boost_of: Option<StatusId>,
    /// The status it quotes.
    pub quote_of: Option<StatusId>,
    /// `public`, `followers` or `nobody`.
    pub quote_policy: String,
    /// The thread it is part of.
    pub conversation_id: ConversationId,
    /// The app it was posted with.
    pub app_id: Option<AppId>,
    /// What hangs on it.
    pub parts: Parts,
    /// Counters.
    pub replies_count: i64,
    /// See [`Status::replies_count`].
    pub boosts_count: i64,
    /// See [`Status::replies_count`].
    pub favourites_count: i64,
    /// See [`Status::replies_count`].
    pub quotes_count: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last edited.
    pub edited_at: Option<Timestamp>,
    /// Custom emoji of a remote status.
    pub emojis: Vec<ForeignEmoji>,
    /// Names its link preview, once there is one.
    pub card_hash: Option<String>,
    /// It stays on this server: only those who have an account here see it, as far as they may.
    pub local_only: bool,
    /// How its text was read.
    pub format: Format,
}

/// A mention in a status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// The status.
    pub status_id: StatusId,
    /// Who is mentioned.
    pub account_id: AccountId,
    /// The name shown.
    pub username: String,
    /// Their home; `None` is here.
    pub domain: Option<String>,
    /// Their page; `None` for local accounts.
    pub url: Option<String>,
}

/// A hashtag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Its id here.
    pub id: TagId,
    /// Folded to lower case: what makes two spellings one tag.
    pub name: String,
    /// The spelling shown.
    pub display_name: String,
}

/// A poll with its counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poll {
    /// Its id.
    pub id: PollId,
    /// The status it hangs on.
    pub status_id: StatusId,
    /// Who asks.
    pub account_id: AccountId,
    /// When it closes; `None` for a remote one without an end.
    pub expires_at: Option<Timestamp>,
    /// Several answers allowed.
    pub multiple: bool,
    /// Counts are hidden until it closes.
    pub hide_totals: bool,
    /// The answers, in order, with their votes.
    pub options: Vec<PollOption>,
    /// How many people voted.
    pub voters_count: i64,
}

/// One answer of a poll.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PollOption {
    /// Its text.
    pub title: String,
    /// How many chose it.
    pub votes: i64,
}

impl Poll {
    /// Whether it takes no more votes at `now`.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}
