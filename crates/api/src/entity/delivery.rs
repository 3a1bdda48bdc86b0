//! Receipts of deliveries to other servers: an extension of this server.

use app::delivery::{Sent, State};
use serde::Serialize;

/// What became of one delivery.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Delivery {
    id: String,
    host: String,
    inbox: String,
    /// `waiting`, `delivered` or `given_up`.
    state: &'static str,
    attempts: i64,
    created_at: String,
    next_try_at: Option<String>,
    delivered_at: Option<String>,
    given_up_at: Option<String>,
    reason: Option<String>,
}

/// How many inboxes are tried again.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Retried {
    pub retried: u64,
}

impl Delivery {
    pub fn render(sent: &Sent) -> Self {
        let finished = |state| (sent.state == state).then_some(sent.finished_at).flatten();
        let text = domain::Timestamp::rfc3339;
        Self {
            id: sent.id.to_string(),
            host: sent.host.clone(),
            inbox: sent.inbox.clone(),
            state: match sent.state {
                State::Waiting => "waiting",
                State::Delivered => "delivered",
                State::GivenUp => "given_up",
            },
            attempts: sent.attempts,
            created_at: text(sent.created_at),
            next_try_at: (sent.state == State::Waiting).then(|| text(sent.next_try_at)),
            delivered_at: finished(State::Delivered).map(text),
            given_up_at: finished(State::GivenUp).map(text),
            reason: sent.reason.clone(),
        }
    }
}
