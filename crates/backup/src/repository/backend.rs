//! The depot as the library sees it, and three things that the library does not do:
//!
//! - It goes on after a file could not be read or a pack not be written, and then records a snapshot
//!   without it. [`Guard`] remembers, and refuses to record the snapshot.
//! - It believes what the storage acknowledges. Before an index or a snapshot is recorded, everything
//!   written for it is looked for.
//! - One damaged index or snapshot file ends everything. A lenient backend hides such a file, and
//!   names it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use blob::{Depot, Key};
use bytes::Bytes;
use rustic_core::{
    ALL_FILE_TYPES, BytesList, ErrorKind, FileType, Id, ReadBackend, RusticError, RusticResult,
    WriteBackend,
};
use sha2::{Digest as _, Sha256};

/// How many stretches of packs are held for readers at once.
const HELD: usize = 8;

/// What went wrong while a snapshot was made, and what was written for it.
#[derive(Debug, Default)]
pub(super) struct Guard {
    failure: Option<String>,
    written: BTreeMap<Key, u64>,
    /// Bytes of all that was written.
    pub(super) bytes: u64,
}

/// A stretch of a pack that was read ahead.
#[derive(Debug)]
struct Stretch {
    pack: Id,
    offset: u32,
    bytes: Bytes,
}

/// The depot as the library sees it.
#[derive(Debug)]
pub(super) struct Backend {
    depot: Depot,
    is_lenient: bool,
    only_key: Option<Id>,
    guard: Mutex<Guard>,
    held: Mutex<VecDeque<Stretch>>,
    hidden: Mutex<BTreeMap<Id, String>>,
    last_pack: Mutex<Option<Id>>,
    storage_failure: Mutex<Option<String>>,
}

impl Backend {
    pub(super) fn new(depot: Depot, is_lenient: bool) -> Arc<Self> {
        Arc::new(Self::unshared(depot, is_lenient))
    }

    fn unshared(depot: Depot, is_lenient: bool) -> Self {
        Self {
            depot,
            is_lenient,
            only_key: None,
            guard: Mutex::default(),
            held: Mutex::default(),
            hidden: Mutex::default(),
            last_pack: Mutex::default(),
            storage_failure: Mutex::default(),
        }
    }

    /// A backend that shows one key and no other.
    pub(super) fn with_one_key(depot: Depot, key: Id) -> Arc<Self> {
        let backend = Self { only_key: Some(key), ..Self::unshared(depot, true) };
        Arc::new(backend)
    }

    /// Says that the snapshot in the making lacks something.
    pub(super) fn spoil(&self, why: String) {
        lock(&self.guard).failure.get_or_insert(why);
    }

    /// Why the snapshot in the making cannot be recorded, if so.
    pub(super) fn failure(&self) -> Option<String> {
        lock(&self.guard).failure.clone()
    }

    /// What the storage itself refused or could not do, if anything.
    pub(super) fn storage_failure(&self) -> Option<String> {
        lock(&self.storage_failure).clone()
    }

    fn trouble(&self, error: blob::BlobError) -> Box<RusticError> {
        let text = error.to_string();
        lock(&self.storage_failure).get_or_insert_with(|| text.clone());
        RusticError::with_source(ErrorKind::Backend, text, error)
    }

    /// Bytes written since this backend was made.
    pub(super) fn bytes_written(&self) -> u64 {
        lock(&self.guard).bytes
    }

    /// Files that a lenient backend does not show because they are damaged.
    pub(super) fn hidden(&self) -> Vec<String> {
        lock(&self.hidden).values().cloned().collect()
    }

    /// Hides the pack that was read last. False when none was.
    pub(super) fn hide_last_pack(&self) -> bool {
        let last = *lock(&self.last_pack);
        last.is_some_and(|id| self.hide_pack(id))
    }

    /// Hides a pack. False when it was hidden already.
    pub(super) fn hide_pack(&self, id: Id) -> bool {
        let what = format!("pack {} cannot be read", id.to_hex().as_str());
        lock(&self.hidden).insert(id, what).is_none()
    }

