//! What happened that concerns the reader, and private mentions.

use askama::Template;

use super::{Frame, PersonRow};
use crate::view::{AccountView, StatusView};

/// Several that are one: some people did something.
#[derive(Debug, Clone)]
pub struct NoteView {
    /// Makes element ids unique; names the group in forms.
    pub key: String,
    /// The shape of its kind.
    pub icon: &'static str,
    /// Who, the latest first.
    pub people: Vec<AccountView>,
    /// How many more.
    pub others: u64,
    /// What they did.
    pub words: &'static str,
    /// When, in a word.
    pub ago: String,
    /// When, for machines.
    pub machine: String,
    /// What it is about.
    pub status: Option<StatusView>,
    /// The post is shown whole, with its buttons, because it can be answered.
    pub is_whole: bool,
    /// Where a follow request is answered, or a report read.
    pub link: Option<(String, &'static str)>,
    /// It came since the page was opened last.
    pub is_new: bool,
}

impl NoteView {
    /// Those beyond the first, in words.
    pub fn more(&self) -> String {
        let more = (self.people.len() as u64).saturating_sub(1) + self.others;
        crate::t().others(more)
    }
}

/// Notifications.
#[derive(Debug, Clone, Template)]
#[template(path = "client/notifications.html")]
pub struct NotificationsPage {
    /// The frame.
    pub frame: Frame,
    /// Kinds to choose from: path, word, whether it is this.
    pub tabs: Vec<(String, &'static str, bool)>,
    /// Newest first.
    pub notes: Vec<NoteView>,
    /// People whose notifications were kept back.
    pub kept_back: i64,
    /// Link to the page before.
    pub newer_url: Option<String>,
    /// Link to the page after.
    pub older_url: Option<String>,
}

/// People whose notifications were kept back.
#[derive(Debug, Clone, Template)]
#[template(path = "client/kept_back.html")]
pub struct KeptBackPage {
    /// The frame.
    pub frame: Frame,
    /// Number of the request, who, how many, the newest post.
    pub requests: Vec<(String, PersonRow, i64, Option<StatusView>)>,
}

/// A conversation.
#[derive(Debug, Clone)]
pub struct TalkView {
    /// Its id.
    pub id: String,
    /// With whom.
    pub people: Vec<AccountView>,
    /// The newest post.
    pub last: StatusView,
    /// There is something new.
    pub unread: bool,
}

/// Private mentions by conversation.
#[derive(Debug, Clone, Template)]
#[template(path = "client/conversations.html")]
pub struct ConversationsPage {
    /// The frame.
    pub frame: Frame,
    /// Newest first.
    pub talks: Vec<TalkView>,
    /// Link to the page after.
    pub older_url: Option<String>,
}
