//! How many requests an address makes a second: a bucket for each, bounded in number.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use net::crowd::Network;
use tokio::time::Instant;

/// Addresses that are remembered at most.
const MOST: usize = 65_536;
/// Seconds' worth of requests that may come at once.
const BURST: f64 = 10.0;

/// The buckets.
#[derive(Default)]
pub(crate) struct Rates(Mutex<HashMap<Network, Bucket>>);

struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Rates {
    /// Takes one request; false when the address has used up its own.
    pub fn take(&self, address: IpAddr, per_second: u32) -> bool {
        if per_second == 0 {
            return true;
        }
        let (rate, now) = (f64::from(per_second), Instant::now());
        let full = rate * BURST;
        let tokens = |bucket: &Bucket| {
            let gained = now.saturating_duration_since(bucket.at).as_secs_f64() * rate;
            (bucket.tokens + gained).min(full)
        };
        let network = Network::of(address);
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST && !buckets.contains_key(&network) {
            // Who has a full bucket again is as good as new.
            buckets.retain(|_, bucket| tokens(bucket) < full);
            if buckets.len() >= MOST {
                return false;
            }
        }
        let bucket = buckets.entry(network).or_insert(Bucket { tokens: full, at: now });
        bucket.tokens = tokens(bucket);
        bucket.at = now;
        if bucket.tokens < 1.0 {
            return false;
        }
        bucket.tokens -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_bucket_empties_and_fills_again() {
        let rates = Rates::default();
        let take = |address: &str| rates.take(address.parse().unwrap(), 2);
        for _ in 0..20 {
            assert!(take("192.0.2.1"));
        }
        assert!(!take("192.0.2.1"));
        assert!(take("192.0.2.2"), "each address has its own");
        assert!(take("2001:db8::1"));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(take("::ffff:192.0.2.1") && take("192.0.2.1"));
        assert!(!take("192.0.2.1"));
        assert!((0..100).all(|_| rates.take("192.0.2.1".parse().unwrap(), 0)));
    }

    #[tokio::test(start_paused = true)]
    async fn addresses_are_forgotten_before_there_are_too_many() {
        let rates = Rates::default();
        for number in 0..u32::try_from(MOST).unwrap() + 10 {
            rates.take(IpAddr::V4(number.into()), 1);
        }
        assert!(rates.0.lock().unwrap().len() <= MOST);
        tokio::time::advance(Duration::from_secs(60)).await;
        assert!(rates.take("203.0.113.1".parse().unwrap(), 1));
        assert_eq!(rates.0.lock().unwrap().len(), 1);
    }
}
