//! A cached answer as a file: a head with its own checksum, then the bytes. A file whose head or
//! length is not right is none.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::FileExt as _;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};

use super::policy::Terms;

/// Answers up to this size are held in memory while they are asked for often, and have a checksum of
/// all their bytes.
pub(super) const SMALL: u64 = 64 * 1024;

const MAGIC: &[u8; 8] = b"tkcache1";
/// Magic, length and checksum of the head.
const PREFIX: usize = 16;
/// Longest head: headers of an origin are at most a hundred lines in 64 KiB.
const LONGEST_HEAD: u32 = 256 * 1024;

/// What is known of an answer beside its bytes.
#[derive(Clone, Debug)]
pub(super) struct Head {
    /// For people who look into the folder, and to be sure of the key.
    pub address: String,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub terms: Terms,
    /// Bytes of the body.
    pub length: u64,
}

#[derive(Serialize, Deserialize)]
struct Written {
    address: String,
    status: u16,
    headers: Vec<(String, String)>,
    terms: Terms,
    length: u64,
    /// Of the body, if it is small.
    checksum: Option<u32>,
}

/// A file that was read: its head, where its body begins, and the body if it is small.
pub(super) struct Opened {
    pub head: Head,
    pub offset: u64,
    pub body: Option<Bytes>,
}

/// The first bytes of a file whose body is not known to its end: as many as [`encode_in`] takes, and
/// no head yet.
pub(super) fn room_for(head: &Head) -> usize {
    encode(&Head { length: u64::MAX, ..head.clone() }, None).len()
}

/// The first bytes of a file in the room that was left for them.
pub(super) fn encode_in(head: &Head, room: usize) -> Vec<u8> {
    encode_padded(head, None, room)
}

/// The first bytes of a file, up to its body.
pub(super) fn encode(head: &Head, small: Option<&[u8]>) -> Vec<u8> {
    encode_padded(head, small, 0)
}

fn encode_padded(head: &Head, small: Option<&[u8]>, room: usize) -> Vec<u8> {
    let header = |(name, value): (&HeaderName, &HeaderValue)| {
        Some((name.to_string(), value.to_str().ok()?.to_owned()))
    };
    let written = Written {
        address: head.address.clone(),
        status: head.status.as_u16(),
        headers: head.headers.iter().filter_map(header).collect(),
        terms: head.terms,
        length: head.length,
        checksum: small.map(crc32fast::hash),
    };
    // Strings and numbers can always be written.
    let mut text = serde_json::to_vec(&written).unwrap_or_default();
    text.resize(text.len().max(room.saturating_sub(PREFIX)), b' ');
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let mut bytes = Vec::with_capacity(PREFIX + text.len());
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(&crc32fast::hash(&text).to_le_bytes());
    bytes.extend_from_slice(&text);
    bytes
}

/// Reads a file.
///
/// # Errors
/// `InvalidData` for one that is not whole.
pub(super) fn decode(file: &File) -> io::Result<Opened> {
    let torn = || io::Error::from(io::ErrorKind::InvalidData);
    let mut reader = file;
    let mut prefix = [0; PREFIX];
    reader.read_exact(&mut prefix)?;
    let (magic, rest) = prefix.split_first_chunk::<8>().ok_or_else(torn)?;
    let (length, rest) = rest.split_first_chunk::<4>().ok_or_else(torn)?;
    let checksum = rest.first_chunk::<4>().ok_or_else(torn)?;
    let length = u32::from_le_bytes(*length);
    if magic != MAGIC || length > LONGEST_HEAD {
        return Err(torn());
    }
    let mut text = Vec::new();
    reader.take(u64::from(length)).read_to_end(&mut text)?;
    if crc32fast::hash(&text) != u32::from_le_bytes(*checksum) {
        return Err(torn());
    }
    let written: Written = serde_json::from_slice(&text).map_err(|_| torn())?;
    let offset = u64::from(length) + PREFIX as u64;
    if file.metadata()?.len() != offset.checked_add(written.length).ok_or_else(torn)? {
        return Err(torn());
    }
    let body = match written.checksum {
        Some(checksum) if written.length <= SMALL => {
            let mut body = vec![0; usize::try_from(written.length).map_err(|_| torn())?];
            file.read_exact_at(&mut body, offset)?;
            if crc32fast::hash(&body) != checksum {
                return Err(torn());
            }
            Some(Bytes::from(body))
        }
        Some(_) => return Err(torn()),
        None => None,
    };
    let mut headers = HeaderMap::new();
    for (name, value) in &written.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| torn())?;
        headers.append(name, HeaderValue::from_str(value).map_err(|_| torn())?);
    }
    let status = StatusCode::from_u16(written.status).map_err(|_| torn())?;
    let Written { address, terms, length, .. } = written;
    Ok(Opened { head: Head { address, status, headers, terms, length }, offset, body })
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn head(length: u64) -> Head {
        let mut headers = HeaderMap::new();
        headers.append("etag", HeaderValue::from_static("\"1\""));
        headers.append("vary", HeaderValue::from_static("accept"));
        headers.append("vary", HeaderValue::from_static("cookie"));
        Head {
            address: "https://a.test/x".into(),
            status: StatusCode::OK,
            headers,
            terms: Terms { fresh: 1, revalidating: 2, if_error: 3 },
            length,
        }
    }

    fn file(bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        std::io::Seek::rewind(&mut file).unwrap();
        file
    }

    #[test]
    fn what_was_written_is_read_again() {
        for small in [Some(&b"hello"[..]), None] {
            let bytes = [encode(&head(5), small), b"hello".to_vec()].concat();
            let opened = decode(&file(&bytes)).unwrap();
            assert_eq!(opened.head.headers, head(5).headers);
            assert_eq!((opened.head.status.as_u16(), opened.head.length), (200, 5));
            assert_eq!(opened.head.terms, head(5).terms);
            assert_eq!(opened.offset as usize, bytes.len() - 5);
            assert_eq!(opened.body.as_deref(), small);
        }
    }

    #[test]
    fn e09_a_torn_file_is_none() {
        let whole = [encode(&head(5), Some(b"hello")), b"hello".to_vec()].concat();
        for length in 0..whole.len() {
            assert!(decode(&file(&whole[..length])).is_err(), "cut to {length}");
        }
        for index in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[index] ^= 1;
            assert!(decode(&file(&bytes)).is_err(), "byte {index} turned");
        }
        assert!(decode(&file(&[&whole[..], b"x"].concat())).is_err());
        let long = [encode(&head(5), None), b"hell".to_vec()].concat();
        assert!(decode(&file(&long)).is_err());
    }
}
