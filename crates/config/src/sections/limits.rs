//! `[limits]`: what clients may do how often, and how large things may be.

use serde::{Deserialize, Serialize};

use crate::ConfigError;

/// Limits on clients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Whether requests are counted at all.
    pub rate: Rate,
    /// Requests in five minutes with one token, or from one address without.
    pub token: u32,
    /// Requests in five minutes of one user, over all tokens.
    pub user: u32,
    /// Uploads in thirty minutes.
    pub uploads: u32,
    /// Deletions in thirty minutes.
    pub deletions: u32,
    /// Statuses in three hours.
    pub statuses: u32,
    /// Follows in a day.
    pub follows: u32,
    /// Reports in a day.
    pub reports: u32,
    /// Sign-ins in five minutes from one address.
    pub sign_ins: u32,
    /// Sign-ups in thirty minutes from one address.
    pub sign_ups: u32,
    /// App registrations in ten minutes from one address.
    pub apps: u32,
    /// Characters of a status.
    pub status_characters: usize,
    /// Attachments of a status.
    pub status_media: usize,
    /// Most connections at once.
    pub connections: usize,
    /// Most connections at once from one address of another machine.
    pub connections_per_address: usize,
}

pub(super) const DOCS: &[(&str, &str, &str)] = &[
    ("rate", "on or off: whether requests are counted at all.", ""),
    ("token", "Requests in 5 minutes with one token, or from one address without a token.", ""),
    ("user", "Requests in 5 minutes of one user over all tokens.", ""),
    ("uploads", "Uploads in 30 minutes.", ""),
    ("deletions", "Deletions and unboosts in 30 minutes.", ""),
    ("statuses", "Statuses, edits and boosts in 3 hours.", ""),
    ("follows", "Follows in 24 hours.", ""),
    ("reports", "Reports in 24 hours.", ""),
    ("sign_ins", "Sign-ins in 5 minutes from one address.", ""),
    ("sign_ups", "Sign-ups in 30 minutes from one address.", ""),
    ("apps", "App registrations in 10 minutes from one address.", ""),
    ("status_characters", "Characters of a status.", ""),
    ("status_media", "Attachments of a status.", ""),
    ("connections", "Most client connections at once.", ""),
    (
        "connections_per_address",
        "Most connections at once from one address (IPv6: one /64) of another machine. Raise it when a proxy on another machine stands before the server.",
        "",
    ),
];

/// Whether requests are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rate {
    /// Counted.
    #[default]
    On,
    /// Not counted: for tests and trusted private use.
    Off,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rate: Rate::On,
            token: 300,
            user: 1500,
            uploads: 30,
            deletions: 30,
            statuses: 300,
            follows: 400,
            reports: 400,
            sign_ins: 25,
            sign_ups: 5,
            apps: 5,
            status_characters: 500,
            status_media: 4,
            connections: 2048,
            connections_per_address: 64,
        }
    }
}

impl Limits {
    pub(crate) fn validate(&self) -> Result<(), ConfigError> {
        if self.status_characters == 0 || self.status_characters > 100_000 {
            return Err(ConfigError::Invalid {
                key: "limits.status_characters",
                problem: "must be between 1 and 100000".into(),
            });
        }
        if self.status_media == 0 || self.status_media > 16 {
            return Err(ConfigError::Invalid {
                key: "limits.status_media",
                problem: "must be between 1 and 16".into(),
            });
        }
        if self.connections < 16 {
            return Err(ConfigError::Invalid {
                key: "limits.connections",
                problem: "must be at least 16".into(),
            });
        }
        Ok(())
    }
}
