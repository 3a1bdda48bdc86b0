//! Relationships.

use app::relations;
use domain::AccountId;
use serde::Serialize;

/// <https://docs.joinmastodon.org/entities/Relationship/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Relationship {
    id: String,
    following: bool,
    showing_reblogs: bool,
    notifying: bool,
    languages: Option<Vec<String>>,
    followed_by: bool,
    blocking: bool,
    blocked_by: bool,
    muting: bool,
    muting_notifications: bool,
    muting_expires_at: Option<String>,
    requested: bool,
    requested_by: bool,
    domain_blocking: bool,
    endorsed: bool,
    note: String,
}

impl Relationship {
    pub fn render(id: AccountId, relation: &relations::Relationship) -> Self {
        let options = relation.following.as_ref().or(relation.requested.as_ref());
        let languages =
            options.map(|options| options.languages.clone()).filter(|list| !list.is_empty());
        Self {
            id: id.to_string(),
            following: relation.following.is_some(),
            showing_reblogs: options.is_some_and(|options| options.show_boosts),
            notifying: options.is_some_and(|options| options.notify),
            languages,
            followed_by: relation.followed_by,
            blocking: relation.blocking,
            blocked_by: relation.blocked_by,
            muting: relation.muting.is_some(),
            muting_notifications: relation.muting == Some(true),
            muting_expires_at: relation.muting_until.map(domain::Timestamp::rfc3339),
            requested: relation.requested.is_some(),
            requested_by: relation.requested_by,
            domain_blocking: relation.domain_blocking,
            endorsed: relation.endorsed,
            note: relation.note.clone(),
        }
    }
}
