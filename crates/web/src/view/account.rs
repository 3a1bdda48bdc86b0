//! Accounts as pages show them.

use super::{EmojiView, Moment};

/// An account beside a post or in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountView {
    /// The chosen name; the user name where none was chosen.
    pub display_name: String,
    /// `@name@domain`, always with the domain.
    pub handle: String,
    /// Where the profile is: a path here, the full address elsewhere.
    pub profile_url: String,
    /// The picture, never empty.
    pub avatar_url: String,
    /// Custom emoji of the name.
    pub emojis: Vec<EmojiView>,
}

impl AccountView {
    /// What a post that addresses it begins with.
    pub fn mention(&self) -> String {
        format!("{} ", self.handle)
    }

    /// The name as HTML, with its emoji as pictures.
    pub fn name_html(&self) -> String {
        super::named(&self.display_name, &self.emojis)
    }
}

/// The head of a profile page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileView {
    /// Name, handle, picture.
    pub account: AccountView,
    /// The wide picture, never empty.
    pub header_url: String,
    /// Sanitised HTML; may be empty.
    pub bio_html: String,
    /// The bio as plain text, for link previews.
    pub bio_text: String,
    /// Up to four fields for local accounts.
    pub fields: Vec<ProfileFieldView>,
    /// Public and unlisted posts.
    pub statuses_count: u64,
    /// Accounts followed; `None` when the owner hides it.
    pub following_count: Option<u64>,
    /// Followers; `None` when the owner hides it.
    pub followers_count: Option<u64>,
    /// When the account was made.
    pub joined: Moment,
    /// Posts by itself.
    pub automated: bool,
    /// Approves followers by hand.
    pub locked: bool,
    /// Where the account went, if it moved.
    pub moved_to: Option<AccountView>,
}

/// One line of a profile's table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileFieldView {
    /// Label as typed.
    pub name: String,
    /// Sanitised HTML.
    pub value_html: String,
    /// When the link was found to lead back, if it was.
    pub verified: Option<Moment>,
}
