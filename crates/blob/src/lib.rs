//! Object storage: bytes under names of our own making, as files on a disk or in a bucket of S3, behind the
//! same few verbs.
//!
//! It must not know what an object is for, must not take names from outside (see [`Key`]), and must
//! not answer "stored" before the bytes would survive a power cut.

mod blobs;
mod bucket;
mod depot;
mod files;
mod key;
mod s3;

pub use blobs::{Blobs, Object, Reader};
pub use depot::{Asked, Depot, Listed};
pub use key::{InvalidKey, Key};
pub use s3::{BucketSettings, Patience};

/// Why an object could not be stored, read or removed: always ours, never the client's.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The disk said no. Nothing was acknowledged.
    #[error("object {key}: {source}")]
    Disk {
        /// The object that was meant, or the root itself.
        key: String,
        /// What the system answered.
        source: std::io::Error,
    },
    /// The credentials are wrong or may not do this.
    #[error("object {key}: access denied; check the credentials and what they may do: {cause}")]
    Denied {
        /// The object or folder that was meant.
        key: String,
        /// What the other side answered.
        cause: String,
    },
    /// The other side did not do it, after several tries where that makes sense.
    #[error("object {key}: {cause}")]
    Remote {
        /// The object or folder that was meant.
        key: String,
        /// What the other side answered, or why it could not be asked.
        cause: String,
    },
    /// The work was cut off because the process is ending.
    #[error("storage work was cut off by shutdown")]
    ShuttingDown,
}
