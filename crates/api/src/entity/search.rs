//! What a search found.

use app::search::Found;
use domain::AccountId;
use serde::Serialize;

use super::{Account, Render, Status};

/// <https://docs.joinmastodon.org/entities/Search/>
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Search {
    accounts: Vec<Account>,
    statuses: Vec<Status>,
    hashtags: Vec<FoundTag>,
}

/// <https://docs.joinmastodon.org/entities/Tag/>, as anybody sees it; use is not counted.
#[derive(Clone, Debug, Serialize)]
struct FoundTag {
    id: String,
    name: String,
    url: String,
    history: Vec<()>,
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
            hashtags: found
                .tags
                .iter()
                .map(|tag| FoundTag {
                    id: tag.id.to_string(),
                    name: tag.display_name.clone(),
                    url: render.urls.tag(&tag.name),
                    history: Vec::new(),
                })
                .collect(),
        }
    }
}
