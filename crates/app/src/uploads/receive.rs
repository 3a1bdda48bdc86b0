//! Taking an upload in: a picture at once if that is quick, everything else through the queue.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use domain::AccountId;
use domain::media::{Media, MediaKind, MediaState};
use media::{Family, MediaType, Processed, Purpose};
use tokio::time::{Instant, timeout, timeout_at};

use super::{BACKLOG, Description, keep, refuse};
use crate::access::Me;
use crate::jobs::{Job, enqueue};
use crate::{App, AppError, Result};

/// How long a request waits for a picture before the queue takes over.
const QUICK: Duration = Duration::from_secs(10);
/// How long a client that asked to wait does so.
const LONG: Duration = Duration::from_secs(60);
/// How often another process's work is looked for meanwhile.
const LOOK: Duration = Duration::from_secs(1);

/// A received file that is to become an attachment.
pub struct Upload {
    /// Where the bytes lie; the caller removes the file afterwards if it is still there.
    pub file: PathBuf,
    /// A poster for a video or a sound, likewise.
    pub thumbnail: Option<PathBuf>,
    /// What it shows, and its point of interest.
    pub description: Description,
}

/// What a client does while the work goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// It comes back and asks.
    AsksAgain,
    /// It waits for the answer.
    Waits,
}

/// Takes an upload in. The answer is ready, or still being processed.
///
/// # Errors
/// [`AppError::Invalid`] and [`AppError::Unprocessable`] for a file that is not taken,
/// [`AppError::Busy`] when too many wait.
pub async fn receive(app: &Arc<App>, me: &Me, upload: Upload, patience: Patience) -> Result<Media> {
    upload.description.check()?;
    let media_type =
        app.processor.identify(&upload.file).await.map_err(|error| refuse("File", error))?;
    let mut media = blank(app, me.id(), media_type);
    upload.description.apply(&mut media);
    if media_type.family() == Family::Image
        && let Some(done) = at_once(app, &media, &upload.file).await?
    {
        return Ok(done);
    }
    let poster = match upload.thumbnail.filter(|_| media_type.family() != Family::Image) {
        Some(path) => Some(thumbnail(app, &path).await?),
        None => None,
    };
    let queued = queue(app, media, upload.file, poster).await?;
    match patience {
        Patience::AsksAgain => Ok(queued),
        Patience::Waits => wait_for(app, queued).await,
    }
}

/// Makes clean files of one that is here already, however long that takes. The row is the caller's to
/// write, in the transaction that settles the files.
pub(crate) async fn take_in(
    app: &Arc<App>,
    owner: AccountId,
    file: &std::path::Path,
) -> Result<(Media, super::Kept)> {
    let media_type = app.processor.identify(file).await.map_err(|error| refuse("File", error))?;
    let mut media = blank(app, owner, media_type);
    let processed = app.processor.process_attachment(file).await;
    let processed = processed.map_err(|error| refuse("File", error))?;
    let kept = store_files(app, &processed, &mut media).await?;
    Ok((media, kept))
}

/// The small picture made of a thumbnail that a client sent.
pub(super) async fn thumbnail(app: &App, path: &std::path::Path) -> Result<Processed> {
    let _place = place(app)?;
    app.processor
        .process_image(path, Purpose::Thumbnail, media::Focus::default())
        .await
        .map_err(|error| refuse("Thumbnail", error))
}

/// A place among those who wait for a picture.
pub(crate) fn place(app: &App) -> Result<tokio::sync::SemaphorePermit<'_>> {
    app.upload_places.try_acquire().map_err(|_| busy())
}

fn busy() -> AppError {
    AppError::Busy("Too many uploads are being processed; try again in a moment".to_owned())
}

/// `None` when there is no place or it takes too long: then the queue does it.
async fn at_once(app: &Arc<App>, media: &Media, file: &std::path::Path) -> Result<Option<Media>> {
    let Ok(_place) = place(app) else { return Ok(None) };
    let work = app.processor.process_attachment(file);
    let Ok(processed) = timeout(QUICK, work).await else { return Ok(None) };
    let processed = processed.map_err(|error| refuse("File", error))?;
    let mut media = media.clone();
    let kept = store_files(app, &processed, &mut media).await?;
    app.write(move |conn| {
        Box::pin(async move {
            kept.settle(conn).await?;
            store::media::insert(conn, &media).await?;
            Ok::<_, AppError>(Some(media))
        })
    })
    .await
}

