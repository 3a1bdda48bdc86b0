//! Opening a stored file for a reader.

use blob::Key;
use media::MediaType;

use super::keep::disk;
use crate::{App, Result};

/// A stored file.
pub struct Stored {
    /// Its bytes.
    pub object: blob::Object,
    /// What its bytes are (M07): told when it was stored, kept in the key's ending.
    pub content_type: &'static str,
}

impl Stored {
    /// How many bytes it has.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.object.length
    }

    /// `count` bytes from `first` on, which must lie within it.
    ///
    /// # Errors
    /// [`crate::AppError::Internal`] when the disk or the bucket fails.
    pub async fn read(self, first: u64, count: u64) -> Result<blob::Reader> {
        self.object.read(first, count).await.map_err(disk)
    }
}

/// The stored file with this key, `None` when there is none. Keys without a known ending are bytes
/// as they came, and those are not for readers.
///
/// # Errors
/// [`crate::AppError::Internal`] when the disk fails.
pub async fn open(app: &App, key: &str) -> Result<Option<Stored>> {
    let Ok(key) = Key::parse(key) else { return Ok(None) };
    let ending = key.as_str().rsplit_once('.').map(|(_, ending)| ending);
    let Some(media_type) = ending.and_then(MediaType::from_extension) else { return Ok(None) };
    let object = app.blobs.get(&key).await.map_err(disk)?;
    Ok(object.map(|object| Stored { object, content_type: media_type.mime() }))
}
