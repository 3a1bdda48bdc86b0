//! How many connections, or requests, each address has.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::rates::Subject;

/// The counts.
#[derive(Clone, Default)]
pub(crate) struct Crowd(Arc<Mutex<HashMap<Subject, usize>>>);

/// A connection's place in the count of its address; dropping it leaves.
pub(crate) struct Seat(Crowd, Subject);

impl Crowd {
    /// Takes a place, if the address has not got all of its own.
    pub fn enter(&self, address: IpAddr, most: usize) -> Option<Seat> {
        let subject = Subject::of(address);
        let mut counts = self.lock();
        let count = counts.entry(subject).or_insert(0);
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Seat(self.clone(), subject))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Subject, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut counts = self.0.lock();
        if let Some(count) = counts.get_mut(&self.1) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_has_its_share_and_gets_it_back() {
        let crowd = Crowd::default();
        let enter = |address: &str| crowd.enter(address.parse().unwrap(), 2);
        let (first, second) = (enter("2001:db8::1"), enter("2001:db8::2"));
        assert!(first.is_some() && second.is_some());
        assert!(enter("2001:db8::3").is_none(), "one /64 is one address");
        assert!(enter("192.0.2.1").is_some());
        drop(first);
        assert!(enter("2001:db8::3").is_some());
        drop(second);
        assert!(crowd.lock().is_empty(), "who has left is forgotten");
    }
}
