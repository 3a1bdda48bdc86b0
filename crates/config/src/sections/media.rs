//! `[media]`: uploads.

use serde::{Deserialize, Serialize};

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
}

pub(super) const DOCS: &[(&str, &str, &str)] = &[
    ("image_bytes", "Largest picture, in bytes.", ""),
    ("video_bytes", "Largest video or sound file, in bytes.", ""),
    ("image_pixels", "Largest picture, in pixels.", ""),
    ("ffmpeg", "Path of ffmpeg, for video; empty: searched in PATH, off when not found.", ""),
    ("ffprobe", "Path of ffprobe; empty: searched in PATH.", ""),
];

impl Default for Media {
    fn default() -> Self {
        Self {
            image_bytes: 16 * 1024 * 1024,
            video_bytes: 99 * 1024 * 1024,
            image_pixels: 33_177_600,
            ffmpeg: String::new(),
            ffprobe: String::new(),
        }
    }
}