    /// Reads a stretch of a pack in one request and holds it for the reads that follow.
    pub(super) fn hold(&self, pack: Id, from: u32, to: u32) -> RusticResult<()> {
        let bytes = self.fetch(FileType::Pack, &pack, Some((from, to.saturating_sub(from))))?;
        let mut held = lock(&self.held);
        if held.len() >= HELD {
            held.pop_front();
        }
        held.push_back(Stretch { pack, offset: from, bytes });
        Ok(())
    }

    /// Lets go of what is held of a pack.
    pub(super) fn release(&self, pack: Id) {
        lock(&self.held).retain(|stretch| stretch.pack != pack);
    }

    fn held_part(&self, pack: &Id, offset: u32, length: u32) -> Option<Bytes> {
        lock(&self.held).iter().filter(|stretch| stretch.pack == *pack).find_map(|stretch| {
            let from = usize::try_from(offset.checked_sub(stretch.offset)?).ok()?;
            let to = from.checked_add(usize::try_from(length).ok()?)?;
            (to <= stretch.bytes.len()).then(|| stretch.bytes.slice(from..to))
        })
    }

    fn fetch(&self, kind: FileType, id: &Id, range: Option<(u32, u32)>) -> RusticResult<Bytes> {
        let key = key_of(kind, id)?;
        let range = range.map(|(offset, length)| (u64::from(offset), u64::from(length)));
        let bytes = self.depot.read(&key, range).map_err(|error| self.trouble(error))?;
        let Some(bytes) = bytes else {
            return Err(damaged(format!("{key} is missing")));
        };
        if let Some((_, length)) = range
            && (bytes.len() as u64) < length
        {
            return Err(damaged(format!("{key} is cut short")));
        }
        Ok(bytes)
    }

    /// Whether a file whose name is its hash is what its name says.
    fn is_whole(&self, kind: FileType, id: &Id) -> RusticResult<bool> {
        let key = key_of(kind, id)?;
        let bytes = self.depot.read(&key, None).map_err(|error| self.trouble(error))?;
        Ok(bytes.is_some_and(|bytes| hash_is(&bytes, id)))
    }

    /// Looks for everything that was written, before a snapshot says that it is there.
    fn look_for_written(&self) -> RusticResult<()> {
        let written = std::mem::take(&mut lock(&self.guard).written);
        for (key, size) in written {
            let found = self.depot.size(&key).map_err(|error| self.trouble(error))?;
            if found != Some(size) {
                let what = format!(
                    "the storage acknowledged {key} with {size} bytes and has {}",
                    found.map_or("nothing".to_owned(), |found| format!("{found}"))
                );
                self.spoil(what.clone());
                return Err(damaged(what));
            }
        }
        Ok(())
    }
}

impl ReadBackend for Backend {
    fn location(&self) -> String {
        self.depot.location()
    }

    fn list_with_size(&self, kind: FileType) -> RusticResult<Vec<(Id, u32)>> {
        if kind == FileType::Config {
            let size = self
                .depot
                .size(&key_of(kind, &Id::default())?)
                .map_err(|error| self.trouble(error))?;
            return Ok(size.into_iter().map(|size| (Id::default(), clamp(size))).collect());
        }
        let mut found = Vec::new();
        for listed in self.depot.list(kind.dirname()).map_err(|error| self.trouble(error))? {
            // Names that are no hash are leftovers of uploads, not ours to judge.
            let Some(id) = parse_id(&listed.name) else { continue };
            if kind == FileType::Key && self.only_key.is_some_and(|only| only != id) {
                continue;
            }
            if lock(&self.hidden).contains_key(&id) {
                continue;
            }
            if self.is_lenient
                && matches!(kind, FileType::Index | FileType::Snapshot | FileType::Key)
                && !self.is_whole(kind, &id)?
            {
                let what = format!("{} {} is damaged", word_of(kind), listed.name);
                lock(&self.hidden).insert(id, what);
                continue;
            }
            found.push((id, clamp(listed.size)));
        }
        Ok(found)
    }

    fn read_full(&self, kind: FileType, id: &Id) -> RusticResult<Bytes> {
        let bytes = self.fetch(kind, id, None)?;
        let is_hashed = matches!(kind, FileType::Index | FileType::Snapshot | FileType::Key);
        if is_hashed && !hash_is(&bytes, id) {
            return Err(damaged(format!("{} is damaged", key_of(kind, id)?)));
        }
        Ok(bytes)
    }

