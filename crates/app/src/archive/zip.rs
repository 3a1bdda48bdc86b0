//! zip (APPNOTE 6.3): reading what stands in its directory, stored or deflated, with 64-bit sizes.
//! What is read may be hostile: every length is bounded, and no name is ever opened.

use std::io::{self, Read, Seek, SeekFrom};

use flate2::read::DeflateDecoder;

use super::tar::wrong;

/// Most entries.
const MOST: u64 = 1_000_000;
/// Most bytes of the directory.
const DIRECTORY: u64 = 256 * 1_024 * 1_024;
/// The end record with its longest comment, and the locator before it.
const TAIL: u64 = 22 + 65_535 + 20;

/// Where the directory is.
struct Directory {
    entries: u64,
    offset: u64,
    bytes: u64,
}

/// A file in the archive.
struct Entry {
    name: String,
    method: u64,
    packed: u64,
    size: u64,
    offset: u64,
}

/// Shows each file with its name and size to `each`, which reads as much of it as it likes.
pub(super) fn read<R: Read + Seek>(
    mut input: R,
    each: &mut dyn FnMut(&str, u64, &mut dyn Read) -> io::Result<()>,
) -> io::Result<()> {
    let directory = directory(&mut input)?;
    if directory.entries > MOST || directory.bytes > DIRECTORY {
        return Err(wrong("it has too many entries"));
    }
    input.seek(SeekFrom::Start(directory.offset))?;
    let mut listed = io::BufReader::new((&mut input).take(directory.bytes));
    let mut entries = Vec::new();
    for _ in 0..directory.entries {
        entries.extend(entry(&mut listed)?);
    }
    for entry in entries {
        open(&mut input, &entry, each)?;
    }
    Ok(())
}

fn open<R: Read + Seek>(
    input: &mut R,
    entry: &Entry,
    each: &mut dyn FnMut(&str, u64, &mut dyn Read) -> io::Result<()>,
) -> io::Result<()> {
    input.seek(SeekFrom::Start(entry.offset))?;
    let head = exactly(input, 30)?;
    if number(&head, 0, 4)? != 0x0403_4b50 {
        return Err(wrong("an entry is not where the directory says"));
    }
    let extra = number(&head, 26, 2)? + number(&head, 28, 2)?;
    let extra = i64::try_from(extra).map_err(|_| wrong("a header is too long"))?;
    input.seek(SeekFrom::Current(extra))?;
    let packed = input.take(entry.packed);
    match entry.method {
        0 => each(&entry.name, entry.size, &mut packed.take(entry.size)),
        8 => each(&entry.name, entry.size, &mut DeflateDecoder::new(packed).take(entry.size)),
        _ => Err(wrong("a file in it is packed in a way that is not known here")),
    }
}

fn directory<R: Read + Seek>(input: &mut R) -> io::Result<Directory> {
    let length = input.seek(SeekFrom::End(0))?;
    let from = length.saturating_sub(TAIL);
    input.seek(SeekFrom::Start(from))?;
    let tail = exactly(input, length - from)?;
    let end = tail
        .windows(4)
        .rposition(|four| four == b"PK\x05\x06")
        .ok_or_else(|| wrong("it has no directory; is it whole?"))?;
    let record = tail.get(end..).unwrap_or_default();
    let found = Directory {
        entries: number(record, 10, 2)?,
        bytes: number(record, 12, 4)?,
        offset: number(record, 16, 4)?,
    };
    let is_short =
        found.entries == 0xffff || found.bytes == 0xffff_ffff || found.offset == 0xffff_ffff;
    let locator = end.checked_sub(20).and_then(|at| tail.get(at..end)).unwrap_or_default();
    if !is_short || !locator.starts_with(b"PK\x06\x07") {
        return Ok(found);
    }
    input.seek(SeekFrom::Start(number(locator, 8, 8)?))?;
    let record = exactly(input, 56)?;
    if !record.starts_with(b"PK\x06\x06") {
        return Err(wrong("its directory is not where it should be"));
    }
    Ok(Directory {
        entries: number(&record, 32, 8)?,
        bytes: number(&record, 40, 8)?,
        offset: number(&record, 48, 8)?,
    })
}

/// The next entry; `None` for a folder.
fn entry(listed: &mut impl Read) -> io::Result<Option<Entry>> {
    let head = exactly(listed, 46)?;
    if number(&head, 0, 4)? != 0x0201_4b50 {
        return Err(wrong("its directory is broken"));
    }
    if number(&head, 8, 2)? & 1 == 1 {
        return Err(wrong("it is encrypted"));
    }
    let name = exactly(listed, number(&head, 28, 2)?)?;
    let extra = exactly(listed, number(&head, 30, 2)?)?;
    exactly(listed, number(&head, 32, 2)?)?;
    let name = String::from_utf8_lossy(&name).into_owned();
    let mut entry = Entry {
        method: number(&head, 10, 2)?,
        packed: number(&head, 20, 4)?,
        size: number(&head, 24, 4)?,
        offset: number(&head, 42, 4)?,
        name,
    };
    widen(&mut entry, &extra)?;
    Ok((!entry.name.ends_with('/')).then_some(entry))
}

/// Takes the 64-bit numbers of those that do not fit into 32.
fn widen(entry: &mut Entry, mut extra: &[u8]) -> io::Result<()> {
    while extra.len() >= 4 {
        let (kind, length) = (number(extra, 0, 2)?, number(extra, 2, 2)?);
        let length = usize::try_from(length).map_err(|_| wrong("a field is too long"))?;
        let body = extra.get(4..4 + length).ok_or_else(|| wrong("a field is too long"))?;
        if kind == 1 {
            let mut at = 0;
            for value in [&mut entry.size, &mut entry.packed, &mut entry.offset] {
                if *value == 0xffff_ffff {
                    *value = number(body, at, 8)?;
                    at += 8;
                }
            }
        }
        extra = extra.get(4 + length..).unwrap_or_default();
    }
    Ok(())
}

/// A number of `length` bytes, the smallest first.
fn number(bytes: &[u8], at: usize, length: usize) -> io::Result<u64> {
    let bytes = bytes.get(at..at + length).ok_or_else(|| wrong("it ends too early"))?;
    Ok(bytes.iter().rev().fold(0, |sum, byte| (sum << 8) | u64::from(*byte)))
}

fn exactly(input: &mut impl Read, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(length).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == length { Ok(bytes) } else { Err(wrong("it ends too early")) }
}
