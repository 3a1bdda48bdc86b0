//! One answer as requests see it: held in memory, lying in a file, or still arriving.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use tokio::sync::{OnceCell, watch};

use super::record::Head;
use crate::compress::{self, Coding};

/// How long an origin that failed is left alone about an answer that may be shown anyway.
const REST: u64 = 5_000;
/// What an open file counts for, against the bytes of small answers.
const FILE_WEIGHT: usize = 32 * 1024;

/// An answer that may be sent to many.
pub(crate) struct Object {
    pub(super) head: Head,
    pub(super) body: Stored,
    /// When it was last known to be right, in milliseconds since 1970.
    validated: AtomicU64,
    /// Until when the origin is not asked again after a failure.
    rests_until: AtomicU64,
    /// Since the index last looked who is asked for.
    used: AtomicBool,
    /// Small text, packed for those who accept it.
    packed: [OnceCell<Bytes>; 3],
}

/// Where the bytes are.
#[derive(Clone)]
pub(super) enum Stored {
    Memory(Bytes),
    /// In a file, from this offset on.
    File(Arc<File>, u64),
    /// The same, while it is written.
    Growing(Arc<File>, u64, watch::Receiver<Progress>),
}

/// How far a filler has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Progress {
    pub written: u64,
    pub has_failed: bool,
}

impl Object {
    pub(super) fn new(head: Head, body: Stored, validated: u64) -> Self {
        Self {
            head,
            body,
            validated: AtomicU64::new(validated),
            rests_until: AtomicU64::new(0),
            used: AtomicBool::new(false),
            packed: Default::default(),
        }
    }

    /// How long ago it was known to be right. A moment that is still to come counts as long ago:
    /// the clock was wrong then.
    pub fn age(&self, now: u64) -> Duration {
        let validated = self.validated.load(Relaxed);
        match now.checked_sub(validated) {
            Some(age) => Duration::from_millis(age),
            None if validated - now < 1_000 => Duration::ZERO,
            None => Duration::MAX,
        }
    }

    pub fn validated(&self) -> u64 {
        self.validated.load(Relaxed)
    }

    pub fn is_right(&self, since: u64) {
        self.validated.store(since, Relaxed);
        self.rests_until.store(0, Relaxed);
    }

    /// The origin could not say whether it still is.
    pub fn rest(&self, now: u64) {
        self.rests_until.store(now.saturating_add(REST), Relaxed);
    }

    pub fn rests(&self, now: u64) -> bool {
        now < self.rests_until.load(Relaxed)
    }

    pub fn mark_used(&self) {
        if !self.used.load(Relaxed) {
            self.used.store(true, Relaxed);
        }
    }

    /// Whether it was used since this was last asked.
    pub fn was_used(&self) -> bool {
        self.used.swap(false, Relaxed)
    }

    /// What holding it costs, packed forms included.
    pub fn weight(&self) -> usize {
        match &self.body {
            Stored::Memory(bytes) => bytes.len().saturating_mul(2).saturating_add(1024),
            Stored::File(..) | Stored::Growing(..) => FILE_WEIGHT,
        }
    }

    /// Whether it can be packed for those who accept it.
    pub fn is_text(&self) -> bool {
        let length = Some(self.head.length);
        self.head.status == StatusCode::OK
            && compress::is_worth_it(self.head.status, &self.head.headers, length)
    }

    /// Its bytes packed, if it is in memory; made once.
    pub async fn packed(&self, coding: Coding) -> Option<Bytes> {
        let Stored::Memory(bytes) = &self.body else { return None };
        let cell = self.packed.get(usize::from(coding.rank()))?;
        let made = cell.get_or_try_init(|| compress::whole(bytes.clone(), coding)).await;
        made.ok().cloned()
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::super::policy::Terms;
    use super::*;

    #[test]
    fn a_moment_to_come_is_long_ago() {
        let terms = Terms { fresh: 1, revalidating: 0, if_error: 0 };
        let (address, status) = (String::new(), StatusCode::OK);
        let head = Head { address, status, headers: HeaderMap::new(), terms, length: 0 };
        let object = Object::new(head, Stored::Memory(Bytes::new()), 10_000);
        assert_eq!(object.age(10_500), Duration::from_millis(500));
        assert_eq!(object.age(9_500), Duration::ZERO);
        assert_eq!(object.age(5_000), Duration::MAX);
        object.rest(10_000);
        assert!(object.rests(14_999) && !object.rests(15_000));
        object.is_right(20_000);
        assert!(!object.rests(10_001));
    }
}
