//! The kinds of file this server stores, with the one content type and file ending of each, and
//! sizes in pixels. The list is closed: what is not here is refused.

use serde::{Deserialize, Serialize};

/// A file format that may be stored and served. Always told by the bytes, never by a name or header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the formats")]
pub enum MediaType {
    Jpeg,
    Png,
    Gif,
    WebP,
    Mp4,
    QuickTime,
    ThreeGp,
    WebM,
    OggVideo,
    OggAudio,
    Mp3,
    M4a,
    Aac,
    Flac,
    Wav,
}

/// The broad family of a [`MediaType`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the families")]
pub enum Family {
    Image,
    Video,
    Audio,
}

impl MediaType {
    /// The content type to store and to answer with.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::WebP => "image/webp",
            Self::Mp4 => "video/mp4",
            Self::QuickTime => "video/quicktime",
            Self::ThreeGp => "video/3gpp",
            Self::WebM => "video/webm",
            Self::OggVideo => "video/ogg",
            Self::OggAudio => "audio/ogg",
            Self::Mp3 => "audio/mpeg",
            Self::M4a => "audio/mp4",
            Self::Aac => "audio/aac",
            Self::Flac => "audio/flac",
            Self::Wav => "audio/wav",
        }
    }

    /// The file ending for storage keys, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Gif => "gif",
            Self::WebP => "webp",
            Self::Mp4 => "mp4",
            Self::QuickTime => "mov",
            Self::ThreeGp => "3gp",
            Self::WebM => "webm",
            Self::OggVideo => "ogv",
            Self::OggAudio => "ogg",
            Self::Mp3 => "mp3",
            Self::M4a => "m4a",
            Self::Aac => "aac",
            Self::Flac => "flac",
            Self::Wav => "wav",
        }
    }

    /// The type of a stored file, by the ending we gave it.
    pub fn from_extension(extension: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.extension() == extension)
    }

    /// The type of a stored file, by the content type we noted.
    pub fn from_mime(mime: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.mime() == mime)
    }

    const ALL: [Self; 15] = [
        Self::Jpeg,
        Self::Png,
        Self::Gif,
        Self::WebP,
        Self::Mp4,
        Self::QuickTime,
        Self::ThreeGp,
        Self::WebM,
        Self::OggVideo,
        Self::OggAudio,
        Self::Mp3,
        Self::M4a,
        Self::Aac,
        Self::Flac,
        Self::Wav,
    ];

    /// Image, video or audio. WebM, MP4 and 3GP may hold sound only; without a probe they count as
    /// video.
    pub fn family(self) -> Family {
        match self {
            Self::Jpeg | Self::Png | Self::Gif | Self::WebP => Family::Image,
            Self::Mp4 | Self::QuickTime | Self::ThreeGp | Self::WebM | Self::OggVideo => {
                Family::Video
            }
            Self::OggAudio | Self::Mp3 | Self::M4a | Self::Aac | Self::Flac | Self::Wav => {
                Family::Audio
            }
        }
    }
}

/// Width and height in pixels, both at least 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dimensions {
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
}

impl Dimensions {
    /// How many pixels there are.
    pub fn area(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// Width divided by height.
    pub fn aspect(self) -> f64 {
        f64::from(self.width) / f64::from(self.height.max(1))
    }

    /// The largest size of the same shape with at most `area` pixels; never larger than `self`.
    pub(crate) fn within_area(self, area: u64) -> Self {
        if self.area() <= area {
            return self;
        }
        // Areas here are below 2^53, so the floats are exact enough; flooring keeps the promise.
        let scale = (area as f64 / self.area() as f64).sqrt();
        let side = |length: u32| ((f64::from(length) * scale).floor() as u32).max(1);
        let (width, height) = (side(self.width), side(self.height));
        // A very thin image has a side that cannot go below 1; the other side pays for it.
        let cap = |length: u32, other: u32| {
            u64::from(length).min((area / u64::from(other)).max(1)).try_into().unwrap_or(length)
        };
        Self { width: cap(width, height), height: cap(height, width) }
    }
}

impl std::fmt::Display for Dimensions {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}x{}", self.width, self.height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaling_keeps_the_shape_and_the_promise() {
        let cases = [
            ((1920, 1080), 230_400, (640, 360)),
            ((100, 50), 230_400, (100, 50)),
            ((1, 30_000), 100, (1, 100)),
            ((30_000, 1), 100, (100, 1)),
            ((4000, 3000), 230_400, (554, 415)),
        ];
        for ((width, height), area, expected) in cases {
            let scaled = Dimensions { width, height }.within_area(area);
            assert_eq!((scaled.width, scaled.height), expected);
            assert!(scaled.area() <= area);
        }
    }
}
