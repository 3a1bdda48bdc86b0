//! The words between the server and its decoding child: one JSON line in, one JSON line out. Both
//! ends are the same program, so there is no version.

use std::ffi::OsString;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::error::Refusal;
use crate::types::{Dimensions, MediaType};

/// What an image is wanted for; decides which files are made from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// A picture in a post: the whole image (at most 3840×2160 pixels of area), a small one (at most
    /// 640×360 of area) and a blurhash. A moving GIF stays a GIF (see [`crate::Processor`]).
    Attachment,
    /// A face: 400×400, cut around the focus, not moving.
    Avatar,
    /// A profile banner: 1500×500, cut around the focus, not moving.
    Header,
    /// A custom emoji from PNG, GIF or WebP: as PNG or, if it moves, as GIF with a still PNG.
    Emoji,
    /// The small picture and blurhash alone: posters of videos, thumbnails sent by a client.
    Thumbnail,
}

/// The point that should stay in view, both axes from -1 to 1, (0, 0) the middle, y upwards.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Focus {
    /// -1 left to 1 right.
    pub x: f32,
    /// -1 bottom to 1 top.
    pub y: f32,
}

/// What the child is to do.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Request {
    /// Decode one image and write clean ones.
    Image(ImageRequest),
    /// Copy one MP4-like file and blank its metadata.
    Scrub(ScrubRequest),
    /// Take on the limits and become another program.
    Run(RunRequest),
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ImageRequest {
    pub input: PathBuf,
    pub media_type: MediaType,
    pub original: PathBuf,
    pub small: PathBuf,
    pub purpose: Purpose,
    pub focus: Focus,
    pub bounds: Bounds,
    pub resources: Resources,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ScrubRequest {
    pub input: PathBuf,
    pub output: PathBuf,
    pub resources: Resources,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RunRequest {
    pub program: PathBuf,
    pub arguments: Vec<OsString>,
    pub resources: Resources,
}

/// What an image may be, checked on headers before anything is decoded.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Bounds {
    pub file_bytes: u64,
    pub image_pixels: u64,
    pub whole_pixels: u64,
    pub frames: u32,
}

/// What the child gives itself for the rest of its life.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Resources {
    pub memory: u64,
    pub cpu_seconds: u64,
    pub file_bytes: u64,
    /// 0 for a child that has opened all it needs.
    pub open_files: u64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Answer {
    Done(ImageAnswer),
    Scrubbed(Scrubbed),
    Refused(Refusal),
    /// The child could not do its part: a path of ours did not open, a limit could not be set.
    Failed(String),
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ImageAnswer {
    pub original: Option<Written>,
    pub small: Option<Written>,
    pub blurhash: Option<String>,
    pub moving: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Written {
    pub media_type: MediaType,
    pub dimensions: Dimensions,
    pub bytes: u64,
}

/// What the boxes of an MP4-like file say.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Scrubbed {
    /// Of the picture as seen; none when there is only sound.
    pub dimensions: Option<Dimensions>,
    /// Seconds.
    pub duration: Option<f64>,
}
