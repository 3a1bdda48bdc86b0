//! Settings of the person.

use askama::Template;

use super::Frame;
use crate::language::Words;
use crate::view::{TextField, Visibility};

/// The list of settings.
#[derive(Debug, Clone, Template)]
#[template(path = "client/settings.html")]
pub struct SettingsPage {
    /// The frame.
    pub frame: Frame,
}

/// The profile.
#[derive(Debug, Clone, Template)]
#[template(path = "client/settings_profile.html")]
#[expect(clippy::struct_excessive_bools, reason = "each is a box to tick")]
pub struct SettingsProfilePage {
    /// The frame.
    pub frame: Frame,
    /// It was saved just now.
    pub saved: bool,
    /// Shown name.
    pub display_name: TextField,
    /// Biography.
    pub note: TextField,
    /// Four rows of label and content.
    pub fields: Vec<(String, String)>,
    /// What is wrong with them.
    pub fields_error: Option<String>,
    /// The pictures as they are.
    pub avatar_url: String,
    /// The wide one.
    pub header_url: String,
    /// What the picture shows.
    pub avatar_description: String,
    /// What the wide one shows.
    pub header_description: String,
    /// What is wrong with a picture.
    pub picture_error: Option<String>,
    /// Follows need approval.
    pub locked: bool,
    /// Posts by itself.
    pub bot: bool,
    /// Shown in suggestions.
    pub discoverable: bool,
    /// Found by search.
    pub indexable: bool,
    /// Does not show whom it knows.
    pub hide_collections: bool,
}

/// Preferences for posting and notifications.
#[derive(Debug, Clone, Template)]
#[template(path = "client/settings_preferences.html")]
pub struct SettingsPreferencesPage {
    /// The frame.
    pub frame: Frame,
    /// They were saved just now.
    pub saved: bool,
    /// What is wrong.
    pub error: Option<String>,
    /// Who sees new posts.
    pub visibility: Visibility,
    /// Pictures of new posts are hidden.
    pub sensitive: bool,
    /// Language of new posts; empty to guess.
    pub language: String,
    /// Who may quote.
    pub quotes: String,
    /// Texts are Markdown.
    pub markdown: bool,
    /// Notifications of whom: name, words, what happens to them.
    pub policy: Vec<(&'static str, &'static str, &'static str)>,
}

impl SettingsPreferencesPage {
    fn languages(&self) -> Vec<(&str, &str)> {
        super::languages(&self.language)
    }
}

/// Moving, and leaving.
#[derive(Debug, Clone, Template)]
#[template(path = "client/settings_account.html")]
pub struct SettingsAccountPage {
    /// The frame.
    pub frame: Frame,
    /// What was done just now.
    pub notice: Option<String>,
    /// Ids of the same person elsewhere.
    pub aliases: Vec<String>,
    /// One more, as typed.
    pub alias: TextField,
    /// Where to move, as typed.
    pub target: TextField,
    /// Where the account moved.
    pub moved_to: Option<String>,
    /// What is wrong with the password for deleting.
    pub delete_error: Option<String>,
    /// The owner of the server cannot leave it like this.
    pub is_owner: bool,
}

/// Lists of accounts, out and in.
#[derive(Debug, Clone, Template)]
#[template(path = "client/settings_data.html")]
pub struct SettingsDataPage {
    /// The frame.
    pub frame: Frame,
    /// What was done just now.
    pub notice: Option<String>,
    /// What is wrong with the file.
    pub error: Option<String>,
    /// What can be taken away: name in the address, words.
    pub exports: Vec<(&'static str, &'static str)>,
    /// What can be brought: name, words.
    pub imports: Vec<(&'static str, &'static str)>,
    /// Lines that an import still has before it.
    pub waiting: usize,
    /// The archive that was asked for last.
    pub archive: Option<ArchiveCard>,
}

/// Everything in one file.
#[derive(Debug, Clone)]
pub struct ArchiveCard {
    /// Its id.
    pub id: String,
    /// The day it was asked for.
    pub day: String,
    /// It can be downloaded.
    pub is_there: bool,
    /// How large it is, in words.
    pub size: String,
    /// Why it could not be made.
    pub problem: Option<String>,
}

/// Notifications on this device.
#[derive(Debug, Clone, Template)]
#[template(path = "client/settings_push.html")]
pub struct SettingsPushPage {
    /// The frame.
    pub frame: Frame,
    /// What was done just now.
    pub notice: Option<&'static str>,
    /// What is wrong.
    pub error: Option<String>,
    /// The server's key for push services.
    pub server_key: String,
    /// Kinds of notifications: name, words, whether they are wanted.
    pub kinds: Vec<(&'static str, &'static str, bool)>,
    /// From whom.
    pub policy: String,
    /// This browser is told.
    pub is_on: bool,
}

impl SettingsPushPage {
    /// From whom, in words.
    pub const POLICIES: [(&'static str, Words); 3] = [
        ("all", |t| t.everybody),
        ("followed", |t| t.people_i_follow),
        ("follower", |t| t.people_who_follow_me),
    ];
}
