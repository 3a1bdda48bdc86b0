//! Brings the files of a snapshot back, piece by piece, wherever the pieces lie.
//!
//! Pieces are fetched pack by pack, so that each pack is asked for once, and put into their places in
//! the files. A piece that is there already is left alone, which is how a restore goes on where it was
//! cut off. What cannot be read is named, and the rest goes on.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, OpenOptionsExt as _};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rustic_core::repofile::{BlobType, Chunker, Node, NodeType};
use rustic_core::{DataId, Id, IndexedFullStatus, Repository, TreeId};
use sha2::{Digest as _, Sha256};

use super::backend::{Backend, plain};
use super::{PIECE, Repo, Snapshot, damaged};
use crate::{BackupError, Result};

/// Packs that are fetched at once: S3 answers slowly, but many at a time.
const WORKERS: usize = 4;
/// The longest stretch of a pack that is held in memory.
const STRETCH: u32 = 8 * 1024 * 1024;
/// Pieces that are planned before they are fetched: bounds the memory of the plan.
const BATCH: usize = 32 * 1024;
/// Folders within folders; a snapshot of ours has seven.
const DEEPEST: usize = 64;
/// Losses that are kept in words.
const NAMED: usize = 1_000;

/// Where files of a snapshot go.
pub struct Target<'a> {
    /// The place for a path of the snapshot, which is given without a slash before it. None: not wanted.
    pub place: &'a (dyn Fn(&Path) -> Option<PathBuf> + Sync),
    /// Is told how many bytes are in their place, and of how many.
    pub progress: &'a (dyn Fn(u64, u64) + Sync),
}

/// What came back.
#[derive(Clone, Debug, Default)]
pub struct Restored {
    /// Files in their places, whole.
    pub files: u64,
    /// Bytes in them.
    pub bytes: u64,
    /// Bytes of them that were fetched; the others were there already.
    pub fetched: u64,
    /// What could not be brought back, in words.
    pub lost: Vec<String>,
}

type Indexed = Repository<IndexedFullStatus>;

/// A restore under way.
struct Run<'a> {
    backend: Arc<Backend>,
    index: Indexed,
    /// What the headers of the packs say, for pieces that no index knows. Read when first needed.
    rescue: Option<(Arc<Backend>, Option<Indexed>)>,
    is_fixed: bool,
    target: &'a Target<'a>,
    may_write: bool,
    total: u64,
    done: AtomicU64,
    restored: Restored,
}

/// A file of the snapshot and where it goes.
struct Wanted {
    path: PathBuf,
    to: PathBuf,
    node: Node,
}

/// Where a piece is in the repository.
#[derive(Clone, Copy)]
struct Place {
    pack: Id,
    offset: u32,
    length: u32,
    /// Bytes when it is unpacked.
    size: u32,
    from_rescue: bool,
}

/// A piece that is not in its file yet.
struct Missing {
    id: DataId,
    place: Place,
    file: usize,
    at: u64,
}

impl Repo {
    /// Brings the files of a snapshot back.
    ///
    /// # Errors
    /// [`BackupError::File`] when a local file cannot be written, [`BackupError::Damaged`] when nothing
    /// of the snapshot can be read. Single losses are in [`Restored::lost`].
    pub fn restore(&self, snapshot: &Snapshot, target: &Target<'_>) -> Result<Restored> {
        self.run(snapshot, target, true)
    }

    /// Compares the files with the snapshot, and names what is not as it was saved.
    ///
    /// # Errors
    /// As [`Repo::restore`].
    pub fn compare(&self, snapshot: &Snapshot, target: &Target<'_>) -> Result<Restored> {
        self.run(snapshot, target, false)
    }

    fn run(&self, snapshot: &Snapshot, target: &Target<'_>, may_write: bool) -> Result<Restored> {
        let backend = Backend::new(self.depot.clone(), true);
        let open = self.connect(&backend)?;
        let is_fixed = open.config().chunker() == Chunker::FixedSize;
        let mut run = Run {
            index: open.to_indexed().map_err(|error| damaged(&error))?,
            backend,
            rescue: None,
            is_fixed,
            target,
            may_write,
            total: snapshot.bytes,
            done: AtomicU64::new(0),
            restored: Restored::default(),
        };
        run.folder_by_folder(self, snapshot.file.tree)?;
        Ok(run.restored)
    }

