//! The front page and the page about the server.

use askama::Template;

use super::Site;
use crate::view::{AccountView, Moment};

/// Counts shown on the front page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InstanceStats {
    /// Local accounts.
    pub accounts: u64,
    /// Local posts.
    pub statuses: u64,
    /// Other servers known.
    pub servers: u64,
}

/// Who may sign up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registrations {
    /// Anyone.
    Open,
    /// Anyone, after a look by the moderators.
    Approval,
    /// Nobody.
    Closed,
}

impl Registrations {
    /// In a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Open => crate::t().anyone_can_make_an_account_here,
            Self::Approval => crate::t().you_can_ask_for_an_account,
            Self::Closed => crate::t().new_accounts_are_made_by_the,
        }
    }
}

/// `/`.
#[derive(Debug, Clone, Template)]
#[template(path = "front.html")]
pub struct FrontPage<'a> {
    /// The server.
    pub site: &'a Site,
    /// A sentence or two, plain text.
    pub description: String,
    /// Counts.
    pub stats: InstanceStats,
    /// Who may sign up.
    pub registrations: Registrations,
    /// Its wide picture, if it has one of its own.
    pub banner_url: Option<String>,
    /// Whom to ask.
    pub contact: Option<AccountView>,
}

/// A rule of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The rule.
    pub text: String,
    /// More words on it; may be empty.
    pub hint: String,
}

/// `/about`.
#[derive(Debug, Clone, Template)]
#[template(path = "about.html")]
pub struct AboutPage<'a> {
    /// The server.
    pub site: &'a Site,
    /// A sentence or two, plain text.
    pub description: String,
    /// The long text, sanitised HTML; may be empty.
    pub extended_html: String,
    /// Rules in order.
    pub rules: Vec<Rule>,
    /// Counts.
    pub stats: InstanceStats,
    /// Who may sign up.
    pub registrations: Registrations,
    /// Its wide picture, if it has one of its own.
    pub banner_url: Option<String>,
    /// Whom to ask.
    pub contact: Option<AccountView>,
    /// Address to write to, if public.
    pub contact_email: Option<String>,
    /// There are terms of service.
    pub has_terms: bool,
}

/// A long text of the owner's: privacy policy, terms of service.
#[derive(Debug, Clone, Template)]
#[template(path = "text.html")]
pub struct TextPage<'a> {
    /// The server.
    pub site: &'a Site,
    /// What it is.
    pub title: &'static str,
    /// Its address.
    pub path: &'static str,
    /// The text; made by us from plain text.
    pub html: String,
    /// When it was written, if somebody did.
    pub written: Option<Moment>,
}