    fn read_partial(
        &self,
        kind: FileType,
        id: &Id,
        _cacheable: bool,
        offset: u32,
        length: u32,
    ) -> RusticResult<Bytes> {
        if kind == FileType::Pack {
            if let Some(bytes) = self.held_part(id, offset, length) {
                return Ok(bytes);
            }
            *lock(&self.last_pack) = Some(*id);
        }
        self.fetch(kind, id, Some((offset, length)))
    }

    fn warmup_path(&self, kind: FileType, id: &Id) -> String {
        key_of(kind, id).map_or_else(|_| String::new(), |key| key.as_str().to_owned())
    }
}

impl WriteBackend for Backend {
    fn create(&self) -> RusticResult<()> {
        let folders: Vec<&str> = ALL_FILE_TYPES.iter().map(|kind| kind.dirname()).collect();
        let folders = [folders.as_slice(), &["locks"]].concat();
        self.depot.create(&folders).map_err(|error| self.trouble(error))
    }

    fn write_bytes(
        &self,
        kind: FileType,
        id: &Id,
        _cacheable: bool,
        content: BytesList,
    ) -> RusticResult<()> {
        if kind == FileType::Snapshot
            && let Some(failure) = self.failure()
        {
            return Err(damaged(failure));
        }
        // An index that names a pack which is not there would keep its pieces from ever being saved.
        if matches!(kind, FileType::Snapshot | FileType::Index) {
            self.look_for_written()?;
        }
        let key = key_of(kind, id)?;
        let bytes = join(content);
        let size = bytes.len() as u64;
        let written = self.depot.write(&key, bytes).map_err(|error| self.trouble(error));
        match &written {
            Ok(()) => {
                let mut guard = lock(&self.guard);
                guard.bytes += size;
                guard.written.insert(key, size);
            }
            Err(error) => self.spoil(plain(error)),
        }
        written
    }

    fn remove(&self, kind: FileType, id: &Id, _cacheable: bool) -> RusticResult<()> {
        self.depot.remove(&key_of(kind, id)?).map_err(|error| self.trouble(error))
    }
}

/// Where restic keeps it.
pub(super) fn key_of(kind: FileType, id: &Id) -> RusticResult<Key> {
    let name = id.to_hex();
    let name = name.as_str();
    let text = match kind {
        FileType::Config => "config".to_owned(),
        FileType::Pack => {
            format!("{}/{}/{name}", kind.dirname(), name.get(..2).unwrap_or_default())
        }
        _ => format!("{}/{name}", kind.dirname()),
    };
    Key::parse(text).map_err(|error| RusticError::with_source(ErrorKind::Internal, "no key", error))
}

/// Whether the error or one that it grew from has this code.
pub(super) fn has_code(error: &RusticError, code: &str) -> bool {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(cause) = next {
        let of_library = cause
            .downcast_ref::<RusticError>()
            .or_else(|| cause.downcast_ref::<Box<RusticError>>().map(AsRef::as_ref));
        if of_library.is_some_and(|error| error.is_code(code)) {
            return true;
        }
        next = cause.source();
    }
    false
}

/// What the library says, without its frame of headings and links.
pub(super) fn plain(error: &RusticError) -> String {
    let text = error.display_log();
    let text = text.split("Backtrace:").next().unwrap_or_default();
    let text = text.trim().trim_start_matches("Error:").trim();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn damaged(what: String) -> Box<RusticError> {
    RusticError::new(ErrorKind::Verification, what)
}

fn hash_is(bytes: &[u8], id: &Id) -> bool {
    hex::encode(Sha256::digest(bytes)) == id.to_hex().as_str()
}

fn parse_id(name: &str) -> Option<Id> {
    (name.len() == 64).then(|| name.parse().ok()).flatten()
}

fn word_of(kind: FileType) -> &'static str {
    match kind {
        FileType::Config => "configuration",
        FileType::Index => "index",
        FileType::Key => "key",
        FileType::Snapshot => "snapshot",
        FileType::Pack => "pack",
    }
}

fn join(content: BytesList) -> Bytes {
    let mut parts = content.into_vec();
    match parts.len() {
        1 => parts.swap_remove(0),
        _ => parts.concat().into(),
    }
}

fn clamp(size: u64) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
