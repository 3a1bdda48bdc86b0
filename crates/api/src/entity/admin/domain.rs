//! What staff sees of rules about other servers.

use app::domain_rules::{Allowed, Rule, digest};
use serde::Serialize;

/// <https://docs.joinmastodon.org/entities/Admin_DomainBlock/>
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct AdminDomainBlock {
    id: String,
    domain: String,
    digest: String,
    created_at: String,
    severity: &'static str,
    reject_media: bool,
    reject_reports: bool,
    private_comment: Option<String>,
    public_comment: Option<String>,
    obfuscate: bool,
}

impl AdminDomainBlock {
    pub fn render(rule: &Rule) -> Self {
        let comment = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Self {
            id: rule.id.to_string(),
            domain: rule.domain.clone(),
            digest: digest(&rule.domain),
            created_at: rule.created_at.rfc3339(),
            severity: rule.severity.name(),
            reject_media: rule.reject_media,
            reject_reports: rule.reject_reports,
            private_comment: comment(&rule.private_comment),
            public_comment: comment(&rule.public_comment),
            obfuscate: rule.obfuscate,
        }
    }
}

/// <https://docs.joinmastodon.org/entities/Admin_DomainAllow/>
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct AdminDomainAllow {
    id: String,
    domain: String,
    created_at: String,
}

impl AdminDomainAllow {
    pub fn render(allowed: &Allowed) -> Self {
        Self {
            id: allowed.id.to_string(),
            domain: allowed.domain.clone(),
            created_at: allowed.created_at.rfc3339(),
        }
    }
}
