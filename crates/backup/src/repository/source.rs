//! What goes into a snapshot, as the library reads it: a tree of folders on the disk and of files made
//! for the occasion, walked folder by folder in the order of names, which the format wants.

use std::ffi::OsString;
use std::fs::{self, File, Metadata as FileMetadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rustic_core::jiff::Timestamp;
use rustic_core::repofile::{Metadata, Node, NodeType};
use rustic_core::{
    ErrorKind, ReadSource, ReadSourceEntry, ReadSourceOpen, RusticError, RusticResult,
};

use super::backend::Backend;

/// A file or folder of a snapshot.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its name in its folder.
    pub name: OsString,
    /// What it holds.
    pub content: Content,
}

/// What a file or folder holds.
#[derive(Clone, Debug)]
pub enum Content {
    /// These, and nothing else.
    Folder(Vec<Item>),
    /// A folder of the disk with all that is in it but `without`, whole paths; and `with` in addition.
    Disk {
        /// The folder.
        path: PathBuf,
        /// What is left out.
        without: Vec<PathBuf>,
        /// What joins it.
        with: Vec<Item>,
        /// Its files come and go while they are read, and one that went is not missed.
        may_vanish: bool,
    },
    /// A file of the disk.
    File {
        /// Where it is.
        path: PathBuf,
        /// It may go before it is read, and is not missed then.
        may_vanish: bool,
    },
    /// A file with these bytes.
    Bytes {
        /// The bytes.
        bytes: Arc<[u8]>,
        /// When they were made, in milliseconds; a file of another time is read anew.
        made_at: i64,
    },
}

/// The whole of a snapshot.
#[derive(Debug)]
pub(super) struct Source {
    items: Vec<Item>,
    backend: Arc<Backend>,
    /// Files that were handed to the library and not lost on the way.
    files: Arc<AtomicU64>,
}

impl Source {
    pub(super) fn new(items: Vec<Item>, backend: Arc<Backend>) -> Self {
        Self { items, backend, files: Arc::default() }
    }

    /// How many files a complete snapshot has.
    pub(super) fn files(&self) -> u64 {
        self.files.load(Ordering::Relaxed)
    }
}

impl ReadSource for Source {
    type Open = Opener;
    type Iter = Walk;

    fn size(&self) -> RusticResult<Option<u64>> {
        Ok(None)
    }

    fn entries(&self) -> Walk {
        Walk {
            stack: vec![(PathBuf::from("/"), in_order(self.items.clone()))],
            backend: self.backend.clone(),
            files: self.files.clone(),
        }
    }
}

/// Goes through the tree; holds one list for each folder on the way down.
pub(super) struct Walk {
    stack: Vec<(PathBuf, std::vec::IntoIter<Item>)>,
    backend: Arc<Backend>,
    files: Arc<AtomicU64>,
}

impl Iterator for Walk {
    type Item = RusticResult<ReadSourceEntry<Opener>>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (folder, items) = self.stack.last_mut()?;
            let Some(item) = items.next() else {
                self.stack.pop();
                continue;
            };
            let path = folder.join(&item.name);
            match self.enter(path.clone(), item) {
                Ok(Some(entry)) => return Some(Ok(entry)),
                Ok(None) => {}
                // The library would go on without it.
                Err(error) => self.backend.spoil(format!("{}: {error}", path.display())),
            }
        }
    }
}

impl Walk {
    fn enter(&mut self, path: PathBuf, item: Item) -> io::Result<Option<ReadSourceEntry<Opener>>> {
        match item.content {
            Content::Folder(items) => {
                self.stack.push((path.clone(), in_order(items)));
                Ok(Some(folder_entry(path, &item.name, None)))
            }
            Content::Disk { path: disk, without, with, may_vanish } => {
                let metadata = match fs::symlink_metadata(&disk) {
                    Err(error) if may_vanish && error.kind() == io::ErrorKind::NotFound => {
                        return Ok(None);
                    }
                    found => found?,
                };
                let items = read_folder(&disk, &without, with, may_vanish)?;
                self.stack.push((path.clone(), in_order(items)));
                Ok(Some(folder_entry(path, &item.name, Some(&metadata))))
            }
            Content::File { path: disk, may_vanish } => {
                let metadata = match fs::metadata(&disk) {
                    Err(error) if may_vanish && error.kind() == io::ErrorKind::NotFound => {
                        return Ok(None);
                    }
                    found => found?,
                };
                let meta = metadata_of(&metadata);
                Ok(Some(self.file_entry(path, &item.name, meta, From::Disk(disk, may_vanish))))
            }
            Content::Bytes { bytes, made_at } => {
                let meta = Metadata {
                    mode: Some(0o600),
                    mtime: Timestamp::from_millisecond(made_at).ok(),
                    size: bytes.len() as u64,
                    ..Metadata::default()
                };
                Ok(Some(self.file_entry(path, &item.name, meta, From::Bytes(bytes))))
            }
        }
    }

