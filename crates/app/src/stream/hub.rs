//! The streams of this process: each has a bounded queue of events. One that does not keep up is
//! closed, never buffered without end (A11).

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use domain::event::Event;
use tokio::sync::mpsc;

/// Events that may wait for a stream: ids only, a few dozen bytes each.
const QUEUE: usize = 512;

/// Hands each event to every stream; the streams choose what concerns them.
#[derive(Clone, Default)]
pub struct Hub {
    streams: Arc<Mutex<HashMap<u64, mpsc::Sender<Arc<Event>>>>>,
    next: Arc<AtomicU64>,
}

/// A stream's place in the hub; dropping it leaves.
pub struct Subscription {
    hub: Hub,
    number: u64,
    events: mpsc::Receiver<Arc<Event>>,
}

impl Hub {
    /// Joins.
    #[must_use]
    pub fn subscribe(&self) -> Subscription {
        let (sender, events) = mpsc::channel(QUEUE);
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.lock().insert(number, sender);
        Subscription { hub: self.clone(), number, events }
    }

    /// How many streams there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// True without streams.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// Hands an event to every stream. A stream whose queue is full is cut off.
    pub fn deliver(&self, event: &Event) {
        let event = Arc::new(event.clone());
        self.lock().retain(|_, stream| stream.try_send(event.clone()).is_ok());
    }

    /// Ends all streams: their queues close once they are read.
    pub fn close(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<u64, mpsc::Sender<Arc<Event>>>> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Subscription {
    /// The next event; `None` when this stream was cut off or the server stops.
    pub async fn next(&mut self) -> Option<Arc<Event>> {
        self.events.recv().await
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.hub.lock().remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use domain::StatusId;

    use super::*;

    #[tokio::test]
    async fn a11_a_stream_that_does_not_keep_up_is_cut_off() {
        let hub = Hub::default();
        let mut slow = hub.subscribe();
        for number in 0..2_000 {
            hub.deliver(&Event::StatusDeleted { status: StatusId(number) });
        }
        assert!(hub.is_empty(), "the slow stream has left");
        let mut got = 0;
        while slow.next().await.is_some() {
            got += 1;
        }
        assert_eq!(got, QUEUE);
    }
}
