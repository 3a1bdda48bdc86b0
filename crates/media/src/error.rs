//! Why a file was not taken. One question matters to callers: is it the file (answer 422) or is it
//! us (answer 500)? [`MediaError::is_refusal`] tells.

use serde::{Deserialize, Serialize};

/// Processing failed.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// The file itself cannot be accepted. The client is told so.
    #[error("refused: {0}")]
    Refused(Refusal),
    /// Decoding used up a limit or crashed; the file is to blame until shown otherwise.
    #[error("decoding was stopped: {0}")]
    Stopped(Exhausted),
    /// Our disk failed.
    #[error("scratch folder: {0}")]
    Disk(#[from] std::io::Error),
    /// Our own helper could not be started or talked nonsense.
    #[error("media helper: {0}")]
    Helper(String),
}

impl MediaError {
    /// True when the file is at fault (HTTP 422), false when this server is (HTTP 500).
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::Stopped(_))
    }
}

impl From<Refusal> for MediaError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// What is wrong with a file. The texts are safe to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refusal {
    /// There are no bytes.
    #[error("the file is empty")]
    Empty,
    /// The bytes are none of the formats taken here.
    #[error("files of this kind are not supported ({0})")]
    Unsupported(String),
    /// The bytes are two formats at once, which no honest file is.
    #[error("the file hides a second format ({0})")]
    Polyglot(String),
    /// More bytes than allowed.
    #[error("the file is larger than {0} bytes")]
    TooManyBytes(u64),
    /// More pixels than allowed.
    #[error("images of {width}x{height} pixels are not supported")]
    TooManyPixels {
        /// As the header says.
        width: u32,
        /// As the header says.
        height: u32,
    },
    /// More frames than allowed.
    #[error("more than {0} frames are not supported")]
    TooManyFrames(u32),
    /// More frames a second than allowed.
    #[error("videos with so many frames a second are not supported")]
    FrameRate,
    /// Decoding would need more memory than the child has.
    #[error("decoding the file would need too much memory")]
    TooMuchMemory,
    /// The bytes begin well and then make no sense, or end too early.
    #[error("the file is damaged ({0})")]
    Damaged(String),
}

/// What the child ran out of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Exhausted {
    /// Address space.
    #[error("out of memory")]
    Memory,
    /// Processor time or waiting time.
    #[error("out of time")]
    Time,
    /// Bytes written.
    #[error("output too large")]
    Output,
    /// It ended by a fault inside the decoder.
    #[error("the decoder crashed")]
    Crash,
}
