//! Objects in a bucket. Files go up and come down in pieces, so that memory stays bounded.

use std::fmt;
use std::io;
use std::path::Path as FilePath;
use std::sync::Arc;

use futures_util::TryStreamExt as _;
use object_store::aws::AmazonS3;
use object_store::buffered::BufWriter;
use object_store::path::Path;
use object_store::{Error, GetOptions, GetRange, ObjectStore, ObjectStoreExt as _};
use tokio::fs::{self, File};
use tokio::io::{AsyncRead, AsyncWriteExt as _, BufReader};
use tokio_util::io::StreamReader;

use crate::s3::{BucketSettings, failed};
use crate::{BlobError, Key};

/// What goes up in one request; larger files take several. S3 wants at least 5 MiB.
const PART: usize = 6 * 1024 * 1024;
/// Bytes read from the disk at once.
const CHUNK: usize = 256 * 1024;

/// A store in a bucket. What each verb promises: [`crate::Blobs`]. S3 answers an upload when its bytes
/// are in several places.
#[derive(Clone)]
pub(crate) struct Bucket {
    store: Arc<AmazonS3>,
    beginning: String,
    location: String,
}

impl Bucket {
    pub(crate) fn open(settings: &BucketSettings) -> Result<Self, BlobError> {
        let store = Arc::new(settings.open()?);
        Ok(Self { store, beginning: settings.beginning(), location: settings.location() })
    }

    pub(crate) async fn put_file(&self, key: &Key, from: &FilePath) -> Result<(), BlobError> {
        let disk = |source| BlobError::Disk { key: key.to_string(), source };
        let file = File::open(from).await.map_err(disk)?;
        let mut bytes = BufReader::with_capacity(CHUNK, file);
        let store: Arc<dyn ObjectStore> = self.store.clone();
        let mut upload =
            BufWriter::with_capacity(store, self.path(key), PART).with_max_concurrency(1);
        if let Err(error) = tokio::io::copy_buf(&mut bytes, &mut upload).await {
            // What was sent would be kept and paid for, though nobody could see it.
            let _ = upload.abort().await;
            return Err(remote(key, &error));
        }
        upload.shutdown().await.map_err(|error| remote(key, &error))?;
        fs::remove_file(from).await.map_err(disk)
    }

    pub(crate) async fn length(&self, key: &Key) -> Result<Option<u64>, BlobError> {
        match self.store.head(&self.path(key)).await {
            Ok(found) => Ok(Some(found.size)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed(key.as_str(), error)),
        }
    }

    pub(crate) async fn read(
        &self,
        key: &Key,
        first: u64,
        count: u64,
    ) -> Result<impl AsyncRead + Send + use<>, BlobError> {
        let range = Some(GetRange::Bounded(first..first.saturating_add(count)));
        let options = GetOptions { range, ..GetOptions::default() };
        let found = self.store.get_opts(&self.path(key), options).await;
        let found = found.map_err(|error| failed(key.as_str(), error))?;
        Ok(StreamReader::new(found.into_stream().map_err(io::Error::other)))
    }

    pub(crate) async fn fetch(&self, key: &Key, to: &FilePath) -> Result<bool, BlobError> {
        let found = match self.store.get(&self.path(key)).await {
            Ok(found) => found,
            Err(Error::NotFound { .. }) => return Ok(false),
            Err(error) => return Err(failed(key.as_str(), error)),
        };
        let length = found.meta.size;
        let disk = |source| BlobError::Disk { key: key.to_string(), source };
        let mut file = File::create_new(to).await.map_err(disk)?;
        let mut bytes = StreamReader::new(found.into_stream().map_err(io::Error::other));
        let copied = tokio::io::copy(&mut bytes, &mut file).await;
        let copied = copied.map_err(|error| remote(key, &error))?;
        file.flush().await.map_err(disk)?;
        if copied == length { Ok(true) } else { Err(remote(key, &"it ended before its length")) }
    }

    pub(crate) async fn delete(&self, key: &Key) -> Result<(), BlobError> {
        match self.store.delete(&self.path(key)).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed(key.as_str(), error)),
        }
    }

    fn path(&self, key: &Key) -> Path {
        Path::from(format!("{}{key}", self.beginning))
    }
}

impl fmt::Debug for Bucket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Bucket({})", self.location)
    }
}

fn remote(key: &Key, cause: &dyn fmt::Display) -> BlobError {
    BlobError::Remote { key: key.to_string(), cause: cause.to_string() }
}
