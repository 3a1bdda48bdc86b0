//! Attachments of statuses.

use crate::{AccountId, MediaId, StatusId, Timestamp};

/// What an attachment is, by its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MediaKind {
    /// A still picture.
    Image,
    /// A silent, looping clip.
    Gifv,
    /// A video.
    Video,
    /// Sound.
    Audio,
    /// Something this server does not look into.
    Unknown,
}

impl MediaKind {
    /// Its name in Mastodon's API and in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Gifv => "gifv",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Unknown => "unknown",
        }
    }

    /// The kind of that name; anything else is unknown.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text {
            "image" => Self::Image,
            "gifv" => Self::Gifv,
            "video" => Self::Video,
            "audio" => Self::Audio,
            _ => Self::Unknown,
        }
    }
}

/// How far the work on an upload has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaState {
    /// Waiting or being worked on.
    Processing,
    /// Done.
    Ready,
    /// Refused or broken.
    Failed,
}

impl MediaState {
    /// The stored number.
    #[must_use]
    pub fn number(self) -> i64 {
        match self {
            Self::Processing => 0,
            Self::Ready => 1,
            Self::Failed => 2,
        }
    }

    /// The state stored as `number`.
    #[must_use]
    pub fn from_number(number: i64) -> Self {
        match number {
            0 => Self::Processing,
            1 => Self::Ready,
            _ => Self::Failed,
        }
    }
}

/// An attachment.
#[derive(Clone, Debug, PartialEq)]
pub struct Media {
    /// Its id.
    pub id: MediaId,
    /// Who uploaded it.
    pub account_id: AccountId,
    /// The status it hangs on; `None` until posted.
    pub status_id: Option<StatusId>,
    /// What it is.
    pub kind: MediaKind,
    /// How far it is.
    pub state: MediaState,
    /// Storage key of the file: unguessable (V06).
    pub file_key: Option<String>,
    /// Type of the file, by its bytes.
    pub content_type: String,
    /// Storage key of the small picture.
    pub preview_key: Option<String>,
    /// What it shows, for people who do not see it.
    pub description: String,
    /// Point of interest: -1 … 1 from left to right, in ten-thousandths.
    pub focus_x: i64,
    /// Point of interest: -1 … 1 from bottom to top, in ten-thousandths.
    pub focus_y: i64,
    /// <https://blurha.sh>.
    pub blurhash: Option<String>,
    /// Sizes and lengths as JSON, in the shape the client API shows; opaque to the database.
    pub meta: String,
    /// Bytes on disk, previews included.
    pub bytes: i64,
    /// Place among the attachments of its status.
    pub position: i64,
    /// When it came.
    pub created_at: Timestamp,
    /// Where a remote attachment is at home; `file_key` then names the copy fetched on demand.
    pub remote_url: Option<String>,
}
