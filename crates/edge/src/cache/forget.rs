//! What is deleted disappears from here: origins are asked for it with every look whether they are
//! ready, and a person can say so (`docs/decisions/0010-…`).

use std::sync::atomic::Ordering::Relaxed;

use super::key::Place;
use super::{Cache, now};
use crate::Shared;

/// The header with which an origin is asked for what has been deleted since, and in which it says
/// up to where it has told. A client's own is taken away like all names that begin so.
pub(crate) const GONE_SINCE: &str = "x-tuskling-gone-since";
/// In the place of paths: too much, or it is not known.
const EVERYTHING: &str = "*";

impl Cache {
    /// An origin says what is gone, a path a line, for all these names.
    pub fn take_gone<'n>(&self, text: &str, names: impl Iterator<Item = &'n String> + Clone) {
        let paths = text.lines().filter(|line| line.starts_with('/'));
        let mut count = 0;
        for path in paths {
            count += names.clone().map(|name| self.forget(Place::of(name, path))).sum::<usize>();
        }
        self.figures.purged.fetch_add(count as u64, Relaxed);
        if text.lines().any(|line| line == EVERYTHING) {
            self.distrust();
        }
    }

    /// Nothing that is here is shown any more before its origin has said that it is still right.
    pub fn distrust(&self) {
        self.trusted_since.store(now(), Relaxed);
    }
}

/// A person says that an address is gone, or all of them: how many answers went.
pub(crate) fn purge(shared: &Shared, address: Option<&str>) -> Option<usize> {
    let cache = &shared.cache;
    let count = match address {
        Some(address) => {
            let rest = address.strip_prefix("https://")?;
            let (name, path) = rest.split_at(rest.find('/')?);
            let name = name.split(':').next()?.to_ascii_lowercase();
            cache.forget(Place::of(&name, path))
        }
        None => {
            let mut state = cache.lock();
            let keys: Vec<_> =
                std::iter::from_fn(|| state.index.evict()).map(|(key, _)| key).collect();
            drop(state);
            let count = keys.len();
            cache.distrust();
            cache.remove(keys);
            count
        }
    };
    cache.figures.purged.fetch_add(count as u64, Relaxed);
    Some(count)
}
