//! The job that makes clean files of a kept upload. A killed process changes nothing: the bytes as
//! they came stay until the transaction that notes the result.

use std::path::PathBuf;
use std::sync::Arc;

use blob::Key;
use domain::MediaId;
use domain::media::{Media, MediaState};
use domain::time::MINUTE;
use media::{Processed, Workspace};
use store::Conn;

use super::keep::disk;
use super::receive::{as_json, store_files};
use super::{Kept, remove_later};
use crate::{App, AppError, Result};

/// Faults of ours are retried for so long; then the client is told that it failed.
const LONGEST: i64 = 3 * MINUTE;

pub(crate) async fn process(app: &Arc<App>, id: MediaId) -> Result<()> {
    let found = app.read(move |conn| Box::pin(store::media::by_id(conn, id))).await?;
    let Some(media) = found.filter(|media| media.state == MediaState::Processing) else {
        return Ok(());
    };
    let result = match work(app, &media).await {
        Ok(made) => note(app, media, Some(made)).await,
        Err(Trouble::File(error)) => {
            tracing::info!(%error, "an upload was refused while it was processed");
            note(app, media, None).await
        }
        Err(Trouble::Ours(error)) if app.now().since(media.created_at) > LONGEST => {
            note(app, media, None).await?;
            Err(error)
        }
        Err(Trouble::Ours(error)) => Err(error),
    };
    app.upload_processed.notify_waiters();
    result
}

/// What went wrong, and whose fault it is.
enum Trouble {
    File(media::MediaError),
    Ours(AppError),
}

async fn work(app: &Arc<App>, media: &Media) -> Result<(Media, Kept), Trouble> {
    let (_folder, input) = lend(app, media).await.map_err(Trouble::Ours)?;
    let processed = app.processor.process_attachment(&input).await.map_err(|error| {
        if error.is_refusal() {
            Trouble::File(error)
        } else {
            Trouble::Ours(AppError::Internal(error.to_string()))
        }
    })?;
    made(app, media, &processed).await.map_err(Trouble::Ours)
}

async fn made(app: &Arc<App>, media: &Media, processed: &Processed) -> Result<(Media, Kept)> {
    let mut done = media.clone();
    let kept = store_files(app, processed, &mut done).await?;
    Ok((done, kept))
}

/// Writes the result, unless the upload was deleted or finished meanwhile.
async fn note(app: &Arc<App>, media: Media, made: Option<(Media, Kept)>) -> Result<()> {
    let context = app.clone();
    app.write(move |conn| {
        Box::pin(async move {
            let now = store::media::locked(conn, media.id).await?;
            match (now.filter(|now| now.state == MediaState::Processing), made) {
                (Some(now), Some((done, kept))) => succeed(&context, conn, &now, done, &kept).await,
                (Some(now), None) => fail(&context, conn, now).await,
                (None, Some((_, kept))) => kept.give_up(&context, conn).await,
                (None, None) => Ok(()),
            }
        })
    })
    .await
}

async fn succeed(
    app: &App,
    conn: &mut Conn,
    now: &Media,
    mut done: Media,
    kept: &Kept,
) -> Result<()> {
    let mut unused: Vec<String> = now.file_key.iter().cloned().collect();
    // A poster of the client's own choice stays.
    if now.preview_key.is_some() {
        unused.extend(done.preview_key.take());
        done.preview_key.clone_from(&now.preview_key);
        done.blurhash.clone_from(&now.blurhash);
        let mut meta: media::Meta = serde_json::from_str(&done.meta).unwrap_or_default();
        let before: media::Meta = serde_json::from_str(&now.meta).unwrap_or_default();
        meta.small = before.small;
        done.meta = as_json(&meta)?;
    }
    kept.settle(conn).await?;
    store::media::finish(conn, &done).await?;
    remove_later(app, conn, unused).await
}

async fn fail(app: &App, conn: &mut Conn, now: Media) -> Result<()> {
    let unused = super::keys_of(&now);
    let failed = Media {
        state: MediaState::Failed,
        file_key: None,
        preview_key: None,
        blurhash: None,
        ..now
    };
    store::media::finish(conn, &failed).await?;
    remove_later(app, conn, unused).await
}

/// The kept bytes under a path of their own, for as long as the folder lives.
async fn lend(app: &App, media: &Media) -> Result<(Workspace, PathBuf)> {
    let lost = || AppError::Internal("the bytes of an upload are not there".to_owned());
    let key = media.file_key.as_deref().ok_or_else(lost)?;
    let key = Key::parse(key).map_err(|_| lost())?;
    let folder = app.processor.workspace().await;
    let folder = folder.map_err(|error| AppError::Internal(error.to_string()))?;
    let path = folder.path().join("input");
    if app.blobs.lend(&key, &path).await.map_err(disk)? { Ok((folder, path)) } else { Err(lost()) }
}
