//! Deliveries to inboxes, kept while the server behind the edge is away: a bounded queue on the
//! disk.
//!
//! What [`Spool::append`] has said yes to survives a death of the process and of the machine. What
//! [`Spool::next`] gives comes back unless it was marked as done, so a delivery may arrive twice but
//! never not at all; the order of each sender is kept. It judges nothing: signatures are the
//! server's business, which therefore gets every header and the time of receipt.

mod order;
mod record;
mod segment;
mod writer;

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::Instant;

use order::{Order, Place};
use segment::Segment;
use writer::{Job, Writer};

pub use record::Delivery;

/// Deliveries between their callers and the writer; callers beyond wait.
const QUEUE: usize = 32;
/// A server that refuses a new connection is asked again after this.
const RETRY_AFTER: Duration = Duration::from_secs(120);

/// How much is kept. All of them are ceilings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes on the disk.
    pub bytes: u64,
    /// Deliveries.
    pub entries: usize,
    /// Deliveries of one sender, so that nobody fills it alone.
    pub entries_of_sender: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 256 * 1024 * 1024, entries: 50_000, entries_of_sender: 10_000 }
    }
}

/// Why a delivery was not taken. Nothing of it will be acknowledged.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// A ceiling is reached, or the disk is full: 503 with `Retry-After`.
    #[error("the spool is full: {0}")]
    Full(String),
    /// It is larger than anything that an inbox takes: 413.
    #[error("a delivery of this size is not kept")]
    TooLarge,
    /// The disk refused to make something durable. It stays so until a restart (R03).
    #[error("the disk of the spool failed: {0}; nothing more is taken until a restart")]
    Failed(String),
    /// Another process holds the folder.
    #[error("{0} is used by another process")]
    InUse(PathBuf),
    /// The folder cannot be used.
    #[error("{path}: {cause}")]
    Disk {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
}

/// How full it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Depth {
    /// Deliveries that wait or are under way.
    pub entries: usize,
    /// Bytes of its files.
    pub bytes: u64,
    /// Senders that something waits of.
    pub senders: usize,
    /// When the oldest came.
    pub oldest: Option<SystemTime>,
}

/// The queue. Cheap to clone; it closes when all clones and everything taken from it are gone.
#[derive(Clone, Debug)]
pub struct Spool {
    shared: Arc<Shared>,
    jobs: mpsc::Sender<Job>,
}

/// A delivery under way. Dropped without [`done`](Taken::done) or [`later`](Taken::later) it
/// is the first of its sender again.
#[derive(Debug)]
pub struct Taken {
    /// What came.
    pub delivery: Delivery,
    /// How often it has failed, as [`later`](Taken::later) was told.
    pub tries: u32,
    shared: Arc<Shared>,
    sender: Arc<str>,
    place: Place,
    is_over: bool,
}

#[derive(Debug)]
struct Shared {
    limits: Limits,
    state: Mutex<State>,
    changed: Notify,
    /// Held as long as anybody may write.
    _lock: File,
}

#[derive(Debug, Default)]
struct State {
    order: Order,
    segments: BTreeMap<u64, Segment>,
    /// The segment that is written to.
    current: Option<u64>,
    /// Promised to callers whose deliveries are not written yet.
    promised: BTreeMap<String, usize>,
    promised_bytes: u64,
    failed: Option<String>,
}

impl Spool {
    /// Opens the folder, or makes it, and finds what waits there. Bytes that cannot be understood
    /// are passed over with a word in the log.
    ///
    /// # Errors
    /// [`SpoolError::InUse`] or [`SpoolError::Disk`].
    pub fn open(folder: &Path, limits: Limits) -> Result<Self, SpoolError> {
        let disk = |cause| SpoolError::Disk { path: folder.to_owned(), cause };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(disk)?;
        let lock = lock(folder)?;
        let mut state = State::default();
        let mut next_id = 1;
        for (id, path) in segment::all(folder).map_err(disk)? {
            next_id = id.saturating_add(1);
            let (segment, found, lost) = Segment::open(&path).map_err(disk)?;
            if lost > 0 {
                tracing::warn!(lost, file = %path.display(), "bytes of the spool cannot be read");
            }
            for found in found {
                let received = found.delivery.received;
                let (number, offset) = (found.number, found.offset);
                let place = Place { segment: id, number, offset, received };
                state.order.add(&found.delivery.sender, place);
            }
            state.segments.insert(id, segment);
        }
        state.remove_empty();
        let (state, changed) = (Mutex::new(state), Notify::new());
        let shared = Arc::new(Shared { limits, state, changed, _lock: lock });
        let (jobs, receiver) = mpsc::channel(QUEUE);
        let segment_bytes = (limits.bytes / 8).clamp(64 * 1024, 8 * 1024 * 1024);
        let (shared_too, folder_too) = (shared.clone(), folder.to_owned());
        let writer =
            Writer { shared: shared_too, folder: folder_too, segment_bytes, next_id, open: None };
        std::thread::Builder::new()
            .name("spool".into())
            .spawn(move || writer.run(receiver))
            .map_err(disk)?;
        Ok(Self { shared, jobs })
    }

