//! What a connection is doing and since when, so that one look every few seconds finds those that
//! only hold a place (E06, E07). Written on the hot path, therefore without timers.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// How often a connection is looked at.
pub(crate) const LOOK: Duration = Duration::from_millis(2500);
/// How long the header of a request may take.
const HEAD: u64 = 10_000;
/// How long a connection may stay without a request.
const IDLE: u64 = 60_000;
/// The same while there is hardly a place left.
const IDLE_IN_CROWD: u64 = 5_000;
/// How long a client may take no byte of its answer.
const STALLED: u64 = 60_000;
/// Requests of one connection that its client may give up in [`RESET_WINDOW`] (CVE-2023-44487).
/// Browsers do so when somebody scrolls past.
const MOST_RESETS: u32 = 100;
/// In milliseconds.
const RESET_WINDOW: u64 = 20_000;

/// The state of one connection.
pub(crate) struct Watch {
    began: Instant,
    /// Requests whose answers are not finished.
    active: AtomicU32,
    /// Since when there is none.
    idle_since: AtomicU64,
    /// When the first byte of a head came; 0 when none is incomplete.
    head_since: AtomicU64,
    /// Since when the socket takes no bytes; 0 when it does.
    write_since: AtomicU64,
    is_upgraded: AtomicBool,
    resets: AtomicU32,
    /// Since when they are counted.
    resets_since: AtomicU64,
    /// Streams of HTTP/2 whose clients have not asked for the next piece, and since when.
    unread: Mutex<HashMap<u64, u64>>,
    next: AtomicU64,
    begun: Notify,
    flooded: Notify,
}

/// Why a connection is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overdue {
    /// No request for a while: nobody's fault.
    Idle,
    /// The header of a request takes too long.
    Head,
    /// The client does not read.
    Stalled,
}

/// A request that is being answered.
pub(crate) struct Turn {
    watch: Arc<Watch>,
    number: u64,
    is_done: bool,
}

impl Default for Watch {
    fn default() -> Self {
        Self {
            began: Instant::now(),
            active: AtomicU32::new(0),
            idle_since: AtomicU64::new(0),
            head_since: AtomicU64::new(0),
            write_since: AtomicU64::new(0),
            is_upgraded: AtomicBool::new(false),
            resets: AtomicU32::new(0),
            resets_since: AtomicU64::new(0),
            unread: Mutex::new(HashMap::new()),
            next: AtomicU64::new(0),
            begun: Notify::new(),
            flooded: Notify::new(),
        }
    }
}

impl Watch {
    fn now(&self) -> u64 {
        // Never 0, which says "not at all".
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX - 1) + 1
    }

    pub fn head_begins(&self) {
        if self.head_since.load(Relaxed) == 0 {
            self.head_since.store(self.now(), Relaxed);
        }
    }

    pub fn head_ends(&self) {
        self.head_since.store(0, Relaxed);
    }

    pub fn wrote(&self, is_ready: bool) {
        let since = self.write_since.load(Relaxed);
        if is_ready && since != 0 {
            self.write_since.store(0, Relaxed);
        } else if !is_ready && since == 0 {
            self.write_since.store(self.now(), Relaxed);
        }
    }

    pub fn upgrade(&self) {
        self.is_upgraded.store(true, Relaxed);
    }

    pub fn is_upgraded(&self) -> bool {
        self.is_upgraded.load(Relaxed)
    }

    /// A request begins.
    pub fn turn(self: &Arc<Self>) -> Turn {
        self.active.fetch_add(1, Relaxed);
        let number = self.next.fetch_add(1, Relaxed);
        if number == 0 {
            self.begun.notify_one();
        }
        Turn { watch: self.clone(), number, is_done: false }
    }

    /// What is wrong with the connection, if anything.
    pub fn overdue(&self, is_crowded: bool) -> Option<Overdue> {
        let now = self.now();
        let late = |since: u64, most: u64| since != 0 && now.saturating_sub(since) > most;
        if late(self.head_since.load(Relaxed), HEAD) {
            return Some(Overdue::Head);
        }
        let unread = self.unread.lock().unwrap_or_else(PoisonError::into_inner);
        if late(self.write_since.load(Relaxed), STALLED)
            || unread.values().any(|since| late(*since, STALLED))
        {
            return Some(Overdue::Stalled);
        }
        let is_idle = self.active.load(Relaxed) == 0;
        let idle_for = now.saturating_sub(self.idle_since.load(Relaxed));
        let most = if is_crowded { IDLE_IN_CROWD } else { IDLE };
        (is_idle && idle_for > most).then_some(Overdue::Idle)
    }

    fn given_up(&self) {
        let now = self.now();
        if now.saturating_sub(self.resets_since.load(Relaxed)) > RESET_WINDOW {
            self.resets_since.store(now, Relaxed);
            self.resets.store(0, Relaxed);
        }
        if self.resets.fetch_add(1, Relaxed) + 1 >= MOST_RESETS {
            self.flooded.notify_one();
        }
    }

    /// Ends when there has been a request.
    pub async fn begun(&self) {
        if self.next.load(Relaxed) == 0 {
            self.begun.notified().await;
        }
    }

    /// Ends when the client has given up too many of its own requests.
    pub async fn flooded(&self) {
        self.flooded.notified().await;
    }
}

