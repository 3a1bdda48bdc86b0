//! Lists of posts, a thread, one post.

use askama::Template;

use super::{ComposeForm, Frame, Notice};
use crate::view::{StatusView, ThreadedReply};

/// A timeline.
#[derive(Debug, Clone, Template)]
#[template(path = "client/timeline.html")]
pub struct TimelinePage {
    /// The frame.
    pub frame: Frame,
    /// The heading.
    pub title: String,
    /// What is said when there is nothing.
    pub empty: String,
    /// The posts, newest first.
    pub statuses: Vec<StatusView>,
    /// Link to the page before.
    pub newer_url: Option<String>,
    /// Link to the page after.
    pub older_url: Option<String>,
    /// The channel of new posts.
    pub stream: Option<String>,
    /// A form at the top.
    pub compose: Option<ComposeForm>,
    /// What is announced and not read yet.
    pub notices: Vec<Notice>,
    /// For the timeline of a hashtag.
    pub tag: Option<TagTools>,
    /// Where the list is changed, for the timeline of a list.
    pub edit_url: Option<String>,
}

/// Following a hashtag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagTools {
    /// Where the button leads.
    pub path: String,
    /// It is followed.
    pub following: bool,
    /// Public posts with it in the last week.
    pub posts_of_late: i64,
}

/// A post with its thread.
#[derive(Debug, Clone, Template)]
#[template(path = "client/thread.html")]
pub struct ThreadPage {
    /// The frame.
    pub frame: Frame,
    /// What it answers, oldest first.
    pub ancestors: Vec<StatusView>,
    /// The post.
    pub status: StatusView,
    /// Answers in reading order.
    pub replies: Vec<ThreadedReply>,
    /// A form to answer it.
    pub compose: ComposeForm,
}

/// One post, as scripts put it into a page.
#[derive(Debug, Clone, Template)]
#[template(path = "client/status_part.html")]
pub struct StatusPart {
    /// For its key and the way back.
    pub frame: Frame,
    /// The post.
    pub status: StatusView,
    /// It is what the page is about.
    pub focused: bool,
}

/// Asks whether a post is to be deleted.
#[derive(Debug, Clone, Template)]
#[template(path = "client/delete.html")]
pub struct DeletePage {
    /// The frame.
    pub frame: Frame,
    /// The post.
    pub status: StatusView,
    /// The page of the post.
    pub back: String,
}

impl DeletePage {
    /// The post without its buttons.
    fn plain(&self) -> StatusView {
        StatusView { actions: None, ..self.status.clone() }
    }
}
