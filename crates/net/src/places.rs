//! Bounds the requests that are made at once, in all and for each host, so that neither a slow host
//! nor many of them take everything.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Places for requests.
#[derive(Debug)]
pub(crate) struct Places {
    all: Arc<Semaphore>,
    hosts: Arc<Mutex<Hosts>>,
    each: usize,
}

/// Only hosts that somebody asks or waits for are in here.
type Hosts = HashMap<String, Arc<Semaphore>>;

/// A place; given back when dropped. The fields are dropped in this order.
#[derive(Debug)]
pub(crate) struct Place {
    _all: OwnedSemaphorePermit,
    _host: OwnedSemaphorePermit,
    _line: Line,
}

/// The line before one host; the last who leaves it takes it out of the table.
#[derive(Debug)]
struct Line {
    hosts: Arc<Mutex<Hosts>>,
    host: String,
    places: Option<Arc<Semaphore>>,
}

impl Places {
    pub(crate) fn new(all: usize, each: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(all)), hosts: Arc::default(), each }
    }

    /// Waits for a place, first with the host, so that who waits for a slow one keeps no place from
    /// others. `None` when there is none in time.
    pub(crate) async fn take(&self, host: &str, patience: Duration) -> Option<Place> {
        let line = self.line(host);
        let places = line.places.clone()?;
        let both = async {
            let host = places.acquire_owned().await.ok()?;
            let all = self.all.clone().acquire_owned().await.ok()?;
            Some((host, all))
        };
        let (host, all) = tokio::time::timeout(patience, both).await.ok()??;
        Some(Place { _all: all, _host: host, _line: line })
    }

    fn line(&self, host: &str) -> Line {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let places = hosts
            .entry(host.to_owned())
            .or_insert_with(|| Arc::new(Semaphore::new(self.each)))
            .clone();
        Line { hosts: self.hosts.clone(), host: host.to_owned(), places: Some(places) }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        self.places = None;
        if hosts.get(&self.host).is_some_and(|places| Arc::strong_count(places) == 1) {
            hosts.remove(&self.host);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn places_are_bounded_for_each_host_and_in_all_and_come_back() {
        let places = Places::new(3, 2);
        let first = places.take("a", SOON).await.unwrap();
        let second = places.take("a", SOON).await.unwrap();
        assert!(places.take("a", SOON).await.is_none(), "two for each host");
        let third = places.take("b", SOON).await.unwrap();
        assert!(places.take("c", SOON).await.is_none(), "three in all");
        drop(first);
        let fourth = places.take("c", SOON).await.unwrap();
        drop((second, third, fourth));
        assert_eq!(places.all.available_permits(), 3);
        assert!(places.hosts.lock().unwrap().is_empty(), "no host is remembered");
    }
}
