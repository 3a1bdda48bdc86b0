//! Events for streaming clients. They carry ids only: each stream loads what its own viewer may
//! see, and they travel between processes as one short line of JSON.

use crate::{AccountId, ConversationId, ListId, NotificationId, RowId, StatusId};

/// Something that happened, published after the transaction that caused it has committed.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum Event {
    /// A status reached the home feeds of these accounts, and these lists.
    StatusHome {
        /// The status.
        status: StatusId,
        /// Whose home feeds.
        owners: Vec<AccountId>,
        /// Which lists, with their owners.
        lists: Vec<(ListId, AccountId)>,
        /// True when it was there before and has been edited.
        edited: bool,
    },
    /// A public status for the public and hashtag streams.
    StatusPublic {
        /// The status.
        status: StatusId,
        /// Made on this server.
        local: bool,
        /// Has attachments.
        media: bool,
        /// Its hashtags, folded.
        tags: Vec<String>,
        /// It answers somebody else: such statuses stay out of the public streams, not the tag ones.
        is_reply_to_other: bool,
        /// True when it has been edited.
        edited: bool,
    },
    /// A status is gone.
    StatusDeleted {
        /// The status.
        status: StatusId,
        /// Who may know; `None` when everybody could see it.
        only: Option<Vec<AccountId>>,
    },
    /// Somebody has a new notification.
    Notified {
        /// Who.
        account: AccountId,
        /// Which.
        notification: NotificationId,
    },
    /// Filtered notifications were let in.
    NotificationsMerged {
        /// Whose.
        account: AccountId,
    },
    /// Somebody's filters are others now.
    FiltersChanged {
        /// Whose.
        account: AccountId,
    },
    /// Somebody's conversation has a new status.
    Conversation {
        /// Whose.
        account: AccountId,
        /// Which thread.
        conversation: ConversationId,
    },
    /// Staff announces something to everybody.
    Announced {
        /// What.
        announcement: RowId,
    },
    /// Somebody reacted to an announcement, or took that back.
    AnnouncementReacted {
        /// To which.
        announcement: RowId,
        /// How.
        name: String,
    },
    /// An announcement is gone.
    AnnouncementRemoved {
        /// Which.
        announcement: RowId,
    },
    /// Tokens of this account were revoked or its access ended: streams check whether they may go on.
    AccessChanged {
        /// Whose.
        account: AccountId,
    },
}
