//! Objects as files below one folder. New bytes are written beside (`.incoming/`), made durable and
//! renamed into place, so a reader sees the whole object or none. Blocking calls run on the blocking
//! pool; nothing here holds a lock.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use crate::{BlobError, Key};

const INCOMING: &str = ".incoming";

/// A store below one folder. What each verb promises: [`crate::Blobs`].
#[derive(Debug, Clone)]
pub(crate) struct Files {
    root: Arc<PathBuf>,
    serial: Arc<AtomicU64>,
}

impl Files {
    /// Opens the store below `root`, making the folder when it is missing.
    pub(crate) fn open_blocking(root: PathBuf) -> Result<Self, BlobError> {
        let store = Self { root: Arc::new(root), serial: Arc::default() };
        prepare(&store.root.join(INCOMING))
            .map_err(|source| BlobError::Disk { key: ".".to_owned(), source })?;
        Ok(store)
    }

    /// Takes the file `from` into the store under `key`. `from` is gone afterwards: it is moved when
    /// it lies on the same file system, else copied and removed.
    pub(crate) async fn put_file(&self, key: &Key, from: &Path) -> Result<(), BlobError> {
        let (store, key_copy, from) = (self.clone(), key.clone(), from.to_path_buf());
        in_background(key.as_str(), move || {
            File::open(&from)?.sync_all()?;
            match store.settle(&key_copy, &from) {
                Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
                    store.put_from(&key_copy, &mut File::open(&from)?)?;
                    fs::remove_file(&from)
                }
                other => other,
            }
        })
        .await
    }

    /// Stores `bytes` under `key`.
    #[cfg(test)]
    pub(crate) async fn put_bytes(&self, key: &Key, bytes: Vec<u8>) -> Result<(), BlobError> {
        let (store, key_copy) = (self.clone(), key.clone());
        in_background(key.as_str(), move || store.put_from(&key_copy, &mut bytes.as_slice())).await
    }

    /// Opens an object for reading; `None` when there is none.
    pub(crate) async fn get(&self, key: &Key) -> Result<Option<(File, u64)>, BlobError> {
        let path = self.path(key);
        in_background(key.as_str(), move || {
            let file = match File::open(&path) {
                Ok(file) => file,
                Err(error) if is_missing(&error) => return Ok(None),
                Err(error) => return Err(error),
            };
            let metadata = file.metadata()?;
            Ok(metadata.is_file().then_some((file, metadata.len())))
        })
        .await
    }

    /// Gives the bytes of an object to a program that wants a path: linked to `to` where the file
    /// system can, else copied. `to` must not exist and is only to be read. False when there is no
    /// such object.
    pub(crate) async fn lend(&self, key: &Key, to: &Path) -> Result<bool, BlobError> {
        let (path, to) = (self.path(key), to.to_path_buf());
        in_background(key.as_str(), move || match fs::hard_link(&path, &to) {
            Ok(()) => Ok(true),
            Err(error) if is_missing(&error) && !path.exists() => Ok(false),
            Err(_) => {
                let mut from = File::open(&path)?;
                io::copy(&mut from, &mut File::create_new(&to)?)?;
                Ok(true)
            }
        })
        .await
    }

    /// Removes an object; when it returns, the object does not come back after a power cut.
    pub(crate) async fn delete(&self, key: &Key) -> Result<(), BlobError> {
        let path = self.path(key);
        in_background(key.as_str(), move || match fs::remove_file(&path) {
            Ok(()) => path.parent().map_or(Ok(()), sync_folder),
            Err(error) if is_missing(&error) => Ok(()),
            Err(error) => Err(error),
        })
        .await
    }

    /// Removes half-written files that are older than `age`, left behind by a crash. Returns how
    /// many went. The age spares what another process is writing right now.
    pub(crate) async fn sweep(&self, now: SystemTime, age: Duration) -> Result<u64, BlobError> {
        let incoming = self.root.join(INCOMING);
        in_background(INCOMING, move || {
            let mut removed = 0;
            for entry in fs::read_dir(&incoming)? {
                let entry = entry?;
                let written = entry.metadata().and_then(|metadata| metadata.modified());
                let old = written.is_ok_and(|at| now.duration_since(at).is_ok_and(|is| is >= age));
                if old && fs::remove_file(entry.path()).is_ok() {
                    removed += 1;
                }
            }
            Ok(removed)
        })
        .await
    }

    fn path(&self, key: &Key) -> PathBuf {
        self.root.join(key.as_str())
    }

    /// [`Files::put_bytes`] for threads that may block.
    pub(crate) fn put_blocking(&self, key: &Key, bytes: &[u8]) -> io::Result<()> {
        self.put_from(key, &mut &*bytes)
    }

    /// Writes everything beside, makes it durable and moves it into place.
    fn put_from(&self, key: &Key, from: &mut impl io::Read) -> io::Result<()> {
        let (mut file, staged) = self.stage()?;
        let written = io::copy(from, &mut file).and_then(|_| file.sync_all());
        written.and_then(|()| self.settle(key, &staged)).inspect_err(|_| {
            let _ = fs::remove_file(&staged);
        })
    }

    /// A new file in `.incoming`. A name may be taken by another process or by a leftover of an
    /// earlier one with the same process id; the next number is tried then.
    fn stage(&self) -> io::Result<(File, PathBuf)> {
        loop {
            let serial = self.serial.fetch_add(1, Ordering::Relaxed);
            let path = self.root.join(INCOMING).join(format!("{}-{serial}", std::process::id()));
            match File::create_new(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                made => return Ok((made?, path)),
            }
        }
    }

    /// Renames a durable file into place and makes the new name durable.
    fn settle(&self, key: &Key, from: &Path) -> io::Result<()> {
        let to = self.path(key);
        let folder = to.parent().unwrap_or(&self.root);
        create_folder_durably(folder)?;
        fs::rename(from, &to)?;
        sync_folder(folder)
    }
}

