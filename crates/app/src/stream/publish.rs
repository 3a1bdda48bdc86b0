//! Events on their way to the streams of every process on the same database.

use std::sync::OnceLock;

use domain::event::Event;
use store::Store;

use super::Hub;
use crate::App;
use crate::groups::Groups;

/// The PostgreSQL channel that carries events between processes.
pub const CHANNEL: &str = "tuskling_events";
/// Most bytes of a message: PostgreSQL refuses those of 8,000.
const MOST: usize = 7_900;
/// Of how many commits the events go together: PostgreSQL takes messages from one transaction at a time.
const AT_ONCE: usize = 64;

/// Events that wait to go to every process; nothing where this is the only one.
#[derive(Debug, Default)]
pub(crate) struct Events(OnceLock<Groups<Vec<Event>, ()>>);

/// Delivers events to the streams of this process and of every other one on the same database. Returns when they are
/// on their way.
pub(crate) async fn publish(app: &App, events: Vec<Event>) {
    if events.is_empty() {
        return;
    }
    if !app.store.is_shared() {
        events.iter().for_each(|event| app.hub.deliver(event));
        return;
    }
    let (store, hub) = (&app.store, &app.hub);
    let line = app.events.0.get_or_init(|| {
        let (store, hub) = (store.clone(), hub.clone());
        Groups::open(AT_ONCE, move |groups: Vec<Vec<Event>>| {
            let (store, hub) = (store.clone(), hub.clone());
            async move {
                send(&store, &hub, groups.iter().flatten()).await;
                vec![(); groups.len()]
            }
        })
    });
    // Unanswered, the server stops, and so do its streams; or the sending panicked, and these events are lost as they
    // are when PostgreSQL goes away.
    let _ = line.ask(events).await;
}

async fn send(store: &Store, hub: &Hub, events: impl Iterator<Item = &Event>) {
    let (mut messages, mut told) = (Vec::new(), Vec::new());
    for event in events {
        match serde_json::to_string(event) {
            Ok(message) if message.len() < MOST => {
                messages.push(message);
                told.push(event);
            }
            // A status for very many feeds stays in this process.
            Ok(_) => hub.deliver(event),
            Err(error) => tracing::warn!(%error, "an event could not be written down"),
        }
    }
    if let Err(error) = store.notify(CHANNEL, &messages).await {
        tracing::warn!(%error, "events reach only this process");
        told.into_iter().for_each(|event| hub.deliver(event));
    }
}
