//! Fetching a file into the cache: one filler a file however many wait for it, and a bound on
//! fillers. A filler is a task of its own, so that a reader who goes away wastes nothing.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use activitypub::Uri;
use blob::Key;
use media::MediaType;
use net::Get;
use store::domain_rules;
use store::remote_files::{self, RemoteFile};
use tokio::sync::{Semaphore, watch};
use url::Url;

use super::trim;
use crate::uploads::disk;
use crate::{App, AppError, Result};

/// Files fetched at once.
const AT_ONCE: usize = 8;
/// Files fetched and waiting to be.
const MOST_WAITING: usize = 128;
/// Bytes of one file (`security.md`).
const MOST_BYTES: u64 = 40 * 1024 * 1024;
/// As many failures in a row say that it will not come; one that does not pass counts as many.
pub(super) const HOPELESS: i64 = 8;

const ACCEPT: &str = "image/webp,image/png,image/jpeg,image/gif,video/*,audio/*;q=0.8,*/*;q=0.1";

/// The files that are being fetched.
pub struct Fills {
    running: Mutex<HashMap<String, watch::Receiver<()>>>,
    places: Semaphore,
}

impl Default for Fills {
    fn default() -> Self {
        Self { running: Mutex::default(), places: Semaphore::new(AT_ONCE) }
    }
}

/// Why a file is not in the cache.
enum Failure {
    /// Its server may have it later.
    Passing(String),
    /// There is nothing to be had.
    Lasting(String),
    /// Ours: nothing is noted.
    Own(AppError),
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        Self::Own(error)
    }
}

impl Fills {
    /// Starts a filler for this file, or joins the one that runs. What is returned changes when it
    /// has ended. `None` when too many are waiting.
    pub(super) fn start(&self, app: &Arc<App>, file: &RemoteFile) -> Option<watch::Receiver<()>> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = running.get(&file.key) {
            return Some(running.clone());
        }
        if running.len() >= MOST_WAITING {
            return None;
        }
        let (ended, waiting) = watch::channel(());
        running.insert(file.key.clone(), waiting.clone());
        let (app, file) = (app.clone(), file.clone());
        tokio::spawn(async move {
            let filler = Filler { app: &app, key: &file.key };
            if let Ok(_place) = app.fills.places.acquire().await {
                fill(&app, &file).await;
            }
            drop(filler);
            drop(ended);
        });
        Some(waiting)
    }
}

/// Leaves the table when dropped, also when the filler panics.
struct Filler<'f> {
    app: &'f App,
    key: &'f str,
}

impl Drop for Filler<'_> {
    fn drop(&mut self) {
        let mut running = self.app.fills.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.remove(self.key);
    }
}

async fn fill(app: &Arc<App>, file: &RemoteFile) {
    let weight = match fetch(app, file).await {
        Ok(()) => return,
        Err(Failure::Own(error)) => {
            tracing::error!(%error, "a file of another server cannot be kept");
            return;
        }
        Err(Failure::Passing(why)) => {
            tracing::debug!(url = %file.url, why, "a file of another server did not come");
            1
        }
        Err(Failure::Lasting(why)) => {
            tracing::debug!(url = %file.url, why, "a file of another server is none for us");
            HOPELESS
        }
    };
    let (key, now) = (file.key.clone(), app.now());
    let noted = app
        .store
        .write(move |conn| {
            Box::pin(async move { remote_files::failed(conn, &key, weight, now).await })
        })
        .await;
    if let Err(error) = noted {
        tracing::warn!(%error, "a failure was not noted; the file is asked for again");
    }
}

