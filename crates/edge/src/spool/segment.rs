//! The files: segments that are only ever appended to, and beside each the numbers of what is over.
//!
//! A segment is not written to after a restart, so a torn tail never has anything behind it. What is
//! over is written without waiting for the disk: what is lost of it is delivered twice, and inboxes
//! take each activity once.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Write as _};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

use super::record::{self, Delivery, HEAD};

/// What a segment begins with, so that another file is not taken for one.
pub(super) const MAGIC: &[u8; 8] = b"tuskspl1";

/// One segment.
#[derive(Debug)]
pub(super) struct Segment {
    path: PathBuf,
    pub(super) file: Arc<File>,
    over: File,
    /// Deliveries in it that are not over.
    pub(super) waiting: usize,
    /// Bytes of its file.
    pub(super) bytes: u64,
}

/// A delivery found in a segment.
pub(super) struct Found {
    pub(super) number: u32,
    pub(super) offset: u64,
    pub(super) delivery: Delivery,
}

impl Segment {
    /// A new, empty one, whose name is durable.
    pub(super) fn create(folder: &Path, id: u64) -> io::Result<Self> {
        let path = folder.join(format!("{id:016x}.spool"));
        let mut file = options().create_new(true).open(&path)?;
        file.write_all(MAGIC)?;
        file.sync_all()?;
        let over = options().create(true).truncate(true).open(path.with_extension("over"))?;
        File::open(folder)?.sync_all()?;
        let bytes = MAGIC.len() as u64;
        Ok(Self { path, file: Arc::new(file), over, waiting: 0, bytes })
    }

    /// One from before a restart, with what waits in it in order, and how many bytes of it cannot
    /// be understood.
    pub(super) fn open(path: &Path) -> io::Result<(Self, Vec<Found>, u64)> {
        let file = options().open(path)?;
        let bytes = file.metadata()?.len();
        let over_path = path.with_extension("over");
        let over = OpenOptions::new().create(true).append(true).mode(0o600).open(&over_path)?;
        let gone = numbers(&fs::read(&over_path)?);
        let (mut found, good) = scan(&file)?;
        found.retain(|found| gone.binary_search(&found.number).is_err());
        let waiting = found.len();
        let segment = Self { path: path.to_owned(), file: Arc::new(file), over, waiting, bytes };
        Ok((segment, found, bytes.saturating_sub(good)))
    }

    /// Writes down that one is over.
    pub(super) fn mark(&mut self, number: u32) -> io::Result<()> {
        self.waiting = self.waiting.saturating_sub(1);
        let number = number.to_le_bytes();
        let sum = crc32fast::hash(&number).to_le_bytes();
        self.over.write_all(&[number, sum].concat())
    }

    /// Removes its files.
    pub(super) fn remove(self) -> io::Result<()> {
        fs::remove_file(&self.path)?;
        fs::remove_file(self.path.with_extension("over"))
    }
}

/// The segments in a folder by their numbers.
pub(super) fn all(folder: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut segments = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_segment = path.extension().is_some_and(|ending| ending == "spool");
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        let id = stem.and_then(|stem| u64::from_str_radix(stem, 16).ok());
        if let Some(id) = id.filter(|_| is_segment) {
            segments.push((id, path));
        }
    }
    segments.sort();
    Ok(segments)
}

/// Reads one delivery back; `None` when it is damaged.
pub(super) fn read(file: &File, offset: u64) -> io::Result<Option<Delivery>> {
    let mut head = [0; HEAD];
    file.read_exact_at(&mut head, offset)?;
    let Some((length, sum)) = record::head(head) else { return Ok(None) };
    let mut content = vec![0; length];
    file.read_exact_at(&mut content, offset.saturating_add(HEAD as u64))?;
    let is_whole = crc32fast::hash(&content) == sum;
    Ok(record::decode(&content.into()).filter(|_| is_whole))
}

/// Everything up to the first byte that cannot be understood, and where that is.
fn scan(file: &File) -> io::Result<(Vec<Found>, u64)> {
    let mut reader = BufReader::with_capacity(64 * 1024, file);
    let mut found = Vec::new();
    let mut magic = [0; MAGIC.len()];
    if !filled(&mut reader, &mut magic)? || magic != *MAGIC {
        return Ok((found, 0));
    }
    let mut offset = MAGIC.len() as u64;
    for number in 0.. {
        let mut head = [0; HEAD];
        if !filled(&mut reader, &mut head)? {
            break;
        }
        let Some((length, sum)) = record::head(head) else { break };
        let mut content = vec![0; length];
        if !filled(&mut reader, &mut content)? || crc32fast::hash(&content) != sum {
            break;
        }
        let Some(mut delivery) = record::decode(&content.into()) else { break };
        // Only the order is kept in memory.
        (delivery.body, delivery.headers) = (Bytes::new(), Vec::new());
        found.push(Found { number, offset, delivery });
        offset = offset.saturating_add((HEAD + length) as u64);
    }
    Ok((found, offset))
}

fn filled(reader: &mut impl io::Read, place: &mut [u8]) -> io::Result<bool> {
    match reader.read_exact(place) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        other => other.map(|()| true),
    }
}

/// The numbers in a file of what is over, sorted; torn ones are passed over.
fn numbers(bytes: &[u8]) -> Vec<u32> {
    let (pairs, _) = bytes.as_chunks::<8>();
    let mut all: Vec<u32> = pairs
        .iter()
        .filter_map(|&[a, b, c, d, e, f, g, h]| {
            let number = [a, b, c, d];
            let is_whole = crc32fast::hash(&number).to_le_bytes() == [e, f, g, h];
            is_whole.then_some(u32::from_le_bytes(number))
        })
        .collect();
    all.sort_unstable();
    all
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    options
}
