//! `[federation]`: how this server behaves towards others.

use serde::{Deserialize, Serialize};

/// How this server behaves towards others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Federation {
    /// Whether it speaks with others at all.
    pub enabled: bool,
    /// Every request for an object must be signed (Mastodon's authorized fetch).
    pub secure_mode: bool,
    /// Only allowed domains are spoken with.
    pub allow_list: bool,
    /// The most bytes of other servers' media kept at a time.
    pub media_cache_bytes: u64,
}

pub(super) const DOCS: &[(&str, &str, &str)] = &[
    ("enabled", "Whether this server speaks with others at all.", ""),
    (
        "secure_mode",
        "Others must sign when they ask for profiles and posts (authorized fetch).",
        "",
    ),
    ("allow_list", "Speak only with domains that `tuskling domain allow` has named.", ""),
    ("media_cache_bytes", "Most bytes of other servers' media kept on disk at a time.", ""),
];

impl Default for Federation {
    fn default() -> Self {
        Self {
            enabled: true,
            secure_mode: false,
            allow_list: false,
            media_cache_bytes: 2 * 1024 * 1024 * 1024,
        }
    }
}