    /// Keeps a delivery. When this returns, it survives whatever happens to the process.
    ///
    /// # Errors
    /// [`SpoolError`]: it was not taken and must not be acknowledged.
    pub async fn append(&self, delivery: &Delivery) -> Result<(), SpoolError> {
        let record = record::encode(delivery).ok_or(SpoolError::TooLarge)?;
        self.shared.promise(&delivery.sender, record.len())?;
        let (written, result) = oneshot::channel();
        let (sender, received) = (delivery.sender.clone(), delivery.received);
        let bytes = record.len();
        // A caller that goes away while it waits for its turn gives its room back.
        let mut promise = Promise { shared: &self.shared, sender: &sender, bytes, kept: false };
        let place = self.jobs.reserve().await.map_err(|_| self.shared.gone())?;
        promise.kept = true;
        place.send(Job { sender: sender.clone(), received, record, written });
        result.await.unwrap_or_else(|_| Err(self.shared.gone()))
    }

    /// The oldest delivery that may go now; nothing when none waits or all that wait are behind
    /// another one of their sender. A damaged one is left out with a word in the log.
    ///
    /// # Errors
    /// [`SpoolError::Disk`] when it cannot be read; it is given again later.
    pub async fn next(&self) -> Result<Option<Taken>, SpoolError> {
        loop {
            let Some((sender, place, tries, file)) = self.shared.take() else { return Ok(None) };
            let mut taken = Taken {
                delivery: empty(&sender, place.received),
                tries,
                shared: self.shared.clone(),
                sender,
                place,
                is_over: false,
            };
            let read = tokio::task::spawn_blocking(move || segment::read(&file, place.offset));
            let read = read.await.unwrap_or_else(|error| Err(io::Error::other(error)));
            match read {
                Ok(Some(delivery)) => {
                    taken.delivery = delivery;
                    return Ok(Some(taken));
                }
                Ok(None) => {
                    tracing::error!(sender = &*taken.sender, "a damaged delivery is left out");
                    taken.done();
                }
                Err(cause) => {
                    let path = PathBuf::from(format!("{:016x}.spool", place.segment));
                    return Err(SpoolError::Disk { path, cause });
                }
            }
        }
    }

    /// Ends when something may have become ready for [`next`](Self::next) since the last call.
    pub async fn changed(&self) {
        self.shared.changed.notified().await;
    }

    /// Whether something of this sender waits, is under way or is just being written: what comes of it
    /// now goes behind that.
    #[must_use]
    pub fn holds_some_of(&self, sender: &str) -> bool {
        let state = self.shared.state();
        state.order.entries_of(sender) > 0 || state.promised.contains_key(sender)
    }

    /// Whether nothing waits and nothing is under way.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shared.state().order.entries() == 0
    }

    /// How full it is.
    #[must_use]
    pub fn depth(&self) -> Depth {
        let state = self.shared.state();
        Depth {
            entries: state.order.entries(),
            bytes: state.bytes(),
            senders: state.order.senders(),
            oldest: state.order.oldest(),
        }
    }

    /// What a sender that is refused is told to wait.
    #[must_use]
    pub fn retry_after(&self) -> Duration {
        RETRY_AFTER
    }
}

impl Taken {
    /// It has arrived, or was refused for good: it does not come back, and the next one of its
    /// sender may go.
    pub fn done(mut self) {
        self.is_over = true;
        self.shared.done(&self.sender, self.place);
    }

    /// It has failed so often by now: it is given again after this pause, and with it all of its
    /// sender wait.
    pub fn later(mut self, pause: Duration, tries: u32) {
        self.is_over = true;
        self.shared.state().order.rest(&self.sender, Instant::now() + pause, tries);
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        if !self.is_over {
            self.shared.state().order.back(&self.sender);
            self.shared.changed.notify_one();
        }
    }
}

/// Room that a caller was promised, given back unless its delivery went on to the writer.
struct Promise<'p> {
    shared: &'p Shared,
    sender: &'p str,
    bytes: usize,
    kept: bool,
}

impl Drop for Promise<'_> {
    fn drop(&mut self) {
        if !self.kept {
            self.shared.release(self.sender, self.bytes);
        }
    }
}

impl Shared {
    // Each change of the state leaves it whole, also when a later one panics.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Checks the ceilings and sets room aside.
    fn promise(&self, sender: &str, bytes: usize) -> Result<(), SpoolError> {
        let mut state = self.state();
        if let Some(why) = &state.failed {
            return Err(SpoolError::Failed(why.clone()));
        }
        let Limits { bytes: most_bytes, entries: most, entries_of_sender } = self.limits;
        let of_sender = state.promised.get(sender).copied().unwrap_or(0);
        let promised: usize = state.promised.values().sum();
        if state.order.entries() + promised >= most {
            return Err(SpoolError::Full(format!("{most} deliveries wait")));
        }
        if state.order.entries_of(sender) + of_sender >= entries_of_sender {
            let what = format!("{entries_of_sender} deliveries of {sender} wait");
            return Err(SpoolError::Full(what));
        }
        let all = state.bytes().saturating_add(state.promised_bytes).saturating_add(bytes as u64);
        if all > most_bytes {
            return Err(SpoolError::Full(format!("{most_bytes} bytes are on the disk")));
        }
        *state.promised.entry(sender.to_owned()).or_default() += 1;
        state.promised_bytes = state.promised_bytes.saturating_add(bytes as u64);
        Ok(())
    }