    /// Opens the repository by what its packs say of themselves. A pack that says nothing is left out.
    fn open_by_headers(&self) -> Result<(Arc<Backend>, Option<Indexed>)> {
        let backend = Backend::new(self.depot.clone(), true);
        self.hide_cut_packs(&backend)?;
        loop {
            match self.connect(&backend)?.to_indexed_checked() {
                Ok(index) => return Ok((backend, Some(index))),
                Err(_) if backend.hide_last_pack() => {}
                Err(_) => return Ok((backend, None)),
            }
        }
    }
}

impl Run<'_> {
    fn folder_by_folder(&mut self, repo: &Repo, root: TreeId) -> Result<()> {
        let mut folders = vec![(PathBuf::new(), root)];
        let mut batch = Vec::new();
        let mut pieces = 0;
        while let Some((folder, tree)) = folders.pop() {
            for node in self.read_folder(repo, &folder, tree)? {
                let Some(path) = self.path_of(&folder, &node) else { continue };
                match (&node.node_type, node.subtree) {
                    (NodeType::Dir, Some(tree)) => {
                        folders.push((path, tree));
                    }
                    (NodeType::File, _) => {
                        let Some(to) = (self.target.place)(&path) else {
                            self.advance(node.meta.size);
                            continue;
                        };
                        pieces += node.content.as_ref().map_or(0, Vec::len);
                        batch.push(Wanted { path, to, node });
                    }
                    _ => self.lose(format!("{} is neither file nor folder", path.display())),
                }
                if pieces >= BATCH || batch.len() >= BATCH / 4 {
                    self.bring(repo, std::mem::take(&mut batch))?;
                    pieces = 0;
                }
            }
        }
        self.bring(repo, batch)
    }

    /// What is in a folder. One that cannot be read is lost with all that is in it.
    fn read_folder(&mut self, repo: &Repo, folder: &Path, tree: TreeId) -> Result<Vec<Node>> {
        let first = match self.index.get_tree(&tree) {
            Ok(tree) => return Ok(tree.nodes),
            Err(error) => plain(&error),
        };
        if let Some(index) = self.rescue(repo)?
            && let Ok(tree) = index.get_tree(&tree)
        {
            return Ok(tree.nodes);
        }
        if folder.as_os_str().is_empty() {
            return Err(BackupError::Damaged {
                what: format!("the list of what is in the snapshot cannot be read ({first})"),
                advice: "Take another snapshot, see: tuskling backup list",
            });
        }
        self.lose(format!("folder {} and all that is in it", folder.display()));
        Ok(Vec::new())
    }

    /// The path of a node; names that lead elsewhere are never ours (M12).
    fn path_of(&mut self, folder: &Path, node: &Node) -> Option<PathBuf> {
        let name = node.name().into_owned();
        let mut parts = Path::new(&name).components();
        let is_plain = matches!(parts.next(), Some(Component::Normal(part)) if part == name)
            && parts.next().is_none();
        if !is_plain || folder.components().count() >= DEEPEST {
            self.lose(format!("a file of the name {name:?} in {}", folder.display()));
            return None;
        }
        Some(folder.join(name))
    }

    fn rescue(&mut self, repo: &Repo) -> Result<Option<&Indexed>> {
        if self.rescue.is_none() {
            self.rescue = Some(repo.open_by_headers()?);
        }
        Ok(self.rescue.as_ref().and_then(|(_, index)| index.as_ref()))
    }

    /// Brings a number of files into their places.
    fn bring(&mut self, repo: &Repo, files: Vec<Wanted>) -> Result<()> {
        let mut missing = Vec::new();
        let mut broken: BTreeMap<usize, String> = BTreeMap::new();
        for (number, file) in files.iter().enumerate() {
            if let Some(why) = self.plan(repo, number, file, &mut missing)? {
                broken.insert(number, why);
            }
        }
        if self.may_write {
            let failed = self.fetch_all(&files, missing)?;
            let failed = self.fetch_copies(repo, &files, failed)?;
            for (piece, why) in failed {
                broken.entry(piece.file).or_insert(why);
            }
        } else {
            for piece in missing {
                broken.entry(piece.file).or_insert_with(|| "is not what was saved".into());
            }
        }
        for (number, file) in files.iter().enumerate() {
            match broken.get(&number) {
                None => {
                    self.finish(file)?;
                    self.restored.files += 1;
                    self.restored.bytes += file.node.meta.size;
                }
                Some(why) => {
                    if self.may_write {
                        set_aside(&file.to)?;
                    }
                    self.lose(format!("{} ({why})", file.path.display()));
                }
            }
        }
        Ok(())
    }

    /// Finds the pieces of a file that are not in their places. The answer says why it cannot be whole.
    fn plan(
        &mut self,
        repo: &Repo,
        number: usize,
        file: &Wanted,
        missing: &mut Vec<Missing>,
    ) -> Result<Option<String>> {
        let ids = file.node.content.clone().unwrap_or_default();
        let size = file.node.meta.size;
        if !self.may_write && fs::metadata(&file.to).map_or(u64::MAX, |found| found.len()) != size {
            return Ok(Some("is missing or of another size".into()));
        }
        let there = self.open_local(file)?;
        let mut at = 0_u64;
        let mut why = None;
        let mut buffer = Vec::new();
        for id in ids {
            let found = self.find(repo, id)?;
            let left = size.saturating_sub(at);
            let length = match found {
                Some(place) => u64::from(place.size),
                None if self.is_fixed => left.min(PIECE),
                // Where the next piece belongs is not known either.
                None => return Ok(Some("a part of it is in no index".into())),
            };
            if !is_in_place(&there, at, length, &id, &mut buffer) {
                match found {
                    Some(place) => missing.push(Missing { id, place, file: number, at }),
                    None => why = Some("a part of it is in no index".to_owned()),
                }
            } else {
                self.advance(length);
            }
            at += length;
        }
        Ok(why)
    }

    fn find(&mut self, repo: &Repo, id: DataId) -> Result<Option<Place>> {
        if let Some(place) = look_up(&self.index, &id, false) {
            return Ok(Some(place));
        }
        Ok(self.rescue(repo)?.and_then(|index| look_up(index, &id, true)))
    }

    fn open_local(&self, file: &Wanted) -> Result<File> {
        let failed = BackupError::file(&file.to);
        if !self.may_write {
            return File::open(&file.to).map_err(failed);
        }
        if let Some(folder) = file.to.parent() {
            make_folder(folder).map_err(BackupError::file(folder))?;
        }
        // A link in the way would lead the bytes elsewhere.
        if fs::symlink_metadata(&file.to).is_ok_and(|found| !found.is_file()) {
            return Err(failed(io::Error::other("something that is no file is in the way")));
        }
        OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&file.to)
            .map_err(failed)
    }

    /// Fetches pieces that could not be read from other packs that hold them as well. The answer is what
    /// cannot be read anywhere.
    fn fetch_copies(
        &mut self,
        repo: &Repo,
        files: &[Wanted],
        failed: Vec<(Missing, String)>,
    ) -> Result<Vec<(Missing, String)>> {
        let (mut copies, mut lost) = (Vec::new(), Vec::new());
        for (piece, why) in failed {
            let copy = self.rescue(repo)?.and_then(|index| look_up(index, &piece.id, true));
            match copy.filter(|place| !piece.place.from_rescue && place.pack != piece.place.pack) {
                Some(place) => copies.push(Missing { place, ..piece }),
                None => lost.push((piece, why)),
            }
        }
        lost.extend(self.fetch_all(files, copies)?);
        Ok(lost)
    }

    /// Fetches pieces, several packs at once. The answer is what could not be read, and why.
    fn fetch_all(
        &mut self,
        files: &[Wanted],
        missing: Vec<Missing>,
    ) -> Result<Vec<(Missing, String)>> {
        let stretches = Mutex::new(into_stretches(missing).into_iter());
        let failed = Mutex::new(Vec::new());
        let fatal = Mutex::new(None);
        let fetched = AtomicU64::new(0);
        let this = &*self;
        std::thread::scope(|scope| {
            for _ in 0..WORKERS {
                scope.spawn(|| {
                    loop {
                        let next = held(&stretches).next();
                        let Some(stretch) = next else { return };
                        if held(&fatal).is_some() {
                            return;
                        }
                        match this.fetch(files, stretch, &failed) {
                            Ok(bytes) => {
                                fetched.fetch_add(bytes, Ordering::Relaxed);
                            }
                            Err(error) => {
                                held(&fatal).get_or_insert(error);
                            }
                        }
                    }
                });
            }
        });
        self.restored.fetched += fetched.into_inner();
        match fatal.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error),
            None => Ok(failed.into_inner().unwrap_or_else(PoisonError::into_inner)),
        }
    }

    /// Fetches a stretch of a pack and puts its pieces into their places.
    fn fetch(
        &self,
        files: &[Wanted],
        stretch: Vec<Missing>,
        failed: &Mutex<Vec<(Missing, String)>>,
    ) -> Result<u64> {
        let (Some(first), Some(last)) = (stretch.first(), stretch.last()) else { return Ok(0) };
        let (backend, index) = match (&self.rescue, first.place.from_rescue) {
            (Some((backend, Some(index))), true) => (backend, index),
            _ => (&self.backend, &self.index),
        };
        // A pack that ends too early still has its first pieces: then each is asked for by itself.
        let pack = first.place.pack;
        let _ = backend.hold(pack, first.place.offset, last.place.end());
        let mut open: Option<(usize, File)> = None;
        let mut bytes = 0;
        for piece in stretch {
            match index.cat_blob(BlobType::Data, piece.id.to_hex().as_str()) {
                Ok(data) if hash_is(&data, &piece.id) => {
                    let Some(wanted) = files.get(piece.file) else { continue };
                    if open.as_ref().is_none_or(|(number, _)| *number != piece.file) {
                        let file = OpenOptions::new()
                            .write(true)
                            .open(&wanted.to)
                            .map_err(BackupError::file(&wanted.to))?;
                        open = Some((piece.file, file));
                    }
                    if let Some((_, file)) = &open {
                        file.write_all_at(&data, piece.at)
                            .map_err(BackupError::file(&wanted.to))?;
                    }
                    bytes += data.len() as u64;
                    self.advance(data.len() as u64);
                }
                Ok(_) => {
                    let why = "a part of it is not what was saved".to_owned();
                    held(failed).push((piece, why));
                }
                Err(error) => held(failed).push((piece, plain(&error))),
            }
        }
        backend.release(pack);
        Ok(bytes)
    }

    /// Gives a file its length and its time, which the next snapshot knows it by.
    fn finish(&self, file: &Wanted) -> Result<()> {
        if !self.may_write {
            return Ok(());
        }
        let failed = |error| BackupError::file(&file.to)(error);
        let open = OpenOptions::new().write(true).open(&file.to).map_err(failed)?;
        open.set_len(file.node.meta.size).map_err(failed)?;
        if let Some(time) = file.node.meta.mtime {
            open.set_modified(time.into()).map_err(failed)?;
        }
        open.sync_all().map_err(failed)
    }

    fn advance(&self, bytes: u64) {
        let done = self.done.fetch_add(bytes, Ordering::Relaxed) + bytes;
        (self.target.progress)(done, self.total);
    }

    fn lose(&mut self, what: String) {
        if self.restored.lost.len() < NAMED {
            self.restored.lost.push(what);
        }
    }
}

