//! The streams of this process: each has a bounded queue of events. One that does not keep up is
//! closed, never buffered without end (A11). One whose token no longer opens anything is told to
//! end (A03).

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::event::Event;
use domain::secret::SecretHash;
use domain::{AccountId, TokenId};
use tokio::sync::{Notify, OnceCell, mpsc};
use tokio_util::sync::CancellationToken;

/// Events that may wait for a stream: shared, so a place costs a pointer. Long enough for a burst of a
/// thousand statuses, each of which is an event for home feeds and one for public streams.
const QUEUE: usize = 2_560;
/// Streams that one token may have open.
pub const MOST_STREAMS: usize = 16;

/// What opens a stream: when it no longer opens anything, its streams end.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// A client's token.
    Token(TokenId),
    /// A browser's session.
    Session(SecretHash),
}

impl From<TokenId> for Key {
    fn from(token: TokenId) -> Self {
        Self::Token(token)
    }
}

/// Hands each event to every stream; the streams choose what concerns them.
#[derive(Clone, Default)]
pub struct Hub {
    streams: Arc<Mutex<Streams>>,
    changed: Arc<Notify>,
}

#[derive(Default)]
struct Streams {
    open: HashMap<u64, Open>,
    next: u64,
    closed: bool,
    watched: bool,
}

struct Open {
    key: Key,
    account: AccountId,
    events: Option<mpsc::Sender<Arc<Published>>>,
    ended: CancellationToken,
}

/// An event on its way to the streams of this process.
pub struct Published {
    /// What happened.
    pub event: Event,
    /// What public streams send for it, made by the first of them.
    pub payload: OnceCell<Option<Arc<str>>>,
    /// Whose streams want its status, found by the first of them: what one event costs the database
    /// does not grow with the streams.
    pub(super) wanting: OnceCell<HashSet<AccountId>>,
}

/// A stream's place in the hub; dropping it leaves.
pub struct Subscription {
    hub: Hub,
    number: u64,
    events: mpsc::Receiver<Arc<Published>>,
    /// Cancelled when the stream's token no longer opens anything.
    pub ended: CancellationToken,
}

impl Hub {
    /// Joins; `None` when this key has as many streams as it may, or the server stops.
    #[must_use]
    pub fn subscribe(&self, key: impl Into<Key>, account: AccountId) -> Option<Subscription> {
        let key = key.into();
        let (sender, events) = mpsc::channel(QUEUE);
        let ended = CancellationToken::new();
        let mut streams = self.lock();
        let own = streams.open.values().filter(|open| open.key == key).count();
        if streams.closed || own >= MOST_STREAMS {
            return None;
        }
        let number = streams.next;
        streams.next += 1;
        let open = Open { key, account, events: Some(sender), ended: ended.clone() };
        streams.open.insert(number, open);
        drop(streams);
        Some(Subscription { hub: self.clone(), number, events, ended })
    }

    /// How many streams there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().open.len()
    }

    /// True without streams.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lock().open.is_empty()
    }

    /// Hands an event to every stream. A stream whose queue is full is cut off: it ends when it has
    /// read what waits, or at once if it does not read.
    pub fn deliver(&self, event: &Event) {
        if matches!(event, Event::AccessChanged { .. }) {
            self.changed.notify_one();
        }
        let mut streams = self.lock();
        if streams.open.is_empty() {
            return;
        }
        let published = Arc::new(Published {
            event: event.clone(),
            payload: OnceCell::new(),
            wanting: OnceCell::new(),
        });
        for open in streams.open.values_mut() {
            let Some(events) = &open.events else { continue };
            if events.try_send(published.clone()).is_err() {
                open.events = None;
                open.ended.cancel();
            }
        }
    }

    /// Ends all streams, each with what it says at its end, and takes no new ones.
    pub fn close(&self) {
        let mut streams = self.lock();
        streams.closed = true;
        for open in streams.open.values_mut() {
            open.events = None;
        }
        drop(streams);
        self.changed.notify_one();
    }

    /// Waits until all streams have left.
    pub async fn emptied(&self) {
        while !self.is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }

    /// Whose streams are open.
    pub(super) fn accounts(&self) -> Vec<AccountId> {
        let mut accounts: Vec<AccountId> =
            self.lock().open.values().map(|open| open.account).collect();
        accounts.sort_unstable();
        accounts.dedup();
        accounts
    }

    /// The keys of open streams.
    pub(super) fn keys(&self) -> HashSet<Key> {
        self.lock().open.values().map(|open| open.key.clone()).collect()
    }

    /// Ends the streams of all keys of `checked` that are not `living`.
    pub(super) fn end_dead(&self, checked: &HashSet<Key>, living: &HashSet<Key>) {
        for open in self.lock().open.values() {
            if checked.contains(&open.key) && !living.contains(&open.key) {
                open.ended.cancel();
            }
        }
    }

    /// True for the one caller that is to watch over the keys from now on.
    pub(super) fn begin_watch(&self) -> bool {
        !std::mem::replace(&mut self.lock().watched, true)
    }

    /// True when there is nothing left to watch over; then the next stream begins a new watch.
    pub(super) fn end_watch(&self) -> bool {
        let mut streams = self.lock();
        if streams.open.is_empty() {
            streams.watched = false;
        }
        !streams.watched
    }

    /// Waits until somebody's access changed.
    pub(super) async fn access_changed(&self) {
        self.changed.notified().await;
    }

    fn lock(&self) -> MutexGuard<'_, Streams> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Subscription {
    /// The next event; `None` when this stream was cut off or the server stops.
    pub async fn next(&mut self) -> Option<Arc<Published>> {
        self.events.recv().await
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.hub.lock().open.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use domain::StatusId;

    use super::*;

    const ME: AccountId = AccountId(7);

    #[tokio::test]
    async fn a11_a_stream_that_does_not_keep_up_is_cut_off() {
        let hub = Hub::default();
        let mut slow = hub.subscribe(TokenId(1), ME).unwrap();
        for number in 0..2_000 {
            hub.deliver(&Event::StatusDeleted { status: StatusId(number), only: None });
        }
        assert!(!slow.ended.is_cancelled(), "a burst is not the end");
        for number in 0..2_000 {
            hub.deliver(&Event::StatusDeleted { status: StatusId(number), only: None });
        }
        assert!(slow.ended.is_cancelled(), "the slow stream is told to end");
        let mut got = 0;
        while slow.next().await.is_some() {
            got += 1;
        }
        assert_eq!(got, QUEUE);
        drop(slow);
        assert!(hub.is_empty());
    }

    #[test]
    fn a11_a_token_has_at_most_sixteen_streams() {
        let hub = Hub::default();
        let open: Vec<_> =
            (0..MOST_STREAMS).filter_map(|_| hub.subscribe(TokenId(1), ME)).collect();
        assert_eq!(open.len(), MOST_STREAMS);
        assert!(hub.subscribe(TokenId(1), ME).is_none());
        assert!(hub.subscribe(TokenId(2), ME).is_some(), "another token has its own");
        drop(open);
        assert!(hub.subscribe(TokenId(1), ME).is_some());
    }

    #[tokio::test]
    async fn r13_after_the_close_streams_end_and_none_begins() {
        let hub = Hub::default();
        let mut stream = hub.subscribe(TokenId(1), ME).unwrap();
        hub.close();
        assert!(stream.next().await.is_none());
        assert!(hub.subscribe(TokenId(2), ME).is_none());
    }
}
