//! Events on their way to streaming clients.

mod hub;

use domain::event::Event;

pub use hub::{Hub, Subscription};

use crate::App;

/// The PostgreSQL channel that carries events between processes.
pub const CHANNEL: &str = "tuskling_events";

/// Delivers an event to the streams of this process and of every other one on the same database.
pub(crate) async fn publish(app: &App, event: Event) {
    let Ok(message) = serde_json::to_string(&event) else { return };
    // PostgreSQL refuses messages of 8000 bytes; a status for very many feeds stays in this process.
    if message.len() < 7_900 {
        match app.store.notify(CHANNEL, message).await {
            Ok(true) => return,
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "an event reaches only this process"),
        }
    }
    app.hub.deliver(&event);
}
