//! People: a profile as its signed-in reader sees it, lists of accounts, and a report.

use askama::Template;

use super::Frame;
use crate::view::{AccountView, Moment, ProfileView, StatusView};

/// What the reader and an account are to each other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a button or a mark of its own")]
pub struct Ties {
    /// It is the reader.
    pub own: bool,
    /// The reader follows it.
    pub following: bool,
    /// The reader has asked to.
    pub requested: bool,
    /// It follows the reader.
    pub follows_me: bool,
    /// Its boosts are shown.
    pub boosts: bool,
    /// The reader is told of its posts.
    pub notify: bool,
    /// The reader mutes it.
    pub muting: bool,
    /// The reader blocks it.
    pub blocking: bool,
    /// The reader blocks its whole server.
    pub domain_blocking: bool,
    /// The reader's private words on it.
    pub note: String,
}

/// Which posts of a profile are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shelf {
    /// Posts without answers to others.
    Posts,
    /// All of them.
    Replies,
    /// Those with pictures.
    Media,
}

/// A profile.
#[derive(Debug, Clone, Template)]
#[template(path = "client/profile.html")]
pub struct ProfilePage {
    /// The frame.
    pub frame: Frame,
    /// The head.
    pub profile: ProfileView,
    /// Id of the account.
    pub id: String,
    /// Its server, when that is another one.
    pub domain: Option<String>,
    /// What both are to each other.
    pub ties: Ties,
    /// Which posts are shown.
    pub shelf: Shelf,
    /// Path of the profile.
    pub path: String,
    /// Its page at home, when that is elsewhere.
    pub original_url: Option<String>,
    /// Pinned posts, on the first page only.
    pub pinned: Vec<StatusView>,
    /// The posts, newest first.
    pub statuses: Vec<StatusView>,
    /// Link to the page before.
    pub newer_url: Option<String>,
    /// Link to the page after.
    pub older_url: Option<String>,
}

impl ProfilePage {
    /// A pinned post stands at the top already.
    fn is_pinned_here(&self, id: &str) -> bool {
        self.pinned.iter().any(|status| status.id == id)
    }

    fn shelves(&self) -> [(Shelf, String, &'static str); 3] {
        [
            (Shelf::Posts, self.path.clone(), crate::t().posts),
            (Shelf::Replies, format!("{}?with=replies", self.path), crate::t().posts_and_replies),
            (Shelf::Media, format!("{}?with=media", self.path), crate::t().media),
        ]
    }
}

/// An account in a list.
#[derive(Debug, Clone)]
pub struct PersonRow {
    /// Its id.
    pub id: String,
    /// Name, handle, picture.
    pub account: AccountView,
    /// What it says of itself, shortened.
    pub about: String,
    /// Buttons: name of the deed and word on it; the first one is the likely one.
    pub deeds: Vec<(&'static str, &'static str)>,
}

/// A list of accounts.
#[derive(Debug, Clone, Template)]
#[template(path = "client/people.html")]
pub struct PeoplePage {
    /// The frame.
    pub frame: Frame,
    /// The heading.
    pub title: String,
    /// Where the arrow leads.
    pub back: String,
    /// What is said when there is nobody.
    pub empty: &'static str,
    /// Lists beside this one: path, word, whether it is this.
    pub tabs: Vec<(String, &'static str, bool)>,
    /// The accounts.
    pub people: Vec<PersonRow>,
    /// Link to the page before.
    pub newer_url: Option<String>,
    /// Link to the page after.
    pub older_url: Option<String>,
}

/// A form that reports an account.
#[derive(Debug, Clone, Template)]
#[template(path = "client/report.html")]
pub struct ReportPage {
    /// The frame.
    pub frame: Frame,
    /// Whom.
    pub account: AccountView,
    /// Its id.
    pub id: String,
    /// The post that shows why.
    pub status: Option<StatusView>,
    /// It lives on another server.
    pub is_remote: bool,
    /// Rules of this server.
    pub rules: Vec<(String, String)>,
    /// What was typed.
    pub comment: String,
    /// What is wrong.
    pub error: Option<String>,
    /// Where to go afterwards.
    pub back: String,
}

/// A former version of a post.
#[derive(Debug, Clone)]
pub struct VersionView {
    /// When it was written.
    pub written: Moment,
    /// Content warning; may be empty.
    pub warning: String,
    /// Sanitised HTML.
    pub content_html: String,
    /// Answers of its poll.
    pub options: Vec<String>,
    /// How many files it had.
    pub media: usize,
}

/// All versions of a post.
#[derive(Debug, Clone, Template)]
#[template(path = "client/history.html")]
pub struct HistoryPage {
    /// The frame.
    pub frame: Frame,
    /// The page of the post.
    pub back: String,
    /// Newest first.
    pub versions: Vec<VersionView>,
    /// The language of the last version; of those before it is not known.
    pub language: Option<String>,
}
