//! Opening a file of another server for a reader: from the cache, or after fetching it.

use std::sync::Arc;
use std::time::Duration;

use blob::Key;
use domain::Timestamp;
use domain::time::{DAY, HOUR, MINUTE};
use media::MediaType;
use store::remote_files::{self, RemoteFile};

use super::fill::{HOPELESS, is_wanted};
use crate::uploads::{Stored, disk};
use crate::{App, Result};

/// How long a reader waits for another server. The fetch goes on without the reader.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long a reader who came too early stays away, in seconds.
const SOON: i64 = 5;

/// What became of a wish for a file.
pub enum Opened {
    /// Here it is.
    File(Stored),
    /// There is no such file, or none that may be shown.
    Nothing,
    /// Not now: its server is slow, away, or was asked in vain a short while ago.
    Later {
        /// Seconds until it is worth another try.
        seconds: i64,
    },
}

/// The file of another server with this key.
///
/// # Errors
/// [`crate::AppError`] when the database or the disk fails.
pub async fn open(app: &Arc<App>, key: &str) -> Result<Opened> {
    let Some(file) = row(app, key).await? else { return Ok(Opened::Nothing) };
    let Ok(url) = file.url.parse() else { return Ok(Opened::Nothing) };
    // A rule that came after the file holds for what is in the cache as well (F12).
    if !is_wanted(app, &url).await? {
        return Ok(Opened::Nothing);
    }
    if let Some(stored) = from_cache(app, &file).await? {
        return Ok(Opened::File(stored));
    }
    if let Some(refusal) = refusal(&file, app.now()) {
        return Ok(refusal);
    }
    let Some(mut running) = app.fills.start(app, &file) else {
        return Ok(Opened::Later { seconds: SOON });
    };
    // The end of the filler ends this: nothing is ever sent.
    if tokio::time::timeout(PATIENCE, running.changed()).await.is_err() {
        return Ok(Opened::Later { seconds: SOON });
    }
    let Some(file) = row(app, key).await? else { return Ok(Opened::Nothing) };
    match from_cache(app, &file).await? {
        Some(stored) => Ok(Opened::File(stored)),
        None => Ok(refusal(&file, app.now()).unwrap_or(Opened::Later { seconds: SOON })),
    }
}

async fn row(app: &App, key: &str) -> Result<Option<RemoteFile>> {
    let key = key.to_owned();
    app.read(move |conn| Box::pin(async move { Ok(remote_files::by_key(conn, &key).await?) })).await
}

/// The bytes, if they are there: a row without them is filled again.
async fn from_cache(app: &App, file: &RemoteFile) -> Result<Option<Stored>> {
    let known = file.content_type.as_deref().and_then(MediaType::from_mime);
    let (Some(_), Some(media_type)) = (file.cached_at, known) else { return Ok(None) };
    let Ok(key) = Key::parse(file.key.as_str()) else { return Ok(None) };
    let Some(object) = app.blobs.get(&key).await.map_err(disk)? else { return Ok(None) };
    note_use(app, file).await;
    Ok(Some(Stored { object, content_type: media_type.mime() }))
}

/// Once an hour is exact enough to know what is looked at.
async fn note_use(app: &App, file: &RemoteFile) {
    let now = app.now();
    if now.since(file.used_at) < HOUR {
        return;
    }
    let key = file.key.clone();
    let noted = app
        .store
        .write(move |conn| Box::pin(async move { remote_files::used(conn, &key, now).await }))
        .await;
    if let Err(error) = noted {
        tracing::debug!(%error, "the use of a cached file was not noted");
    }
}

/// What to say without asking, when its server was asked in vain a short while ago.
fn refusal(file: &RemoteFile, now: Timestamp) -> Option<Opened> {
    let failed_at = file.failed_at?;
    let again = failed_at.plus(pause(file.failures));
    if now.since(again) >= 0 {
        return None;
    }
    if file.failures >= HOPELESS {
        return Some(Opened::Nothing);
    }
    Some(Opened::Later { seconds: again.since(now) / 1000 + 1 })
}

/// 5 minutes, 10, 20, … and at most a day.
fn pause(failures: i64) -> i64 {
    let doublings = u32::try_from(failures - 1).unwrap_or(0).min(10);
    ((5 * MINUTE) << doublings).min(DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_host_is_asked_more_and_more_rarely() {
        let pauses: Vec<i64> = (1..=3).map(pause).collect();
        assert_eq!(pauses, [5 * MINUTE, 10 * MINUTE, 20 * MINUTE]);
        assert_eq!((pause(100), pause(0)), (DAY, 5 * MINUTE));
    }
}
