//! What those who look after the server write about it.

use askama::Template;

use super::Frame;
use crate::view::{Moment, TextField};

/// What the server says of itself.
#[derive(Debug, Clone, Template)]
#[template(path = "client/house_about.html")]
pub struct AboutEditPage {
    /// The frame.
    pub frame: Frame,
    /// It was saved just now.
    pub saved: bool,
    /// Name of the server.
    pub title: TextField,
    /// One or two sentences.
    pub description: TextField,
    /// More about it.
    pub extended: TextField,
    /// What becomes of what people give it.
    pub privacy: TextField,
    /// On which terms it may be used.
    pub terms: TextField,
    /// Address for questions.
    pub contact_email: TextField,
    /// Who answers for it.
    pub contact: TextField,
    /// The wide picture as it is now.
    pub banner_url: String,
    /// What is wrong with the one that was sent.
    pub banner_error: Option<String>,
}

/// A house rule with its form.
#[derive(Debug, Clone)]
pub struct HouseRuleRow {
    /// Its id.
    pub id: String,
    /// The rule as it is.
    pub said: String,
    /// More words on it as they are.
    pub said_more: String,
    /// The rule as typed.
    pub text: TextField,
    /// More words as typed.
    pub hint: String,
}

/// The house rules.
#[derive(Debug, Clone, Template)]
#[template(path = "client/house_rules.html")]
pub struct HouseRulesPage {
    /// The frame.
    pub frame: Frame,
    /// In order.
    pub rules: Vec<HouseRuleRow>,
    /// A new one.
    pub text: TextField,
    /// More words on it.
    pub hint: String,
}

/// A custom emoji.
#[derive(Debug, Clone)]
pub struct EmojiRow {
    /// Without colons.
    pub code: String,
    /// Its picture.
    pub url: String,
    /// Its heading; may be empty.
    pub category: String,
    /// Shown in the picker.
    pub visible: bool,
}

/// The custom emoji.
#[derive(Debug, Clone, Template)]
#[template(path = "client/house_emoji.html")]
pub struct EmojiPage {
    /// The frame.
    pub frame: Frame,
    /// What was done just now.
    pub notice: Option<&'static str>,
    /// What is wrong with a change.
    pub error: Option<String>,
    /// By heading, then by name.
    pub emojis: Vec<EmojiRow>,
    /// Headings in use.
    pub categories: Vec<String>,
    /// Name of a new one.
    pub code: TextField,
    /// Its heading.
    pub category: TextField,
    /// What is wrong with its file.
    pub file_error: Option<String>,
}

/// An announcement on somebody's home page.
#[derive(Debug, Clone)]
pub struct Notice {
    /// Its id.
    pub id: String,
    /// Its text; made by us.
    pub html: String,
}

/// How an announcement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnnouncementState {
    /// Its time has not come.
    Waits,
    /// People see it.
    Shown,
    /// It has ended.
    Over,
}

impl AnnouncementState {
    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Waits => crate::t().scheduled,
            Self::Shown => crate::t().shown,
            Self::Over => crate::t().over,
        }
    }

    /// Whether it can be ended.
    pub fn is_over(self) -> bool {
        self == Self::Over
    }
}

/// An announcement, for those who write them.
#[derive(Debug, Clone)]
pub struct AnnouncementRow {
    /// Its id.
    pub id: String,
    /// Its text; made by us.
    pub html: String,
    /// How it stands.
    pub state: AnnouncementState,
    /// From when it is shown.
    pub from: Moment,
    /// Until when.
    pub ends: Option<Moment>,
}

/// What an announcement is to be.
#[derive(Debug, Clone, Default)]
pub struct AnnouncementForm {
    /// The text.
    pub text: TextField,
    /// When what it announces begins.
    pub starts_at: TextField,
    /// When that ends.
    pub ends_at: TextField,
    /// From when it is shown.
    pub publish_at: TextField,
    /// Beginning and end are days.
    pub all_day: bool,
}

/// All announcements, and a new one.
#[derive(Debug, Clone, Template)]
#[template(path = "client/house_announcements.html")]
pub struct AnnouncementsPage {
    /// The frame.
    pub frame: Frame,
    /// What was done just now.
    pub notice: Option<&'static str>,
    /// A new one.
    pub form: AnnouncementForm,
    /// Newest first.
    pub announcements: Vec<AnnouncementRow>,
}

/// One announcement, to be changed.
#[derive(Debug, Clone, Template)]
#[template(path = "client/house_announcement.html")]
pub struct AnnouncementPage {
    /// The frame.
    pub frame: Frame,
    /// Its id.
    pub id: String,
    /// As it is, or as typed.
    pub form: AnnouncementForm,
}
