//! People somebody may like to follow, and who of their own knows them.

use serde::Serialize;

use super::Account;

/// <https://docs.joinmastodon.org/entities/Suggestion/>
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Suggestion {
    source: &'static str,
    sources: [&'static str; 1],
    account: Account,
}

impl Suggestion {
    /// Somebody whom many here follow.
    pub fn most_followed(account: Account) -> Self {
        Self { source: "global", sources: ["most_followed"], account }
    }
}

/// <https://docs.joinmastodon.org/entities/FamiliarFollowers/>
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct FamiliarFollowers {
    pub id: String,
    pub accounts: Vec<Account>,
}
