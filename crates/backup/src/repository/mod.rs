//! The repository in restic's format: the only module that knows the library that reads and writes it.
//!
//! Everything here blocks and belongs on a thread of its own.

mod backend;
mod key;
mod lock;
mod prune;
mod restore;
mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use blob::{Asked, Depot, Key};
use domain::{Clock, Random, Timestamp};
use rustic_core::jiff::{self, tz::TimeZone};
use rustic_core::repofile::{Chunker, IndexFile, MasterKey, SnapshotFile};
use rustic_core::{
    BackupOptions, CheckOptions, ConfigOptions, Credentials, FileType, Id, IndexedIdsStatus,
    KeyOptions, OpenStatus, ReadBackend, Repository, RepositoryBackends, RepositoryOptions,
    RusticError, SnapshotGroupCriterion,
};
use sha2::{Digest as _, Sha256};

use crate::{BackupError, Result};
use backend::{Backend, has_code, plain};
pub use lock::{Held, Share};
pub use prune::{Keep, Pruned};
pub use restore::{Restored, Target};
use source::Source;
pub use source::{Content, Item};

/// Pieces of a file that are the same in two snapshots are stored once. SQLite's pages stay where they
/// are, so pieces of one size at fixed places find them; 64 KiB keeps a day's changes small and the
/// lists of pieces short.
const PIECE: u64 = 64 * 1024;
/// Pieces travel together in files of this size: small enough to be held in memory a few times.
const PACK: u64 = 4 * 1024 * 1024;
/// What the library calls a seal that the key does not fit.
const SEAL: &str = "C001";
/// The label of our snapshots; the same place may hold others'.
const LABEL: &str = "tuskling";

/// How files are cut into pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// At fixed places: for pages.
    Fixed,
    /// Where the content says: for text into which something is put in the middle.
    Content,
}

/// An open repository.
pub struct Repo {
    depot: Depot,
    master: MasterKey,
}

/// A snapshot in the list.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Its id, 64 hexadecimal digits.
    pub id: String,
    /// When the data looked like this.
    pub made_at: Timestamp,
    /// The server's name.
    pub host: String,
    /// Bytes of all files in it.
    pub bytes: u64,
    /// Files in it.
    pub files: u64,
    /// Bytes that it added to the repository.
    pub added: u64,
    file: SnapshotFile,
}

/// What [`Repo::save`] did.
#[derive(Clone, Debug)]
pub struct Saved {
    /// The new snapshot.
    pub snapshot: Snapshot,
    /// Bytes written to the repository, all told.
    pub written: u64,
    /// What was asked of the place for it.
    pub asked: Asked,
}

impl Repo {
    /// Opens the repository with its password.
    ///
    /// # Errors
    /// [`BackupError::NoRepository`], [`BackupError::WrongPassword`], [`BackupError::Depot`].
    pub fn open(depot: Depot, password: &str) -> Result<Self> {
        let key = Credentials::password(password);
        let backend = Backend::new(depot.clone(), true);
        match connect(&backend, &key) {
            Ok(open) => Ok(Self { master: open.key(), depot }),
            Err(error) if has_code(&error, SEAL) => Self::open_by_each_key(depot, &backend, &key),
            Err(error) => Err(open_error(&depot, &error)),
        }
    }

    /// A first run that was killed leaves a key that belongs to no repository, and the password opens
    /// it as well.
    fn open_by_each_key(depot: Depot, backend: &Backend, key: &Credentials) -> Result<Self> {
        for id in ReadBackend::list(backend, FileType::Key).map_err(|e| failed(&e))? {
            let alone = Backend::with_one_key(depot.clone(), id);
            if let Ok(open) = connect(&alone, key) {
                return Ok(Self { master: open.key(), depot });
            }
        }
        Err(BackupError::WrongPassword(depot.location()))
    }

