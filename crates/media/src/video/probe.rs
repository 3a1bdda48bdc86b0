//! What ffprobe says of a file, read with care: its numbers come from the file.

use serde::Deserialize;

use crate::error::Refusal;
use crate::types::Dimensions;

/// Largest side that is believed.
const MAX_SIDE: u32 = 32_768;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Probe {
    #[serde(default)]
    streams: Vec<Stream>,
    #[serde(default)]
    format: Format,
}

#[derive(Debug, Default, Deserialize)]
struct Format {
    duration: Option<String>,
    bit_rate: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Stream {
    #[serde(default, rename = "codec_name")]
    pub(super) codec: String,
    #[serde(default)]
    codec_type: String,
    #[serde(default)]
    pub(super) pix_fmt: String,
    width: Option<u32>,
    height: Option<u32>,
    avg_frame_rate: Option<String>,
    #[serde(default)]
    disposition: Disposition,
    #[serde(default)]
    side_data_list: Vec<SideData>,
}

#[derive(Debug, Default, Deserialize)]
struct Disposition {
    #[serde(default)]
    attached_pic: u8,
}

#[derive(Debug, Default, Deserialize)]
struct SideData {
    rotation: Option<f64>,
}

impl Probe {
    pub(super) fn parse(json: &[u8]) -> Result<Self, Refusal> {
        let probe: Self =
            serde_json::from_slice(json).map_err(|_| Refusal::Damaged("no streams".to_owned()))?;
        if probe.video().is_none() && probe.sound().is_none() {
            return Err(Refusal::Damaged("neither picture nor sound".to_owned()));
        }
        if probe.video().is_some() && probe.picture().is_none() {
            return Err(Refusal::Damaged("a picture without size".to_owned()));
        }
        Ok(probe)
    }

    /// The moving picture; the cover of a sound is none.
    pub(super) fn video(&self) -> Option<&Stream> {
        self.pictures().find(|stream| stream.disposition.attached_pic == 0)
    }

    pub(super) fn sound(&self) -> Option<&Stream> {
        self.streams.iter().find(|stream| stream.codec_type == "audio")
    }

    pub(super) fn is_video(&self) -> bool {
        self.video().is_some()
    }

    /// The size as seen, of the moving picture or the cover.
    pub(super) fn picture(&self) -> Option<Dimensions> {
        let stream = self.video().or_else(|| self.pictures().next())?;
        let believed = |side: Option<u32>| side.filter(|side| (1..=MAX_SIDE).contains(side));
        let (width, height) = (believed(stream.width)?, believed(stream.height)?);
        let turn = stream.side_data_list.iter().find_map(|data| data.rotation).unwrap_or(0.0);
        let on_its_side = (turn.abs() % 180.0 - 90.0).abs() < 45.0;
        Some(match on_its_side {
            true => Dimensions { width: height, height: width },
            false => Dimensions { width, height },
        })
    }

    /// Seconds.
    pub(super) fn duration(&self) -> Option<f64> {
        let seconds: f64 = self.format.duration.as_ref()?.parse().ok()?;
        (seconds.is_finite() && seconds >= 0.0).then_some(seconds)
    }

    /// Bits a second.
    pub(super) fn bitrate(&self) -> Option<u64> {
        self.format.bit_rate.as_ref()?.parse().ok()
    }

    /// As a fraction, if it is one.
    pub(super) fn frame_rate(&self) -> Option<String> {
        let (above, below) = self.frame_rate_fraction()?;
        Some(format!("{above}/{below}"))
    }

    pub(super) fn frames_per_second(&self) -> Option<f64> {
        let (above, below) = self.frame_rate_fraction()?;
        Some(f64::from(above) / f64::from(below))
    }

    fn frame_rate_fraction(&self) -> Option<(u32, u32)> {
        let (above, below) = self.video()?.avg_frame_rate.as_ref()?.split_once('/')?;
        let (above, below) = (above.parse().ok()?, below.parse().ok()?);
        (above > 0 && below > 0).then_some((above, below))
    }

    fn pictures(&self) -> impl Iterator<Item = &Stream> {
        self.streams.iter().filter(|stream| stream.codec_type == "video")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe(json: serde_json::Value) -> Result<Probe, Refusal> {
        Probe::parse(json.to_string().as_bytes())
    }

    #[test]
    fn a_phone_video_is_seen_upright() {
        let found = probe(serde_json::json!({
            "streams": [
                {"codec_type": "data", "codec_name": "bin_data"},
                {"codec_type": "video", "codec_name": "h264", "width": 1920, "height": 1080,
                 "avg_frame_rate": "30000/1001", "side_data_list": [{}, {"rotation": -90}]},
                {"codec_type": "audio", "codec_name": "aac", "avg_frame_rate": "0/0"},
            ],
            "format": {"duration": "12.5", "bit_rate": "1000"},
        }))
        .unwrap();
        assert_eq!(found.picture(), Some(Dimensions { width: 1080, height: 1920 }));
        assert_eq!(found.frame_rate().as_deref(), Some("30000/1001"));
        assert_eq!((found.duration(), found.bitrate()), (Some(12.5), Some(1000)));
        assert!(found.is_video());
    }

    #[test]
    fn a_cover_makes_no_video() {
        let found = probe(serde_json::json!({"streams": [
            {"codec_type": "audio", "codec_name": "mp3"},
            {"codec_type": "video", "codec_name": "mjpeg", "width": 500, "height": 400,
             "avg_frame_rate": "0/0", "disposition": {"attached_pic": 1}},
        ]}))
        .unwrap();
        assert!(!found.is_video());
        assert_eq!(found.picture(), Some(Dimensions { width: 500, height: 400 }));
        assert_eq!(found.frame_rate(), None);
    }

    #[test]
    fn p05_nonsense_is_refused_or_left_out() {
        assert!(probe(serde_json::json!({})).is_err());
        assert!(probe(serde_json::json!({"streams": [{"codec_type": "subtitle"}]})).is_err());
        let flat =
            serde_json::json!({"streams": [{"codec_type": "video", "width": 0, "height": 9}]});
        assert!(probe(flat).is_err());
        let odd = serde_json::json!({
            "streams": [{"codec_type": "audio", "codec_name": "flac"}],
            "format": {"duration": "inf", "bit_rate": "-3"},
        });
        let odd = probe(odd).unwrap();
        assert_eq!((odd.duration(), odd.bitrate()), (None, None));
    }
}
