//! Counts requests in fixed windows, for rate limits (A06). Bounded in memory; another process
//! counts for itself. It must not know HTTP: callers say what is counted and for whom.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use domain::Timestamp;

/// Most counters kept.
const MOST: usize = 50_000;

/// For whom something is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// An IPv4 address, or a network of IPv6 addresses (/64), which one person has.
    Network(u64, bool),
    /// A token.
    Token(i64),
    /// A user.
    User(i64),
    /// Whatever somebody typed, by its digest.
    Named(u64),
}

impl Subject {
    /// The subject of a text that comes from outside: a name, a mail address.
    #[must_use]
    pub fn named(text: &str) -> Self {
        use sha2::{Digest, Sha256};
        let start = Sha256::digest(text.as_bytes()).into_iter().take(8);
        Self::Named(start.fold(0, |number, byte| (number << 8) | u64::from(byte)))
    }

    /// The subject of a socket's address.
    #[must_use]
    pub fn address(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::Network(u64::from(u32::from(address)), false),
            IpAddr::V6(address) => {
                let network = u128::from(address) >> 64;
                Self::Network(u64::try_from(network).unwrap_or(0), true)
            }
        }
    }
}

/// How much of what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What is counted.
    pub name: &'static str,
    /// How often at most.
    pub most: u32,
    /// In how many milliseconds.
    pub window: i64,
}

/// Where a counter stands after a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How often at most.
    pub limit: u32,
    /// How often still.
    pub remaining: u32,
    /// When it begins anew.
    pub reset: Timestamp,
    /// This request was one too many.
    pub exceeded: bool,
}

/// All counters of this process; clones share them.
#[derive(Clone, Default)]
pub struct Rates {
    counters: Arc<Mutex<HashMap<(&'static str, Subject), Counter>>>,
}

#[derive(Clone, Copy)]
struct Counter {
    ends: Timestamp,
    count: u32,
}

impl Rates {
    /// Counts one request.
    #[must_use]
    pub fn count(&self, limit: Limit, subject: Subject, now: Timestamp) -> Standing {
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        if counters.len() >= MOST && !counters.contains_key(&(limit.name, subject)) {
            make_room(&mut counters, now);
        }
        let fresh = Counter { ends: now.plus(limit.window), count: 0 };
        let counter = counters.entry((limit.name, subject)).or_insert(fresh);
        if counter.ends <= now {
            *counter = fresh;
        }
        let exceeded = counter.count >= limit.most;
        if !exceeded {
            counter.count += 1;
        }
        Standing {
            limit: limit.most,
            remaining: limit.most.saturating_sub(counter.count),
            reset: counter.ends,
            exceeded,
        }
    }

    /// Where a counter stands, without counting.
    #[must_use]
    pub fn is_exceeded(&self, limit: Limit, subject: Subject, now: Timestamp) -> bool {
        let counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        counters
            .get(&(limit.name, subject))
            .is_some_and(|counter| counter.ends > now && counter.count >= limit.most)
    }
}

/// Drops what has ended; if that is not enough, those that count least.
fn make_room(counters: &mut HashMap<(&'static str, Subject), Counter>, now: Timestamp) {
    counters.retain(|_, counter| counter.ends > now);
    let mut keep = 1;
    while counters.len() > MOST / 2 {
        counters.retain(|_, counter| counter.count > keep);
        keep *= 4;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Limit = Limit { name: "test", most: 3, window: 1_000 };

    fn network(text: &str) -> Subject {
        Subject::address(text.parse().unwrap())
    }

    #[test]
    fn a06_what_is_over_the_limit_waits_for_the_next_window() {
        let rates = Rates::default();
        let who = Subject::User(1);
        for left in [2, 1, 0] {
            let standing = rates.count(LIMIT, who, Timestamp(0));
            assert_eq!((standing.remaining, standing.exceeded), (left, false));
        }
        let standing = rates.count(LIMIT, who, Timestamp(999));
        assert!(standing.exceeded && standing.reset == Timestamp(1_000));
        assert!(rates.is_exceeded(LIMIT, who, Timestamp(999)));
        assert!(!rates.count(LIMIT, Subject::Token(1), Timestamp(999)).exceeded);
        assert!(!rates.count(LIMIT, who, Timestamp(1_000)).exceeded);
    }

    #[test]
    fn a06_ipv6_counts_by_its_network() {
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:1"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
        assert_ne!(network("::"), network("0.0.0.0"));
    }

    #[test]
    fn counters_are_bounded_and_who_is_limited_stays_limited() {
        let rates = Rates::default();
        for _ in 0..4 {
            let _ = rates.count(LIMIT, Subject::User(-1), Timestamp(0));
        }
        for user in 0..120_000 {
            let _ = rates.count(LIMIT, Subject::User(user), Timestamp(1));
        }
        assert!(rates.counters.lock().unwrap().len() <= MOST);
        assert!(rates.is_exceeded(LIMIT, Subject::User(-1), Timestamp(2)));
    }
}
