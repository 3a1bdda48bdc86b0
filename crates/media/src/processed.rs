//! What comes out: clean files, what they are, and the numbers clients show before they load them.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::scratch::Workspace;
use crate::types::{Dimensions, MediaType};

/// How a client should present the attachment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MediaKind {
    /// A still picture, or a GIF that could not be made a video.
    Image,
    /// A short silent looping video, made from a moving GIF.
    Gifv,
    /// A video.
    Video,
    /// Sound.
    Audio,
}

/// The clean files made from one upload. They lie in a scratch folder that is removed when this
/// value is dropped: move them into the object store first.
#[derive(Debug)]
pub struct Processed {
    /// How to present it.
    pub kind: MediaKind,
    /// The file to serve; for [`crate::Purpose::Thumbnail`] the small picture.
    pub original: MediaFile,
    /// The preview (attachments), or the still version of a moving emoji.
    pub small: Option<MediaFile>,
    /// A few characters that paint a blurred preview.
    pub blurhash: Option<String>,
    /// Running time and streams, when the file was probed.
    pub details: Option<Details>,
    pub(crate) workspace: Workspace,
}

/// One written file.
#[derive(Debug, Clone)]
pub struct MediaFile {
    /// Where it lies until it is moved.
    pub path: PathBuf,
    /// What it is.
    pub media_type: MediaType,
    /// Its size in pixels; none for sound and for what was not probed.
    pub dimensions: Option<Dimensions>,
    /// Its size in bytes.
    pub bytes: u64,
}

/// What a probe found in a video or a sound.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Details {
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<f64>,
    /// Frames a second as a fraction, such as `30000/1001`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frame_rate: Option<String>,
    /// Bits a second of the whole file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bitrate: Option<u64>,
    /// Codec of the sound, if there is any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio_codec: Option<String>,
    /// Codec of the picture, if there is any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub video_codec: Option<String>,
}

/// The numbers of an attachment, for storage as JSON; the caller adds the focus.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Meta {
    /// The file that is served.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original: Option<Side>,
    /// Its preview.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub small: Option<Side>,
}

/// The numbers of one file of an attachment.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Side {
    /// Pixels from left to right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Pixels from top to bottom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// Both as `WxH`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// Width divided by height.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aspect: Option<f64>,
    /// Running time and streams.
    #[serde(flatten)]
    pub details: Details,
}

impl Processed {
    /// The numbers to store beside the attachment.
    pub fn meta(&self) -> Meta {
        let original = Side {
            details: self.details.clone().unwrap_or_default(),
            ..Side::of(self.original.dimensions)
        };
        Meta {
            original: (original != Side::default()).then_some(original),
            small: self.small.as_ref().map(|small| Side::of(small.dimensions)),
        }
    }

    /// The scratch folder of this work; alive as long as `self`.
    pub fn folder(&self) -> &std::path::Path {
        self.workspace.path()
    }
}

impl Side {
    fn of(dimensions: Option<Dimensions>) -> Self {
        Self {
            width: dimensions.map(|pixels| pixels.width),
            height: dimensions.map(|pixels| pixels.height),
            size: dimensions.map(|pixels| pixels.to_string()),
            aspect: dimensions.map(Dimensions::aspect),
            details: Details::default(),
        }
    }
}
