//! The end of attachments: files go with the last row that names them.

use std::sync::Arc;
use std::time::Duration;

use domain::media::Media;
use domain::{StatusId, Timestamp};
use store::Conn;

use super::remove_later;
use crate::{App, AppError, Result};

/// Uploads removed in one sweep; the next one takes the rest.
const SWEPT: i64 = 500;
/// Nothing is on its way through the scratch folder for so long.
const ON_ITS_WAY: Duration = Duration::from_secs(6 * 3600);

/// What becomes of the media of a deleted status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// They hang on nothing for a day, to be posted again.
    ForRedraft,
    /// They go now (V06).
    ForGood,
}

/// Takes the media off a status, in the transaction that deletes it and before it does.
///
/// # Errors
/// [`AppError::Store`].
pub async fn release(app: &App, conn: &mut Conn, status: StatusId, release: Release) -> Result<()> {
    match release {
        Release::ForRedraft => store::media::detach(conn, status, app.now()).await?,
        Release::ForGood => {
            let mut media = store::media::of_statuses(conn, &[status]).await?;
            let mut keys = Vec::new();
            for media in media.remove(&status).unwrap_or_default() {
                store::media::delete(conn, media.id).await?;
                keys.extend(keys_of(&media));
            }
            remove_later(app, conn, keys).await?;
        }
    }
    Ok(())
}

/// The stored files of an attachment.
pub(crate) fn keys_of(media: &Media) -> Vec<String> {
    media.file_key.iter().chain(&media.preview_key).cloned().collect()
}

/// Removes uploads that were never posted and are older than `before`; those of scheduled statuses
/// stay.
pub(crate) async fn sweep(app: &App, conn: &mut Conn, before: Timestamp) -> Result<()> {
    let stale = store::media::stale(conn, before, SWEPT).await?;
    let mut owners: Vec<_> = stale.iter().map(|media| media.account_id).collect();
    owners.sort_unstable();
    owners.dedup();
    let wanted = store::media::scheduled(conn, &owners).await?;
    let mut keys = Vec::new();
    for media in stale.iter().filter(|media| !wanted.contains(&media.id)) {
        if store::media::delete_unattached(conn, media.id).await? {
            keys.extend(keys_of(media));
        }
    }
    remove_later(app, conn, keys).await
}

/// Removes what killed processes left in the scratch folder and beside the store.
pub(crate) async fn sweep_scratch(app: &Arc<App>) -> Result<()> {
    let now = std::time::UNIX_EPOCH
        + Duration::from_millis(u64::try_from(app.now().0).unwrap_or_default());
    let failed = |error: &dyn std::fmt::Display| AppError::Internal(error.to_string());
    app.blobs.sweep(now, ON_ITS_WAY).await.map_err(|error| failed(&error))?;
    let folder = app.scratch();
    let removed = tokio::task::spawn_blocking(move || remove_old_files(&folder, now)).await;
    removed.map_err(|error| failed(&error))?.map_err(|error| failed(&error))
}

/// Folders are those of the media room, which removes them itself.
fn remove_old_files(folder: &std::path::Path, now: std::time::SystemTime) -> std::io::Result<()> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        // A file that is gone by now is what was wanted.
        let Ok(metadata) = entry.metadata() else { continue };
        let old = metadata
            .modified()
            .is_ok_and(|at| now.duration_since(at).is_ok_and(|age| age >= ON_ITS_WAY));
        if metadata.is_file() && old {
            let _ = std::fs::remove_file(entry.path());
        }
    }
    Ok(())
}
