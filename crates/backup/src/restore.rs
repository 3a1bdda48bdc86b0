//! `tuskling restore`: brings a snapshot back into an empty folder, checks it, and sees to it that
//! nothing is sent again that was waiting when the snapshot was made (`docs/decisions/0014-…`).
//!
//! Two steps, because between them the caller opens the database: [`bring`] puts the files into their
//! places, [`settle`] checks what the database says and empties its queues. A restore that was cut off
//! is marked, `serve` does not start on it, and the same command finishes it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use config::DatabaseUrl;
use domain::Timestamp;
use store::restored::{self, Held};
use store::{Location, Store};

use crate::check::{self, KeyCheck};
use crate::local::{FOLDER, Local, Unfinished, unfinished};
use crate::manifest::{self, Engine, Manifest};
use crate::setup::{Setup, absolute};
use crate::snapshot::{beside, blocking};
use crate::{BackupError, Repo, Restored, Result, Snapshot, Target, pg};

/// Where the settings of the old machine are put for a person to look at.
pub const CONFIG_FOLDER: &str = "restored-config";

/// Which snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// The newest.
    Latest,
    /// The one whose id begins so.
    Id(String),
    /// The newest that is not younger.
    At(Timestamp),
}

/// Files that are in their places, before the database was opened.
#[derive(Debug)]
pub struct Brought {
    /// The snapshot.
    pub snapshot: Snapshot,
    /// What it says of itself.
    pub manifest: Manifest,
    /// What came back, and what did not.
    pub restored: Restored,
    local: Arc<Local>,
}

/// How it ended.
#[derive(Clone, Debug)]
pub struct Settled {
    /// What was kept from being sent twice.
    pub held: Held,
    /// Keys of local accounts that sign.
    pub keys: u64,
}

/// Chooses among the snapshots, which come the newest first.
///
/// # Errors
/// [`BackupError::NoSnapshot`].
pub fn choose(repo: &Repo, which: &Which) -> Result<Snapshot> {
    let (snapshots, damaged) = repo.snapshots()?;
    for what in &damaged {
        tracing::warn!("{what}");
    }
    let chosen = snapshots.into_iter().find(|snapshot| match which {
        Which::Latest => true,
        Which::Id(beginning) => snapshot.id.starts_with(beginning.as_str()),
        Which::At(time) => snapshot.made_at <= *time,
    });
    chosen.ok_or_else(|| BackupError::NoSnapshot {
        wanted: match which {
            Which::Latest => "at all".to_owned(),
            Which::Id(id) => id.clone(),
            Which::At(time) => format!("from {} or before", time.rfc3339()),
        },
        place: repo.location(),
    })
}

/// Puts the files of a snapshot into their places and compares them with it.
///
/// # Errors
/// [`BackupError::NotEmpty`] without `force`; [`BackupError::Lost`] when the database is among what
/// cannot be brought back; whatever else stands in the way. It can be run again.
pub async fn bring(setup: &Setup, which: Which, force: bool) -> Result<Brought> {
    let was_there = setup.data.join(FOLDER).exists();
    let local = Arc::new(Local::take(&setup.data)?);
    let (setup, held) = (setup.clone(), local.clone());
    let (snapshot, manifest, restored, problems) = blocking(move || {
        let repo = setup.open(&held)?;
        let begun = unfinished(&setup.data).filter(|_| was_there && !force);
        let snapshot = match (&begun, &which) {
            // "The newest" may be another one by now; what was begun is finished.
            (Some(begun), Which::Latest) => choose(&repo, &Which::Id(begun.snapshot.clone()))?,
            _ => choose(&repo, &which)?,
        };
        if !goes_on(&setup, begun.as_ref(), &snapshot)? {
            make_room(&setup, &held, force)?;
        }
        held.mark(Some(&Unfinished { snapshot: snapshot.id.clone(), has_files: false }))?;
        let (manifest, restored, problems) = files(&setup, &held, &repo, &snapshot)?;
        Ok((snapshot, manifest, restored, problems))
    })
    .await?;
    if !problems.is_empty() {
        return Err(BackupError::Unproven(problems));
    }
    Ok(Brought { snapshot, manifest, restored, local })
}

