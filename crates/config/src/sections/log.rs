//! `[log]`: what is logged, and how.

use serde::{Deserialize, Serialize};

/// What is logged, and how. Logs go to stderr.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// `error`, `warn`, `info`, `debug`, `trace`, or directives like `info,store=debug`.
    pub level: String,
    /// For people or for machines.
    pub format: LogFormat,
}

pub(super) const DOCS: &[(&str, &str, &str)] = &[
    ("level", "error, warn, info, debug or trace; or by room: \"info,store=debug\".", ""),
    ("format", "text for people, json for machines.", ""),
];

/// The form of a log line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".into(), format: LogFormat::Text }
    }
}
