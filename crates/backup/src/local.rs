//! What backups keep beside the data, in `DATA/.backup/`: a lock, the unlocked key, the last results,
//! the mark of an unfinished restore, and scratch space. None of it is part of a snapshot.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use domain::{Random, Timestamp};
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};

use crate::{BackupError, Result};

/// The folder beside the data.
pub const FOLDER: &str = ".backup";

/// The folder, while nobody else works in it.
#[derive(Debug)]
pub struct Local {
    folder: PathBuf,
    data: PathBuf,
    /// Held as long as this lives, and let go by the system when the process dies.
    _lock: File,
}

/// The last results, for `/metrics`, `backup list` and people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// The newest snapshot.
    pub snapshot: Option<Made>,
    /// The newest restore on trial that stood the check.
    pub proof: Option<Proof>,
    /// The newest failure, if nothing worked since.
    pub failure: Option<Failure>,
    /// When it was last looked whether something changed, and nothing had: the snapshot is as good as
    /// one of that time.
    pub unchanged_at: Option<i64>,
    /// What the data looked like then, to tell whether they changed.
    pub stamp: Option<String>,
    /// When it was last found that locks in the repository cannot be removed from here.
    pub locks_stay_since: Option<i64>,
    /// The identity capsule.
    pub capsule: Option<Sealed>,
}

/// A snapshot that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// Its id.
    pub id: String,
    /// When, in milliseconds.
    pub at: i64,
    /// Bytes of all files in it.
    pub bytes: u64,
    /// Bytes that were written for it.
    pub written: u64,
    /// How long it took, in milliseconds.
    pub took: i64,
    /// Requests that wrote or listed.
    #[serde(default)]
    pub writes: u64,
    /// Requests that read.
    #[serde(default)]
    pub reads: u64,
}

/// A restore that stood the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The snapshot.
    pub id: String,
    /// When it was made, in milliseconds.
    pub made_at: i64,
    /// When it was proved.
    pub at: i64,
    /// Rows of the database.
    pub rows: i64,
    /// Files.
    pub files: u64,
}

/// An identity capsule that was written, or was to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sealed {
    /// When it was last written, in milliseconds.
    pub at: Option<i64>,
    /// When it was last looked whether something of it changed.
    pub looked_at: Option<i64>,
    /// What was in it, to tell whether that changed: a SHA-256.
    pub digest: String,
    /// Its bytes.
    pub bytes: u64,
    /// Something changed since and is not in it yet.
    pub is_behind: bool,
    /// Why the last try failed.
    pub failure: Option<String>,
}

/// Something that did not work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// When, in milliseconds.
    pub at: i64,
    /// What, in words.
    pub what: String,
}

/// The mark of a restore that is not finished.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unfinished {
    /// The snapshot.
    pub snapshot: String,
    /// The files are in their places; what is left is the check and the queues.
    pub has_files: bool,
}

#[derive(Serialize, Deserialize)]
struct KeptKey {
    location: String,
    salt: String,
    password: String,
    master: String,
}

impl Local {
    /// Takes the folder beside `data`, making both where they are missing.
    ///
    /// # Errors
    /// [`BackupError::Busy`] while another process works in it.
    pub fn take(data: &Path) -> Result<Self> {
        let folder = data.join(FOLDER);
        private_folder(&folder)?;
        let path = folder.join("lock");
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(BackupError::file(&path))?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive)
            .map_err(|_| BackupError::Busy(data.to_owned()))?;
        Ok(Self { folder, data: data.to_owned(), _lock: lock })
    }

    /// The data it lies beside.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The folder itself.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// An empty folder for files of the moment. What an earlier run left in it goes.
    ///
    /// # Errors
    /// [`BackupError::File`].
    pub fn scratch(&self) -> Result<PathBuf> {
        let scratch = self.folder.join("scratch");
        self.clear_scratch()?;
        private_folder(&scratch)?;
        Ok(scratch)
    }

    /// Removes the files of the moment.
    ///
    /// # Errors
    /// [`BackupError::File`].
    pub fn clear_scratch(&self) -> Result<()> {
        let scratch = self.folder.join("scratch");
        match fs::remove_dir_all(&scratch) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(BackupError::file(scratch)(error))
            }
            _ => Ok(()),
        }
    }

    /// The key of a repository, if it was kept and the password is still the one it was kept with.
    #[must_use]
    pub fn kept_key(&self, location: &str, password: &str) -> Option<String> {
        let kept: KeptKey = read(&self.folder.join("key.json"))?;
        let fits = kept.location == location && kept.password == fingerprint(&kept.salt, password);
        fits.then_some(kept.master)
    }

    /// Keeps the key of a repository: unlocking it by the password takes memory and time.
    ///
    /// # Errors
    /// [`BackupError::File`].
    pub fn keep_key(
        &self,
        location: &str,
        password: &str,
        master: String,
        random: &dyn Random,
    ) -> Result<()> {
        let mut salt = [0_u8; 16];
        random.fill(&mut salt);
        let salt = hex::encode(salt);
        let password = fingerprint(&salt, password);
        let kept = KeptKey { location: location.to_owned(), salt, password, master };
        write(&self.folder.join("key.json"), &kept)
    }

    /// The last results.
    #[must_use]
    pub fn state(&self) -> State {
        state(&self.data)
    }

    /// Changes the last results.
    ///
    /// # Errors
    /// [`BackupError::File`].
    pub fn change_state(&self, change: impl FnOnce(&mut State)) -> Result<()> {
        let mut state = self.state();
        change(&mut state);
        write(&self.folder.join("state.json"), &state)
    }

    /// Marks that a restore has begun or got further; `None` that it is finished.
    ///
    /// # Errors
    /// [`BackupError::File`].
    pub fn mark(&self, unfinished: Option<&Unfinished>) -> Result<()> {
        let path = self.folder.join("restore.json");
        match unfinished {
            Some(unfinished) => write(&path, unfinished),
            None => fs::remove_file(&path).map_err(BackupError::file(&path)),
        }
    }
}

/// The last results beside `data`; nothing when there are none.
#[must_use]
pub fn state(data: &Path) -> State {
    read(&data.join(FOLDER).join("state.json")).unwrap_or_default()
}

/// The restore into `data` that is not finished, if there is one.
#[must_use]
pub fn unfinished(data: &Path) -> Option<Unfinished> {
    read(&data.join(FOLDER).join("restore.json"))
}

/// Notes a failure without the lock: who could not take it has something to say as well.
pub fn note_failure(local: &Local, now: Timestamp, error: &BackupError) {
    let failure = Failure { at: now.0, what: error.to_string() };
    if let Err(error) = local.change_state(|state| state.failure = Some(failure)) {
        tracing::warn!(%error, "the failure of a backup could not be noted");
    }
}

/// Makes a folder that only its owner may enter.
pub(crate) fn private_folder(folder: &Path) -> Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(BackupError::file(folder))
}

fn fingerprint(salt: &str, password: &str) -> String {
    hex::encode(Sha256::digest(format!("{salt}:{password}")))
}

fn read<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

fn write<T: Serialize>(path: &Path, value: &T) -> Result<()> {
    let text = serde_json::to_vec_pretty(value)
        .map_err(|error| BackupError::Library(error.to_string()))?;
    let beside = path.with_extension("new");
    let write = || {
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    write().map_err(BackupError::file(path))
}
