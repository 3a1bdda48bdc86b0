//! What a client can subscribe to, with which scope, and which events concern it. Pure.

use domain::event::Event;
use domain::{AccountId, ListId, RowId, StatusId};

/// A channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Home feed, notifications and what concerns the whole account.
    User,
    /// Notifications alone.
    UserNotification,
    /// Public statuses.
    Public(Source),
    /// Public statuses with a hashtag, folded.
    Hashtag(String, Origin),
    /// The statuses of a list.
    List(ListId),
    /// Conversations.
    Direct,
}

/// Which public statuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// From where.
    pub origin: Origin,
    /// Only those with attachments.
    pub only_media: bool,
}

/// From where statuses come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Everywhere.
    Any,
    /// This server.
    Local,
    /// Other servers.
    Remote,
}

/// Why a subscription is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such channel.
    #[error("Unknown stream type")]
    Unknown,
    /// A hashtag channel needs its tag.
    #[error("Missing tag name parameter")]
    NoTag,
    /// A list channel needs its list.
    #[error("Missing list name parameter")]
    NoList,
}

/// What an event means to a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A status as its viewer sees it.
    Status {
        /// Which.
        id: StatusId,
        /// It was there before.
        edited: bool,
    },
    /// A status as anybody sees it.
    PublicStatus {
        /// Which.
        id: StatusId,
        /// It was there before.
        edited: bool,
    },
    /// A status is gone.
    Deleted(StatusId),
    /// A notification.
    Notification(domain::NotificationId),
    /// Kept-back notifications came in.
    Merged,
    /// Filters are others now.
    Filters,
    /// A conversation moved.
    Conversation(domain::ConversationId),
    /// Something is announced.
    Announcement(RowId),
    /// Somebody reacted to an announcement; how, says the event.
    Reaction(RowId),
    /// An announcement is gone.
    AnnouncementGone(RowId),
}

impl Channel {
    /// The channel of that name in Mastodon's API.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn parse(
        name: &str,
        tag: Option<&str>,
        list: Option<&str>,
        only_media: bool,
    ) -> Result<Self, Refusal> {
        let hashtag = |origin| {
            let name = tag.filter(|tag| !tag.is_empty()).and_then(domain::text::fold_tag);
            name.map(|name| Self::Hashtag(name, origin)).ok_or(Refusal::NoTag)
        };
        let public = |origin, media| Ok(Self::Public(Source { origin, only_media: media }));
        match name {
            "user" => Ok(Self::User),
            "user:notification" => Ok(Self::UserNotification),
            "public" => public(Origin::Any, only_media),
            "public:media" => public(Origin::Any, true),
            "public:local" => public(Origin::Local, only_media),
            "public:local:media" => public(Origin::Local, true),
            "public:remote" => public(Origin::Remote, only_media),
            "public:remote:media" => public(Origin::Remote, true),
            "hashtag" => hashtag(Origin::Any),
            "hashtag:local" => hashtag(Origin::Local),
            "list" => {
                let id = list.and_then(|list| list.parse().ok()).ok_or(Refusal::NoList)?;
                Ok(Self::List(id))
            }
            "direct" => Ok(Self::Direct),
            _ => Err(Refusal::Unknown),
        }
    }

    /// The scope it needs (A02).
    #[must_use]
    pub fn scope(&self) -> &'static str {
        match self {
            Self::UserNotification => NOTIFICATIONS,
            Self::User | Self::Public(_) | Self::Hashtag(..) | Self::List(_) | Self::Direct => {
                "read:statuses"
            }
        }
    }

    /// What an event means to this channel of this account; `None` when it does not concern it.
    #[must_use]
    pub fn meaning(&self, event: &Event, me: AccountId) -> Option<Meaning> {
        match self {
            Self::User => home(event, me),
            Self::UserNotification => {
                home(event, me).filter(|meaning| meaning.needs_notifications())
            }
            Self::Public(source) => public(event, *source),
            Self::Hashtag(name, origin) => tagged(event, name, *origin),
            Self::List(list) => listed(event, *list, me),
            Self::Direct => match event {
                Event::Conversation { account, conversation } if *account == me => {
                    Some(Meaning::Conversation(*conversation))
                }
                _ => None,
            },
        }
    }
}

/// The scope for notifications, on whichever channel.
pub const NOTIFICATIONS: &str = "read:notifications";

impl Meaning {
    /// Whether only a token that may read notifications gets it.
    #[must_use]
    pub fn needs_notifications(self) -> bool {
        matches!(self, Self::Notification(_) | Self::Merged)
    }
}

fn home(event: &Event, me: AccountId) -> Option<Meaning> {
    match event {
        Event::StatusHome { status, owners, edited, .. } if owners.contains(&me) => {
            Some(Meaning::Status { id: *status, edited: *edited })
        }
        Event::StatusDeleted { status, only } if may_know(only.as_deref(), me) => {
            Some(Meaning::Deleted(*status))
        }
        Event::Notified { account, notification } if *account == me => {
            Some(Meaning::Notification(*notification))
        }
        Event::NotificationsMerged { account } if *account == me => Some(Meaning::Merged),
        Event::FiltersChanged { account } if *account == me => Some(Meaning::Filters),
        Event::Announced { announcement } => Some(Meaning::Announcement(*announcement)),
        Event::AnnouncementReacted { announcement, .. } => Some(Meaning::Reaction(*announcement)),
        Event::AnnouncementRemoved { announcement } => {
            Some(Meaning::AnnouncementGone(*announcement))
        }
        _ => None,
    }
}

