//! Feeds: the same posts in two formats.

use askama::Template;

use crate::view::Moment;

/// A feed.
#[derive(Debug, Clone)]
pub struct Feed {
    /// Whose.
    pub title: String,
    /// What it is, plain text.
    pub about: String,
    /// The page for people.
    pub page_url: String,
    /// The feed itself.
    pub feed_url: String,
    /// A picture.
    pub picture_url: String,
    /// When it last changed.
    pub updated: Moment,
    /// Newest first.
    pub entries: Vec<FeedEntry>,
}

/// A post of a feed.
#[derive(Debug, Clone)]
pub struct FeedEntry {
    /// A line of it.
    pub title: String,
    /// Its lasting name.
    pub id: String,
    /// Its page.
    pub page_url: String,
    /// Who wrote it.
    pub author: String,
    /// When.
    pub published: Moment,
    /// The same, as mail has it.
    pub published_rfc2822: String,
    /// When it was last changed.
    pub updated: Moment,
    /// Sanitised HTML; it stands in the feed as escaped text.
    pub html: String,
}

/// As Atom.
#[derive(Debug, Clone, Template)]
#[template(path = "feed_atom.xml")]
pub struct AtomPage<'f> {
    /// The feed.
    pub feed: &'f Feed,
}

/// As RSS.
#[derive(Debug, Clone, Template)]
#[template(path = "feed_rss.xml")]
pub struct RssPage<'f> {
    /// The feed.
    pub feed: &'f Feed,
}
