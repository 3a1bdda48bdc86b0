//! A depot in a bucket of S3, or of anything that speaks like it.
//!
//! Every request has a time limit and is tried again a few times when the other side is slow, busy or
//! broken. Bytes that are stored carry their SHA-256, so that they cannot change on the way unnoticed.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use object_store::aws::{AmazonS3, AmazonS3Builder, Checksum};
use object_store::path::Path;
use object_store::{
    BackoffConfig, ClientOptions, GetOptions, GetRange, ObjectStore, ObjectStoreExt as _,
    RetryConfig,
};
use tokio::runtime::Handle;

use super::Listed;
use crate::{BlobError, Key};

/// What a bucket needs to be found.
#[derive(Clone)]
pub struct BucketSettings {
    /// Its name.
    pub bucket: String,
    /// What all keys begin with: empty, or without a slash at its ends.
    pub prefix: String,
    /// Its region.
    pub region: String,
    /// The address of an S3 that is not AWS.
    pub endpoint: Option<String>,
    /// Key id and secret. None: `AWS_ACCESS_KEY_ID` and its kind, else the role of the machine.
    pub keys: Option<(String, String)>,
    /// How patient it is.
    pub patience: Patience,
}

/// How long one waits for a bucket.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For a connection.
    pub connect: Duration,
    /// For the whole of one request.
    pub request: Duration,
    /// For all tries of a request together.
    pub all: Duration,
    /// How often it is tried again.
    pub retries: usize,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            request: Duration::from_secs(60),
            all: Duration::from_secs(180),
            retries: 6,
        }
    }
}

#[derive(Clone)]
pub(super) struct Bucket {
    store: Arc<AmazonS3>,
    prefix: String,
    location: String,
    handle: Handle,
}

impl Bucket {
    pub(super) fn open(settings: &BucketSettings, handle: Handle) -> Result<Self, BlobError> {
        let patience = settings.patience;
        let client = ClientOptions::new()
            .with_connect_timeout(patience.connect)
            .with_timeout(patience.request)
            .with_pool_idle_timeout(Duration::from_secs(20));
        let retry = RetryConfig {
            backoff: BackoffConfig {
                init_backoff: Duration::from_millis(200),
                max_backoff: Duration::from_secs(10),
                base: 2.0,
            },
            max_retries: patience.retries,
            retry_timeout: patience.all,
        };
        // The variables of AWS's own tools say where credentials come from, when nothing else does.
        let mut builder = AmazonS3Builder::from_env()
            .with_bucket_name(&settings.bucket)
            .with_region(&settings.region)
            .with_checksum_algorithm(Checksum::SHA256)
            // Deleting many at once is another request, with another answer when it is not allowed.
            .with_disable_bulk_delete(true)
            .with_client_options(client)
            .with_retry(retry);
        if let Some(endpoint) = &settings.endpoint {
            builder =
                builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
        }
        if let Some((id, secret)) = &settings.keys {
            builder = builder.with_access_key_id(id).with_secret_access_key(secret);
        }
        let location = format!("s3://{}/{}", settings.bucket, settings.prefix);
        let store = builder.build().map_err(|error| failed(&location, error))?;
        let prefix = if settings.prefix.is_empty() {
            String::new()
        } else {
            format!("{}/", settings.prefix)
        };
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

impl fmt::Debug for BucketSettings {
    /// Without the secret.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "BucketSettings(s3://{}/{})", self.bucket, self.prefix)
    }
}

fn failed(key: &str, error: object_store::Error) -> BlobError {
    use object_store::Error;
    let key = key.to_owned();
    match error {
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => {
            BlobError::Denied { key, cause: causes(&error) }
        }
        error => BlobError::Remote { key, cause: causes(&error) },
    }
}

/// What went wrong, down to its root: the outermost says little.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        next = cause.source();
    }
    // Answers of S3 are XML of many lines.
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(600).collect()
}
