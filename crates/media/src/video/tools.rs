//! The command lines of ffmpeg and ffprobe, and running them through the limited child.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use super::plan::{Output, Plan};
use super::probe::Probe;
use crate::error::{MediaError, Refusal};
use crate::processor::{Processor, closed};
use crate::protocol::{Answer, Request, Resources, RunRequest};
use crate::spawn;
use crate::types::{Dimensions, MediaType};

/// Open files of a tool: its libraries, its input and its output.
const TOOL_FILES: u64 = 64;
/// A probe reads headers.
const PROBE_CPU_SECONDS: u64 = 20;
const PROBE_WAIT: Duration = Duration::from_secs(30);

pub(super) struct Tools<'a> {
    pub(super) processor: &'a Processor,
    pub(super) ffmpeg: &'a Path,
    pub(super) ffprobe: &'a Path,
}

impl Tools<'_> {
    pub(super) async fn probe(
        &self,
        input: &Path,
        media_type: MediaType,
        folder: &Path,
    ) -> Result<Probe, MediaError> {
        let mut line = Line::new(["-hide_banner", "-v", "error"]);
        line.input(input, media_type);
        line.add(["-show_format", "-show_streams", "-of", "json"]);
        let wait = (PROBE_CPU_SECONDS, PROBE_WAIT);
        let output = self.run(self.ffprobe, line, wait, folder).await?;
        Ok(Probe::parse(&output)?)
    }

    pub(super) async fn convert(
        &self,
        input: &Path,
        media_type: MediaType,
        plan: &Plan,
        result: &Path,
        folder: &Path,
    ) -> Result<(), MediaError> {
        let mut line = Line::new(["-hide_banner", "-nostdin", "-v", "error", "-y"]);
        line.input(input, media_type);
        // First picture and first sound only; no titles, places, chapters, covers, subtitles.
        let silent = matches!(plan.output.media_type().family(), crate::types::Family::Audio);
        if !silent {
            line.add(["-map", "0:V:0"]);
        }
        if plan.sound {
            line.add(["-map", "0:a:0"]);
        }
        line.add(["-map_metadata", "-1", "-map_metadata:s", "-1", "-map_chapters", "-1"]);
        line.add(["-sn", "-dn", "-fflags", "+bitexact", "-threads", "1", "-filter_threads", "1"]);
        match plan.output {
            Output::Copied(_) => line.add(["-c", "copy"]),
            Output::ConvertedVideo => {
                // H.264 with 4:2:0 wants even sides.
                line.add(["-vf", "scale=max(2\\,trunc(iw/2)*2):max(2\\,trunc(ih/2)*2)"]);
                line.add(["-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "veryfast"]);
                line.add(["-crf", "23", "-c:a", "aac", "-b:a", "128k", "-ac", "2"]);
            }
            Output::ConvertedSound => line.add(["-c:a", "aac", "-b:a", "160k", "-ac", "2"]),
        }
        line.add(muxer(plan.output.media_type()));
        line.file(result);
        let limits = &self.processor.settings.limits;
        let wait = (limits.tool_cpu_seconds, limits.tool_wait);
        self.run(self.ffmpeg, line, wait, folder).await.map(drop)
    }

    /// Writes the first picture as PNG of size `target`.
    pub(super) async fn poster(
        &self,
        input: &Path,
        media_type: MediaType,
        target: Dimensions,
        result: &Path,
        folder: &Path,
    ) -> Result<(), MediaError> {
        let mut line = Line::new(["-hide_banner", "-nostdin", "-v", "error", "-y"]);
        line.input(input, media_type);
        line.add(["-map", "0:v:0", "-frames:v", "1", "-threads", "1", "-filter_threads", "1"]);
        let scale = format!("scale={}:{},format=rgb24", target.width, target.height);
        line.add(["-vf", scale.as_str(), "-c:v", "png", "-f", "image2pipe"]);
        line.file(result);
        let limits = &self.processor.settings.limits;
        let wait = (limits.child_cpu_seconds, limits.child_wait);
        self.run(self.ffmpeg, line, wait, folder).await.map(drop)
    }

    async fn run(
        &self,
        program: &Path,
        line: Line,
        (cpu_seconds, wait): (u64, Duration),
        folder: &Path,
    ) -> Result<Vec<u8>, MediaError> {
        let settings = &self.processor.settings;
        let request = Request::Run(RunRequest {
            program: program.to_path_buf(),
            arguments: line.0,
            resources: Resources {
                memory: settings.limits.tool_memory,
                cpu_seconds,
                file_bytes: settings.limits.media_bytes,
                open_files: TOOL_FILES,
            },
        });
        let finished = {
            let _turn = self.processor.tool_turn.acquire().await.map_err(closed)?;
            spawn::run(&settings.helper_exe, folder, &request, wait).await?
        };
        if let Ok(Answer::Failed(reason)) = serde_json::from_slice(&finished.output) {
            return Err(MediaError::Helper(reason));
        }
        if !finished.success {
            tracing::info!(complaint = %finished.complaint, "ffmpeg refused a file");
            return Err(Refusal::Damaged("its streams cannot be read".to_owned()).into());
        }
        Ok(finished.output)
    }
}

/// The arguments under construction.
struct Line(Vec<OsString>);

impl Line {
    fn new<const N: usize>(arguments: [&str; N]) -> Self {
        Self(arguments.map(OsString::from).to_vec())
    }

    fn add<const N: usize>(&mut self, arguments: [&str; N]) {
        self.0.extend(arguments.map(OsString::from));
    }

    /// The demuxer is named: ffmpeg must not guess a playlist. Only files can be opened.
    fn input(&mut self, path: &Path, media_type: MediaType) {
        self.add(["-protocol_whitelist", "file,pipe", "-threads", "1"]);
        self.add(["-f", demuxer(media_type), "-i"]);
        self.file(path);
    }

    fn file(&mut self, path: &Path) {
        let mut text = OsString::from("file:");
        text.push(path);
        self.0.push(text);
    }
}

fn demuxer(media_type: MediaType) -> &'static str {
    match media_type {
        MediaType::Mp4 | MediaType::QuickTime | MediaType::ThreeGp | MediaType::M4a => "mov",
        MediaType::WebM => "matroska",
        MediaType::OggVideo | MediaType::OggAudio => "ogg",
        MediaType::Mp3 => "mp3",
        MediaType::Aac => "aac",
        MediaType::Flac => "flac",
        MediaType::Wav => "wav",
        MediaType::Gif => "gif",
        MediaType::Jpeg => "jpeg_pipe",
        MediaType::Png => "png_pipe",
        MediaType::WebP => "webp_pipe",
    }
}

fn muxer(media_type: MediaType) -> [&'static str; 4] {
    // The index goes in front, so that playing can begin before the end has arrived.
    let front = ["-movflags", "+faststart", "-f"];
    let plain = ["-flush_packets", "0", "-f"];
    let ([option, value, flag], name) = match media_type {
        MediaType::Mp4 | MediaType::QuickTime | MediaType::ThreeGp => (front, "mp4"),
        MediaType::M4a => (front, "ipod"),
        MediaType::WebM => (plain, "webm"),
        MediaType::OggVideo | MediaType::OggAudio => (plain, "ogg"),
        MediaType::Mp3 => (["-id3v2_version", "0", "-f"], "mp3"),
        MediaType::Aac => (plain, "adts"),
        MediaType::Flac => (plain, "flac"),
        MediaType::Wav => (plain, "wav"),
        MediaType::Gif => (plain, "gif"),
        MediaType::Jpeg | MediaType::Png | MediaType::WebP => (plain, "image2pipe"),
    };
    [option, value, flag, name]
}
