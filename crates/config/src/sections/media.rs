//! `[media]`: uploads.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::bucket::{self, Bucket, only_one};
use crate::ConfigError;

/// Uploads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Media {
    /// Largest picture in bytes.
    pub image_bytes: u64,
    /// Largest video or sound in bytes.
    pub video_bytes: u64,
    /// Largest picture in pixels.
    pub image_pixels: u64,
    /// The ffmpeg program; empty searches the PATH.
    pub ffmpeg: String,
    /// The ffprobe program; empty searches the PATH.
    pub ffprobe: String,
    /// `s3://BUCKET/PREFIX` for the files. None: below the data folder.
    pub store: Option<String>,
    /// Another S3 than that of AWS.
    pub s3_endpoint: Option<String>,
    /// The region of the bucket.
    pub s3_region: String,
    /// Key id; without it the machine's own role is asked.
    pub s3_access_key_id: Option<String>,
    /// Its secret.
    pub s3_secret_access_key: Option<String>,
    /// File that holds the secret.
    pub s3_secret_access_key_file: Option<PathBuf>,
}

pub(super) const DOCS: &[(&str, &str, &str)] = &[
    ("image_bytes", "Largest picture, in bytes.", ""),
    ("video_bytes", "Largest video or sound file, in bytes.", ""),
    ("image_pixels", "Largest picture, in pixels.", ""),
    ("ffmpeg", "Path of ffmpeg, for video; empty: searched in PATH, off when not found.", ""),
    ("ffprobe", "Path of ffprobe; empty: searched in PATH.", ""),
    (
        "store",
        "A bucket for the files: s3://BUCKET/PREFIX. Default: media in the data folder.",
        "\"s3://my-media/media\"",
    ),
    ("s3_endpoint", "Address of an S3 that is not AWS.", "\"https://s3.example.com\""),
    ("s3_region", "Region of the bucket.", "\"us-east-1\""),
    (
        "s3_access_key_id",
        "Key id for S3. Default: AWS_ACCESS_KEY_ID, else the role of the machine.",
        "\"AKIA…\"",
    ),
    ("s3_secret_access_key", "The secret that belongs to the key id.", "\"…\""),
    (
        "s3_secret_access_key_file",
        "A file that holds the secret instead.",
        "\"/etc/tuskling/s3-secret\"",
    ),
];

impl Default for Media {
    fn default() -> Self {
        Self {
            image_bytes: 16 * 1024 * 1024,
            video_bytes: 99 * 1024 * 1024,
            image_pixels: 33_177_600,
            ffmpeg: String::new(),
            ffprobe: String::new(),
            store: None,
            s3_endpoint: None,
            s3_region: "us-east-1".into(),
            s3_access_key_id: None,
            s3_secret_access_key: None,
            s3_secret_access_key_file: None,
        }
    }
}

impl Media {
    pub(crate) fn validate(&self) -> Result<(), ConfigError> {
        only_one(
            "media.s3_secret_access_key_file",
            &self.s3_secret_access_key,
            &self.s3_secret_access_key_file,
        )?;
        self.bucket().map(|_| ())
    }

    /// The bucket for the files; `None` when they lie below the data folder.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] when it is no `s3://BUCKET/PREFIX`.
    pub fn bucket(&self) -> Result<Option<Bucket>, ConfigError> {
        let invalid = |problem: String| ConfigError::Invalid { key: "media.store", problem };
        let Some(text) = self.store.as_deref().filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        let bucket = Bucket::parse(text).map_err(&invalid)?;
        let other = || invalid(format!("{text:?} does not begin with s3://"));
        bucket.map(Some).ok_or_else(other)
    }

    /// Key id and secret for S3, if they are set here.
    ///
    /// # Errors
    /// [`ConfigError`] when only one of both is there or the file cannot be read.
    pub fn s3_keys(&self) -> Result<Option<(String, String)>, ConfigError> {
        bucket::keys(
            "media.s3_access_key_id",
            &self.s3_access_key_id,
            &self.s3_secret_access_key,
            &self.s3_secret_access_key_file,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_lie_in_the_data_folder_or_in_a_bucket() {
        let at = |store: &str| Media { store: Some(store.into()), ..Media::default() }.bucket();
        assert_eq!(Media::default().bucket().unwrap(), None);
        assert_eq!(at("").unwrap(), None);
        let bucket = Bucket { name: "b".into(), prefix: "media".into() };
        assert_eq!(at("s3://b/media/").unwrap(), Some(bucket));
        for bad in ["/mnt/media", "s3://", "https://b.s3.example.com", "s3://b/../c"] {
            assert!(at(bad).is_err(), "{bad}");
        }
    }
}
