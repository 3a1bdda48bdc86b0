//! The way in for callers: looks at the magic bytes, sends the work to the child, one piece at a
//! time, and hands back the clean files.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::error::{MediaError, Refusal};
use crate::processed::{MediaFile, MediaKind, Processed};
use crate::protocol::{
    Answer, Bounds, Focus, ImageAnswer, ImageRequest, Purpose, Request, Resources, ScrubRequest,
    Scrubbed, Written,
};
use crate::scratch::{self, Workspace};
use crate::settings::MediaSettings;
use crate::sniff;
use crate::spawn;
use crate::types::{Family, MediaType};

/// Makes clean files from untrusted ones. Cloning is cheap; all clones share the one place at the
/// decoder, so that memory is bounded however many uploads arrive.
///
/// A moving GIF in a post becomes a silent MP4 ([`MediaKind::Gifv`]) when ffmpeg is there. Without
/// it, it stays a GIF ([`MediaKind::Image`]): rewritten block by block with nothing but its animation,
/// since decoding and requantising hundreds of frames would cost more than it is worth. Moving PNG
/// and WebP give their first picture.
#[derive(Debug, Clone)]
pub struct Processor {
    pub(crate) settings: Arc<MediaSettings>,
    /// The one place at the image decoder.
    turn: Arc<Semaphore>,
    /// The one place at ffmpeg: a conversion takes minutes, and pictures must not wait for it.
    pub(crate) tool_turn: Arc<Semaphore>,
}

impl Processor {
    /// Prepares the scratch folder: makes it, and removes work that an earlier process left.
    pub async fn new(settings: MediaSettings) -> Result<Self, MediaError> {
        let folder = settings.scratch.clone();
        in_background(move || scratch::prepare(&folder)).await?;
        Ok(Self::with(settings))
    }

    /// [`Processor::new`] for callers outside a runtime, at start.
    pub fn open_blocking(settings: MediaSettings) -> Result<Self, MediaError> {
        scratch::prepare(&settings.scratch)?;
        Ok(Self::with(settings))
    }

    fn with(settings: MediaSettings) -> Self {
        Self {
            settings: Arc::new(settings),
            turn: Arc::new(Semaphore::new(1)),
            tool_turn: Arc::new(Semaphore::new(1)),
        }
    }

    /// Tells what a file is, or refuses it, without decoding anything: a quick answer while the
    /// client waits.
    pub async fn identify(&self, input: &Path) -> Result<MediaType, MediaError> {
        let path = input.to_path_buf();
        let (head, tail, length) = in_background(move || read_ends(&path)).await?;
        let media_type = sniff::identify(&head, &tail)?;
        let limits = &self.settings.limits;
        let most = match media_type.family() {
            Family::Image => limits.image_bytes,
            Family::Video | Family::Audio => limits.media_bytes,
        };
        if length > most {
            return Err(Refusal::TooManyBytes(most).into());
        }
        Ok(media_type)
    }

    /// Makes the files of an attachment from any kind of media.
    pub async fn process_attachment(&self, input: &Path) -> Result<Processed, MediaError> {
        let media_type = self.identify(input).await?;
        match media_type.family() {
            Family::Image => self.process_image(input, Purpose::Attachment, Focus::default()).await,
            Family::Video | Family::Audio => self.process_media(input, media_type).await,
        }
    }

    /// Makes the files of an image. `focus` decides where faces and banners are cut. `input` is only
    /// read.
    pub async fn process_image(
        &self,
        input: &Path,
        purpose: Purpose,
        focus: Focus,
    ) -> Result<Processed, MediaError> {
        let media_type = self.identify(input).await?;
        if media_type.family() != Family::Image {
            return Err(Refusal::Unsupported(media_type.mime().to_owned()).into());
        }
        let workspace = self.workspace().await?;
        let answer = self.decode_image(input, media_type, purpose, focus, &workspace).await?;
        let files = (
            answer.original.map(|file| written_file(file, workspace.file("original"))),
            answer.small.map(|file| written_file(file, workspace.file("small"))),
        );
        let (original, small) = match files {
            (Some(original), small) => (original, small),
            (None, Some(small)) => (small, None),
            (None, None) => return Err(MediaError::Helper("nothing was written".to_owned())),
        };
        let processed = Processed {
            kind: MediaKind::Image,
            original,
            small,
            blurhash: answer.blurhash,
            details: None,
            workspace,
        };
        if answer.moving && purpose == Purpose::Attachment {
            return self.animate(processed).await;
        }
        Ok(processed)
    }

