//! Locks in the repository, as restic's: whoever backs up has a shared one, whoever deletes the only one,
//! on whichever machine (`docs/decisions/0018-…`). Stock `restic` minds ours and we mind its.
//! <https://restic.readthedocs.io/en/stable/100_references.html#locks>
//!
//! A lock says whose it is. One that nobody refreshed for half an hour is void, as is one of a process of
//! this machine that is gone; so nobody waits for the dead.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use blob::{BlobError, Depot, Key};
use domain::{Clock, Random, Timestamp};
use rustic_core::jiff;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::key::Seal;
use crate::{BackupError, Result};

/// The folder of the repository that holds them.
const FOLDER: &str = "locks";
/// When one that is not refreshed is void: restic's choice.
const VOID: i64 = 30 * 60_000;
/// How often a living process refreshes its own: restic's choice as well.
const REFRESH: Duration = Duration::from_secs(5 * 60);
/// How long to wait between two looks.
const PAUSE: Duration = Duration::from_secs(2);

/// What somebody wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// Add something; others may as well.
    Shared,
    /// Delete something: nobody else may do anything.
    Alone,
}

/// What a lock needs to know.
pub(super) struct Place {
    pub(super) depot: Depot,
    pub(super) seal: Seal,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
    /// The moments of the snapshots that are recorded. A backup of one of these is over, even when it
    /// was not allowed to remove its lock.
    pub(super) recorded: BTreeSet<i64>,
}

/// A lock that is held until this is dropped.
pub struct Held {
    current: Arc<Mutex<Key>>,
    depot: Depot,
    stop: Option<Sender<()>>,
    refresher: Option<JoinHandle<()>>,
}

/// What stands in a lock, in restic's words.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Note {
    time: jiff::Timestamp,
    exclusive: bool,
    #[serde(default)]
    hostname: String,
    #[serde(default)]
    username: String,
    #[serde(default)]
    pid: u32,
}

impl Held {
    /// Takes the lock, and removes those that are void. Somebody else's that is in the way is waited for as long as `patience`; `begun` is
    /// the moment of the snapshot, for a backup.
    ///
    /// # Errors
    /// [`BackupError::Locked`] names who it is; [`BackupError::Depot`].
    pub(super) fn take(
        place: Place,
        share: Share,
        begun: Timestamp,
        patience: Duration,
    ) -> Result<Self> {
        let mut waited = Duration::ZERO;
        loop {
            // First the own one, then the look: of two that come at once at least one sees the other.
            let own = write(&place, share, begun)?;
            let others = match others(&place, &own) {
                Ok(others) => others,
                Err(error) => {
                    remove(&place.depot, &own);
                    return Err(error);
                }
            };
            let mut living = others.living.iter();
            let Some(other) = living.find(|note| share == Share::Alone || note.exclusive) else {
                // Who may not delete leaves them to those who may.
                others.void.iter().all(|key| place.depot.remove(key).is_ok());
                return Ok(Self::keep(place, share, own));
            };
            remove(&place.depot, &own);
            if waited >= patience {
                return Err(named(&place, other));
            }
            tracing::info!(host = other.hostname, pid = other.pid, "waiting for a lock");
            std::thread::sleep(PAUSE);
            waited += PAUSE;
        }
    }

    /// Refreshes it until it is dropped: a new one, and then away with the old one.
    fn keep(place: Place, share: Share, own: Key) -> Self {
        let (stop, stopped) = mpsc::channel();
        let current = Arc::new(Mutex::new(own));
        let (depot, shown) = (place.depot.clone(), current.clone());
        let refresh = move || {
            while stopped.recv_timeout(REFRESH) == Err(RecvTimeoutError::Timeout) {
                match write(&place, share, place.clock.now()) {
                    Ok(new) => {
                        let mut own = shown.lock().unwrap_or_else(PoisonError::into_inner);
                        let old = std::mem::replace(&mut *own, new);
                        remove(&place.depot, &old);
                    }
                    // The next try is long before it is void.
                    Err(error) => tracing::warn!(%error, "a lock could not be refreshed"),
                }
            }
        };
        let refresher = std::thread::Builder::new().name("lock".into()).spawn(refresh).ok();
        Self { current, depot, stop: Some(stop), refresher }
    }
}