    /// Opens it with the key itself, as it was kept by [`Repo::master_key`]: that needs no memory to
    /// speak of.
    ///
    /// # Errors
    /// As [`Repo::open`]; the key of another repository is [`BackupError::WrongPassword`].
    pub fn open_with_key(depot: Depot, master_key: &str) -> Result<Self> {
        let master: MasterKey = serde_json::from_str(master_key)
            .map_err(|_| BackupError::WrongPassword(depot.location()))?;
        connect(&Backend::new(depot.clone(), true), &Credentials::Masterkey(master.clone()))
            .map_err(|error| open_error(&depot, &error))?;
        Ok(Self { master, depot })
    }

    /// Makes a new repository. The key is written before the configuration that makes it a repository,
    /// so that there is never one that no password opens.
    ///
    /// # Errors
    /// [`BackupError::Depot`] when the place cannot be written.
    pub fn create(depot: Depot, password: &str, cut: Cut, random: &dyn Random) -> Result<Self> {
        let backend = Backend::new(depot.clone(), false);
        let master = MasterKey::new();
        rustic_core::WriteBackend::create(&*backend).map_err(|error| failed(&error))?;
        for left in depot.list("keys")? {
            // Without the right to delete it stays, and `open` finds the other one.
            if let Ok(key) = Key::parse(format!("keys/{}", left.name)) {
                let _ = depot.remove(&key);
            }
        }
        let file = key::lock(&master, password, random)?;
        let name = hex::encode(Sha256::digest(&file));
        let key = Key::parse(format!("keys/{name}"))
            .map_err(|error| BackupError::Library(error.to_string()))?;
        depot.write(&key, file.into())?;
        let repository = repository(&backend).map_err(|error| failed(&error))?;
        repository
            .init(
                &Credentials::Masterkey(master.clone()),
                &KeyOptions::default(),
                &config_options(cut),
            )
            .map_err(|error| failed(&error))?;
        Ok(Self { depot, master })
    }

    /// The key itself, for [`Repo::open_with_key`]: whoever has it can read and write the repository.
    ///
    /// # Errors
    /// [`BackupError::Library`] when it cannot be written down.
    pub fn master_key(&self) -> Result<String> {
        serde_json::to_string(&self.master).map_err(|error| BackupError::Library(error.to_string()))
    }

    /// Where it is, for people.
    #[must_use]
    pub fn location(&self) -> String {
        self.depot.location()
    }

    /// Where it is.
    #[must_use]
    pub fn depot(&self) -> &Depot {
        &self.depot
    }

    /// Takes a lock in the repository: shared, to add to it, or alone, to delete. It is held until it is
    /// dropped. `begun` is the moment of the snapshot that is to be made.
    ///
    /// # Errors
    /// [`BackupError::Locked`] when somebody else is still in the way after `patience`.
    pub fn lock(
        &self,
        share: Share,
        begun: Timestamp,
        patience: Duration,
        clock: &Arc<dyn Clock>,
        random: &Arc<dyn Random>,
    ) -> Result<Held> {
        let recorded = match share {
            Share::Shared => BTreeSet::new(),
            Share::Alone => self.snapshots()?.0.iter().map(|one| one.made_at.0).collect(),
        };
        let place = lock::Place {
            depot: self.depot.clone(),
            seal: key::Seal::of(&self.master)?,
            clock: clock.clone(),
            random: random.clone(),
            recorded,
        };
        Held::take(place, share, begun, patience)
    }

    /// Bytes that the repository takes.
    ///
    /// # Errors
    /// [`BackupError::Depot`] when the place cannot be read.
    pub fn stored(&self) -> Result<u64> {
        let folders = ["data", "index", "snapshots", "keys"].into_iter();
        let sizes = folders
            .map(|folder| Ok(self.depot.list(folder)?.iter().map(|found| found.size).sum::<u64>()));
        sizes.sum()
    }

