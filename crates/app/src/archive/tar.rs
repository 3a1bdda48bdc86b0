//! tar (POSIX.1-1988 "ustar"): the little of it that archives of posts need. What is read may be
//! hostile: names are only ever compared, never opened, and every length is bounded.

use std::io::{self, Read, Write};

const BLOCK: usize = 512;
/// Longest name that an extra header may give.
const LONGEST_NAME: u64 = 16 * 1_024;
/// Most entries.
const MOST: usize = 1_000_000;

/// Writes files one after the other.
pub(super) struct Writer<W: Write> {
    output: W,
}

impl<W: Write> Writer<W> {
    pub fn to(output: W) -> Self {
        Self { output }
    }

    /// Adds a file of exactly `size` bytes. Our names are short and plain.
    pub fn add(
        &mut self,
        name: &str,
        size: u64,
        seconds: i64,
        from: &mut dyn Read,
    ) -> io::Result<()> {
        let mut header = [0_u8; BLOCK];
        let mut put = |at: usize, bytes: &[u8]| match header.get_mut(at..at + bytes.len()) {
            Some(place) => {
                place.copy_from_slice(bytes);
                Ok(())
            }
            None => Err(wrong("a field does not fit")),
        };
        if name.len() > 100 {
            return Err(wrong("a name is too long"));
        }
        put(0, name.as_bytes())?;
        put(100, b"0000644\0")?;
        put(108, b"0000000\0")?;
        put(116, b"0000000\0")?;
        put(124, &number(size)?)?;
        put(136, &number(u64::try_from(seconds).unwrap_or(0))?)?;
        put(148, b"        ")?;
        put(156, b"0")?;
        put(257, b"ustar\x0000")?;
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        let sum = format!("{sum:06o}\0 ");
        if let Some(place) = header.get_mut(148..156) {
            place.copy_from_slice(sum.as_bytes());
        }
        self.output.write_all(&header)?;
        let written = io::copy(&mut from.take(size), &mut self.output)?;
        if written != size {
            return Err(wrong("a file is shorter than it was"));
        }
        let rest = usize::try_from(size % BLOCK as u64).unwrap_or(0);
        let padding = [0_u8; BLOCK];
        self.output.write_all(padding.get(rest..).filter(|_| rest > 0).unwrap_or_default())
    }

    /// Ends the archive.
    pub fn finish(mut self) -> io::Result<W> {
        self.output.write_all(&[0_u8; BLOCK * 2])?;
        Ok(self.output)
    }
}

fn number(value: u64) -> io::Result<[u8; 12]> {
    let text = format!("{value:011o}\0");
    text.as_bytes().try_into().map_err(|_| wrong("a file is too large"))
}

/// Shows each plain file with its name and size to `each`, which reads as much of it as it likes.
pub(super) fn read(
    mut input: impl Read,
    each: &mut dyn FnMut(&str, u64, &mut dyn Read) -> io::Result<()>,
) -> io::Result<()> {
    let mut named: Option<String> = None;
    for _ in 0..MOST {
        let mut header = [0_u8; BLOCK];
        if !fill(&mut input, &mut header)? || header.iter().all(|byte| *byte == 0) {
            return Ok(());
        }
        check_sum(&header)?;
        let size = octal(field(&header, 124, 12))?;
        let mut body = (&mut input).take(size);
        match header.get(156).copied().unwrap_or_default() {
            b'L' => named = Some(long_name(&mut body, size)?),
            b'x' => named = pax_path(&mut body, size)?.or(named),
            b'0' | 0 => {
                let name = named.take().unwrap_or_else(|| name(&header));
                each(&name, size, &mut body)?;
            }
            // Folders, links, devices: nothing that posts need, and never made.
            _ => named = None,
        }
        let left = body.limit();
        skip(&mut input, left + padding(size))?;
    }
    Err(wrong("it has too many entries"))
}

fn field(header: &[u8; BLOCK], at: usize, length: usize) -> &[u8] {
    let bytes = header.get(at..at + length).unwrap_or_default();
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    bytes.get(..end).unwrap_or_default()
}

fn name(header: &[u8; BLOCK]) -> String {
    let own = String::from_utf8_lossy(field(header, 0, 100)).into_owned();
    let is_ustar = header.get(257..262) == Some(b"ustar");
    let prefix = String::from_utf8_lossy(field(header, 345, 155)).into_owned();
    if is_ustar && !prefix.is_empty() { format!("{prefix}/{own}") } else { own }
}