/// Whether somebody may know that a status is gone.
fn may_know(only: Option<&[AccountId]>, me: AccountId) -> bool {
    only.is_none_or(|those| those.contains(&me))
}

fn public(event: &Event, source: Source) -> Option<Meaning> {
    match event {
        Event::StatusPublic { status, local, media, is_reply_to_other: false, edited, .. } => {
            let fits = source.origin.fits(*local) && (*media || !source.only_media);
            fits.then_some(Meaning::PublicStatus { id: *status, edited: *edited })
        }
        Event::StatusDeleted { status, only: None } => Some(Meaning::Deleted(*status)),
        _ => None,
    }
}

fn tagged(event: &Event, name: &str, origin: Origin) -> Option<Meaning> {
    match event {
        Event::StatusPublic { status, local, tags, edited, .. } => {
            let fits = origin.fits(*local) && tags.iter().any(|tag| tag == name);
            fits.then_some(Meaning::PublicStatus { id: *status, edited: *edited })
        }
        Event::StatusDeleted { status, only: None } => Some(Meaning::Deleted(*status)),
        _ => None,
    }
}

fn listed(event: &Event, list: ListId, me: AccountId) -> Option<Meaning> {
    match event {
        Event::StatusHome { status, lists, edited, .. } => lists
            .iter()
            .any(|(reached, _)| *reached == list)
            .then_some(Meaning::Status { id: *status, edited: *edited }),
        Event::StatusDeleted { status, only } if may_know(only.as_deref(), me) => {
            Some(Meaning::Deleted(*status))
        }
        _ => None,
    }
}

impl Origin {
    fn fits(self, local: bool) -> bool {
        match self {
            Self::Any => true,
            Self::Local => local,
            Self::Remote => !local,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: AccountId = AccountId(1);

    fn status(reply: bool, local: bool, media: bool) -> Event {
        Event::StatusPublic {
            status: StatusId(9),
            local,
            media,
            tags: vec!["rust".into()],
            is_reply_to_other: reply,
            edited: false,
        }
    }

    fn hears(name: &str, event: &Event) -> bool {
        Channel::parse(name, Some("#Rust"), Some("3"), false).unwrap().meaning(event, ME).is_some()
    }

    #[test]
    fn public_channels_choose_by_origin_and_media_and_leave_replies_out() {
        assert!(hears("public", &status(false, true, false)));
        assert!(!hears("public", &status(true, true, false)));
        assert!(hears("hashtag", &status(true, true, false)));
        assert!(!hears("public:media", &status(false, true, false)));
        assert!(hears("public:local:media", &status(false, true, true)));
        assert!(!hears("public:remote", &status(false, true, false)));
        assert!(!hears("hashtag:local", &status(false, false, false)));
        assert!(!hears("user", &status(false, true, false)));
    }

    #[test]
    fn what_concerns_one_account_reaches_no_other() {
        let to = |account| Event::Notified {
            account: AccountId(account),
            notification: domain::NotificationId(5),
        };
        assert!(hears("user", &to(1)) && hears("user:notification", &to(1)));
        assert!(!hears("user", &to(2)) && !hears("user:notification", &to(2)));
        let home = Event::StatusHome {
            status: StatusId(1),
            owners: vec![AccountId(2)],
            lists: vec![(ListId(3), AccountId(2))],
            edited: false,
        };
        assert!(!hears("user", &home) && hears("list", &home));
        assert!(!hears("direct", &home));
    }

    #[test]
    fn a02_channels_that_do_not_exist_or_lack_their_parameter_are_refused() {
        assert_eq!(Channel::parse("admin", None, None, false), Err(Refusal::Unknown));
        assert_eq!(Channel::parse("hashtag", None, None, false), Err(Refusal::NoTag));
        assert_eq!(Channel::parse("hashtag", Some("!"), None, false), Err(Refusal::NoTag));
        assert_eq!(Channel::parse("list", None, Some("x"), false), Err(Refusal::NoList));
        assert_eq!(
            Channel::parse("user:notification", None, None, false).unwrap().scope(),
            NOTIFICATIONS
        );
    }

    #[test]
    fn v01_strangers_do_not_learn_that_a_private_status_is_gone() {
        let gone = |only| Event::StatusDeleted { status: domain::StatusId(9), only };
        let anyone = Channel::Public(Source { origin: Origin::Any, only_media: false });
        let other = gone(Some(vec![AccountId(2)]));
        let mine = gone(Some(vec![ME]));
        assert!(Channel::User.meaning(&other, ME).is_none());
        assert!(Channel::User.meaning(&mine, ME).is_some());
        assert!(Channel::User.meaning(&gone(None), ME).is_some());
        assert!(
            anyone.meaning(&mine, ME).is_none(),
            "a public stream speaks of open statuses alone"
        );
        assert!(anyone.meaning(&gone(None), ME).is_some());
    }
}
