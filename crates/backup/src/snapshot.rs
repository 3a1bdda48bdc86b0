//! `backup run`: takes a consistent copy of the database and saves it with everything else that cannot
//! be made again.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use config::DatabaseUrl;
use domain::Timestamp;
use domain::time::DAY;
use store::{Store, migrations, settings};

use crate::local::{FOLDER, Local, Made};
use crate::manifest::{self, Engine, Manifest};
use crate::setup::{Setup, absolute};
use crate::{BackupError, Content, Held, Item, Repo, Result, Saved, Share, pg};

/// Under which `serve` remembers its name in the database.
pub(crate) const HOST: &str = "server_domain";

/// What a run did.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// A new snapshot is there.
    Made(Box<Saved>),
    /// Nothing has changed since the last one.
    Unchanged,
}

/// Makes a snapshot. With `only_changed`, not when the data look as they did for the last one.
///
/// # Errors
/// [`BackupError`]; then there is no new snapshot, and the failure is noted for `/metrics`.
pub async fn run(setup: &Setup, store: &Store, only_changed: bool) -> Result<Outcome> {
    let local = Arc::new(Local::take(&setup.data)?);
    let outcome = run_locked(setup, store, &local, only_changed).await;
    if let Err(error) = &outcome {
        crate::local::note_failure(&local, setup.clock.now(), error);
    }
    let cleared = local.clear_scratch();
    let outcome = outcome?;
    cleared.map(|()| outcome)
}

async fn run_locked(
    setup: &Setup,
    store: &Store,
    local: &Arc<Local>,
    only_changed: bool,
) -> Result<Outcome> {
    let begun = setup.clock.now();
    let stamp = stamp(setup, store).await;
    let state = local.state();
    let is_known = stamp.is_some() && state.stamp == stamp && state.failure.is_none();
    if only_changed && state.snapshot.is_some() && is_known {
        local.change_state(|state| {
            state.unchanged_at = Some(begun.0);
            state.failure = None;
        })?;
        crate::capsule::keep(setup, store, local, false).await;
        return Ok(Outcome::Unchanged);
    }
    let repo = {
        let (setup, local) = (setup.clone(), local.clone());
        blocking(move || setup.open_or_create(&local)).await?
    };
    let repo = Arc::new(repo);
    let held = lock(setup, &repo, state.locks_stay_since, begun).await?;
    let saved = save(setup, store, local, repo, begun).await;
    let locks_stay = blocking(move || Ok(held.is_some_and(|held| !held.let_go()))).await?;
    if locks_stay {
        local.change_state(|state| state.locks_stay_since = Some(begun.0))?;
    }
    let saved = saved?;
    let made = Made {
        id: saved.snapshot.id.clone(),
        at: begun.0,
        bytes: saved.snapshot.bytes,
        written: saved.written,
        took: setup.clock.now().since(begun),
        writes: saved.asked.writes,
        reads: saved.asked.reads,
    };
    local.change_state(|state| {
        state.snapshot = Some(made);
        state.unchanged_at = None;
        state.failure = None;
        state.stamp = stamp;
    })?;
    crate::capsule::keep(setup, store, local, true).await;
    Ok(Outcome::Made(Box::new(saved)))
}

/// Takes the lock in the repository, from before anything of this moment is read, so that its time is that
/// of the snapshot. A machine that may not remove its locks makes one a day: they would have to be read.
async fn lock(
    setup: &Setup,
    repo: &Arc<Repo>,
    stay_since: Option<i64>,
    begun: Timestamp,
) -> Result<Option<Held>> {
    if stay_since.is_some_and(|at| begun.since(Timestamp(at)) < DAY) {
        return Ok(None);
    }
    let (setup, repo) = (setup.clone(), repo.clone());
    let lock = move || repo.lock(Share::Shared, begun, setup.patience, &setup.clock, &setup.random);
    blocking(lock).await.map(Some)
}

async fn save(
    setup: &Setup,
    store: &Store,
    local: &Local,
    repo: Arc<Repo>,
    begun: Timestamp,
) -> Result<Saved> {
    let scratch = local.scratch()?;
    let (database, manifest) = copy_database(setup, store, &scratch, begun.0).await?;
    let items = items(setup, database, &manifest)?;
    let host = manifest.host.clone();
    let is_wary = local.state().failure.is_some();
    blocking(move || repo.save(items, &host, begun, is_wary)).await
}

/// The database as a file in `scratch`, and what the snapshot says of itself.
async fn copy_database(
    setup: &Setup,
    store: &Store,
    scratch: &Path,
    made_at: i64,
) -> Result<(PathBuf, Manifest)> {
    let host = store
        .read(|conn| Box::pin(async move { settings::get(conn, HOST).await }))
        .await
        .map_err(BackupError::Store)?
        .unwrap_or_else(|| "localhost".to_owned());
    let (engine, path, rows) = match &setup.database {
        DatabaseUrl::Sqlite(_) => {
            let path = scratch.join(manifest::SQLITE);
            store.copy_to(&path).await?;
            let copy = path.clone();
            let rows = blocking(move || Ok(store::snapshot::count_sqlite(&copy)?)).await?;
            (Engine::Sqlite, path, rows)
        }
        DatabaseUrl::Postgres(url) => {
            let path = scratch.join(manifest::DUMP);
            let rows = pg::dump(store, url, &path).await?;
            (Engine::Postgres, path, rows)
        }
    };
    let manifest = Manifest {
        format: 1,
        program: format!("tuskling {}", env!("CARGO_PKG_VERSION")),
        made_at,
        engine,
        schema: migrations::newest(),
        host,
        rows,
    };
    Ok((path, manifest))
}

