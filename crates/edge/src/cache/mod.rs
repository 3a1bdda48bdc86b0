//! The cache: public files and public answers of the origins, on the disk, so that many readers cost
//! the server nothing and its pages stay up while it is away (E08–E10).
//!
//! It keeps what an origin says everybody may see, asked for by one who showed nothing: no cookie,
//! no token, no signature. It asks nobody but the configured origins. Losing all of it does no harm.
//! The request pipeline makes a [`Wish`] of what may be answered from here.

mod answer;
mod body;
mod copy;
mod disk;
mod fetch;
mod fills;
mod forget;
mod index;
mod key;
mod object;
mod policy;
mod range;
mod record;
mod room;
mod wish;

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, UNIX_EPOCH};

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::Shared;
use crate::acme::{Environment as _, Machine};
use disk::Disk;
use fills::Fills;
use index::Index;
use key::{Form, Key, Place};
use object::Stored;
use room::Limits;

pub(crate) use answer::passed;
pub(crate) use body::StoredBody;
pub(crate) use fetch::{Fetched, How};
pub(crate) use forget::{GONE_SINCE, purge};
pub(crate) use object::Object;
pub(crate) use wish::{Found, Wish};

/// How often is looked whether the folder can be had, and whether the disk became full.
const LOOK: Duration = Duration::from_secs(2);

/// Large files that are written at once. More go through without being kept.
const MOST_LARGE: usize = 32;

/// The cache of one edge.
pub(crate) struct Cache {
    folder: PathBuf,
    limits: Mutex<Limits>,
    disk: RwLock<Held>,
    state: Mutex<State>,
    fills: Arc<Fills>,
    /// Places for large files that are written at once: each holds pieces in memory.
    large: Arc<Semaphore>,
    /// What was last known to be right before this moment is not believed without asking.
    trusted_since: AtomicU64,
    pub figures: Figures,
}

/// The folder.
enum Held {
    Closed { why: Option<String> },
    Open(Arc<Disk>),
}

#[derive(Default)]
struct State {
    index: Index,
    /// Bytes of files that are being written.
    reserved: u64,
}

/// What it did, since its start.
#[derive(Default)]
pub(crate) struct Figures {
    /// Requests answered without asking.
    pub hits: AtomicU64,
    /// Those of them whose answer was too old, but nobody could be asked.
    pub stale: AtomicU64,
    /// Requests that made an origin be asked.
    pub misses: AtomicU64,
    /// Requests that waited for the same answer as another.
    pub collapsed: AtomicU64,
    /// Answers written.
    pub stored: AtomicU64,
    /// Those that made room for others.
    pub evicted: AtomicU64,
    /// Those that an origin or a person had removed.
    pub purged: AtomicU64,
}

/// How full it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fullness {
    pub entries: usize,
    pub bytes: u64,
    pub problem: Option<String>,
}

/// Bytes of the disk that a file which is being written will take.
struct Reserved {
    cache: Arc<Cache>,
    bytes: u64,
}

impl Drop for Reserved {
    fn drop(&mut self) {
        let mut state = self.cache.lock();
        state.reserved = state.reserved.saturating_sub(self.bytes);
    }
}

/// Opens the folder, fills the index, and keeps the cache within its bounds until the edge ends.
pub(crate) async fn run(shared: Arc<Shared>) {
    let cache = shared.cache.clone();
    loop {
        let of_task = cache.clone();
        // Whatever goes wrong is told by the status, and tried again.
        drop(spawn_blocking(move || of_task.look_after()).await);
        tokio::select! {
            () = shared.stop.cancelled() => return,
            () = sleep(LOOK) => {}
        }
    }
}

impl Cache {
    pub fn new(edge: &config::Edge) -> Self {
        Self {
            folder: edge.data.join("cache"),
            limits: Mutex::new(limits(edge)),
            disk: RwLock::new(Held::Closed { why: None }),
            state: Mutex::default(),
            fills: Arc::default(),
            large: Arc::new(Semaphore::new(MOST_LARGE)),
            trusted_since: AtomicU64::new(0),
            figures: Figures::default(),
        }
    }

    /// Other ceilings, from the next look on.
    pub fn use_limits(&self, edge: &config::Edge) {
        *self.limits.lock().unwrap_or_else(PoisonError::into_inner) = limits(edge);
    }

    /// Whether anything is to be cached.
    pub fn is_wanted(&self) -> bool {
        self.limits().bytes > 0
    }

    pub fn fullness(&self) -> Fullness {
        let problem = match &*self.disk.read().unwrap_or_else(PoisonError::into_inner) {
            Held::Closed { why } => why.clone(),
            Held::Open(_) => None,
        };
        let state = self.lock();
        Fullness { entries: state.index.len(), bytes: state.index.bytes, problem }
    }

    /// Lets go of the folder, so that the next edge can have it.
    pub fn close(&self) {
        *self.disk.write().unwrap_or_else(PoisonError::into_inner) = Held::Closed { why: None };
    }

    /// The folder, when it is ours.
    fn disk(&self) -> Option<Arc<Disk>> {
        match &*self.disk.read().unwrap_or_else(PoisonError::into_inner) {
            Held::Open(disk) => Some(disk.clone()),
            Held::Closed { .. } => None,
        }
    }