/// Keeps the bytes as they came and queues the work on them, all durable before the answer.
async fn queue(
    app: &Arc<App>,
    mut media: Media,
    file: PathBuf,
    poster: Option<Processed>,
) -> Result<Media> {
    let waiting = app.read(|conn| Box::pin(store::media::processing(conn))).await?;
    if waiting >= BACKLOG {
        return Err(busy());
    }
    let mut files = vec![(file, None)];
    if let Some(poster) = &poster {
        files.push((poster.original.path.clone(), Some(poster.original.media_type)));
    }
    let kept = keep(app, files).await?;
    let mut keys = kept.keys.iter().cloned();
    media.file_key = keys.next();
    if let Some(poster) = &poster {
        set_poster(&mut media, poster, keys.next())?;
    }
    let context = app.clone();
    app.write(move |conn| {
        Box::pin(async move {
            kept.settle(conn).await?;
            store::media::insert(conn, &media).await?;
            let job = Job::ProcessMedia { media: media.id };
            enqueue(&context, conn, &job, context.now()).await?;
            Ok::<_, AppError>(media)
        })
    })
    .await
}

/// Waits until the upload is ready or failed, or patience ends.
async fn wait_for(app: &App, queued: Media) -> Result<Media> {
    let until = Instant::now() + LONG;
    let id = queued.id;
    loop {
        let rung = app.upload_processed.notified();
        let found = app.read(move |conn| Box::pin(store::media::by_id(conn, id))).await?;
        match found {
            None => return Err(AppError::NotFound),
            Some(media) if media.state == MediaState::Failed => return Err(failed()),
            Some(media) if media.state == MediaState::Ready || Instant::now() >= until => {
                return Ok(media);
            }
            Some(_) => {}
        }
        // Whether it rang or time passed, the row says how far it is.
        let _ = timeout_at(until.min(Instant::now() + LOOK), rung).await;
    }
}

pub(super) fn failed() -> AppError {
    AppError::Unprocessable("Error processing the uploaded media".to_owned())
}

fn blank(app: &App, account: AccountId, media_type: MediaType) -> Media {
    Media {
        id: app.ids.next(),
        account_id: account,
        status_id: None,
        kind: match media_type.family() {
            Family::Image => MediaKind::Image,
            Family::Video => MediaKind::Video,
            Family::Audio => MediaKind::Audio,
        },
        state: MediaState::Processing,
        file_key: None,
        content_type: media_type.mime().to_owned(),
        preview_key: None,
        description: String::new(),
        focus_x: 0,
        focus_y: 0,
        blurhash: None,
        meta: "{}".to_owned(),
        bytes: 0,
        position: 0,
        remote_url: None,
        created_at: app.now(),
    }
}

/// Moves the clean files into the store and notes them in `media`, which becomes ready.
pub(super) async fn store_files(
    app: &Arc<App>,
    processed: &Processed,
    media: &mut Media,
) -> Result<super::Kept> {
    let mut files = vec![(processed.original.path.clone(), Some(processed.original.media_type))];
    let mut bytes = processed.original.bytes;
    if let Some(small) = &processed.small {
        files.push((small.path.clone(), Some(small.media_type)));
        bytes += small.bytes;
    }
    let kept = keep(app, files).await?;
    let mut keys = kept.keys.iter().cloned();
    media.kind = match processed.kind {
        media::MediaKind::Image => MediaKind::Image,
        media::MediaKind::Gifv => MediaKind::Gifv,
        media::MediaKind::Video => MediaKind::Video,
        media::MediaKind::Audio => MediaKind::Audio,
    };
    media.state = MediaState::Ready;
    processed.original.media_type.mime().clone_into(&mut media.content_type);
    media.file_key = keys.next();
    media.preview_key = keys.next();
    media.blurhash.clone_from(&processed.blurhash);
    media.meta = as_json(&processed.meta())?;
    media.bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
    Ok(kept)
}

/// Notes another small picture in `media`, made by [`thumbnail`] and stored under `key`.
pub(super) fn set_poster(media: &mut Media, poster: &Processed, key: Option<String>) -> Result<()> {
    let mut meta: media::Meta = serde_json::from_str(&media.meta).unwrap_or_default();
    meta.small = poster.meta().original;
    media.meta = as_json(&meta)?;
    media.blurhash.clone_from(&poster.blurhash);
    media.preview_key = key;
    Ok(())
}

pub(super) fn as_json(meta: &media::Meta) -> Result<String> {
    serde_json::to_string(meta).map_err(|error| AppError::Internal(error.to_string()))
}
