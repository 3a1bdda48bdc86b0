//! Identifiers: 64-bit, time-ordered, one type a thing, so that they cannot be mixed up.
//!
//! The layout is Mastodon's for statuses, used here for everything: Unix milliseconds in the high
//! 48 bits, 16 bits below that tell apart what was made in the same millisecond.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::{Clock, Random, Timestamp};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl From<i64> for $name {
            fn from(raw: i64) -> Self {
                Self(raw)
            }
        }
    )*};
}

ids! {
    /// An account, local or remote.
    AccountId,
    /// A registered OAuth application.
    AppId,
    /// An access token's row (never the secret).
    TokenId,
    /// A status or a boost.
    StatusId,
    /// A thread of statuses.
    ConversationId,
    /// An attachment.
    MediaId,
    /// A poll.
    PollId,
    /// A hashtag.
    TagId,
    /// A notification.
    NotificationId,
    /// A list of followed accounts.
    ListId,
    /// A filter.
    FilterId,
    /// A job in the queue.
    JobId,
    /// Any other row that only its own table's functions look at: follow, favourite, marker, ….
    RowId,
}

impl StatusId {
    /// When this id says the status was made.
    #[must_use]
    pub fn time(self) -> Timestamp {
        Timestamp(self.0 >> 16)
    }
}

/// The smallest id that something made at `time` can have; for "older than" queries.
#[must_use]
pub fn first_id_at(time: Timestamp) -> i64 {
    time.0 << 16
}

/// Makes ids: ascending within the process even when the clock jumps back, and starting at a
/// random point of each millisecond so that two processes on one database hardly ever meet
/// (the primary key refuses the rest).
#[derive(Clone)]
pub struct IdSource {
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    last: Arc<AtomicI64>,
}

impl IdSource {
    /// A source that reads `clock`.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { clock, random, last: Arc::new(AtomicI64::new(0)) }
    }

    /// The next id, as whichever kind the caller asks for.
    #[must_use]
    pub fn next<T: From<i64>>(&self) -> T {
        T::from(self.next_raw())
    }

    /// An id that says it was made at `time`, for things that come from elsewhere: they stand in
    /// lists where they belong. Two of them may be equal, which the primary key refuses; then the
    /// caller tries again. A time that tells only seconds is spread over its second.
    #[must_use]
    pub fn next_at<T: From<i64>>(&self, time: Timestamp) -> T {
        let mut noise = [0_u8; 4];
        self.random.fill(&mut noise);
        let noise = i64::from(u32::from_le_bytes(noise));
        let spread = if time.0 % 1_000 == 0 { (noise >> 16) % 1_000 } else { 0 };
        let latest = self.clock.now().0.max(0);
        let time = Timestamp(time.0.saturating_add(spread).clamp(0, latest));
        T::from(first_id_at(time) | (noise & 0xffff))
    }

    /// The first of `count` ids in a row that nobody else of this process gets: for rows that one
    /// statement makes.
    #[must_use]
    pub fn block(&self, count: i64) -> i64 {
        self.take(count.max(1))
    }

    fn next_raw(&self) -> i64 {
        self.take(1)
    }

    /// Takes `count` ids; the answer is the first.
    fn take(&self, count: i64) -> i64 {
        let mut noise = [0_u8; 2];
        self.random.fill(&mut noise);
        // Half of the 16 bits are left free above the start, for a burst in one millisecond.
        let fresh = first_id_at(self.clock.now()) | i64::from(u16::from_le_bytes(noise) >> 1);
        let step = |last: i64| Some(fresh.max(last + 1) + count - 1);
        match self.last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, step) {
            Ok(last) | Err(last) => fresh.max(last + 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::testing::Seeded;
    use crate::time::testing::ManualClock;

    #[test]
    fn ids_ascend_even_when_the_clock_jumps_back() {
        let clock = Arc::new(ManualClock::new(Timestamp(1_700_000_000_000)));
        let ids = IdSource::new(clock.clone(), Arc::new(Seeded::new(1)));
        let first: StatusId = ids.next();
        clock.set(Timestamp(1_600_000_000_000));
        let second: StatusId = ids.next();
        assert!(second > first);
        assert_eq!(first.time(), Timestamp(1_700_000_000_000));
    }

    #[test]
    fn ids_of_other_times_tell_those_times_and_never_the_future() {
        let now = Timestamp(1_700_000_000_000);
        let ids = IdSource::new(Arc::new(ManualClock::new(now)), Arc::new(Seeded::new(1)));
        let exact: StatusId = ids.next_at(Timestamp(1_600_000_000_123));
        assert_eq!(exact.time(), Timestamp(1_600_000_000_123));
        let spread: StatusId = ids.next_at(Timestamp(1_600_000_000_000));
        assert_eq!(spread.time().seconds(), 1_600_000_000);
        let future: StatusId = ids.next_at(now.plus(5_000));
        assert_eq!(future.time(), now);
        let ancient: StatusId = ids.next_at(Timestamp(-5));
        assert!(ancient.0 >= 0);
    }

    #[test]
    fn nobody_gets_an_id_out_of_a_block() {
        let clock = Arc::new(ManualClock::new(Timestamp(1_700_000_000_000)));
        let ids = IdSource::new(clock, Arc::new(Seeded::new(1)));
        let before: RowId = ids.next();
        let first = ids.block(1_000);
        let after: RowId = ids.next();
        assert!(first > before.0);
        assert!(after.0 >= first + 1_000);
    }
}