/// The tree of a snapshot: `manifest.json`, `data/` as it lies on the disk with the copy of the database
/// in it, and `config/`.
fn items(setup: &Setup, database: PathBuf, manifest: &Manifest) -> Result<Vec<Item>> {
    let data = absolute(&setup.data);
    let file = |name: &str, path: PathBuf| Item {
        name: name.into(),
        content: Content::File { path, may_vanish: false },
    };
    let mut without: Vec<PathBuf> =
        [FOLDER, "tmp", "media/.incoming", "media/remote"].map(|name| data.join(name)).to_vec();
    without.extend(setup.repository_folder());
    let mut with = Vec::new();
    let mut items = Vec::new();
    match &setup.database {
        DatabaseUrl::Sqlite(live) => {
            let live = absolute(live);
            without.extend(["", "-wal", "-shm", "-journal"].map(|end| beside(&live, end)));
            with.push(file(manifest::SQLITE, database));
        }
        DatabaseUrl::Postgres(_) => items.push(file(manifest::DUMP, database)),
    }
    let content = Content::Disk { path: data.clone(), without, with, may_vanish: true };
    items.push(Item { name: manifest::DATA.into(), content });
    let text = serde_json::to_vec_pretty(manifest)
        .map_err(|error| BackupError::Library(error.to_string()))?;
    let content = Content::Bytes { bytes: text.into(), made_at: manifest.made_at };
    items.push(Item { name: manifest::NAME.into(), content });
    items.push(Item {
        name: manifest::CONFIG.into(),
        content: Content::Folder(config_items(&setup.config_files, &data)),
    });
    Ok(items)
}

/// Settings and secrets that do not lie in the data folder, each under its own name.
fn config_items(files: &[PathBuf], data: &Path) -> Vec<Item> {
    let outside = named(files).into_iter().filter(|(_, path)| !path.starts_with(data));
    let item = |(name, path)| Item { name, content: Content::File { path, may_vanish: false } };
    outside.map(item).collect()
}

/// Those of these files that are there, each with a name that no other has.
fn named(files: &[PathBuf]) -> Vec<(OsString, PathBuf)> {
    let mut all: Vec<(OsString, PathBuf)> = Vec::new();
    for path in files {
        let path = absolute(path);
        let Some(name) = path.file_name() else { continue };
        if !path.is_file() {
            continue;
        }
        let taken = |name: &OsString| all.iter().any(|(other, _)| other == name);
        let mut free = name.to_owned();
        let mut number = 2;
        while taken(&free) {
            free = format!("{}.{number}", name.to_string_lossy()).into();
            number += 1;
        }
        all.push((free, path));
    }
    all
}

/// The same for a capsule, which holds those in the data folder as well: it has nothing else of that.
/// What is called in a way that only this machine may know is left out.
pub(crate) fn config_items_of(files: &[PathBuf]) -> Vec<(String, PathBuf)> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let text = |(name, path): (OsString, PathBuf)| Some((name.into_string().ok()?, path));
    let all = named(files).into_iter().filter_map(text);
    all.filter(|(name, _)| name.bytes().all(plain) && !name.starts_with('.')).collect()
}

/// What the data look like from outside: the same text means that nothing was written. None when that
/// cannot be told.
async fn stamp(setup: &Setup, store: &Store) -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;
    let mut paths = setup.config_files.clone();
    let position = match &setup.database {
        DatabaseUrl::Sqlite(path) => {
            paths.extend(["", "-wal"].map(|end| beside(path, end)));
            String::new()
        }
        DatabaseUrl::Postgres(_) => store.written_position().await.ok().flatten()?,
    };
    let place = setup.config.repository.clone().unwrap_or_default();
    let mut text = format!("{place} {position}");
    for path in paths {
        let found = std::fs::metadata(&path).ok();
        let found = found.map_or((0, 0, 0), |found| {
            // A log without anything in it comes and goes with those who look.
            let is_empty = found.len() == 0;
            if is_empty { (0, 0, 0) } else { (found.len(), found.mtime(), found.mtime_nsec()) }
        });
        text.push_str(&format!(" {found:?}"));
    }
    Some(text)
}

pub(crate) fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// Runs what blocks on a thread for it.
pub(crate) async fn blocking<T, F>(work: F) -> Result<T>
where
    F: FnOnce() -> Result<T> + Send + 'static,
    T: Send + 'static,
{
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| BackupError::Library(format!("the work was cut off: {error}")))?
}

/// Opens the repository beside a lock that is already held, for those who only read it.
pub(crate) async fn open(setup: &Setup, local: &Arc<Local>) -> Result<Arc<Repo>> {
    let (setup, local) = (setup.clone(), local.clone());
    blocking(move || setup.open(&local).map(Arc::new)).await
}
