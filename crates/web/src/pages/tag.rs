//! The public page of a hashtag.

use askama::Template;

use super::Site;
use crate::view::StatusView;

/// Public posts with a hashtag.
#[derive(Debug, Clone, Template)]
#[template(path = "tag.html")]
pub struct TagPage<'a> {
    /// The server.
    pub site: &'a Site,
    /// The hashtag as it is spelled.
    pub name: String,
    /// The same for feed readers.
    pub feed_url: String,
    /// Full address of this page.
    pub canonical_url: String,
    /// The posts, newest first.
    pub statuses: Vec<StatusView>,
    /// Link to the page before.
    pub newer_url: Option<String>,
    /// Link to the page after.
    pub older_url: Option<String>,
}
