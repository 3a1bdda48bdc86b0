//! Object storage: bytes under names of our own making. Files on a disk today; S3 joins behind the
//! same few verbs.
//!
//! It must not know what an object is for, must not take names from outside (see [`Key`]), and must
//! not answer "stored" before the bytes would survive a power cut.

mod depot;
mod files;
mod key;

pub use depot::{Asked, BucketSettings, Depot, Listed, Patience};
pub use files::{Blobs, Object};
pub use key::{InvalidKey, Key};

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
