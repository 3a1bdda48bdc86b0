//! Roles.

use domain::account::Role as OwnRole;
use serde::Serialize;

/// <https://docs.joinmastodon.org/entities/Role/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Role {
    id: &'static str,
    name: &'static str,
    permissions: String,
    color: &'static str,
    highlighted: bool,
}

/// The id of a role; that of everybody is Mastodon's.
pub(crate) fn role_id(role: OwnRole) -> &'static str {
    match role {
        OwnRole::Member => "-99",
        OwnRole::Moderator => "1",
        OwnRole::Admin => "2",
        OwnRole::Owner => "3",
    }
}

impl Role {
    pub fn render(role: OwnRole) -> Self {
        Self {
            id: role_id(role),
            name: match role {
                OwnRole::Member => "",
                OwnRole::Moderator => "Moderator",
                OwnRole::Admin => "Admin",
                OwnRole::Owner => "Owner",
            },
            permissions: role.permissions().to_string(),
            color: "",
            highlighted: role != OwnRole::Member,
        }
    }
}
