//! The identity capsule: a small sealed file with what a server is to others and what nobody can make
//! again. Keys, name, accounts, who follows whom, who was shut out, settings and secrets; no posts, no
//! media (`docs/decisions/0017-…`).
//!
//! It is written beside the backups when something of that changed, and wherever the owner says, and
//! `tuskling restore --capsule` makes a server of it that others know as the one they knew.

mod content;
mod restore;
mod seal;

use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use blob::{Depot, Key};
use domain::Timestamp;
use domain::time::HOUR;
use flate2::Compression;
use flate2::write::GzEncoder;
use store::{Store, migrations, settings};

use crate::local::{Local, Sealed};
use crate::setup::Setup;
use crate::snapshot::{HOST, blocking, config_items_of};
use crate::{BackupError, Result};

pub use content::Head;
pub use restore::{Restored, restore};
use seal::Lock;
pub use seal::{Identity, Opener, Recipient};

/// The folder of the repository that holds them, one for each day on which something changed.
const FOLDER: &str = "capsules";
/// The name of a copy in a folder that the owner names.
const NAME: &str = "capsule.age";
/// Under which the password of the backups is in it: who has only the capsule finds the rest.
const PASSWORD: &str = "backup-password";
/// How often it is looked whether something of it changed.
const PAUSE: i64 = HOUR;
/// The largest file that is put into it.
const LARGEST: u64 = 1024 * 1024;

/// Writes the capsule beside the backups if something of it changed and an hour has passed since that was
/// last looked for. What went wrong is noted, and is no reason to call a snapshot a failure.
pub(crate) async fn keep(setup: &Setup, store: &Store, local: &Local, has_changed: bool) {
    let now = setup.clock.now();
    let before = local.state().capsule.unwrap_or_default();
    let is_due = before.looked_at.is_none_or(|at| now.since(Timestamp(at)) >= PAUSE);
    let is_behind = has_changed || before.is_behind || before.failure.is_some();
    let after = if !is_behind {
        return;
    } else if is_due {
        match save(setup, store, local, &before).await {
            Ok(sealed) => sealed,
            Err(error) => {
                tracing::error!(%error, "the identity capsule was not written");
                let failure = Some(error.to_string());
                Sealed { failure, looked_at: Some(now.0), ..before }
            }
        }
    } else {
        Sealed { is_behind: true, ..before }
    };
    if let Err(error) = local.change_state(|state| state.capsule = Some(after)) {
        tracing::warn!(%error, "what became of the identity capsule could not be noted");
    }
}

/// Writes the capsule now, beside the backups and into the new file `output` if that is named.
///
/// # Errors
/// [`BackupError::Capsule`] and whatever else stands in the way.
pub async fn write(setup: &Setup, store: &Store, output: Option<&Path>) -> Result<Sealed> {
    let local = Local::take(&setup.data)?;
    let written = write_locked(setup, store, &local, output).await;
    let cleared = local.clear_scratch();
    let sealed = written?;
    cleared.map(|()| sealed)
}

async fn write_locked(
    setup: &Setup,
    store: &Store,
    local: &Local,
    output: Option<&Path>,
) -> Result<Sealed> {
    if let Some(output) = output {
        let (path, digest) = seal(setup, store, local).await?;
        let bytes = fs::read(&path).map_err(BackupError::file(&path))?;
        put_file(output, &bytes)?;
        if setup.config.repository.is_none() {
            let bytes = bytes.len() as u64;
            return Ok(Sealed { digest, bytes, ..Sealed::default() });
        }
    }
    let sealed = save(setup, store, local, &Sealed::default()).await?;
    local.change_state(|state| state.capsule = Some(sealed.clone()))?;
    Ok(sealed)
}

/// Makes the capsule, and puts it where it belongs unless it is the one that is there.
async fn save(setup: &Setup, store: &Store, local: &Local, before: &Sealed) -> Result<Sealed> {
    let now = setup.clock.now();
    let (path, digest) = seal(setup, store, local).await?;
    let looked_at = Some(now.0);
    if before.at.is_some() && before.digest == digest && before.failure.is_none() {
        return Ok(Sealed { looked_at, is_behind: false, ..before.clone() });
    }
    let bytes = fs::read(&path).map_err(BackupError::file(&path))?;
    let size = bytes.len() as u64;
    if let Some(copy) = &setup.config.capsule_copy {
        let place = if copy.is_dir() { copy.join(NAME) } else { copy.clone() };
        put_file(&place, &bytes)?;
    }
    let key = Key::parse(format!("{FOLDER}/{}.age", now.date()))
        .map_err(|error| BackupError::Library(error.to_string()))?;
    let setup = setup.clone();
    blocking(move || Ok(setup.depot()?.write(&key, bytes.into())?)).await?;
    fs::remove_file(&path).map_err(BackupError::file(&path))?;
    Ok(Sealed { at: Some(now.0), looked_at, digest, bytes: size, is_behind: false, failure: None })
}

