//! What other servers send: checked, queued, acknowledged, and then done. One file a verb; each is
//! safe to run twice, and asks whether the sender owns what it changes.

mod accept;
mod announce;
mod answer;
mod block;
mod collection;
mod create;
mod delete;
mod door;
mod flag;
mod follow;
mod forward;
mod like;
mod moved;
mod perform;
mod quote_request;
mod receive;
mod synchronize;
mod undo;
mod update;
mod vote;

use std::net::IpAddr;

use domain::Timestamp;
use http::{HeaderMap, Method};
use serde::{Deserialize, Serialize};

pub(crate) use door::Door;
pub(crate) use moved::follow_again;
pub(crate) use perform::perform;
pub(crate) use receive::Waiting;
pub use receive::receive;
pub(crate) use synchronize::run as synchronize_followers;

/// A POST to an inbox, as it arrived.
pub struct Post<'p> {
    /// Its method.
    pub method: &'p Method,
    /// Path and query.
    pub path_and_query: &'p str,
    /// Its headers.
    pub headers: &'p HeaderMap,
    /// Its body, at most 1 MiB.
    pub body: &'p [u8],
    /// The address that it came from; `None` where that says nothing.
    pub from: Option<IpAddr>,
    /// When the edge took it, if it was kept there while this server was away. Only an edge that
    /// proved itself can say so.
    pub received_at: Option<Timestamp>,
}

/// An activity that waits to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// As it came.
    pub body: String,
    /// The host that signed it.
    pub host: String,
    /// Names it among those that took effect.
    pub hash: String,
    /// Signed by somebody else than its actor: nothing in it is believed.
    #[serde(default)]
    pub is_forwarded: bool,
    /// The thing that it concerns: what concerns the same thing is done in the order of arrival.
    #[serde(default)]
    pub subject: Option<String>,
}
