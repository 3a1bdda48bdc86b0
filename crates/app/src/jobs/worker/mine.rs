//! The jobs that this worker is about: other processes leave their hosts to it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use domain::JobId;
use store::jobs::Leased;

/// A list that jobs leave by themselves when they end.
#[derive(Clone, Default)]
pub(super) struct Mine(Arc<Mutex<BTreeSet<JobId>>>);

/// Keeps one job on the list until it is dropped.
pub(super) struct Place {
    list: Mine,
    id: JobId,
}

impl Mine {
    /// Puts a leased job on the list.
    pub(super) fn take(&self, job: &Leased) -> Place {
        self.with(|list| list.insert(job.id));
        Place { list: self.clone(), id: job.id }
    }

    /// All of them.
    pub(super) fn ids(&self) -> Vec<JobId> {
        self.with(|list| list.iter().copied().collect())
    }

    fn with<T>(&self, work: impl FnOnce(&mut BTreeSet<JobId>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.list.with(|list| list.remove(&self.id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_ends_is_off_the_list() {
        let mine = Mine::default();
        let job = |id| Leased {
            id: JobId(id),
            kind: "receive".into(),
            payload: "{}".into(),
            attempts: 1,
            is_suspect: false,
        };
        let first = mine.take(&job(1));
        let _second = mine.take(&job(2));
        assert_eq!(mine.ids(), [JobId(1), JobId(2)]);
        drop(first);
        assert_eq!(mine.ids(), [JobId(2)]);
    }
}
