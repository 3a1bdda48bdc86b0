//! Conversations.

use app::conversations::ConversationView;
use domain::AccountId;
use serde::Serialize;

use super::{Account, Render, Status};

/// <https://docs.joinmastodon.org/entities/Conversation/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Conversation {
    id: String,
    unread: bool,
    accounts: Vec<Account>,
    last_status: Option<Status>,
}

impl Conversation {
    pub fn render(view: &ConversationView, me: AccountId, render: &Render<'_>) -> Self {
        Self {
            id: view.conversation.id.to_string(),
            unread: view.conversation.unread,
            accounts: view
                .accounts
                .iter()
                .map(|account| Account::render(account, render))
                .collect(),
            last_status: view
                .last_status
                .as_ref()
                .map(|status| Status::render(status, Some(me), render)),
        }
    }
}
