//! `[registrations]`: who may sign up.

use serde::{Deserialize, Serialize};

/// Who may sign up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Registrations {
    /// Open, by approval, or closed.
    pub mode: RegistrationsMode,
    /// A new account must confirm its address first.
    pub confirm_email: bool,
    /// What a visitor reads while sign-up is closed.
    pub closed_message: String,
}

pub(super) const DOCS: &[(&str, &str, &str)] = &[
    ("mode", "open, approval or closed.", ""),
    ("confirm_email", "A new account must confirm its mail address before it can do anything.", ""),
    ("closed_message", "What a visitor reads while sign-up is closed.", ""),
];

/// How sign-up works.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RegistrationsMode {
    /// Anybody.
    Open,
    /// Anybody asks, staff decides.
    Approval,
    /// Nobody.
    #[default]
    Closed,
}

impl Default for Registrations {
    fn default() -> Self {
        Self { mode: RegistrationsMode::Closed, confirm_email: true, closed_message: String::new() }
    }
}
