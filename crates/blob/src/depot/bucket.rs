//! A depot in a bucket.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use object_store::aws::AmazonS3;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt as _};
use tokio::runtime::Handle;

use super::Listed;
use crate::s3::{BucketSettings, failed};
use crate::{BlobError, Key};

#[derive(Clone)]
pub(super) struct Bucket {
    store: Arc<AmazonS3>,
    prefix: String,
    location: String,
    handle: Handle,
}

impl Bucket {
    pub(super) fn open(settings: &BucketSettings, handle: Handle) -> Result<Self, BlobError> {
        let (prefix, location) = (settings.beginning(), settings.location());
        let store = settings.open()?;
        Ok(Self { store: Arc::new(store), prefix, location, handle })
    }

    pub(super) fn location(&self) -> String {
        self.location.clone()
    }

    pub(super) fn create(&self, _folders: &[&str]) -> Result<(), BlobError> {
        // A bucket is made by who owns the account, and it has no folders.
        Ok(())
    }

    pub(super) fn list(&self, folder: &str) -> Result<Vec<Listed>, BlobError> {
        let prefix = self.path(folder);
        let listed = self.handle.block_on(async {
            self.store
                .list(Some(&prefix))
                .map_ok(|found| Listed {
                    name: found.location.filename().unwrap_or_default().to_owned(),
                    size: found.size,
                })
                .try_collect()
                .await
        });
        listed.map_err(|error| failed(folder, error))
    }

    pub(super) fn size(&self, key: &Key) -> Result<Option<u64>, BlobError> {
        let path = self.path(key.as_str());
        match self.handle.block_on(self.store.head(&path)) {
            Ok(found) => Ok(Some(found.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed(key.as_str(), error)),
        }
    }

    pub(super) fn read(
        &self,
        key: &Key,
        range: Option<(u64, u64)>,
    ) -> Result<Option<Bytes>, BlobError> {
        let path = self.path(key.as_str());
        let range =
            range.map(|(offset, length)| GetRange::Bounded(offset..offset.saturating_add(length)));
        let options = GetOptions { range, ..GetOptions::default() };
        let read = self.handle.block_on(async {
            let answer = self.store.get_opts(&path, options).await?;
            answer.bytes().await
        });
        match read {
            Ok(bytes) => Ok(Some(bytes)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed(key.as_str(), error)),
        }
    }

    pub(super) fn write(&self, key: &Key, bytes: Bytes) -> Result<(), BlobError> {
        let path = self.path(key.as_str());
        self.handle
            .block_on(self.store.put(&path, bytes.into()))
            .map(|_| ())
            .map_err(|error| failed(key.as_str(), error))
    }

    pub(super) fn remove(&self, key: &Key) -> Result<(), BlobError> {
        let path = self.path(key.as_str());
        match self.handle.block_on(self.store.delete(&path)) {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed(key.as_str(), error)),
        }
    }

    fn path(&self, below: &str) -> Path {
        Path::from(format!("{}{below}", self.prefix))
    }
}

impl fmt::Debug for Bucket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Bucket({})", self.location)
    }
}