fn octal(field: &[u8]) -> io::Result<u64> {
    let text = std::str::from_utf8(field).map_err(|_| wrong("a size is no number"))?;
    let text = text.trim();
    if text.is_empty() {
        return Ok(0);
    }
    u64::from_str_radix(text, 8).map_err(|_| wrong("a size is no number"))
}

fn check_sum(header: &[u8; BLOCK]) -> io::Result<()> {
    let told = octal(field(header, 148, 8))?;
    let is_sum = |at: usize| (148..156).contains(&at);
    let sum: u64 = header
        .iter()
        .enumerate()
        .map(|(at, byte)| u64::from(if is_sum(at) { b' ' } else { *byte }))
        .sum();
    if told == sum { Ok(()) } else { Err(wrong("it is broken: a checksum is not right")) }
}

fn long_name(body: &mut dyn Read, size: u64) -> io::Result<String> {
    let bytes = short(body, size)?;
    Ok(String::from_utf8_lossy(&bytes).trim_end_matches('\0').to_owned())
}

/// The path in an extended header (POSIX.1-2001): lines of "length key=value".
fn pax_path(body: &mut dyn Read, size: u64) -> io::Result<Option<String>> {
    let bytes = short(body, size)?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(text.lines().find_map(|line| {
        let (_, record) = line.split_once(' ')?;
        record.strip_prefix("path=").map(str::to_owned)
    }))
}

fn short(body: &mut dyn Read, size: u64) -> io::Result<Vec<u8>> {
    if size > LONGEST_NAME {
        return Err(wrong("a name is too long"));
    }
    let mut bytes = Vec::new();
    body.read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn padding(size: u64) -> u64 {
    (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64
}

fn skip(input: &mut impl Read, bytes: u64) -> io::Result<()> {
    io::copy(&mut input.take(bytes), &mut io::sink()).map(|_| ())
}

/// Fills the block; false at a clean end.
fn fill(input: &mut impl Read, block: &mut [u8; BLOCK]) -> io::Result<bool> {
    let mut bytes = Vec::with_capacity(BLOCK);
    input.take(BLOCK as u64).read_to_end(&mut bytes)?;
    if bytes.is_empty() {
        return Ok(false);
    }
    *block = bytes.try_into().map_err(|_| wrong("it ends too early"))?;
    Ok(true)
}

pub(super) fn wrong(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pack(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = Writer::to(Vec::new());
        for (name, bytes) in files {
            let mut from = *bytes;
            writer.add(name, bytes.len() as u64, 1, &mut from).unwrap();
        }
        writer.finish().unwrap()
    }

    fn names(bytes: &[u8]) -> io::Result<Vec<(String, Vec<u8>)>> {
        let mut found = Vec::new();
        read(bytes, &mut |name, _, body| {
            let mut text = Vec::new();
            body.read_to_end(&mut text)?;
            found.push((name.to_owned(), text));
            Ok(())
        })?;
        Ok(found)
    }

    #[test]
    fn what_is_written_is_read_again() {
        let block = [7_u8; BLOCK];
        let files: [(&str, &[u8]); 4] = [("a", b"x"), ("b/c", b""), ("d", &block), ("e", b"yy")];
        let packed = pack(&files);
        assert_eq!(packed.len() % BLOCK, 0);
        let expected: Vec<_> =
            files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect();
        assert_eq!(names(&packed).unwrap(), expected);
    }

    #[test]
    fn p05_what_is_broken_is_an_error_and_never_a_panic() {
        let packed = pack(&[("outbox.json", b"{}"), ("x", &[1; 600])]);
        for cut in [1, 100, 511, 513, 1_025, 1_600] {
            let _ = names(&packed[..cut]);
        }
        assert!(names(&packed[..700]).is_ok(), "a file that ends early is its reader's business");
        // One byte behind the checksum says nothing.
        for at in (0..BLOCK).filter(|at| *at != 155) {
            let mut bent = packed.clone();
            bent[at] ^= 0x55;
            assert!(names(&bent).is_err(), "byte {at} of a header counts");
        }
        let mut huge = pack(&[("x", b"1")]);
        huge[156] = b'L';
        huge[124..136].copy_from_slice(b"77777777777\0");
        assert!(names(&huge).is_err());
    }
}