fn prepare(incoming: &Path) -> io::Result<()> {
    fs::create_dir_all(incoming)?;
    sync_folder(incoming)
}

async fn in_background<T: Send + 'static>(
    key: &str,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, BlobError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(|source| BlobError::Disk { key: key.to_owned(), source }),
        Err(_) => Err(BlobError::ShuttingDown),
    }
}

pub(crate) fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// A new folder is durable only when its parent's entry for it is.
fn create_folder_durably(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let Some(parent) = folder.parent() else { return Ok(()) };
    create_folder_durably(parent)?;
    match fs::create_dir(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    sync_folder(parent)
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    async fn store() -> (tempfile::TempDir, Files) {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Files::open_blocking(folder.path().join("media")).unwrap();
        (folder, blobs)
    }

    async fn read(blobs: &Files, key: &Key) -> Option<Vec<u8>> {
        let (mut file, length) = blobs.get(key).await.unwrap()?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        assert_eq!(length, bytes.len() as u64);
        Some(bytes)
    }

    fn key(text: &str) -> Key {
        Key::parse(text).unwrap()
    }

    fn incoming_count(blobs: &Files) -> usize {
        fs::read_dir(blobs.root.join(INCOMING)).unwrap().count()
    }

    #[tokio::test]
    async fn bytes_come_back_until_they_are_deleted() {
        let (_folder, blobs) = store().await;
        let key = key("media/1/2/original/a.png");
        assert_eq!(read(&blobs, &key).await, None);
        blobs.put_bytes(&key, b"one".to_vec()).await.unwrap();
        blobs.put_bytes(&key, b"two!".to_vec()).await.unwrap();
        assert_eq!(read(&blobs, &key).await.as_deref(), Some(&b"two!"[..]));
        assert_eq!(incoming_count(&blobs), 0);
        blobs.delete(&key).await.unwrap();
        blobs.delete(&key).await.unwrap();
        assert_eq!(read(&blobs, &key).await, None);
    }

    #[tokio::test]
    async fn a_file_is_moved_in_and_an_open_reader_keeps_its_bytes() {
        let (folder, blobs) = store().await;
        let key = key("a/b");
        blobs.put_bytes(&key, b"old".to_vec()).await.unwrap();
        let (mut reader, _) = blobs.get(&key).await.unwrap().unwrap();
        let from = folder.path().join("new");
        fs::write(&from, b"new").unwrap();
        blobs.put_file(&key, &from).await.unwrap();
        assert!(!from.exists());
        let mut seen = String::new();
        reader.read_to_string(&mut seen).unwrap();
        assert_eq!(seen, "old");
        assert_eq!(read(&blobs, &key).await.as_deref(), Some(&b"new"[..]));
    }

    #[tokio::test]
    async fn a_file_from_another_file_system_is_copied() {
        let (_folder, blobs) = store().await;
        let Ok(other) = tempfile::tempdir_in("/dev/shm") else { return };
        let from = other.path().join("x");
        fs::write(&from, b"far").unwrap();
        blobs.put_file(&key("a"), &from).await.unwrap();
        assert!(!from.exists());
        assert_eq!(read(&blobs, &key("a")).await.as_deref(), Some(&b"far"[..]));
        assert_eq!(incoming_count(&blobs), 0);
    }

    #[tokio::test]
    async fn a_failed_put_leaves_nothing_behind() {
        let (folder, blobs) = store().await;
        assert!(blobs.put_file(&key("a/b"), &folder.path().join("missing")).await.is_err());
        assert_eq!(read(&blobs, &key("a/b")).await, None);
        blobs.put_bytes(&key("a"), b"x".to_vec()).await.unwrap();
        assert!(blobs.put_bytes(&key("a/b"), b"x".to_vec()).await.is_err());
        assert_eq!(incoming_count(&blobs), 0);
        assert_eq!(read(&blobs, &key("a/b")).await, None);
    }

    #[tokio::test]
    async fn an_object_is_lent_without_being_given_away() {
        let (folder, blobs) = store().await;
        blobs.put_bytes(&key("a/b"), b"x".to_vec()).await.unwrap();
        let to = folder.path().join("lent");
        assert!(blobs.lend(&key("a/b"), &to).await.unwrap());
        assert_eq!(fs::read(&to).unwrap(), b"x");
        fs::remove_file(&to).unwrap();
        assert_eq!(read(&blobs, &key("a/b")).await.as_deref(), Some(&b"x"[..]));
        assert!(!blobs.lend(&key("a/c"), &to).await.unwrap());
    }

    #[tokio::test]
    async fn a_folder_is_no_object() {
        let (_folder, blobs) = store().await;
        blobs.put_bytes(&key("a/b"), b"x".to_vec()).await.unwrap();
        assert!(blobs.get(&key("a")).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn sweep_takes_old_leftovers_and_spares_fresh_ones_and_objects() {
        let (_folder, blobs) = store().await;
        blobs.put_bytes(&key("kept"), b"x".to_vec()).await.unwrap();
        let (_, leftover) = blobs.stage().unwrap();
        let written = fs::metadata(&leftover).unwrap().modified().unwrap();
        let hour = Duration::from_secs(3600);
        // A second store on the folder numbers from zero again: names must not clash.
        let other = Files::open_blocking(blobs.root.to_path_buf()).unwrap();
        other.put_bytes(&key("other"), b"y".to_vec()).await.unwrap();
        assert_eq!(blobs.sweep(written, hour).await.unwrap(), 0);
        assert_eq!(blobs.sweep(written + hour, hour).await.unwrap(), 1);
        assert!(!leftover.exists());
        assert!(read(&blobs, &key("kept")).await.is_some());
    }
}