    fn limits(&self) -> Limits {
        *self.limits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens what is closed, and makes room where there is too much. Waits for the disk.
    fn look_after(&self) {
        match self.disk() {
            Some(disk) => drop(self.make_room(&disk, 0)),
            None if self.is_wanted() => self.open(),
            None => {}
        }
    }

    /// During a hand-over the edge before still has the folder.
    fn open(&self) {
        let opened = Disk::open(&self.folder).and_then(|disk| Ok((disk.scan()?, disk)));
        let held = match opened {
            Ok((files, disk)) => {
                let mut state = self.lock();
                for file in files {
                    state.index.insert(file.key, file.bytes, None);
                }
                Held::Open(Arc::new(disk))
            }
            Err(error) => Held::Closed { why: Some(self.problem(&error)) },
        };
        *self.disk.write().unwrap_or_else(PoisonError::into_inner) = held;
        if let Some(disk) = self.disk() {
            self.make_room(&disk, 0);
        }
    }

    fn problem(&self, error: &io::Error) -> String {
        let folder = self.folder.display();
        let why = if error.kind() == io::ErrorKind::WouldBlock {
            format!("{folder} is used by another process")
        } else {
            format!("{folder}: {error}")
        };
        let before = match &*self.disk.read().unwrap_or_else(PoisonError::into_inner) {
            Held::Closed { why } => why.clone(),
            Held::Open(_) => None,
        };
        if before.as_ref() != Some(&why) {
            tracing::warn!(
                why,
                "nothing is cached; set edge.data to a folder that the edge may write to"
            );
        }
        why
    }

    /// Removes what was used longest ago until so many more bytes fit. Waits for the disk. False
    /// when they cannot fit.
    fn make_room(&self, disk: &Disk, more: u64) -> bool {
        let limits = self.limits();
        if more > limits.largest() {
            return false;
        }
        // Files that are going still count as used for a moment, so this is asked once.
        let Ok((all, free)) = disk.space() else { return false };
        let reserved = self.lock().reserved;
        let mut missing = room::shortfall(all, free, more.saturating_add(reserved));
        loop {
            let mut state = self.lock();
            let (entries, bytes) = (state.index.len(), state.index.bytes);
            let taken = bytes.saturating_add(state.reserved);
            if missing == 0 && !limits.are_exceeded(entries, taken, more) {
                state.reserved = state.reserved.saturating_add(more);
                return true;
            }
            let Some((key, bytes)) = state.index.evict() else { return false };
            drop(state);
            disk.remove(key);
            self.figures.evicted.fetch_add(1, Relaxed);
            missing = missing.saturating_sub(bytes);
        }
    }

    /// Room for a file of so many bytes, until this is dropped. Waits for the disk.
    fn reserve(self: &Arc<Self>, disk: &Disk, bytes: u64) -> Option<Reserved> {
        self.make_room(disk, bytes).then(|| Reserved { cache: self.clone(), bytes })
    }

    /// The answer for those who ask in this form, fresh or not.
    async fn find(&self, place: Place, form: Form) -> Option<Arc<Object>> {
        let (key, held) = self.lock().index.find(place, form)?;
        if held.is_some() {
            return held;
        }
        let disk = self.disk()?;
        let read = spawn_blocking(move || disk.read(key)).await.ok()?;
        match read {
            Ok((file, opened, validated)) => {
                let body = match opened.body {
                    Some(bytes) => Stored::Memory(bytes),
                    None => Stored::File(Arc::new(file), opened.offset),
                };
                let object = Arc::new(Object::new(opened.head, body, validated));
                self.lock().index.hold(key, &object);
                Some(object)
            }
            Err(error) => {
                tracing::debug!(%error, "a file of the cache cannot be used");
                self.remove(vec![key]);
                None
            }
        }
    }

    /// An answer whose file is in place. Files that it makes wrong go.
    fn add(&self, key: Key, bytes: u64, object: &Arc<Object>) {
        let wrong = self.lock().index.insert(key, bytes, Some(object.clone()));
        self.figures.stored.fetch_add(1, Relaxed);
        self.remove(wrong);
    }

    /// Removes entries and their files.
    fn remove(&self, keys: Vec<Key>) {
        if keys.is_empty() {
            return;
        }
        let mut state = self.lock();
        for key in &keys {
            state.index.remove(*key);
        }
        drop(state);
        if let Some(disk) = self.disk() {
            drop(spawn_blocking(move || keys.into_iter().for_each(|key| disk.remove(key))));
        }
    }

    /// All of this address goes, and what is under way to it is not kept.
    fn forget(&self, place: Place) -> usize {
        // First what is under way: it looks again after it has come in.
        self.fills.doom(place);
        let keys = self.lock().index.remove_place(place);
        let count = keys.len();
        self.remove(keys);
        count
    }
}

fn limits(edge: &config::Edge) -> Limits {
    Limits { bytes: edge.cache_bytes, entries: edge.cache_entries }
}

/// Milliseconds since 1970.
fn now() -> u64 {
    let since = Machine.now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Whether a path means the same to everybody who reads it. What does not is not cached.
fn is_plain(path: &str) -> bool {
    let rest = path.strip_prefix("/.well-known/").unwrap_or(path);
    let is_odd = path.contains("//") || path.contains('\\') || path.starts_with("/.well-known/.");
    // A dot or a slash in disguise.
    let is_disguised = rest.contains('%') && {
        let lower = rest.to_ascii_lowercase();
        ["%2e", "%2f", "%5c", "%00"].iter().any(|part| lower.contains(part))
    };
    !is_odd && !is_disguised && !rest.contains("/.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e10_odd_paths_are_not_cached() {
        for (path, is) in [
            ("/", true),
            ("/media/a.b/c_d-e.png", true),
            ("/.well-known/webfinger", true),
            ("/.well-known/../media/x", false),
            ("/media/../settings", false),
            ("/media/%2e%2e/settings", false),
            ("/media/%2E./settings", false),
            ("/media//x", false),
            ("/media\\x", false),
            ("/media/a%2fb", false),
            ("/media/.hidden", false),
        ] {
            assert_eq!(is_plain(path), is, "{path}");
        }
    }
}
