//! Whose turn it is: at most two pages of a host at once, and none while it asked for rest.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::Timestamp;
use domain::time::{MINUTE, SECOND};

/// Pages of one host fetched at once.
const EACH_HOST: u32 = 2;
/// Hosts that are remembered. When there are more, new ones wait.
const MOST_HOSTS: usize = 1024;

/// The hosts that are being asked or rest.
#[derive(Clone, Default)]
pub struct Turns(Arc<Mutex<HashMap<String, Host>>>);

#[derive(Default)]
struct Host {
    running: u32,
    rests_until: Timestamp,
}

/// A turn; over when dropped.
pub(super) struct Turn {
    turns: Turns,
    host: String,
}

impl Turns {
    /// A turn at this host, or when to come again.
    pub(super) fn take(&self, host: &str, now: Timestamp) -> Result<Turn, Timestamp> {
        let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() >= MOST_HOSTS {
            hosts.retain(|_, host| host.running > 0 || host.rests_until > now);
            if hosts.len() >= MOST_HOSTS && !hosts.contains_key(host) {
                return Err(now.plus(MINUTE));
            }
        }
        let entry = hosts.entry(host.to_owned()).or_default();
        if entry.rests_until > now {
            return Err(entry.rests_until);
        }
        if entry.running >= EACH_HOST {
            return Err(now.plus(5 * SECOND));
        }
        entry.running += 1;
        Ok(Turn { turns: self.clone(), host: host.to_owned() })
    }

    /// Leaves a host alone until then.
    pub(super) fn rest(&self, host: &str, until: Timestamp) {
        let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = hosts.get_mut(host) {
            entry.rests_until = until;
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut hosts = self.turns.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = hosts.get_mut(&self.host) {
            entry.running -= 1;
            if entry.running == 0 && entry.rests_until == Timestamp::default() {
                hosts.remove(&self.host);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn o06_two_at_once_and_none_while_a_host_rests() {
        let (turns, now) = (Turns::default(), Timestamp(1_000_000));
        let (first, second) = (turns.take("a.test", now), turns.take("a.test", now));
        assert!(first.is_ok() && second.is_ok());
        assert_eq!(turns.take("a.test", now).err(), Some(now.plus(5 * SECOND)));
        assert!(turns.take("b.test", now).is_ok());
        drop(first);
        assert!(turns.take("a.test", now).is_ok());
        turns.rest("a.test", now.plus(MINUTE));
        assert_eq!(turns.take("a.test", now).err(), Some(now.plus(MINUTE)));
        drop(second);
        assert!(turns.take("a.test", now.plus(MINUTE)).is_ok());
    }

    #[test]
    fn o08_hosts_are_bounded_and_forgotten() {
        let (turns, now) = (Turns::default(), Timestamp(1_000_000));
        for number in 0..MOST_HOSTS {
            let host = format!("{number}.test");
            let turn = turns.take(&host, now).ok();
            turns.rest(&host, now.plus(SECOND));
            drop(turn);
        }
        assert!(turns.take("one.more.test", now).is_err());
        assert!(turns.take("one.more.test", now.plus(SECOND)).is_ok());
        assert!(turns.0.lock().unwrap().is_empty());
    }
}