    /// Saves these files as a new snapshot. What an earlier one holds already is not written again. After
    /// something went wrong, `is_wary` believes no index: it looks which packs are there and reads every
    /// file anew, so that what the repository has lost is in it again.
    ///
    /// # Errors
    /// [`BackupError::Incomplete`] when a file could not be read or the place not be written: then
    /// there is no new snapshot.
    pub fn save(
        &self,
        items: Vec<Item>,
        host: &str,
        made_at: Timestamp,
        is_wary: bool,
    ) -> Result<Saved> {
        let backend = Backend::new(self.depot.clone(), is_wary);
        let incomplete = |error: &RusticError| {
            BackupError::Incomplete(backend.failure().unwrap_or_else(|| plain(error)))
        };
        let repository = self.known_pieces(&backend, is_wary)?;
        let source = Source::new(items, backend.clone());
        let snapshot = SnapshotFile {
            time: zoned(made_at)?,
            program_version: format!("tuskling {}", env!("CARGO_PKG_VERSION")),
            label: LABEL.to_owned(),
            hostname: host.to_owned(),
            ..SnapshotFile::default()
        };
        let mut options = BackupOptions::default().no_scan(true);
        options.parent_opts.force = is_wary;
        options.parent_opts.group_by = Some(SnapshotGroupCriterion::new().label(true));
        let saved = repository
            .archive(&options, &source, snapshot, &[PathBuf::from("/")])
            .map_err(|error| incomplete(&error))?;
        let processed = saved.summary.as_ref().map_or(0, |summary| summary.total_files_processed);
        if processed != source.files() {
            // Nobody may take it for a whole one. Where the machine may not delete, the error stands.
            let _ = repository.delete_snapshots(&[saved.id]);
            return Err(BackupError::Incomplete(format!(
                "{processed} of {} files were saved; the repository may be damaged, see: tuskling backup verify",
                source.files()
            )));
        }
        let (written, asked) = (backend.bytes_written(), self.depot.asked());
        Ok(Saved { snapshot: describe(saved), written, asked })
    }

    /// Our snapshots, the newest first, and what is damaged among them.
    ///
    /// # Errors
    /// [`BackupError::Depot`] when the place cannot be read.
    pub fn snapshots(&self) -> Result<(Vec<Snapshot>, Vec<String>)> {
        let backend = Backend::new(self.depot.clone(), true);
        let mut files = self
            .connect(&backend)?
            .get_matching_snapshots(|snapshot| snapshot.label == LABEL)
            .map_err(|error| judged(&backend, &error))?;
        files.sort_by(|one, other| other.time.cmp(&one.time));
        Ok((files.into_iter().map(describe).collect(), backend.hidden()))
    }

    /// Whether all that the snapshots need is there; with `read_percent`, a random part of the packs is
    /// read and compared with its names as well.
    ///
    /// # Errors
    /// [`BackupError::Damaged`] says what is wrong.
    pub fn check(&self, read_percent: f64) -> Result<()> {
        let backend = Backend::new(self.depot.clone(), false);
        let mut options = CheckOptions::default().read_data(read_percent > 0.0);
        if read_percent < 100.0 {
            options.read_data_subset = rustic_core::ReadSubsetOption::Percentage(read_percent);
        }
        self.connect(&backend)?
            .check(options)
            .and_then(|results| results.is_ok())
            .map_err(|error| judged(&backend, &error))
    }

    /// The repository with what is known of its pieces, by its index or, warily, by what is there.
    fn known_pieces(
        &self,
        backend: &Arc<Backend>,
        is_wary: bool,
    ) -> Result<Repository<IndexedIdsStatus>> {
        if !is_wary {
            return self
                .connect(backend)?
                .to_indexed_ids()
                .map_err(|error| judged(backend, &error));
        }
        // The library would read their headers and take their pieces for saved: a snapshot would rely on
        // what no other program finds.
        for unnamed in self.hide_cut_packs(backend)? {
            backend.hide_pack(unnamed);
        }
        loop {
            match self.connect(backend)?.to_indexed_ids_checked() {
                Ok(known) => return Ok(known),
                // A pack that cannot be read has nothing that could be relied on.
                Err(_) if backend.hide_last_pack() => {}
                Err(error) => return Err(judged(backend, &error)),
            }
        }
    }