    /// Gives promised room back.
    fn release(&self, sender: &str, bytes: usize) {
        self.state().release(sender, bytes);
    }

    /// It is on the disk.
    fn arrived(&self, sender: &str, place: Place, bytes: usize) {
        let mut state = self.state();
        state.release(sender, bytes);
        state.order.add(sender, place);
        if let Some(segment) = state.segments.get_mut(&place.segment) {
            segment.waiting += 1;
        }
        drop(state);
        self.changed.notify_one();
    }

    fn take(&self) -> Option<(Arc<str>, Place, u32, Arc<File>)> {
        let mut state = self.state();
        let (sender, place, tries) = state.order.take(Instant::now())?;
        let file = state.segments.get(&place.segment)?.file.clone();
        Some((sender, place, tries, file))
    }

    fn done(&self, sender: &Arc<str>, place: Place) {
        let mut state = self.state();
        state.order.done(sender);
        if let Some(segment) = state.segments.get_mut(&place.segment)
            && let Err(error) = segment.mark(place.number)
        {
            // It will be delivered again after a restart.
            tracing::warn!(%error, "the spool could not write down what is over");
        }
        state.remove_empty();
        drop(state);
        self.changed.notify_one();
    }

    fn may_write(&self) -> Result<(), SpoolError> {
        match &self.state().failed {
            Some(why) => Err(SpoolError::Failed(why.clone())),
            None => Ok(()),
        }
    }

    fn fail(&self, error: &io::Error) -> SpoolError {
        tracing::error!(%error, "the disk of the spool failed: no deliveries are taken any more");
        let why = error.to_string();
        self.state().failed = Some(why.clone());
        SpoolError::Failed(why)
    }

    fn opened(&self, id: u64, segment: Segment) {
        let mut state = self.state();
        state.segments.insert(id, segment);
        state.current = Some(id);
        state.remove_empty();
    }

    fn grown(&self, id: u64, bytes: u64) {
        if let Some(segment) = self.state().segments.get_mut(&id) {
            segment.bytes = bytes;
        }
    }

    /// Nothing is written to this segment any more.
    fn leave(&self, id: u64) {
        let mut state = self.state();
        if state.current == Some(id) {
            state.current = None;
        }
        state.remove_empty();
    }

    fn gone(&self) -> SpoolError {
        SpoolError::Failed("its writer has ended".into())
    }
}

impl State {
    fn bytes(&self) -> u64 {
        self.segments.values().map(|segment| segment.bytes).sum()
    }

    fn release(&mut self, sender: &str, bytes: usize) {
        self.promised_bytes = self.promised_bytes.saturating_sub(bytes as u64);
        if let Some(count) = self.promised.get_mut(sender) {
            *count -= 1;
            if *count == 0 {
                self.promised.remove(sender);
            }
        }
    }

    /// Removes the segments in which nothing waits, but for the one that is written to.
    fn remove_empty(&mut self) {
        let current = self.current;
        let empty = |(id, segment): (&u64, &Segment)| {
            (segment.waiting == 0 && Some(*id) != current).then_some(*id)
        };
        let ids: Vec<u64> = self.segments.iter().filter_map(empty).collect();
        for segment in ids.iter().filter_map(|id| self.segments.remove(id)) {
            if let Err(error) = segment.remove() {
                tracing::warn!(%error, "a segment of the spool could not be removed");
            }
        }
    }
}

impl SpoolError {
    /// A write that failed before anything was promised: most often the disk is full.
    fn no_room(error: io::Error) -> Self {
        Self::Full(error.to_string())
    }

    /// The same for another caller of the same write.
    fn again(&self) -> Self {
        match self {
            Self::Failed(why) => Self::Failed(why.clone()),
            other => Self::Full(other.to_string()),
        }
    }
}

fn empty(sender: &str, received: SystemTime) -> Delivery {
    let (target, body) = (String::new(), bytes::Bytes::new());
    Delivery { sender: sender.to_owned(), received, target, headers: Vec::new(), body }
}

/// One process at a time: during a hand-over the next waits for the one before.
fn lock(folder: &Path) -> Result<File, SpoolError> {
    let path = folder.join("lock");
    let disk = |cause| SpoolError::Disk { path: path.clone(), cause };
    let mut options = File::options();
    let file = options.create(true).truncate(false).write(true).mode(0o600).open(&path);
    let file = file.map_err(disk)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(SpoolError::InUse(folder.to_owned())),
        Err(TryLockError::Error(cause)) => Err(disk(cause)),
    }
}
