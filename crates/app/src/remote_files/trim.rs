//! Keeping the cache within its bound, and forgetting files.

use std::sync::Arc;

use blob::Key;
use domain::time::DAY;
use store::{Conn, remote_files, settings};

use crate::jobs::{Job, enqueue};
use crate::uploads::disk;
use crate::urls::Urls;
use crate::{App, Result};

/// Files that leave the cache in one transaction.
const AT_ONCE: i64 = 500;

/// Takes files out of the cache until `bytes` more fit. Their bytes go after the commit; a job sees
/// to it should this process be killed before.
pub(super) async fn make_room(app: &App, conn: &mut Conn, bytes: i64) -> Result<Vec<String>> {
    let cap = i64::try_from(app.config.federation.media_cache_bytes).unwrap_or(i64::MAX);
    let evicted = remote_files::evict(conn, cap.saturating_sub(bytes), AT_ONCE).await?;
    if !evicted.is_empty() {
        let job = Job::DropUncached { keys: evicted.clone() };
        enqueue(app, conn, &job, app.now()).await?;
    }
    Ok(evicted)
}

/// Brings the cache within its bound, after that was lowered.
///
/// # Errors
/// [`crate::AppError`] when the database fails.
pub(crate) async fn trim(app: &Arc<App>) -> Result<()> {
    loop {
        let context = app.clone();
        let evicted = app
            .write(move |conn| Box::pin(async move { make_room(&context, conn, 0).await }))
            .await?;
        if evicted.is_empty() {
            return Ok(());
        }
    }
}

/// Files looked at in one run of [`sweep`].
const SLICE: i64 = 1_000;
/// How long nobody must have looked at a file to which nothing refers.
const UNUSED: i64 = 14 * DAY;
/// The setting that says how far the last run came.
const SWEPT: &str = "remote_files_swept";

/// Forgets files to which nothing refers any more, a slice of all files in each run.
///
/// # Errors
/// [`crate::AppError`] when the database fails.
pub(crate) async fn sweep(app: &App, conn: &mut Conn) -> Result<()> {
    let above = settings::get(conn, SWEPT).await?.unwrap_or_default();
    let before = app.now().plus(-UNUSED);
    let (last, gone) = remote_files::sweep(conn, &above, SLICE, before).await?;
    settings::set(conn, SWEPT, &last.unwrap_or_default()).await?;
    if gone.is_empty() {
        return Ok(());
    }
    enqueue(app, conn, &Job::DropUncached { keys: gone }, app.now()).await
}

/// Removes the bytes of files that are not in the cache any more. One that came back meanwhile
/// stays.
///
/// # Errors
/// [`crate::AppError`] when the database or the disk fails.
pub(crate) async fn drop_uncached(app: &App, keys: &[String]) -> Result<()> {
    for key in keys {
        let Ok(blob_key) = Key::parse(key.as_str()) else { continue };
        let key = key.clone();
        let known = app
            .read(move |conn| {
                Box::pin(async move {
                    Ok::<_, crate::AppError>(remote_files::by_key(conn, &key).await?)
                })
            })
            .await?;
        if known.as_ref().is_none_or(|file| file.cached_at.is_none()) {
            app.blobs.delete(&blob_key).await.map_err(disk)?;
        }
        if known.is_none() {
            // One that only left this cache may stay in others.
            app.gone.note(Urls::file_path(blob_key.as_str()));
        }
    }
    Ok(())
}

/// Forgets the file of an attachment that is gone, with its bytes, unless another attachment shows
/// it (F16).
///
/// # Errors
/// [`crate::AppError`] when the database or the disk fails.
pub(crate) async fn forget(app: &App, key: &Key) -> Result<()> {
    let name = key.to_string();
    let forgotten = app
        .store
        .write(move |conn| Box::pin(async move { remote_files::forget(conn, &name).await }))
        .await?;
    if forgotten {
        app.blobs.delete(key).await.map_err(disk)?;
        app.gone.note(Urls::file_path(key.as_str()));
    }
    Ok(())
}