    /// Hides packs that are not as long as their index says: the library stumbles over their headers. The
    /// answer is which packs no index names.
    fn hide_cut_packs(&self, backend: &Arc<Backend>) -> Result<Vec<Id>> {
        let mut unnamed: BTreeMap<Id, u32> =
            ReadBackend::list_with_size(&**backend, FileType::Pack)
                .map_err(|error| judged(backend, &error))?
                .into_iter()
                .collect();
        let open = self.connect(backend)?;
        let files = open.stream_files::<IndexFile>().map_err(|error| judged(backend, &error))?;
        for file in files {
            let (_, index) = file.map_err(|error| judged(backend, &error))?;
            for pack in index.packs {
                if unnamed.remove(&*pack.id).is_some_and(|size| size != pack.pack_size()) {
                    backend.hide_pack(*pack.id);
                }
            }
        }
        Ok(unnamed.into_keys().collect())
    }

    fn connect(&self, backend: &Arc<Backend>) -> Result<Repository<OpenStatus>> {
        connect(backend, &Credentials::Masterkey(self.master.clone()))
            .map_err(|error| open_error(&self.depot, &error))
    }
}

fn repository(backend: &Arc<Backend>) -> Result<Repository<()>, Box<RusticError>> {
    let options = RepositoryOptions::default().no_cache(true);
    Repository::new(&options, &RepositoryBackends::new(backend.clone(), None))
}

fn connect(
    backend: &Arc<Backend>,
    credentials: &Credentials,
) -> Result<Repository<OpenStatus>, Box<RusticError>> {
    repository(backend)?.open(credentials)
}

fn config_options(cut: Cut) -> ConfigOptions {
    let size = bytesize::ByteSize::b;
    let options = ConfigOptions::default()
        .set_version(2_u32)
        .set_chunk_size(size(PIECE))
        .set_datapack_size(size(PACK))
        .set_datapack_growfactor(0_u32)
        .set_treepack_size(size(PACK))
        .set_treepack_growfactor(0_u32)
        .set_extra_verify(true);
    match cut {
        Cut::Fixed => options.set_chunker(Chunker::FixedSize),
        Cut::Content => options
            .set_chunker(Chunker::Rabin)
            .set_chunk_min_size(size(PIECE / 4))
            .set_chunk_max_size(size(PIECE * 8)),
    }
}

fn describe(file: SnapshotFile) -> Snapshot {
    let summary = file.summary.as_ref();
    Snapshot {
        id: file.id.to_hex().as_str().to_owned(),
        made_at: Timestamp(file.time.timestamp().as_millisecond()),
        host: file.hostname.clone(),
        bytes: summary.map_or(0, |summary| summary.total_bytes_processed),
        files: summary.map_or(0, |summary| summary.total_files_processed),
        added: summary.map_or(0, |summary| summary.data_added_packed),
        file,
    }
}

fn zoned(time: Timestamp) -> Result<jiff::Zoned> {
    let stamp = jiff::Timestamp::from_millisecond(time.0)
        .map_err(|error| BackupError::Library(error.to_string()))?;
    Ok(stamp.to_zoned(TimeZone::UTC))
}

fn open_error(depot: &Depot, error: &RusticError) -> BackupError {
    let config = backend::key_of(FileType::Config, &Id::default());
    match config.map(|key| depot.size(&key)) {
        Ok(Ok(None)) => return BackupError::NoRepository(depot.location()),
        Ok(Err(unreachable)) => return BackupError::Depot(unreachable),
        _ => {}
    }
    if error.is_incorrect_password() || has_code(error, SEAL) {
        return BackupError::WrongPassword(depot.location());
    }
    failed(error)
}

fn failed(error: &RusticError) -> BackupError {
    BackupError::Library(plain(error))
}

/// Whose fault it is: a storage that did not answer is no damage.
fn judged(backend: &Backend, error: &RusticError) -> BackupError {
    backend.storage_failure().map_or_else(|| damaged(error), BackupError::Storage)
}

fn damaged(error: &RusticError) -> BackupError {
    BackupError::Damaged {
        what: plain(error),
        advice: "What is whole can still be restored: tuskling restore names what is lost",
    }
}
