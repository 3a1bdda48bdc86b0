//! Counters for what must not be tried too often: sign-ins and mails. Fixed windows, in memory,
//! bounded in number; they start anew with the process.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use config::Rate;
use domain::Timestamp;
use domain::time::{HOUR, MINUTE};

use crate::App;

/// Most keys counted at once; each is some dozen bytes.
const MOST_KEYS: usize = 20_000;
/// Sign-ins to one account in an hour.
const SIGN_INS_ACCOUNT: u32 = 25;
/// Mails to one address in half an hour.
const MAILS: u32 = 5;

/// Too often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limited {
    /// How many were allowed.
    pub limit: u32,
    /// When the count starts anew.
    pub reset: Timestamp,
}

/// All counters of the process.
#[derive(Default)]
pub(crate) struct Attempts {
    windows: Mutex<HashMap<String, Window>>,
}

struct Window {
    ends: Timestamp,
    count: u32,
}

impl Attempts {
    /// Counts one try under `key`.
    fn count(&self, key: String, limit: u32, length: i64, now: Timestamp) -> Result<(), Limited> {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= MOST_KEYS && !windows.contains_key(&key) {
            make_room(&mut windows, now);
        }
        let window = windows.entry(key).or_insert(Window { ends: now.plus(length), count: 0 });
        if window.ends <= now {
            *window = Window { ends: now.plus(length), count: 0 };
        }
        if window.count >= limit {
            return Err(Limited { limit, reset: window.ends });
        }
        window.count += 1;
        Ok(())
    }
}

/// Drops what is over; if that is not enough, the half that ends soonest.
fn make_room(windows: &mut HashMap<String, Window>, now: Timestamp) {
    windows.retain(|_, window| window.ends > now);
    if windows.len() < MOST_KEYS {
        return;
    }
    let mut ends: Vec<Timestamp> = windows.values().map(|window| window.ends).collect();
    ends.sort_unstable();
    let middle = ends.get(ends.len() / 2).copied().unwrap_or(now);
    windows.retain(|_, window| window.ends > middle);
}

fn is_off(app: &App) -> bool {
    app.config.limits.rate == Rate::Off
}

/// Counts a sign-in from this address.
pub(crate) fn sign_in_from(app: &App, address: IpAddr) -> Result<(), Limited> {
    if is_off(app) {
        return Ok(());
    }
    let key = format!("sign-in from {}", network(address));
    app.attempts.count(key, app.config.limits.sign_ins, 5 * MINUTE, app.now())
}

/// Counts a sign-in to what was typed as a name, whether there is such an account or not (A09).
pub(crate) fn sign_in_to(app: &App, who: &str) -> Result<(), Limited> {
    if is_off(app) {
        return Ok(());
    }
    app.attempts.count(format!("sign-in to {who}"), SIGN_INS_ACCOUNT, HOUR, app.now())
}

/// Counts a mail to this address.
pub(crate) fn mail_to(app: &App, email: &str) -> Result<(), Limited> {
    if is_off(app) {
        return Ok(());
    }
    let key = format!("mail to {}", email.trim().to_lowercase());
    app.attempts.count(key, MAILS, 30 * MINUTE, app.now())
}

/// Counts a sign-up from this address.
pub(crate) fn sign_up_from(app: &App, address: IpAddr) -> Result<(), Limited> {
    if is_off(app) {
        return Ok(());
    }
    let key = format!("sign-up from {}", network(address));
    app.attempts.count(key, app.config.limits.sign_ups, 30 * MINUTE, app.now())
}

/// What counts as one place: an IPv4 address, a /64 of IPv6.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a06_a_window_closes_and_opens_again() {
        let attempts = Attempts::default();
        let start = Timestamp(1_000);
        for _ in 0..3 {
            assert_eq!(attempts.count("x".into(), 3, 100, start), Ok(()));
        }
        let refused = attempts.count("x".into(), 3, 100, start.plus(99));
        assert_eq!(refused, Err(Limited { limit: 3, reset: start.plus(100) }));
        assert_eq!(attempts.count("y".into(), 3, 100, start), Ok(()));
        assert_eq!(attempts.count("x".into(), 3, 100, start.plus(100)), Ok(()));
    }

    #[test]
    fn a06_the_number_of_keys_is_bounded() {
        let attempts = Attempts::default();
        for number in 0..(MOST_KEYS + 500) {
            let now = Timestamp(i64::try_from(number).unwrap());
            attempts.count(number.to_string(), 3, 1_000_000, now).unwrap();
        }
        assert!(attempts.windows.lock().unwrap().len() <= MOST_KEYS);
    }

    #[test]
    fn a06_ipv6_counts_by_64() {
        let address = |text: &str| network(text.parse().unwrap());
        assert_eq!(address("2001:db8:1:2:3::4"), address("2001:db8:1:2:ffff::1"));
        assert_ne!(address("2001:db8:1:2::1"), address("2001:db8:1:3::1"));
        assert_eq!(address("::ffff:192.0.2.1"), address("192.0.2.1"));
    }
}
