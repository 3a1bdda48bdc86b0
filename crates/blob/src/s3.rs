//! A bucket of S3, or of anything that speaks like it, and what its answers mean.
//!
//! Every request has a time limit and is tried again a few times when the other side is slow, busy or
//! broken. Bytes that are stored carry their SHA-256, so that they cannot change on the way unnoticed.

use std::fmt;
use std::time::Duration;

use object_store::aws::{AmazonS3, AmazonS3Builder, Checksum};
use object_store::{BackoffConfig, ClientOptions, RetryConfig};

use crate::BlobError;

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

impl BucketSettings {
    /// Where it is, for people.
    pub(crate) fn location(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.prefix)
    }

    /// The beginning of all keys, with the slash that ends it.
    pub(crate) fn beginning(&self) -> String {
        if self.prefix.is_empty() { String::new() } else { format!("{}/", self.prefix) }
    }

    /// What speaks with the bucket. Nothing is asked yet.
    pub(crate) fn open(&self) -> Result<AmazonS3, BlobError> {
        let patience = self.patience;
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
            .with_bucket_name(&self.bucket)
            .with_region(&self.region)
            .with_checksum_algorithm(Checksum::SHA256)
            // Deleting many at once is another request, with another answer when it is not allowed.
            .with_disable_bulk_delete(true)
            .with_client_options(client)
            .with_retry(retry);
        if let Some(endpoint) = &self.endpoint {
            builder =
                builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
        }
        if let Some((id, secret)) = &self.keys {
            builder = builder.with_access_key_id(id).with_secret_access_key(secret);
        }
        builder.build().map_err(|error| failed(&self.location(), error))
    }
}

impl fmt::Debug for BucketSettings {
    /// Without the secret.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "BucketSettings(s3://{}/{})", self.bucket, self.prefix)
    }
}

pub(crate) fn failed(key: &str, error: object_store::Error) -> BlobError {
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
