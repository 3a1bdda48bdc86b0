//! Mail addresses and networks that are kept away.

use app::shut_out::{EmailDomain, EmailHash, Network};
use domain::Timestamp;
use domain::time::DAY;
use serde::Serialize;
use serde_json::{Value, json};

/// <https://docs.joinmastodon.org/entities/Admin_EmailDomainBlock/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct AdminEmailDomain {
    id: String,
    domain: String,
    created_at: String,
    allow_with_approval: bool,
    /// Tries to sign up are not counted: a week of noughts.
    history: Vec<Value>,
}

impl AdminEmailDomain {
    pub fn render(row: &EmailDomain, now: Timestamp) -> Self {
        let day = |back: i64| {
            let day = now.midnight().plus(-back * DAY).seconds().to_string();
            json!({ "day": day, "accounts": "0", "uses": "0" })
        };
        Self {
            id: row.id.to_string(),
            domain: row.domain.clone(),
            created_at: row.created_at.rfc3339(),
            allow_with_approval: row.allow_with_approval,
            history: (0..7).map(day).collect(),
        }
    }
}

/// <https://docs.joinmastodon.org/entities/Admin_CanonicalEmailBlock/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct AdminEmailHash {
    id: String,
    canonical_email_hash: String,
}

impl AdminEmailHash {
    pub fn render(row: &EmailHash) -> Self {
        Self { id: row.id.to_string(), canonical_email_hash: row.hash.clone() }
    }
}

/// <https://docs.joinmastodon.org/entities/Admin_IpBlock/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct AdminNetwork {
    id: String,
    ip: String,
    severity: String,
    comment: String,
    created_at: String,
    expires_at: Option<String>,
}

impl AdminNetwork {
    pub fn render(row: &Network) -> Self {
        Self {
            id: row.id.to_string(),
            ip: spelled(&row.network),
            severity: row.severity.clone(),
            comment: row.comment.clone(),
            created_at: row.created_at.rfc3339(),
            expires_at: row.expires_at.map(Timestamp::rfc3339),
        }
    }
}

/// One address is a network too, as Mastodon writes it.
fn spelled(network: &str) -> String {
    if network.contains('/') {
        return network.to_owned();
    }
    format!("{network}/{}", if network.contains(':') { 128 } else { 32 })
}
