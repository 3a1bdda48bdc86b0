//! What this process remembers of asking others: failures, refreshes, ways of signing. Bounded in
//! size and forgotten in time (F09, O08); another process learns for itself.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use activitypub::sign::Scheme;
use domain::Timestamp;
use domain::time::{DAY, MINUTE};

/// Most entries of each kind.
const MOST: usize = 10_000;
/// How long a failure counts, and how soon an actor is asked for again because a key failed.
const REST: i64 = 5 * MINUTE;

/// See the module.
#[derive(Default)]
pub struct Memory {
    failures: Bounded<bool>,
    refreshes: Bounded<()>,
    schemes: Bounded<Scheme>,
    gates: Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>,
}

impl Memory {
    /// Whether asking for this failed lately; true inside when it may well work later.
    pub(super) fn failure(&self, id: &str, now: Timestamp) -> Option<bool> {
        self.failures.get(id, now)
    }

    /// Asking for this failed.
    pub(super) fn note_failure(&self, id: &str, transient: bool, now: Timestamp) {
        self.failures.put(id, transient, now, REST);
    }

    /// This was asked for, and answered.
    pub(super) fn note_success(&self, id: &str, now: Timestamp) {
        self.failures.remove(id);
        self.refreshes.put(id, (), now, REST);
    }

    /// This is being asked for now.
    pub(crate) fn note_asked(&self, id: &str, now: Timestamp) {
        self.refreshes.put(id, (), now, REST);
    }

    /// Whether something may be asked for again so soon.
    pub(crate) fn may_refresh(&self, id: &str, now: Timestamp) -> bool {
        self.refreshes.get(id, now).is_none() && self.failures.get(id, now).is_none()
    }

    /// How a host wants to be asked.
    pub(super) fn scheme(&self, host: &str, now: Timestamp) -> Option<Scheme> {
        self.schemes.get(host, now)
    }

    /// A host wants to be asked in this way.
    pub(super) fn learn_scheme(&self, host: &str, scheme: Scheme, now: Timestamp) {
        self.schemes.put(host, scheme, now, DAY);
    }

    /// Who holds this asks for `id`; others wait and then find what was answered. It is one actor's
    /// only: nobody waits for another one.
    pub(super) fn gate(&self, id: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(gate) = gates.get(id).and_then(Weak::upgrade) {
            return gate;
        }
        if gates.len() >= MOST {
            gates.retain(|_, gate| gate.strong_count() > 0);
        }
        let gate = Arc::new(tokio::sync::Mutex::new(()));
        gates.insert(id.to_owned(), Arc::downgrade(&gate));
        gate
    }
}

/// A map with a size and entries with an end.
struct Bounded<T>(Mutex<HashMap<String, (T, Timestamp)>>);

impl<T> Default for Bounded<T> {
    fn default() -> Self {
        Self(Mutex::new(HashMap::new()))
    }
}

impl<T: Copy> Bounded<T> {
    fn get(&self, key: &str, now: Timestamp) -> Option<T> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.get(key).filter(|(_, until)| *until > now).map(|(value, _)| *value)
    }

    fn put(&self, key: &str, value: T, now: Timestamp, lasts: i64) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= MOST && !entries.contains_key(key) {
            entries.retain(|_, (_, until)| *until > now);
            // Still full: the sooner half goes, so that this is not done for every entry.
            if entries.len() >= MOST {
                let mut ends: Vec<Timestamp> = entries.values().map(|(_, until)| *until).collect();
                ends.sort_unstable();
                let middle = ends.get(ends.len() / 2).copied().unwrap_or(now);
                entries.retain(|_, (_, until)| *until > middle);
            }
        }
        entries.insert(key.to_owned(), (value, now.plus(lasts)));
    }

    fn remove(&self, key: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn o08_what_is_remembered_of_hosts_is_bounded() {
        let memory = Memory::default();
        for number in 0..30_000_i64 {
            let now = Timestamp(number);
            memory.note_failure(&format!("https://{number}.test/actor"), false, now);
            memory.gate(&format!("https://{number}.test/actor"));
        }
        assert!(memory.failures.0.lock().unwrap().len() <= MOST);
        assert!(memory.gates.lock().unwrap().len() <= MOST + 1);
        assert_eq!(memory.failure("https://29999.test/actor", Timestamp(30_000)), Some(false));
    }

    #[test]
    fn f09_a_failure_is_remembered_for_five_minutes() {
        let memory = Memory::default();
        memory.note_failure("a", true, Timestamp(0));
        assert_eq!(memory.failure("a", Timestamp(REST - 1)), Some(true));
        assert!(!memory.may_refresh("a", Timestamp(REST - 1)));
        assert_eq!(memory.failure("a", Timestamp(REST)), None);
        memory.note_success("a", Timestamp(REST));
        assert!(!memory.may_refresh("a", Timestamp(2 * REST - 1)));
        assert!(memory.may_refresh("a", Timestamp(2 * REST)));
    }
}
