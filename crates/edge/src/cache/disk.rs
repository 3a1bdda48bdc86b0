//! The folder of the cache. Every function here may wait for the disk and is called off the runtime.
//!
//! A file is written below `incoming` and renamed to its place when it is whole and, if it is too
//! large for a checksum, on the disk. One process at a time has the folder.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::key::Key;
use super::record::{self, Head, Opened};

/// The folder.
pub(super) struct Disk {
    folder: PathBuf,
    serial: AtomicU64,
    /// Held as long as anybody may write.
    _lock: File,
}

/// A file that is being written. Dropped, it is gone.
pub(super) struct Part {
    pub file: Arc<File>,
    /// Where the body begins.
    pub offset: u64,
    path: PathBuf,
    is_settled: bool,
}

/// A file that was found.
pub(super) struct FoundFile {
    pub key: Key,
    pub bytes: u64,
    pub modified: SystemTime,
}

impl Disk {
    /// Takes the folder, making it when it is missing.
    ///
    /// # Errors
    /// `WouldBlock` when another process has it.
    pub fn open(folder: &Path) -> io::Result<Self> {
        make_folder(folder)?;
        let mut options = OpenOptions::new();
        let lock = options.create(true).append(true).mode(0o600).open(folder.join("lock"))?;
        lock.try_lock().map_err(io::Error::from)?;
        let incoming = folder.join("incoming");
        match fs::remove_dir_all(&incoming) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => make_folder(&incoming)?,
        }
        Ok(Self { folder: folder.to_owned(), serial: AtomicU64::new(0), _lock: lock })
    }

    /// All files, the one used longest ago first. What is no file of ours is left alone.
    pub fn scan(&self) -> io::Result<Vec<FoundFile>> {
        let mut found = Vec::new();
        for shelf in fs::read_dir(&self.folder)? {
            let shelf = shelf?;
            if shelf.file_name().len() != 2 || !shelf.file_type()?.is_dir() {
                continue;
            }
            for entry in fs::read_dir(shelf.path())? {
                let entry = entry?;
                let Some(key) = entry.file_name().to_str().and_then(Key::parse) else { continue };
                let Ok(metadata) = entry.metadata() else { continue };
                let modified = metadata.modified()?;
                found.push(FoundFile { key, bytes: metadata.len(), modified });
            }
        }
        found.sort_by_key(|file| file.modified);
        Ok(found)
    }

    /// Opens a file: what it says, and when it was last known to be right.
    ///
    /// # Errors
    /// `InvalidData` for one that is torn.
    pub fn read(&self, key: Key) -> io::Result<(File, Opened, u64)> {
        let file = File::open(self.path(key))?;
        let opened = record::decode(&file)?;
        let modified = file.metadata()?.modified()?;
        let since = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok((file, opened, u64::try_from(since.as_millis()).unwrap_or(0)))
    }

    /// Begins a file.
    pub fn begin(&self, head: &Head) -> io::Result<Part> {
        let bytes = record::encode(head, None);
        let part = self.part(bytes.len() as u64)?;
        (&*part.file).write_all(&bytes)?;
        Ok(part)
    }

    /// Begins a file of which nobody knows how long it will be.
    pub fn begin_open(&self, head: &Head) -> io::Result<Part> {
        self.part(record::room_for(head) as u64)
    }

    /// Puts such a file in its place, now that it is complete.
    pub fn settle_open(&self, part: Part, head: &Head, key: Key, at: u64) -> io::Result<u64> {
        let room = usize::try_from(part.offset).map_err(io::Error::other)?;
        part.file.write_all_at(&record::encode_in(head, room), 0)?;
        self.settle(part, key, at)
    }

    /// Puts a file that is complete in its place. A power cut leaves it whole or not there.
    pub fn settle(&self, mut part: Part, key: Key, validated: u64) -> io::Result<u64> {
        part.file.sync_data()?;
        self.place(&mut part, key, validated)
    }

    /// Writes a small answer. Its checksum tells after a power cut whether it is whole.
    pub fn write(&self, head: &Head, body: &[u8], key: Key, validated: u64) -> io::Result<u64> {
        let bytes = record::encode(head, Some(body));
        let mut part = self.part(bytes.len() as u64)?;
        (&*part.file).write_all(&bytes)?;
        (&*part.file).write_all(body)?;
        self.place(&mut part, key, validated)
    }

    /// It is still right.
    pub fn touch(&self, key: Key, validated: u64) -> io::Result<()> {
        File::open(self.path(key))?.set_modified(moment(validated))
    }

    /// Removes a file.
    pub fn remove(&self, key: Key) {
        if let Err(error) = fs::remove_file(self.path(key))
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "a file of the cache cannot be removed");
        }
    }

    /// Bytes of the file system: all that are for us, and those of them that are free. What is kept
    /// back for the system is neither, as in `df`.
    pub fn space(&self) -> io::Result<(u64, u64)> {
        let told = rustix::fs::statvfs(&self.folder)?;
        let used = told.f_blocks.saturating_sub(told.f_bfree);
        let all = used.saturating_add(told.f_bavail);
        Ok((all.saturating_mul(told.f_frsize), told.f_bavail.saturating_mul(told.f_frsize)))
    }

    fn part(&self, offset: u64) -> io::Result<Part> {
        let number = self.serial.fetch_add(1, Relaxed);
        let path = self.folder.join("incoming").join(number.to_string());
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create_new(true).mode(0o600).open(&path)?;
        Ok(Part { file: Arc::new(file), offset, path, is_settled: false })
    }

    fn place(&self, part: &mut Part, key: Key, validated: u64) -> io::Result<u64> {
        part.file.set_modified(moment(validated))?;
        let bytes = part.file.metadata()?.len();
        let to = self.path(key);
        match fs::rename(&part.path, &to) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                to.parent().map_or(Ok(()), make_folder)?;
                fs::rename(&part.path, &to)?;
            }
            renamed => renamed?,
        }
        part.is_settled = true;
        Ok(bytes)
    }

    fn path(&self, key: Key) -> PathBuf {
        let name = key.file_name();
        let shelf = name.get(..2).unwrap_or_default();
        self.folder.join(shelf).join(&name)
    }
}

impl Part {
    /// Writes so far into the body.
    pub fn write_at(file: &File, pieces: &[bytes::Bytes], mut at: u64) -> io::Result<u64> {
        for piece in pieces {
            file.write_all_at(piece, at)?;
            at = at.saturating_add(piece.len() as u64);
        }
        Ok(at)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if self.is_settled {
            return;
        }
        let path = std::mem::take(&mut self.path);
        let remove = move || drop(fs::remove_file(path));
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(remove)),
            Err(_) => remove(),
        }
    }
}

fn moment(milliseconds: u64) -> SystemTime {
    UNIX_EPOCH.checked_add(Duration::from_millis(milliseconds)).unwrap_or(UNIX_EPOCH)
}

/// Nobody else may read what lies there.
fn make_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}
