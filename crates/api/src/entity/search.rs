//! What a search found.

use app::search::Found;
use domain::AccountId;
use serde::Serialize;

use super::{Account, Render, Status, Tag};

/// <https://docs.joinmastodon.org/entities/Search/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Search {
    accounts: Vec<Account>,
    statuses: Vec<Status>,
    hashtags: Vec<Tag>,
}

impl Search {
    pub fn render(found: &Found, viewer: Option<AccountId>, render: &Render<'_>) -> Self {
        Self {
            accounts: found
                .accounts
                .iter()
                .map(|account| Account::render(account, render))
                .collect(),
            statuses: found
                .statuses
                .iter()
                .map(|status| Status::render(status, viewer, render))
                .collect(),
            hashtags: found.tags.iter().map(|tag| Tag::render(tag, render)).collect(),
        }
    }
}
