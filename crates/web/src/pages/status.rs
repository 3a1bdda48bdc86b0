//! The public page of one post with its thread, `/@name/ID`.

use askama::Template;

use super::{LinkPreview, Site};
use crate::view::{StatusView, ThreadedReply};

/// A post between what it answers and what answers it.
#[derive(Debug, Clone, Template)]
#[template(path = "status.html")]
pub struct StatusPage<'a> {
    /// The server.
    pub site: &'a Site,
    /// Posts it answers, oldest first.
    pub ancestors: Vec<StatusView>,
    /// The post itself.
    pub status: StatusView,
    /// Answers, in reading order.
    pub replies: Vec<ThreadedReply>,
    /// Full address of this page.
    pub canonical_url: String,
    /// Full address of its ActivityPub document.
    pub activity_url: String,
    /// Whether search engines may keep it.
    pub indexable: bool,
}

impl StatusPage<'_> {
    fn preview(&self) -> LinkPreview {
        LinkPreview::of_status(&self.status)
    }
}
