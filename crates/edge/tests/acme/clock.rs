//! Time that a test moves.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use edge::acme::{Environment, Machine, Pause};
use tokio::sync::watch;

/// Time that jumps over every pause, up to a moment that the test sets. It begins at the present,
/// since the authority has a clock of its own.
pub struct Moved {
    now: Mutex<SystemTime>,
    until: watch::Sender<SystemTime>,
    /// When the pause ends that waits for `until` to be moved.
    waiting: watch::Sender<Option<SystemTime>>,
    luck: AtomicU32,
}

impl Moved {
    pub fn new() -> Self {
        let now = Machine.now();
        Self {
            now: Mutex::new(now),
            until: watch::Sender::new(now),
            waiting: watch::Sender::new(None),
            luck: AtomicU32::new(1),
        }
    }

    /// Lets time go on by this much and ends when everything in it has happened.
    pub async fn pass(&self, length: Duration) {
        let until = *self.until.borrow() + length;
        self.waiting.send_replace(None);
        self.until.send_replace(until);
        let mut waiting = self.waiting.subscribe();
        let is_over = |end: &Option<SystemTime>| end.is_some_and(|end| end > until);
        tokio::time::timeout(Duration::from_secs(60), waiting.wait_for(is_over))
            .await
            .expect("the keeper never came to rest")
            .unwrap();
        *self.now.lock().unwrap() = until;
    }
}

impl Environment for Moved {
    fn now(&self) -> SystemTime {
        *self.now.lock().unwrap()
    }

    fn pause(&self, length: Duration) -> Pause<'_> {
        Box::pin(async move {
            let end = self.now() + length;
            let mut until = self.until.subscribe();
            if *until.borrow() < end {
                self.waiting.send_replace(Some(end));
            }
            loop {
                if *until.borrow_and_update() >= end {
                    break;
                }
                until.changed().await.unwrap();
                if *until.borrow() < end {
                    self.waiting.send_replace(Some(end));
                }
            }
            let mut now = self.now.lock().unwrap();
            *now = end.max(*now);
        })
    }

    fn luck(&self) -> u32 {
        self.luck.fetch_add(97_531, Ordering::Relaxed)
    }
}
