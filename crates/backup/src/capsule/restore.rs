//! `tuskling restore --capsule`: a server that others know, made of a capsule and nothing else.

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use flate2::bufread::GzDecoder;
use store::{Store, StoreError, migrations};

use super::Head;
use super::content::{Part, Read};
use super::seal::{self, Opener};
use crate::check::{self, KeyCheck};
use crate::local::{Local, Unfinished, private_folder, unfinished};
use crate::restore::{CONFIG_FOLDER, make_room};
use crate::setup::Setup;
use crate::{BackupError, Result};

/// How a restore that was begun is marked.
const MARK: &str = "an identity capsule";

/// What came back.
#[derive(Clone, Debug)]
pub struct Restored {
    /// What the capsule says of itself.
    pub head: Head,
    /// Rows of the database.
    pub rows: u64,
    /// Settings and secrets, put aside for a person to look at.
    pub files: u64,
    /// Keys that sign.
    pub keys: u64,
}

/// Brings an identity into an empty data folder and an empty database. `capsule` is the sealed file,
/// `open` opens the database when there is room for it, without running anything on it.
///
/// # Errors
/// [`BackupError::Capsule`] when it is damaged or not to be opened by this; [`BackupError::NotEmpty`];
/// [`BackupError::Unproven`] when its keys do not sign. It can be run again.
pub async fn restore<O, F>(
    setup: &Setup,
    capsule: impl BufRead + Send,
    opener: &Opener,
    open: O,
    key_check: &KeyCheck,
    force: bool,
) -> Result<Restored>
where
    O: FnOnce() -> F,
    F: Future<Output = Result<Store>>,
{
    // Before anything is touched: whether it can be opened at all.
    let opened = seal::Reader::new(capsule, opener)
        .map_err(|error| BackupError::Capsule(error.to_string()))?;
    let (mut parts, head) = Read::new(BufReader::new(GzDecoder::new(BufReader::new(opened))))?;
    if head.schema > migrations::newest() {
        let (found, known) = (head.schema, migrations::newest());
        return Err(BackupError::Store(StoreError::TooNew { found, known }));
    }
    let local = Local::take(&setup.data)?;
    let begun = unfinished(&setup.data);
    match &begun {
        Some(begun) if begun.snapshot != MARK => {
            return Err(BackupError::OtherRestore {
                folder: setup.data.clone(),
                begun: begun.snapshot.clone(),
            });
        }
        Some(_) => {}
        None => make_room(setup, &local, force)?,
    }
    local.mark(Some(&Unfinished { snapshot: MARK.into(), has_files: false }))?;
    let store = open().await?;
    let filled = fill(setup, &store, &mut parts, head, begun.is_some()).await;
    let checked = match filled {
        Ok(restored) => check::keys(&store, key_check).await.map(|keys| (restored, keys)),
        Err(error) => Err(error),
    };
    store.close().await;
    let (restored, (keys, problems)) = checked?;
    if !problems.is_empty() {
        return Err(BackupError::Unproven(problems));
    }
    local.mark(None)?;
    Ok(Restored { keys, ..restored })
}

async fn fill<R: BufRead>(
    setup: &Setup,
    store: &Store,
    parts: &mut Read<R>,
    head: Head,
    was_begun: bool,
) -> Result<Restored> {
    let counts = store.row_counts().await?;
    let holds_people = counts.get("accounts").is_some_and(|rows| *rows > 0);
    if holds_people || !(was_begun || counts.is_empty()) {
        return Err(BackupError::NotEmpty("the database".into()));
    }
    let now = setup.clock.now();
    migrations::migrate_to(store, head.schema, now).await?;
    let mut files = 0;
    let rows = store
        .write_identity(&mut || {
            loop {
                match parts.next()? {
                    Some(Part::File { name, bytes }) => {
                        put_aside(&setup.data, &name, &bytes)?;
                        files += 1;
                    }
                    Some(Part::Rows(chunk)) => return Ok::<_, BackupError>(Some(chunk)),
                    None => return Ok(None),
                }
            }
        })
        .await?;
    migrations::migrate(store, now).await?;
    Ok(Restored { head, rows, files, keys: 0 })
}

/// Puts settings and secrets where a person looks at them. What they are called is only a name.
fn put_aside(data: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if name.is_empty() || name.starts_with('.') || !name.bytes().all(plain) {
        return Err(BackupError::Capsule(format!("the capsule holds a file {name:?}")));
    }
    let folder = data.join(CONFIG_FOLDER);
    private_folder(&folder)?;
    let path = folder.join(name);
    let write = || {
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&path)?;
        file.write_all(bytes)
    };
    write().map_err(BackupError::file(&path))
}
