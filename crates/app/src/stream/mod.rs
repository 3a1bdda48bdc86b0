//! Events on their way to streaming clients: who hears of what, and what they are shown.

mod channel;
mod hub;
mod load;
mod watch;

use std::sync::Arc;

use domain::event::Event;
use domain::{AccountId, ListId};

pub use channel::{Channel, Meaning, NOTIFICATIONS, Origin, Refusal, Source};
pub use hub::{Hub, Key, MOST_STREAMS, Published, Subscription};
pub use load::{Loaded, load, public_view};

use crate::{App, Result};

/// The PostgreSQL channel that carries events between processes.
pub const CHANNEL: &str = "tuskling_events";

/// Opens a stream for a token or session of this account; `None` when that has as many as it may, or
/// the server stops.
#[must_use]
pub fn open(app: &Arc<App>, key: impl Into<Key>, account: AccountId) -> Option<Subscription> {
    let subscription = app.hub.subscribe(key, account)?;
    watch::begin(app);
    Some(subscription)
}

/// Whether a list is this account's, and so may be streamed to it.
///
/// # Errors
/// [`crate::AppError::Store`].
pub async fn owns_list(app: &App, list: ListId, owner: AccountId) -> Result<bool> {
    app.read(move |conn| {
        Box::pin(async move { Ok(store::streams::owns_list(conn, list, owner).await?) })
    })
    .await
}

/// Most bytes of a message: PostgreSQL refuses those of 8,000.
const MOST: usize = 7_900;

/// Delivers events to the streams of this process and of every other one on the same database.
pub(crate) async fn publish(app: &App, events: Vec<Event>) {
    if events.is_empty() {
        return;
    }
    if !app.store.is_shared() {
        events.iter().for_each(|event| app.hub.deliver(event));
        return;
    }
    let mut messages = Vec::with_capacity(events.len());
    let mut told = Vec::with_capacity(events.len());
    for event in &events {
        match serde_json::to_string(event) {
            Ok(message) if message.len() < MOST => {
                messages.push(message);
                told.push(event);
            }
            // A status for very many feeds stays in this process.
            Ok(_) => app.hub.deliver(event),
            Err(error) => tracing::warn!(%error, "an event could not be written down"),
        }
    }
    if let Err(error) = app.store.notify(CHANNEL, &messages).await {
        tracing::warn!(%error, "events reach only this process");
        told.into_iter().for_each(|event| app.hub.deliver(event));
    }
}