/// Seals everything into a file in the scratch folder; the answer is where, and the sum of what is in it.
async fn seal(setup: &Setup, store: &Store, local: &Local) -> Result<(PathBuf, String)> {
    let path = local.scratch()?.join(NAME);
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
    let file = BufWriter::new(file.map_err(BackupError::file(&path))?);
    let host = store
        .read(|conn| Box::pin(async move { settings::get(conn, HOST).await }))
        .await?
        .unwrap_or_else(|| "localhost".to_owned());
    let head = Head {
        capsule: 1,
        program: format!("tuskling {}", env!("CARGO_PKG_VERSION")),
        made_at: setup.clock.now().0,
        schema: migrations::newest(),
        host,
    };
    let written = BackupError::file(&path);
    let recipients = recipients(setup)?;
    let password = setup.config.password()?;
    let lock = if recipients.is_empty() {
        Lock::Password(&password)
    } else {
        Lock::Recipients(&recipients)
    };
    let sealed = seal::Writer::new(file, &lock, &*setup.random).map_err(written)?;
    let mut lines = content::Lines::new(GzEncoder::new(sealed, Compression::default()), &head)?;
    for (name, path) in config_items_of(&setup.config_files) {
        let size = fs::metadata(&path).map_err(BackupError::file(&path))?.len();
        if size <= LARGEST {
            lines.file(&name, &fs::read(&path).map_err(BackupError::file(&path))?)?;
        }
    }
    lines.file(PASSWORD, password.as_bytes())?;
    store.read_identity(&mut |chunk| lines.chunk(chunk)).await?;
    let (packed, digest) = lines.finish()?;
    let end = || -> std::io::Result<()> {
        let mut file: BufWriter<File> = packed.finish()?.finish()?;
        file.flush()
    };
    end().map_err(BackupError::file(&path))?;
    Ok((path, digest))
}

fn recipients(setup: &Setup) -> Result<Vec<Recipient>> {
    let texts = setup.config.capsule_recipients.iter();
    let read = texts.map(|text| {
        Recipient::parse(text).ok_or_else(|| {
            BackupError::Capsule(format!(
                "backup.capsule_recipients holds {text:?}, which is no public key of age; age-keygen prints one that begins with age1"
            ))
        })
    });
    read.collect()
}

/// Puts a file into its place, all of it or nothing.
fn put_file(place: &Path, bytes: &[u8]) -> Result<()> {
    let beside = place.with_extension("new");
    let write = || {
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, place)
    };
    write().map_err(BackupError::file(place))
}

/// Removes all but the newest capsules beside the backups; the answer is how many went.
///
/// # Errors
/// [`BackupError::Depot`] when the credentials may not delete.
pub fn let_go(depot: &Depot, keep: usize) -> Result<usize> {
    // Their names are days, so that the newest is the last.
    let mut names: Vec<String> = depot.list(FOLDER)?.into_iter().map(|found| found.name).collect();
    names.sort_unstable();
    names.truncate(names.len().saturating_sub(keep));
    for name in &names {
        let key = Key::parse(format!("{FOLDER}/{name}"))
            .map_err(|error| BackupError::Library(error.to_string()))?;
        depot.remove(&key)?;
    }
    Ok(names.len())
}

/// The newest capsule beside the backups. Blocks.
///
/// # Errors
/// [`BackupError::Capsule`] when there is none.
pub fn newest(setup: &Setup) -> Result<Vec<u8>> {
    let depot = setup.depot()?;
    let newest = depot.list(FOLDER)?.into_iter().map(|found| found.name).max();
    let none = || BackupError::Capsule(format!("there is no capsule in {}", depot.location()));
    let key = Key::parse(format!("{FOLDER}/{}", newest.ok_or_else(none)?))
        .map_err(|error| BackupError::Library(error.to_string()))?;
    Ok(depot.read(&key, None)?.ok_or_else(none)?.to_vec())
}