impl Turn {
    /// A piece of the answer has been handed out and not been asked for again.
    pub fn handed_out(&self) {
        let mut unread = self.watch.unread.lock().unwrap_or_else(PoisonError::into_inner);
        unread.insert(self.number, self.watch.now());
    }

    /// The client is ready for more.
    pub fn asked(&self) {
        let mut unread = self.watch.unread.lock().unwrap_or_else(PoisonError::into_inner);
        unread.remove(&self.number);
    }

    /// The answer is complete.
    pub fn done(&mut self) {
        self.is_done = true;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.asked();
        let watch = &self.watch;
        watch.idle_since.store(watch.now(), Relaxed);
        watch.active.fetch_sub(1, Relaxed);
        if !self.is_done {
            watch.given_up();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn e06_each_way_to_hold_a_place_is_found() {
        let watch = Arc::new(Watch::default());
        let after = async |seconds| tokio::time::advance(Duration::from_secs(seconds)).await;
        after(59).await;
        assert_eq!(watch.overdue(false), None);
        assert_eq!(watch.overdue(true), Some(Overdue::Idle), "places are needed");
        watch.head_begins();
        after(5).await;
        watch.head_begins();
        after(6).await;
        assert_eq!(watch.overdue(false), Some(Overdue::Head));
        watch.head_ends();
        let turn = watch.turn();
        after(3600).await;
        assert_eq!(watch.overdue(false), None, "a stream may be silent for long");
        watch.wrote(false);
        after(61).await;
        assert_eq!(watch.overdue(false), Some(Overdue::Stalled));
        watch.wrote(true);
        turn.handed_out();
        after(61).await;
        assert_eq!(watch.overdue(false), Some(Overdue::Stalled));
        drop(turn);
        assert_eq!(watch.overdue(false), None);
        after(61).await;
        assert_eq!(watch.overdue(false), Some(Overdue::Idle));
    }

    #[tokio::test(start_paused = true)]
    async fn e07_requests_given_up_are_counted_and_finished_ones_are_not() {
        let watch = Arc::new(Watch::default());
        for _ in 0..MOST_RESETS * 2 {
            watch.turn().done();
        }
        for _ in 0..2 {
            for _ in 1..MOST_RESETS {
                drop(watch.turn());
            }
            tokio::time::advance(Duration::from_millis(RESET_WINDOW + 1)).await;
        }
        for _ in 1..MOST_RESETS {
            drop(watch.turn());
        }
        let soon = Duration::from_millis(10);
        assert!(tokio::time::timeout(soon, watch.flooded()).await.is_err());
        drop(watch.turn());
        assert!(tokio::time::timeout(soon, watch.flooded()).await.is_ok());
    }
}