async fn fetch(app: &Arc<App>, file: &RemoteFile) -> Result<(), Failure> {
    let url: Url = file.url.parse().map_err(|_| Failure::Lasting("no address".into()))?;
    if !is_wanted(app, &url).await? {
        return Err(Failure::Lasting("a rule says no".into()));
    }
    let workspace = app.processor.workspace().await;
    let workspace = workspace.map_err(|error| AppError::Internal(error.to_string()))?;
    let path = workspace.file("remote");
    download(app, &url, &path).await?;
    // The type is what the bytes are (M06); what the other server says of them is not asked.
    let media_type = app.processor.identify(&path).await.map_err(|error| match error {
        media::MediaError::Refused(refusal) => Failure::Lasting(refusal.to_string()),
        other => Failure::Own(AppError::Internal(other.to_string())),
    })?;
    keep(app, file, &path, media_type).await
}

/// Whether files at this address are wanted here at all, by the rules as they are now.
pub(super) async fn is_wanted(app: &App, url: &Url) -> Result<bool, AppError> {
    // In the spelling that rules have: a dot at the end or a port is no way around them (F12).
    let Some(host) = Uri::parse(url.as_str()).map(|uri| uri.host()) else { return Ok(false) };
    if !app.config.federation.enabled {
        return Ok(false);
    }
    app.read(move |conn| {
        Box::pin(async move { Ok(!domain_rules::rejects_media(conn, &host).await?) })
    })
    .await
}

/// Keeps a download from being redirected to where no files are wanted from.
struct Gate<'a>(&'a App);

impl net::Gate for Gate<'_> {
    fn opens<'g>(&'g self, to: &'g Url) -> net::Opening<'g> {
        Box::pin(async move { is_wanted(self.0, to).await.unwrap_or(false) })
    }
}

async fn download(app: &App, url: &Url, to: &Path) -> Result<(), Failure> {
    let cap = most_bytes(app);
    let file = tokio::fs::File::create(to).await;
    let mut file = file.map_err(|error| AppError::Internal(error.to_string()))?;
    let most_bytes = usize::try_from(cap).unwrap_or(usize::MAX);
    let gate = Gate(app);
    let get = Get { url, accept: ACCEPT, most_bytes, signer: None, gate: Some(&gate) };
    let answer = app.net.download(get, &mut file).await.map_err(|error| match &error {
        net::NetError::NotKept(..) => Failure::Own(AppError::Internal(error.to_string())),
        _ if error.is_transient() => Failure::Passing(error.to_string()),
        _ => Failure::Lasting(error.to_string()),
    })?;
    let said = format!("it answered {}", answer.status);
    match answer.status.as_u16() {
        200..=299 => Ok(()),
        400 | 401 | 403 | 404 | 405 | 406 | 410 | 451 => Err(Failure::Lasting(said)),
        _ => Err(Failure::Passing(said)),
    }
}

/// One file may take a quarter of the cache, so that it cannot push out all the others.
fn most_bytes(app: &App) -> u64 {
    MOST_BYTES.min(app.config.federation.media_cache_bytes / 4)
}

/// Makes room, notes the file, and stores its bytes, in this order: the disk never holds more than
/// the cache may have. A kill between the last two leaves a row without bytes, which is filled anew.
async fn keep(
    app: &Arc<App>,
    file: &RemoteFile,
    path: &Path,
    media_type: MediaType,
) -> Result<(), Failure> {
    let length = tokio::fs::metadata(path).await;
    let length = length.map_err(|error| AppError::Internal(error.to_string()))?.len();
    let bytes = i64::try_from(length).unwrap_or(i64::MAX);
    let (context, key, now) = (app.clone(), file.key.clone(), app.now());
    let evicted = app
        .write(move |conn| {
            Box::pin(async move {
                let evicted = trim::make_room(&context, conn, bytes).await?;
                let mime = media_type.mime();
                let known = remote_files::cached(conn, &key, mime, bytes, now).await?;
                Ok::<_, AppError>(known.then_some(evicted))
            })
        })
        .await?;
    // Forgotten while it was on its way (F16).
    let Some(evicted) = evicted else { return Ok(()) };
    trim::drop_uncached(app, &evicted).await?;
    let key =
        Key::parse(file.key.as_str()).map_err(|error| AppError::Internal(error.to_string()))?;
    Ok(app.blobs.put_file(&key, path).await.map_err(disk)?)
}