impl Place {
    fn end(self) -> u32 {
        self.offset.saturating_add(self.length)
    }
}

fn look_up(index: &Indexed, id: &DataId, from_rescue: bool) -> Option<Place> {
    let entry = index.get_index_entry(id).ok()?;
    Some(Place {
        pack: *entry.pack,
        offset: entry.location.offset,
        length: entry.location.length,
        size: entry.data_length(),
        from_rescue,
    })
}

/// Pieces of one pack that lie near each other, in their order.
fn into_stretches(mut missing: Vec<Missing>) -> Vec<Vec<Missing>> {
    missing.sort_by_key(|piece| {
        (piece.place.from_rescue, piece.place.pack, piece.place.offset, piece.at)
    });
    let mut stretches: Vec<Vec<Missing>> = Vec::new();
    for piece in missing {
        let fits = stretches.last().and_then(|stretch| stretch.first()).is_some_and(|first| {
            first.place.pack == piece.place.pack
                && first.place.from_rescue == piece.place.from_rescue
                && piece.place.end().saturating_sub(first.place.offset) <= STRETCH
        });
        match stretches.last_mut() {
            Some(stretch) if fits => stretch.push(piece),
            _ => stretches.push(vec![piece]),
        }
    }
    stretches
}

fn is_in_place(file: &File, at: u64, length: u64, id: &DataId, buffer: &mut Vec<u8>) -> bool {
    buffer.resize(usize::try_from(length).unwrap_or(0), 0);
    file.read_exact_at(buffer, at).is_ok() && hash_is(buffer, id)
}

fn hash_is(bytes: &[u8], id: &DataId) -> bool {
    hex::encode(Sha256::digest(bytes)) == id.to_hex().as_str()
}

fn held<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file with a hole in it must not be taken for the whole one.
fn set_aside(path: &Path) -> Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".incomplete");
    match fs::rename(path, &name) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(BackupError::file(path)(error))
        }
        _ => Ok(()),
    }
}

fn make_folder(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}