impl Held {
    /// Lets go of it. False when the lock could not be removed because that is not allowed.
    #[must_use]
    pub fn let_go(mut self) -> bool {
        self.end()
    }

    fn end(&mut self) -> bool {
        if self.stop.take().is_none() {
            return true;
        }
        if let Some(refresher) = self.refresher.take() {
            let _ = refresher.join();
        }
        remove(&self.depot, &self.current.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.end();
    }
}

fn write(place: &Place, share: Share, begun: Timestamp) -> Result<Key> {
    let library = |what: String| BackupError::Library(what);
    let note = Note {
        time: jiff::Timestamp::from_millisecond(begun.0)
            .map_err(|error| library(error.to_string()))?,
        exclusive: share == Share::Alone,
        hostname: hostname(),
        username: "tuskling".to_owned(),
        pid: std::process::id(),
    };
    let text = serde_json::to_vec(&note).map_err(|error| library(error.to_string()))?;
    let sealed = place.seal.close(&text, &*place.random)?;
    let name = hex::encode(Sha256::digest(&sealed));
    let key = Key::parse(format!("{FOLDER}/{name}")).map_err(|error| library(error.to_string()))?;
    place.depot.write(&key, sealed.into())?;
    Ok(key)
}

/// What others hold, and what nobody holds any more.
struct Others {
    living: Vec<Note>,
    void: Vec<Key>,
}

fn others(place: &Place, own: &Key) -> Result<Others> {
    let mut others = Others { living: Vec::new(), void: Vec::new() };
    for (key, note) in all(place)?.into_iter().filter(|(key, _)| key != own) {
        if is_void(place, &note) { others.void.push(key) } else { others.living.push(note) }
    }
    Ok(others)
}

/// All locks that can be read. One that was removed meanwhile is none, and one that no key opens cannot
/// be anybody's who works on this repository.
fn all(place: &Place) -> Result<Vec<(Key, Note)>> {
    let mut notes = Vec::new();
    for listed in place.depot.list(FOLDER)? {
        let Ok(key) = Key::parse(format!("{FOLDER}/{}", listed.name)) else { continue };
        let Some(bytes) = place.depot.read(&key, None)? else { continue };
        let open = place.seal.open(&bytes);
        match open.and_then(|text| serde_json::from_slice::<Note>(&text).ok()) {
            Some(note) => notes.push((key, note)),
            None => tracing::warn!(name = listed.name, "a lock that cannot be read is passed over"),
        }
    }
    Ok(notes)
}

fn is_void(place: &Place, note: &Note) -> bool {
    let at = note.time.as_millisecond();
    let is_old = place.clock.now().0.saturating_sub(at) > VOID;
    let is_recorded = !note.exclusive && place.recorded.contains(&at);
    let is_dead = note.hostname == hostname()
        && note.pid != std::process::id()
        && Path::new("/proc/self").exists()
        && !Path::new(&format!("/proc/{}", note.pid)).exists();
    is_old || is_recorded || is_dead
}

fn named(place: &Place, note: &Note) -> BackupError {
    let at = Timestamp(note.time.as_millisecond());
    BackupError::Locked {
        place: place.depot.location(),
        what: if note.exclusive {
            "something is being removed from it"
        } else {
            "a backup is being made"
        },
        host: note.hostname.clone(),
        pid: note.pid,
        since: at.rfc3339(),
        void_at: at.plus(VOID).rfc3339(),
    }
}

/// Removes a lock. False when that is not allowed: then it is void when its snapshot is recorded.
fn remove(depot: &Depot, key: &Key) -> bool {
    match depot.remove(key) {
        Ok(()) => true,
        Err(BlobError::Denied { .. }) => {
            tracing::warn!(
                "a lock could not be removed: allow s3:DeleteObject on the folder locks of the repository. Until then one is made once a day"
            );
            false
        }
        Err(error) => {
            tracing::warn!(%error, "a lock could not be removed; it is void in half an hour");
            true
        }
    }
}

fn hostname() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    if name.is_empty() { "unknown".to_owned() } else { name.to_owned() }
}