    /// A private folder for the time of one piece of work; what a killed process leaves in it goes
    /// when the next one starts.
    pub async fn workspace(&self) -> Result<Workspace, MediaError> {
        let scratch = self.settings.scratch.clone();
        in_background(move || Workspace::create(&scratch)).await
    }

    pub(crate) async fn decode_image(
        &self,
        input: &Path,
        media_type: MediaType,
        purpose: Purpose,
        focus: Focus,
        workspace: &Workspace,
    ) -> Result<ImageAnswer, MediaError> {
        let limits = &self.settings.limits;
        let file_bytes =
            if purpose == Purpose::Emoji { limits.emoji_bytes } else { limits.image_bytes };
        let request = Request::Image(ImageRequest {
            input: absolute(input)?,
            media_type,
            original: absolute(&workspace.file("original"))?,
            small: absolute(&workspace.file("small"))?,
            purpose,
            focus,
            bounds: Bounds {
                file_bytes,
                image_pixels: limits.image_pixels,
                whole_pixels: limits.whole_pixels,
                frames: limits.frames,
            },
            resources: Resources {
                memory: limits.child_memory,
                cpu_seconds: limits.child_cpu_seconds,
                file_bytes: limits.image_bytes.saturating_mul(4),
                open_files: 0,
            },
        });
        match self.ask_child(&request, workspace).await? {
            Answer::Done(answer) => Ok(answer),
            other => Err(unexpected(other)),
        }
    }

    /// Copies an MP4-like file into the workspace without its metadata.
    pub(crate) async fn scrub(
        &self,
        input: &Path,
        output: &Path,
        workspace: &Workspace,
    ) -> Result<Scrubbed, MediaError> {
        let limits = &self.settings.limits;
        let request = Request::Scrub(ScrubRequest {
            input: absolute(input)?,
            output: absolute(output)?,
            resources: Resources {
                memory: limits.child_memory,
                cpu_seconds: limits.child_cpu_seconds,
                file_bytes: limits.media_bytes,
                open_files: 0,
            },
        });
        match self.ask_child(&request, workspace).await? {
            Answer::Scrubbed(found) => Ok(found),
            other => Err(unexpected(other)),
        }
    }

    /// One question at a time.
    async fn ask_child(
        &self,
        request: &Request,
        workspace: &Workspace,
    ) -> Result<Answer, MediaError> {
        let settings = &self.settings;
        let finished = {
            let _turn = self.turn.acquire().await.map_err(closed)?;
            let wait = settings.limits.child_wait;
            spawn::run(&settings.helper_exe, workspace.path(), request, wait).await?
        };
        serde_json::from_slice(&finished.output)
            .map_err(|_| MediaError::Helper(format!("no answer: {}", finished.complaint)))
    }
}

fn unexpected(answer: Answer) -> MediaError {
    match answer {
        Answer::Refused(refusal) => refusal.into(),
        Answer::Failed(reason) => MediaError::Helper(reason),
        Answer::Done(_) | Answer::Scrubbed(_) => {
            MediaError::Helper("the answer of another question".to_owned())
        }
    }
}

pub(crate) fn written_file(written: Written, path: PathBuf) -> MediaFile {
    MediaFile {
        path,
        media_type: written.media_type,
        dimensions: Some(written.dimensions),
        bytes: written.bytes,
    }
}

pub(crate) fn closed<E>(_: E) -> MediaError {
    MediaError::Helper("shutting down".to_owned())
}

pub(crate) async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, MediaError> {
    Ok(tokio::task::spawn_blocking(work).await.map_err(closed)??)
}

/// The child works in another folder.
pub(crate) fn absolute(path: &Path) -> Result<PathBuf, MediaError> {
    Ok(std::path::absolute(path)?)
}

fn read_ends(path: &Path) -> std::io::Result<(Vec<u8>, Vec<u8>, u64)> {
    let mut file = std::fs::File::open(path)?;
    let length = file.metadata()?.len();
    let (mut head, mut tail) = (Vec::new(), Vec::new());
    (&mut file).take(sniff::HEAD as u64).read_to_end(&mut head)?;
    file.seek(SeekFrom::Start(length.saturating_sub(sniff::TAIL as u64)))?;
    file.take(sniff::TAIL as u64).read_to_end(&mut tail)?;
    Ok((head, tail, length))
}