/// Brings a dump into its PostgreSQL database, which must be empty. Nothing to do on SQLite.
///
/// # Errors
/// [`BackupError::Program`] when `pg_restore` is missing or fails, [`BackupError::NotEmpty`].
pub async fn load_dump(setup: &Setup, brought: &Brought) -> Result<()> {
    let DatabaseUrl::Postgres(url) = &setup.database else { return Ok(()) };
    let dump = dump_place(brought.local.folder());
    if brought.local.folder().join("loaded").exists() {
        return Ok(());
    }
    let store = Store::open(&Location::Postgres(url.clone()), 1).await?;
    let is_empty = store.is_empty().await;
    store.close().await;
    if !is_empty? {
        return Err(BackupError::NotEmpty("the PostgreSQL database".into()));
    }
    pg::restore(url, &dump).await?;
    let done = brought.local.folder().join("loaded");
    fs::write(&done, &brought.snapshot.id).map_err(BackupError::file(done))
}

/// Checks rows and keys, takes out of the queues what must not happen twice, and ends the restore.
/// `store` must have been opened without running anything on it, its schema as it came.
///
/// # Errors
/// [`BackupError::Unproven`] when rows or keys are not as they were; [`BackupError::Lost`] when files are
/// missing that the repository has lost: then everything else is in place and can be used.
pub async fn settle(
    setup: &Setup,
    store: &Store,
    brought: Brought,
    key_check: &KeyCheck,
    send_queued: bool,
) -> Result<Settled> {
    let local = brought.local.clone();
    if brought.manifest.engine == Engine::Postgres {
        let problems = check::postgres(store, &brought.manifest).await?;
        if !problems.is_empty() {
            return Err(BackupError::Unproven(problems));
        }
    }
    store::migrations::migrate(store, setup.clock.now()).await?;
    let (keys, problems) = check::keys(store, key_check).await?;
    if !problems.is_empty() {
        return Err(BackupError::Unproven(problems));
    }
    let held =
        if send_queued { Held::default() } else { hold_back(setup, store, &brought).await? };
    let dump = dump_place(local.folder());
    for gone in [dump, local.folder().join("loaded")] {
        if gone.exists() {
            fs::remove_file(&gone).map_err(BackupError::file(gone))?;
        }
    }
    local.clear_scratch()?;
    local.mark(None)?;
    if !brought.restored.lost.is_empty() {
        return Err(BackupError::Lost(brought.restored.lost));
    }
    Ok(Settled { held, keys })
}

async fn hold_back(setup: &Setup, store: &Store, brought: &Brought) -> Result<Held> {
    let now = setup.clock.now();
    let reason = format!(
        "held back by a restore: it waited when the backup of {} was made and may have arrived since",
        brought.snapshot.made_at.rfc3339()
    );
    let held = store
        .write(move |conn| Box::pin(async move { restored::hold_back(conn, now, &reason).await }))
        .await?;
    Ok(held)
}

/// Whether the restore that was begun is of this snapshot. False when none was begun.
fn goes_on(setup: &Setup, begun: Option<&Unfinished>, snapshot: &Snapshot) -> Result<bool> {
    match begun {
        Some(begun) if begun.snapshot != snapshot.id => Err(BackupError::OtherRestore {
            folder: setup.data.clone(),
            begun: begun.snapshot.clone(),
        }),
        begun => Ok(begun.is_some()),
    }
}

/// Sees to it that the folder is empty.
pub(crate) fn make_room(setup: &Setup, local: &Local, force: bool) -> Result<()> {
    let repository = setup.repository_folder();
    let data = absolute(&setup.data);
    let mut in_the_way = Vec::new();
    for entry in fs::read_dir(&data).map_err(BackupError::file(&data))? {
        let path = entry.map_err(BackupError::file(&data))?.path();
        let is_ours = path == data.join(FOLDER)
            || repository.as_ref().is_some_and(|repository| repository.starts_with(&path));
        if !is_ours {
            in_the_way.push(path);
        }
    }
    if let DatabaseUrl::Sqlite(database) = &setup.database
        && !absolute(database).starts_with(&data)
        && database.exists()
    {
        in_the_way.push(absolute(database));
    }
    if in_the_way.is_empty() {
        return Ok(());
    }
    if !force {
        return Err(BackupError::NotEmpty(setup.data.clone()));
    }
    let aside = local.folder().join(format!("replaced-{}", setup.clock.now().0));
    crate::local::private_folder(&aside)?;
    tracing::info!(folder = %aside.display(), "what is there is moved aside");
    for path in in_the_way {
        let Some(name) = path.file_name() else { continue };
        let to = aside.join(name);
        fs::rename(&path, &to).map_err(BackupError::file(&path))?;
    }
    Ok(())
}

