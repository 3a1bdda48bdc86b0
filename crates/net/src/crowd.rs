//! How many connections, or requests, each network has here: nobody takes the places of all.
//!
//! For listeners; what a connection is for is not known here. Called by `edge` and by `tuskling`.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// An address, or the /64 of one: one household or machine has all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network(u64, bool);

impl Network {
    /// That of an address. An IPv4 address in the clothes of IPv6 is the address itself.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self(u64::from(address.to_bits()), false),
            IpAddr::V6(address) => {
                Self(u64::try_from(address.to_bits() >> 64).unwrap_or_default(), true)
            }
        }
    }
}

/// The counts. Bounded by the seats, of which the caller gives out only so many.
#[derive(Clone, Debug, Default)]
pub struct Crowd(Arc<Mutex<HashMap<Network, usize>>>);

/// A place in the count of a network; dropping it leaves.
#[derive(Debug)]
pub struct Seat(Crowd, Network);

impl Crowd {
    /// Takes a place, if the network of this address has not got all of its own.
    #[must_use]
    pub fn enter(&self, address: IpAddr, most: usize) -> Option<Seat> {
        let network = Network::of(address);
        let mut counts = self.lock();
        let count = counts.entry(network).or_insert(0);
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Seat(self.clone(), network))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Network, usize>> {
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
    fn one_network_has_its_share_and_gets_it_back() {
        let crowd = Crowd::default();
        let enter = |address: &str| crowd.enter(address.parse().unwrap(), 2);
        let (first, second) = (enter("2001:db8::1"), enter("2001:db8::2"));
        assert!(first.is_some() && second.is_some());
        assert!(enter("2001:db8::3").is_none(), "one /64 is one network");
        let other = enter("192.0.2.1");
        assert!(other.is_some() && enter("::ffff:192.0.2.1").is_some());
        drop(first);
        assert!(enter("2001:db8::3").is_some());
        drop((second, other));
        assert!(crowd.lock().is_empty(), "who has left is forgotten");
    }
}
