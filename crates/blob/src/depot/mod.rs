//! Where backups are kept: whole objects of a few megabytes under keys, in a folder or a bucket.
//!
//! Calls block, because those who pack and unpack backups run on threads of their own. The contract is
//! that of [`crate::Blobs`]: what [`Depot::write`] has acknowledged is there whole, a reader sees all of
//! an object or none of it.

mod bucket;
mod folder;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;

use crate::{BlobError, BucketSettings, Key};
use bucket::Bucket;
use folder::Folder;

/// A place for backups.
#[derive(Clone, Debug)]
pub struct Depot {
    kind: Kind,
    counts: Arc<Counts>,
}

/// What was asked of a depot, as S3 counts it. The clones of a depot count together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Requests that write or list.
    pub writes: u64,
    /// Requests that read.
    pub reads: u64,
}

#[derive(Debug, Default)]
struct Counts {
    writes: AtomicU64,
    reads: AtomicU64,
}

/// Objects that one request lists.
const LISTED: usize = 1000;

#[derive(Clone, Debug)]
enum Kind {
    Folder(Folder),
    Bucket(Bucket),
}

/// An object that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The last part of its key.
    pub name: String,
    /// How many bytes it has.
    pub size: u64,
}

macro_rules! on {
    ($depot:expr, $name:ident => $call:expr) => {
        match &$depot.kind {
            Kind::Folder($name) => $call,
            Kind::Bucket($name) => $call,
        }
    };
}

impl Depot {
    /// A folder, which need not exist yet.
    #[must_use]
    pub fn folder(root: &Path) -> Self {
        Self { kind: Kind::Folder(Folder::new(root)), counts: Arc::default() }
    }

    /// A bucket. Its requests are driven by the runtime of `handle`, so calls come from threads that
    /// are none of its workers.
    ///
    /// # Errors
    /// [`BlobError::Remote`] when the settings make no sense.
    pub fn bucket(
        settings: &BucketSettings,
        handle: tokio::runtime::Handle,
    ) -> Result<Self, BlobError> {
        let kind = Kind::Bucket(Bucket::open(settings, handle)?);
        Ok(Self { kind, counts: Arc::default() })
    }

    /// Where it is, for people.
    #[must_use]
    pub fn location(&self) -> String {
        on!(self, depot => depot.location())
    }

    /// What was asked of it so far.
    #[must_use]
    pub fn asked(&self) -> Asked {
        Asked {
            writes: self.counts.writes.load(Ordering::Relaxed),
            reads: self.counts.reads.load(Ordering::Relaxed),
        }
    }

    /// Makes the place itself, where that is ours to do.
    ///
    /// # Errors
    /// [`BlobError`], as for every function here.
    pub fn create(&self, folders: &[&str]) -> Result<(), BlobError> {
        on!(self, depot => depot.create(folders))
    }

    /// All objects below a folder, however deep, in no order.
    ///
    /// # Errors
    /// See [`Depot::create`].
    pub fn list(&self, folder: &str) -> Result<Vec<Listed>, BlobError> {
        let found = on!(self, depot => depot.list(folder));
        let pages = found.as_ref().map_or(1, |found| found.len() / LISTED + 1);
        self.counts.writes.fetch_add(u64::try_from(pages).unwrap_or(1), Ordering::Relaxed);
        found
    }

    /// How many bytes an object has; `None` when there is none.
    ///
    /// # Errors
    /// See [`Depot::create`].
    pub fn size(&self, key: &Key) -> Result<Option<u64>, BlobError> {
        self.counts.reads.fetch_add(1, Ordering::Relaxed);
        on!(self, depot => depot.size(key))
    }

    /// The bytes of an object, or `length` of them from `offset` on; `None` when there is no such
    /// object, fewer when it is shorter.
    ///
    /// # Errors
    /// See [`Depot::create`].
    pub fn read(&self, key: &Key, range: Option<(u64, u64)>) -> Result<Option<Bytes>, BlobError> {
        self.counts.reads.fetch_add(1, Ordering::Relaxed);
        on!(self, depot => depot.read(key, range))
    }

    /// Stores an object, replacing what was there.
    ///
    /// # Errors
    /// See [`Depot::create`].
    pub fn write(&self, key: &Key, bytes: Bytes) -> Result<(), BlobError> {
        self.counts.writes.fetch_add(1, Ordering::Relaxed);
        on!(self, depot => depot.write(key, bytes))
    }

    /// Removes an object. One that is not there is no error.
    ///
    /// # Errors
    /// See [`Depot::create`].
    pub fn remove(&self, key: &Key) -> Result<(), BlobError> {
        on!(self, depot => depot.remove(key))
    }
}
