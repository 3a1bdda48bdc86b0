//! A depot in a folder: on another disk, or mounted from another machine.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::Listed;
use crate::files::{Files, is_missing};
use crate::{BlobError, Key};

/// Folders within folders that are looked into; a repository has two.
const DEEPEST: usize = 3;
/// The most that is read into memory at once.
const LARGEST: u64 = 512 * 1024 * 1024;

#[derive(Clone, Debug)]
pub(super) struct Folder {
    root: PathBuf,
}

impl Folder {
    pub(super) fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    pub(super) fn location(&self) -> String {
        self.root.display().to_string()
    }

    pub(super) fn create(&self, folders: &[&str]) -> Result<(), BlobError> {
        let make = |path: &Path| fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
        make(&self.root).map_err(failed("."))?;
        for folder in folders {
            make(&self.root.join(folder)).map_err(failed(folder))?;
        }
        Ok(())
    }

    pub(super) fn list(&self, folder: &str) -> Result<Vec<Listed>, BlobError> {
        let mut found = Vec::new();
        list_below(&self.root.join(folder), DEEPEST, &mut found).map_err(failed(folder))?;
        Ok(found)
    }

    pub(super) fn size(&self, key: &Key) -> Result<Option<u64>, BlobError> {
        match fs::metadata(self.root.join(key.as_str())) {
            Ok(metadata) => Ok(metadata.is_file().then_some(metadata.len())),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(failed(key.as_str())(error)),
        }
    }

    pub(super) fn read(
        &self,
        key: &Key,
        range: Option<(u64, u64)>,
    ) -> Result<Option<Bytes>, BlobError> {
        match self.read_part(key, range) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(failed(key.as_str())(error)),
        }
    }

    fn read_part(&self, key: &Key, range: Option<(u64, u64)>) -> io::Result<Bytes> {
        let mut file = File::open(self.root.join(key.as_str()))?;
        let (offset, length) = range.unwrap_or((0, LARGEST));
        file.seek(io::SeekFrom::Start(offset))?;
        let there = file.metadata()?.len().saturating_sub(offset).min(length);
        let mut bytes = Vec::with_capacity(usize::try_from(there).unwrap_or(0));
        file.take(length).read_to_end(&mut bytes)?;
        Ok(bytes.into())
    }

    pub(super) fn write(&self, key: &Key, bytes: Bytes) -> Result<(), BlobError> {
        Files::open_blocking(self.root.clone())?
            .put_blocking(key, &bytes)
            .map_err(failed(key.as_str()))
    }

    pub(super) fn remove(&self, key: &Key) -> Result<(), BlobError> {
        match fs::remove_file(self.root.join(key.as_str())) {
            Err(error) if !is_missing(&error) => Err(failed(key.as_str())(error)),
            _ => Ok(()),
        }
    }
}

fn failed(key: &str) -> impl FnOnce(io::Error) -> BlobError {
    let key = key.to_owned();
    move |source| BlobError::Disk { key, source }
}

fn list_below(folder: &Path, deeper: usize, found: &mut Vec<Listed>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if is_missing(&error) => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let metadata = match entry.metadata() {
            Ok(metadata) => metadata,
            Err(error) if is_missing(&error) => continue,
            Err(error) => return Err(error),
        };
        if metadata.is_dir() && deeper > 0 {
            list_below(&entry.path(), deeper - 1, found)?;
        } else if let (true, Ok(name)) = (metadata.is_file(), entry.file_name().into_string()) {
            found.push(Listed { name, size: metadata.len() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_listed_read_and_removed() {
        let folder = tempfile::tempdir().unwrap();
        let depot = Folder::new(&folder.path().join("new"));
        depot.create(&["data"]).unwrap();
        let key = Key::parse("data/ab/abcd").unwrap();
        assert_eq!(depot.read(&key, None).unwrap(), None);
        assert_eq!(depot.size(&key).unwrap(), None);
        depot.write(&key, Bytes::from_static(b"0123456789")).unwrap();
        assert_eq!(depot.size(&key).unwrap(), Some(10));
        assert_eq!(depot.list("data").unwrap(), [Listed { name: "abcd".into(), size: 10 }]);
        assert_eq!(depot.list("nowhere").unwrap(), []);
        assert_eq!(depot.read(&key, Some((2, 3))).unwrap().as_deref(), Some(&b"234"[..]));
        assert_eq!(depot.read(&key, Some((8, 9))).unwrap().as_deref(), Some(&b"89"[..]));
        depot.remove(&key).unwrap();
        depot.remove(&key).unwrap();
        assert_eq!(depot.list("data").unwrap(), []);
    }
}
