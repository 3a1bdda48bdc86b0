//! `[instance]`: what the instance says of itself.

use serde::{Deserialize, Serialize};

use crate::ConfigError;

/// What the instance says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Instance {
    /// Its name.
    pub title: String,
    /// One or two sentences, plain text.
    pub description: String,
    /// Address for people who have a question.
    pub contact_email: String,
    /// Username of the account that answers for the instance; empty is the owner.
    pub contact_account: String,
    /// Languages spoken here, ISO 639.
    pub languages: Vec<String>,
    /// House rules, one text each.
    pub rules: Vec<String>,
}

pub(super) const DOCS: &[(&str, &str, &str)] = &[
    ("title", "Name of the instance.", ""),
    ("description", "One or two sentences for newcomers, plain text.", ""),
    ("contact_email", "Address for questions.", ""),
    (
        "contact_account",
        "Username of the account that answers for the instance; empty is the owner.",
        "",
    ),
    ("languages", "Languages spoken here (ISO 639).", ""),
    ("rules", "House rules, one text each.", ""),
];

impl Default for Instance {
    fn default() -> Self {
        Self {
            title: "tuskling".into(),
            description: "A small Mastodon-compatible server.".into(),
            contact_email: String::new(),
            contact_account: String::new(),
            languages: vec!["en".into()],
            rules: Vec::new(),
        }
    }
}

impl Instance {
    pub(crate) fn validate(&self) -> Result<(), ConfigError> {
        if self.title.trim().is_empty() {
            return Err(ConfigError::Invalid {
                key: "instance.title",
                problem: "is empty; give the instance a name".into(),
            });
        }
        Ok(())
    }
}
