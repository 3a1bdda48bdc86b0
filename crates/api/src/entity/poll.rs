//! Polls.

use app::PollView;
use serde::Serialize;

use super::{CustomEmoji, Render};

/// <https://docs.joinmastodon.org/entities/Poll/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Poll {
    id: String,
    expires_at: Option<String>,
    expired: bool,
    multiple: bool,
    votes_count: i64,
    voters_count: Option<i64>,
    options: Vec<PollOption>,
    emojis: Vec<CustomEmoji>,
    #[serde(skip_serializing_if = "Option::is_none")]
    voted: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    own_votes: Option<Vec<i64>>,
}

/// An answer.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct PollOption {
    title: String,
    votes_count: Option<i64>,
}

impl Poll {
    pub fn render(view: &PollView, viewer: Option<domain::AccountId>, render: &Render<'_>) -> Self {
        let poll = &view.poll;
        let expired = poll.is_expired(render.now);
        let hidden = poll.hide_totals && !expired;
        Self {
            id: poll.id.to_string(),
            expires_at: poll.expires_at.map(domain::Timestamp::rfc3339),
            expired,
            multiple: poll.multiple,
            votes_count: poll.options.iter().map(|option| option.votes).sum(),
            voters_count: Some(poll.voters_count),
            options: poll
                .options
                .iter()
                .map(|option| PollOption {
                    title: option.title.clone(),
                    votes_count: (!hidden).then_some(option.votes),
                })
                .collect(),
            emojis: CustomEmoji::used_in(
                poll.options.iter().map(|option| option.title.as_str()),
                render,
            ),
            // The author counts as having voted: their client shows results.
            voted: view
                .own_votes
                .as_ref()
                .map(|votes| !votes.is_empty() || viewer == Some(poll.account_id)),
            own_votes: view.own_votes.clone(),
        }
    }
}
