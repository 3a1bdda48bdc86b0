//! The few verbs of object storage, over a folder or a bucket.

use std::io::SeekFrom;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::time::{Duration, SystemTime};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncSeekExt as _};

use crate::bucket::Bucket;
use crate::files::Files;
use crate::{BlobError, BucketSettings, Key};

/// Object storage below one folder or in one bucket.
///
/// The contract:
///
/// - `put_*` returns only when the object would survive a power cut; before that, and after an
///   error, a reader sees the former object or none, never a part.
/// - Putting the same key again replaces the object.
/// - `get` of a missing object is `None`, `delete` of one is no error.
/// - A key that is a prefix of another at a slash (`a` and `a/b`) may be refused: do not make them.
/// - Cloning is cheap; clones are the same store. Any number of processes may share it as long as
///   only one runs [`Blobs::sweep`] and they never write one key at the same time with a different
///   meaning.
#[derive(Clone, Debug)]
pub struct Blobs {
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Files(Files),
    Bucket(Bucket),
}

/// An object that was found.
#[derive(Debug)]
pub struct Object {
    /// How many bytes there are.
    pub length: u64,
    source: Source,
}

#[derive(Debug)]
enum Source {
    File(std::fs::File),
    Bucket(Bucket, Key),
}

/// Bytes on their way.
pub type Reader = Pin<Box<dyn AsyncRead + Send>>;

impl Blobs {
    /// Opens the store below `root`, making the folder when it is missing. Blocks.
    ///
    /// # Errors
    /// [`BlobError::Disk`].
    pub fn open_blocking(root: PathBuf) -> Result<Self, BlobError> {
        Ok(Self { kind: Kind::Files(Files::open_blocking(root)?) })
    }

    /// Opens the store in a bucket. Nothing is asked yet.
    ///
    /// # Errors
    /// [`BlobError::Remote`] when the settings make no sense.
    pub fn in_bucket(settings: &BucketSettings) -> Result<Self, BlobError> {
        Ok(Self { kind: Kind::Bucket(Bucket::open(settings)?) })
    }

    /// Takes the file `from` into the store under `key`. `from` is gone afterwards.
    ///
    /// # Errors
    /// [`BlobError`], as for every function here; then `from` may still be there.
    pub async fn put_file(&self, key: &Key, from: &Path) -> Result<(), BlobError> {
        match &self.kind {
            Kind::Files(files) => files.put_file(key, from).await,
            Kind::Bucket(bucket) => bucket.put_file(key, from).await,
        }
    }

    /// Finds an object; `None` when there is none.
    ///
    /// # Errors
    /// See [`Blobs::put_file`].
    pub async fn get(&self, key: &Key) -> Result<Option<Object>, BlobError> {
        match &self.kind {
            Kind::Files(files) => Ok(files
                .get(key)
                .await?
                .map(|(file, length)| Object { length, source: Source::File(file) })),
            Kind::Bucket(bucket) => Ok(bucket.length(key).await?.map(|length| Object {
                length,
                source: Source::Bucket(bucket.clone(), key.clone()),
            })),
        }
    }

    /// Gives the bytes of an object to a program that wants a path: linked to `to` where the file
    /// system can, else copied. `to` must not exist and is only to be read. False when there is no
    /// such object.
    ///
    /// # Errors
    /// See [`Blobs::put_file`].
    pub async fn lend(&self, key: &Key, to: &Path) -> Result<bool, BlobError> {
        match &self.kind {
            Kind::Files(files) => files.lend(key, to).await,
            Kind::Bucket(bucket) => bucket.fetch(key, to).await,
        }
    }

    /// Removes an object; when it returns, the object does not come back after a power cut.
    ///
    /// # Errors
    /// See [`Blobs::put_file`].
    pub async fn delete(&self, key: &Key) -> Result<(), BlobError> {
        match &self.kind {
            Kind::Files(files) => files.delete(key).await,
            Kind::Bucket(bucket) => bucket.delete(key).await,
        }
    }

    /// Removes half-written files that are older than `age`, left behind by a crash. Returns how
    /// many went. The age spares what another process is writing right now. A bucket drops uploads
    /// that were never finished by a rule of its own.
    ///
    /// # Errors
    /// See [`Blobs::put_file`].
    pub async fn sweep(&self, now: SystemTime, age: Duration) -> Result<u64, BlobError> {
        match &self.kind {
            Kind::Files(files) => files.sweep(now, age).await,
            Kind::Bucket(_) => Ok(0),
        }
    }
}

impl Object {
    /// `count` bytes from `first` on, which must lie within the object.
    ///
    /// # Errors
    /// [`BlobError`] when it cannot be opened there. A reader that ends early or fails later has lost
    /// the disk or the other side.
    pub async fn read(self, first: u64, count: u64) -> Result<Reader, BlobError> {
        match self.source {
            Source::File(file) => {
                let mut file = tokio::fs::File::from_std(file);
                if first > 0 {
                    let moved = file.seek(SeekFrom::Start(first)).await;
                    moved.map_err(|source| BlobError::Disk { key: "(open)".into(), source })?;
                }
                Ok(Box::pin(file.take(count)))
            }
            Source::Bucket(_, _) if count == 0 => Ok(Box::pin(tokio::io::empty())),
            Source::Bucket(bucket, key) => Ok(Box::pin(bucket.read(&key, first, count).await?)),
        }
    }
}
