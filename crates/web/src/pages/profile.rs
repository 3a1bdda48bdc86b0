//! The public profile, `/@name`.

use askama::Template;

use super::{LinkPreview, Site};
use crate::view::{ProfileView, StatusView};

/// A profile with a page of its posts.
#[derive(Debug, Clone, Template)]
#[template(path = "profile.html")]
pub struct ProfilePage<'a> {
    /// The server.
    pub site: &'a Site,
    /// The head.
    pub profile: ProfileView,
    /// Pinned posts, on the first page only.
    pub pinned: Vec<StatusView>,
    /// Posts everyone may see, newest first.
    pub statuses: Vec<StatusView>,
    /// Link to the page before, as a path with query.
    pub newer_url: Option<String>,
    /// Link to the page after.
    pub older_url: Option<String>,
    /// Full address of this profile.
    pub canonical_url: String,
    /// Full address of its ActivityPub document.
    pub activity_url: String,
    /// Whether search engines may keep it.
    pub indexable: bool,
}

impl ProfilePage<'_> {
    fn preview(&self) -> LinkPreview {
        LinkPreview::of_profile(&self.profile)
    }

    fn is_first_page(&self) -> bool {
        self.newer_url.is_none()
    }
}
