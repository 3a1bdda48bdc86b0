//! Which file is made from which: streams that browsers play are copied, the rest is converted.
//! Pure, so that the table can be read and tested.

use super::probe::Probe;
use crate::error::Refusal;
use crate::types::MediaType;

/// How the stored file is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Output {
    /// The same streams in this container.
    Copied(MediaType),
    /// H.264 and AAC in MP4.
    ConvertedVideo,
    /// AAC in M4A.
    ConvertedSound,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) output: Output,
    /// Whether the file has sound.
    pub(super) sound: bool,
}

impl Output {
    pub(super) fn media_type(self) -> MediaType {
        match self {
            Self::Copied(media_type) => media_type,
            Self::ConvertedVideo => MediaType::Mp4,
            Self::ConvertedSound => MediaType::M4a,
        }
    }
}

impl Plan {
    pub(super) fn choose(found: &Probe, media_type: MediaType) -> Result<Self, Refusal> {
        let sound = found.sound().map(|stream| stream.codec.as_str());
        let output = match (found.video(), sound) {
            (Some(video), sound) => video_output(&video.codec, &video.pix_fmt, sound, media_type),
            (None, Some(sound)) => sound_output(sound, media_type),
            (None, None) => return Err(Refusal::Damaged("neither picture nor sound".to_owned())),
        };
        Ok(Self { output, sound: sound.is_some() })
    }
}

fn video_output(codec: &str, pixels: &str, sound: Option<&str>, source: MediaType) -> Output {
    let in_mp4 = matches!(pixels, "yuv420p" | "yuvj420p")
        && codec == "h264"
        && matches!(sound, None | Some("aac" | "mp3"));
    let in_webm =
        matches!(codec, "vp8" | "vp9" | "av1") && matches!(sound, None | Some("opus" | "vorbis"));
    match source {
        MediaType::WebM if in_webm => Output::Copied(MediaType::WebM),
        MediaType::Mp4 | MediaType::QuickTime | MediaType::ThreeGp | MediaType::M4a if in_mp4 => {
            Output::Copied(MediaType::Mp4)
        }
        _ => Output::ConvertedVideo,
    }
}

fn sound_output(codec: &str, source: MediaType) -> Output {
    let container = match (codec, source) {
        ("mp3", _) => MediaType::Mp3,
        ("flac", MediaType::Flac) => MediaType::Flac,
        ("vorbis" | "opus" | "flac", MediaType::OggAudio | MediaType::OggVideo) => {
            MediaType::OggAudio
        }
        ("vorbis" | "opus", MediaType::WebM) => MediaType::OggAudio,
        ("aac", MediaType::Aac) => MediaType::Aac,
        ("aac", _) => MediaType::M4a,
        ("pcm_u8" | "pcm_s16le" | "pcm_s24le" | "pcm_s32le" | "pcm_f32le", MediaType::Wav) => {
            MediaType::Wav
        }
        _ => return Output::ConvertedSound,
    };
    Output::Copied(container)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_browsers_play_is_copied_and_the_rest_converted() {
        use MediaType::{Mp4, OggVideo, QuickTime, WebM};
        let cases = [
            ("h264", "yuv420p", Some("aac"), Mp4, Output::Copied(Mp4)),
            ("h264", "yuv420p", None, QuickTime, Output::Copied(Mp4)),
            ("h264", "yuv420p10le", None, Mp4, Output::ConvertedVideo),
            ("h264", "yuv420p", Some("pcm_s16le"), QuickTime, Output::ConvertedVideo),
            ("hevc", "yuv420p", Some("aac"), QuickTime, Output::ConvertedVideo),
            ("vp9", "yuv420p", Some("opus"), WebM, Output::Copied(WebM)),
            ("h264", "yuv420p", Some("opus"), WebM, Output::ConvertedVideo),
            ("theora", "yuv420p", Some("vorbis"), OggVideo, Output::ConvertedVideo),
        ];
        for (codec, pixels, sound, source, expected) in cases {
            assert_eq!(video_output(codec, pixels, sound, source), expected, "{codec} {source:?}");
        }
    }

    #[test]
    fn sound_goes_into_a_container_of_its_own() {
        let cases = [
            ("mp3", MediaType::Mp3, Output::Copied(MediaType::Mp3)),
            ("aac", MediaType::Mp4, Output::Copied(MediaType::M4a)),
            ("opus", MediaType::WebM, Output::Copied(MediaType::OggAudio)),
            ("pcm_s16le", MediaType::Wav, Output::Copied(MediaType::Wav)),
            ("adpcm_ms", MediaType::Wav, Output::ConvertedSound),
            ("alac", MediaType::M4a, Output::ConvertedSound),
            ("amr_nb", MediaType::ThreeGp, Output::ConvertedSound),
        ];
        for (codec, source, expected) in cases {
            assert_eq!(sound_output(codec, source), expected, "{codec} {source:?}");
        }
    }
}