/// Brings the files and compares them. The last part of the answer is what is wrong.
fn files(
    setup: &Setup,
    local: &Local,
    repo: &Repo,
    snapshot: &Snapshot,
) -> Result<(Manifest, Restored, Vec<String>)> {
    if let DatabaseUrl::Sqlite(database) = &setup.database {
        // A journal of the run that was cut off does not belong to the file that comes.
        for end in ["-wal", "-shm", "-journal"] {
            let path = beside(database, end);
            match fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(BackupError::file(path)(error));
                }
                _ => {}
            }
        }
    }
    let manifest_at = local.folder().join("manifest.json");
    let place = |path: &Path| place_of(setup, local, &manifest_at, path);
    let shown = AtomicU64::new(0);
    let progress = |done: u64, all: u64| show(&shown, "restored", done, all);
    let restored = repo.restore(snapshot, &Target { place: &place, progress: &progress })?;
    let manifest = read_manifest(&manifest_at, &restored)?;
    match (&setup.database, manifest.engine) {
        (DatabaseUrl::Sqlite(_), Engine::Sqlite) | (DatabaseUrl::Postgres(_), Engine::Postgres) => {
        }
        (DatabaseUrl::Sqlite(_), Engine::Postgres) => {
            return Err(BackupError::Program("the snapshot is of PostgreSQL: name an empty database for it with --database postgres://…. What was restored stays, run the same again with it".into()));
        }
        (DatabaseUrl::Postgres(_), Engine::Sqlite) => {
            return Err(BackupError::Program("the snapshot is of SQLite: restore it without --database, then move it with: tuskling db copy".into()));
        }
    }
    let database = match manifest.engine {
        Engine::Sqlite => format!("{}/{}", manifest::DATA, manifest::SQLITE),
        Engine::Postgres => manifest::DUMP.to_owned(),
    };
    if restored
        .lost
        .iter()
        .any(|what| what.starts_with(&database) || what.starts_with("folder data "))
    {
        return Err(BackupError::Lost(restored.lost));
    }
    let quiet = |_: u64, _: u64| {};
    let compared = repo.compare(snapshot, &Target { place: &place, progress: &quiet })?;
    // What is lost is known; what is there and differs is not.
    let mut problems: Vec<String> = compared
        .lost
        .into_iter()
        .filter(|what| what.ends_with("(is not what was saved)"))
        .collect();
    if let DatabaseUrl::Sqlite(path) = &setup.database
        && problems.is_empty()
    {
        problems = check::sqlite(path, &manifest)?;
    }
    Ok((manifest, restored, problems))
}

fn read_manifest(path: &Path, restored: &Restored) -> Result<Manifest> {
    let unreadable = |what: String| {
        let mut lost = restored.lost.clone();
        lost.push(what);
        BackupError::Lost(lost)
    };
    let text = fs::read(path).map_err(|error| unreadable(format!("manifest.json ({error})")))?;
    serde_json::from_slice(&text).map_err(|error| unreadable(format!("manifest.json ({error})")))
}

/// Where a file of the snapshot goes.
fn place_of(setup: &Setup, local: &Local, manifest_at: &Path, path: &Path) -> Option<PathBuf> {
    if path == Path::new(manifest::NAME) {
        return Some(manifest_at.to_owned());
    }
    if path == Path::new(manifest::DUMP) {
        return Some(dump_place(local.folder()));
    }
    if let Ok(rest) = path.strip_prefix(manifest::CONFIG) {
        return Some(setup.data.join(CONFIG_FOLDER).join(rest));
    }
    let rest = path.strip_prefix(manifest::DATA).ok()?;
    if rest.starts_with(FOLDER) {
        return None;
    }
    match &setup.database {
        DatabaseUrl::Sqlite(database) if rest == Path::new(manifest::SQLITE) => {
            Some(database.clone())
        }
        _ => Some(setup.data.join(rest)),
    }
}

fn dump_place(folder: &Path) -> PathBuf {
    folder.join(manifest::DUMP)
}

/// Says how far it is, every tenth of the way.
pub(crate) fn show(shown: &AtomicU64, what: &str, done: u64, all: u64) {
    const STEPS: u64 = 10;
    /// What is over in a moment needs no steps.
    const WORTH_IT: u64 = 64 * 1024 * 1024;
    if all < WORTH_IT {
        return;
    }
    let step = done.saturating_mul(STEPS).checked_div(all).unwrap_or(STEPS).min(STEPS);
    if shown.fetch_max(step, Ordering::Relaxed) < step {
        let mib = |bytes: u64| bytes / (1024 * 1024);
        tracing::info!("{what} {} of {} MiB", mib(done), mib(all));
    }
}
