//! `[budget]`: how much of what others made is kept.

use serde::{Deserialize, Serialize};

/// How much of what others made is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Budget {
    /// Days that posts of other servers are kept when nobody here has to do with them; 0 is for ever.
    pub remote_status_days: u32,
    /// What a gigabyte of storage costs a month, in thousandths of a US dollar; 0 tells no money.
    pub gigabyte_month: u32,
}

pub(super) const DOCS: &[(&str, &str, &str)] = &[
    (
        "remote_status_days",
        "Days that posts of other servers are kept when nobody here follows their author or answered, boosted, favourited, saved or was named in their thread. 0 keeps them for ever. They come back when asked for.",
        "",
    ),
    (
        "gigabyte_month",
        "What a gigabyte of storage costs a month, in thousandths of a US dollar, for the estimates of the dashboard; 0 tells no money. 93 is an EBS volume (gp3) in eu-west-3.",
        "",
    ),
];

impl Default for Budget {
    fn default() -> Self {
        Self { remote_status_days: 90, gigabyte_month: 93 }
    }
}