    fn file_entry(
        &self,
        path: PathBuf,
        name: &OsString,
        meta: Metadata,
        from: From,
    ) -> ReadSourceEntry<Opener> {
        self.files.fetch_add(1, Ordering::Relaxed);
        let open = Opener {
            from,
            path: path.clone(),
            size: meta.size,
            backend: self.backend.clone(),
            files: self.files.clone(),
        };
        ReadSourceEntry { path, node: Node::new_node(name, NodeType::File, meta), open: Some(open) }
    }
}

fn folder_entry(
    path: PathBuf,
    name: &OsString,
    metadata: Option<&FileMetadata>,
) -> ReadSourceEntry<Opener> {
    let meta = metadata.map_or_else(
        || Metadata { mode: Some(0o700), ..Metadata::default() },
        // A folder's size is the file system's own affair and would make each snapshot differ.
        |metadata| Metadata { size: 0, ..metadata_of(metadata) },
    );
    ReadSourceEntry { path, node: Node::new_node(name, NodeType::Dir, meta), open: None }
}

fn metadata_of(metadata: &FileMetadata) -> Metadata {
    let time =
        |seconds: i64, nanos: i64| Timestamp::new(seconds, i32::try_from(nanos).unwrap_or(0)).ok();
    Metadata {
        mode: Some(metadata.mode() & 0o7777),
        mtime: time(metadata.mtime(), metadata.mtime_nsec()),
        ctime: time(metadata.ctime(), metadata.ctime_nsec()),
        inode: metadata.ino(),
        size: metadata.len(),
        ..Metadata::default()
    }
}

/// What is in a folder of the disk: files and folders; links and sockets are nothing to keep.
fn read_folder(
    folder: &Path,
    without: &[PathBuf],
    with: Vec<Item>,
    may_vanish: bool,
) -> io::Result<Vec<Item>> {
    let mut items = with;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if without.contains(&path) || items.iter().any(|item| item.name == entry.file_name()) {
            continue;
        }
        let kind = entry.file_type()?;
        let content = if kind.is_dir() {
            Content::Disk { path, without: without.to_vec(), with: Vec::new(), may_vanish }
        } else if kind.is_file() {
            Content::File { path, may_vanish }
        } else {
            continue;
        };
        items.push(Item { name: entry.file_name(), content });
    }
    Ok(items)
}

fn in_order(mut items: Vec<Item>) -> std::vec::IntoIter<Item> {
    items.sort_by(|one, other| one.name.cmp(&other.name));
    items.into_iter()
}

/// Opens a file when the library comes to it.
pub(super) struct Opener {
    from: From,
    path: PathBuf,
    size: u64,
    backend: Arc<Backend>,
    files: Arc<AtomicU64>,
}

enum From {
    Disk(PathBuf, bool),
    Bytes(Arc<[u8]>),
}

impl ReadSourceOpen for Opener {
    type Reader = Watched;

    fn open(self) -> RusticResult<Watched> {
        let (inner, may_vanish): (Box<dyn Read + Send>, bool) = match self.from {
            From::Bytes(bytes) => (Box::new(io::Cursor::new(bytes)), false),
            From::Disk(disk, may_vanish) => match File::open(&disk) {
                Ok(file) => (Box::new(file), may_vanish),
                Err(error) => {
                    if may_vanish && error.kind() == io::ErrorKind::NotFound {
                        self.files.fetch_sub(1, Ordering::Relaxed);
                    } else {
                        self.backend.spoil(format!("{}: {error}", disk.display()));
                    }
                    let what = "a file could not be opened";
                    return Err(RusticError::with_source(ErrorKind::InputOutput, what, error));
                }
            },
        };
        // Stored files never change; all others are copies made for this snapshot or small.
        let expected = may_vanish.then_some(self.size);
        Ok(Watched { inner, path: self.path, expected, seen: 0, backend: self.backend })
    }
}

/// A reader whose failures are remembered.
pub(super) struct Watched {
    inner: Box<dyn Read + Send>,
    path: PathBuf,
    expected: Option<u64>,
    seen: u64,
    backend: Arc<Backend>,
}

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.inner.read(buffer) {
            Ok(0) if !buffer.is_empty() && self.expected.is_some_and(|size| size > self.seen) => {
                self.backend
                    .spoil(format!("{} became shorter while it was read", self.path.display()));
                Ok(0)
            }
            Ok(count) => {
                self.seen += count as u64;
                Ok(count)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                self.backend.spoil(format!("{}: {error}", self.path.display()));
                Err(error)
            }
        }
    }
}
