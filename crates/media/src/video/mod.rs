//! Video and sound, with the machine's own ffmpeg and ffprobe if there are any; they run as limited
//! children (see [`crate::child`]), one at a time, with the demuxer named by us, so that no playlist
//! or remote address inside a file is followed.
//!
//! With the tools, a file is probed, copied stream by stream without its metadata (phones note the
//! place) or converted when browsers could not play it, and gets a poster. Without them it is stored
//! as it came, after a look at its magic bytes and with the metadata of MP4-like files blanked.

mod plan;
mod probe;
mod tools;

use std::path::{Path, PathBuf};

use self::plan::{Output, Plan};
use self::probe::Probe;
use self::tools::Tools;
use crate::error::{MediaError, Refusal};
use crate::processed::{Details, MediaFile, MediaKind, Processed};
use crate::processor::{Processor, absolute, in_background, written_file};
use crate::protocol::{Focus, Purpose, Scrubbed};
use crate::scratch::Workspace;
use crate::types::{Dimensions, Family, MediaType};

/// Pixels of a poster before it becomes the small picture.
const POSTER_AREA: u64 = 640 * 360;

impl Processor {
    /// Makes the files of a video or a sound.
    pub(crate) async fn process_media(
        &self,
        input: &Path,
        media_type: MediaType,
    ) -> Result<Processed, MediaError> {
        let workspace = self.workspace().await?;
        let Some(tools) = self.tools() else {
            return self.store_unprobed(input, media_type, workspace).await;
        };
        let input = absolute(input)?;
        let found = tools.probe(&input, media_type, workspace.path()).await?;
        self.check(&found)?;
        let plan = Plan::choose(&found, media_type)?;
        let made = workspace.file("media");
        tools.convert(&input, media_type, &plan, &made, workspace.path()).await?;
        let result = tools.probe(&made, plan.output.media_type(), workspace.path()).await?;

        let (small, blurhash) = match found.picture() {
            Some(size) => self.poster(&tools, &input, media_type, size, &found, &workspace).await?,
            None => (None, None),
        };
        Ok(Processed {
            kind: if found.is_video() { MediaKind::Video } else { MediaKind::Audio },
            original: media_file(made, &plan, &result).await?,
            small,
            blurhash,
            details: Some(result.details()),
            workspace,
        })
    }

    /// Makes a silent video of a moving GIF, when ffmpeg is there and can.
    pub(crate) async fn animate(&self, still: Processed) -> Result<Processed, MediaError> {
        let Some(tools) = self.tools() else { return Ok(still) };
        let made = still.workspace.file("media");
        let source = absolute(&still.original.path)?;
        let folder = still.workspace.path();
        let plan = Plan { output: Output::ConvertedVideo, sound: false };
        let converted = match tools.convert(&source, MediaType::Gif, &plan, &made, folder).await {
            Ok(()) => tools.probe(&made, MediaType::Mp4, folder).await,
            Err(error) => Err(error),
        };
        match converted {
            Ok(result) => Ok(Processed {
                kind: MediaKind::Gifv,
                original: media_file(made, &plan, &result).await?,
                details: Some(result.details()),
                ..still
            }),
            // An ffmpeg without an encoder, or a GIF too long for its time: it stays a GIF.
            Err(error) => {
                tracing::info!(%error, "a moving GIF was not made a video");
                Ok(still)
            }
        }
    }

    fn tools(&self) -> Option<Tools<'_>> {
        Some(Tools {
            processor: self,
            ffmpeg: self.settings.ffmpeg.as_deref()?,
            ffprobe: self.settings.ffprobe.as_deref()?,
        })
    }

    fn check(&self, found: &Probe) -> Result<(), Refusal> {
        let limits = &self.settings.limits;
        let size = found.video().and(found.picture());
        if let Some(size) = size.filter(|size| size.area() > limits.video_pixels) {
            let Dimensions { width, height } = size;
            return Err(Refusal::TooManyPixels { width, height });
        }
        if found.frames_per_second().is_some_and(|rate| rate > limits.video_frame_rate) {
            return Err(Refusal::FrameRate);
        }
        Ok(())
    }

    /// The first picture of a video, or the cover of a sound. A cover that cannot be read is no
    /// reason to refuse the sound.
    async fn poster(
        &self,
        tools: &Tools<'_>,
        input: &Path,
        media_type: MediaType,
        size: Dimensions,
        found: &Probe,
        workspace: &Workspace,
    ) -> Result<(Option<MediaFile>, Option<String>), MediaError> {
        let file = workspace.file("poster");
        let target = size.within_area(POSTER_AREA);
        let made = async {
            tools.poster(input, media_type, target, &file, workspace.path()).await?;
            let focus = Focus::default();
            self.decode_image(&file, MediaType::Png, Purpose::Thumbnail, focus, workspace).await
        };
        match made.await {
            Ok(answer) => {
                let small = answer.small.map(|file| written_file(file, workspace.file("small")));
                Ok((small, answer.blurhash))
            }
            Err(error) if error.is_refusal() && !found.is_video() => Ok((None, None)),
            Err(error) => Err(error),
        }
    }

    /// Without ffmpeg. Anything but MP4 and its kin is taken as it is.
    async fn store_unprobed(
        &self,
        input: &Path,
        media_type: MediaType,
        workspace: Workspace,
    ) -> Result<Processed, MediaError> {
        let path = workspace.file("media");
        let found = if has_boxes(media_type) {
            Some(self.scrub(input, &path, &workspace).await?)
        } else {
            let (from, to) = (input.to_path_buf(), path.clone());
            in_background(move || std::fs::copy(from, to)).await?;
            None
        };
        let (kind, media_type) = match (media_type.family(), &found) {
            (Family::Audio, _) => (MediaKind::Audio, media_type),
            (_, Some(Scrubbed { dimensions: None, .. })) => (MediaKind::Audio, MediaType::M4a),
            (Family::Video | Family::Image, _) => (MediaKind::Video, media_type),
        };
        let duration = found.as_ref().and_then(|found| found.duration);
        let bytes = tokio::fs::metadata(&path).await?.len();
        Ok(Processed {
            kind,
            original: MediaFile {
                path,
                media_type,
                dimensions: found.and_then(|found| found.dimensions),
                bytes,
            },
            small: None,
            blurhash: None,
            details: duration.map(|_| Details { duration, ..Details::default() }),
            workspace,
        })
    }
}

fn has_boxes(media_type: MediaType) -> bool {
    use MediaType::{M4a, Mp4, QuickTime, ThreeGp};
    matches!(media_type, Mp4 | QuickTime | ThreeGp | M4a)
}

impl Probe {
    fn details(&self) -> Details {
        Details {
            duration: self.duration(),
            frame_rate: self.frame_rate(),
            bitrate: self.bitrate(),
            audio_codec: self.sound().map(|stream| stream.codec.clone()),
            video_codec: self.video().map(|stream| stream.codec.clone()),
        }
    }
}

async fn media_file(path: PathBuf, plan: &Plan, result: &Probe) -> Result<MediaFile, MediaError> {
    let bytes = tokio::fs::metadata(&path).await?.len();
    let dimensions = result.video().and(result.picture());
    Ok(MediaFile { path, media_type: plan.output.media_type(), dimensions, bytes })
}
