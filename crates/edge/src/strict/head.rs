//! The lines of a request head, judged one by one (RFC 9112 §2-6): what frames the message, and what
//! is malformed.

/// Most bytes of a request head, or of a trailer section.
pub(super) const LONGEST_HEAD: usize = 16 * 1024;
/// Most bytes of a request target.
const LONGEST_TARGET: usize = 8 * 1024;

/// What has been seen of a head.
#[derive(Default)]
pub(super) struct Head {
    version: Option<Version>,
    has_host: bool,
    length: Option<u64>,
    is_chunked: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    Http10,
    Http11,
}

/// How the body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    Length(u64),
    Chunked,
}

impl Head {
    /// Takes a line, without its end. None is a violation.
    pub fn line(&mut self, line: &[u8]) -> Option<()> {
        if self.version.is_none() {
            self.version = Some(request_line(line)?);
            return Some(());
        }
        let (name, value) = field(line)?;
        if name.eq_ignore_ascii_case(b"host") {
            if self.has_host || value.is_empty() {
                return None;
            }
            self.has_host = true;
        } else if name.eq_ignore_ascii_case(b"content-length") {
            // Two lengths are one too many, also when they are the same.
            if self.length.is_some() || self.is_chunked {
                return None;
            }
            self.length = Some(digits(value)?);
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            let is_alone = !self.is_chunked && self.length.is_none();
            let is_known = value.eq_ignore_ascii_case(b"chunked");
            if !is_alone || !is_known || self.version != Some(Version::Http11) {
                return None;
            }
            self.is_chunked = true;
        }
        Some(())
    }

    /// The head is complete. None is a violation.
    pub fn end(self) -> Option<Framing> {
        let version = self.version?;
        if version == Version::Http11 && !self.has_host {
            return None;
        }
        if self.is_chunked {
            return Some(Framing::Chunked);
        }
        Some(Framing::Length(self.length.unwrap_or(0)))
    }
}

/// `METHOD SP target SP HTTP/1.x`, the target being a path: this is no forward proxy.
fn request_line(line: &[u8]) -> Option<Version> {
    let mut parts = line.split(|byte| *byte == b' ');
    let (method, target, version) = (parts.next()?, parts.next()?, parts.next()?);
    let is_method = !method.is_empty() && method.iter().all(|byte| is_token(*byte));
    let is_path = target.first() == Some(&b'/')
        && target.len() <= LONGEST_TARGET
        && target.iter().all(|byte| matches!(byte, 0x21..=0x7e) && *byte != b'#');
    if parts.next().is_some() || !is_method || !is_path {
        return None;
    }
    match version {
        b"HTTP/1.1" => Some(Version::Http11),
        b"HTTP/1.0" => Some(Version::Http10),
        _ => None,
    }
}

/// `name: value`; a line that begins with a space is folded, which nobody should do any more.
pub(super) fn field(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let (name, value) = line.split_at_checked(colon)?;
    let value = value.get(1..)?.trim_ascii();
    let is_name = !name.is_empty() && name.iter().all(|byte| is_token(*byte));
    let is_value = value.iter().all(|byte| *byte == b'\t' || (*byte >= 0x20 && *byte != 0x7f));
    (is_name && is_value).then_some((name, value))
}

/// The size of a chunk. Extensions are passed over.
pub(super) fn chunk_size(line: &[u8]) -> Option<u64> {
    let size = line.split(|byte| *byte == b';').next()?;
    if size.is_empty() || size.len() > 12 || line.len() > 256 {
        return None;
    }
    size.iter().try_fold(0_u64, |sum, byte| {
        let digit = char::from(*byte).to_digit(16)?;
        Some(sum * 16 + u64::from(digit))
    })
}

fn digits(value: &[u8]) -> Option<u64> {
    if value.is_empty() || value.len() > 15 || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(value).ok()?.parse().ok()
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Option<Framing> {
        let mut head = Head::default();
        for line in lines {
            head.line(line.as_bytes())?;
        }
        head.end()
    }

    #[test]
    fn e02_what_frames_a_message_is_read_once() {
        let (get, post, host) = ("GET / HTTP/1.1", "POST / HTTP/1.1", "Host: a.test");
        assert_eq!(read(&[get, host]), Some(Framing::Length(0)));
        assert_eq!(read(&["GET / HTTP/1.0"]), Some(Framing::Length(0)));
        assert_eq!(read(&[post, host, "content-LENGTH:  12 "]), Some(Framing::Length(12)));
        assert_eq!(read(&[post, host, "Transfer-Encoding: chunked"]), Some(Framing::Chunked));
        for bad in [
            &[get][..],
            &[],
            &[get, host, host],
            &[get, "Host:"],
            &[post, host, "Content-Length: 1", "Content-Length: 1"],
            &[post, host, "Content-Length: 1, 1"],
            &[post, host, "Content-Length: +1"],
            &[post, host, "Content-Length: 0x1"],
            &[post, host, "Content-Length: "],
            &[post, host, "Content-Length: 9999999999999999999999"],
            &[post, host, "Content-Length: 1", "Transfer-Encoding: chunked"],
            &[post, host, "Transfer-Encoding: chunked", "Content-Length: 1"],
            &[post, host, "Transfer-Encoding: gzip, chunked"],
            &[post, host, "Transfer-Encoding: identity"],
            &[post, host, "Transfer-Encoding: \"chunked\""],
            &[post, host, "Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
            &["POST / HTTP/1.0", "Transfer-Encoding: chunked"],
            &[get, host, " folded"],
            &[get, host, "Name : value"],
            &[get, host, ": value"],
            &[get, host, "no colon"],
            &[get, host, "N\u{7f}me: value"],
            &[get, host, "Name: va\u{1}lue"],
            &["GET  / HTTP/1.1", host],
            &["GET / HTTP/1.1 ", host],
            &["GET / HTTP/2.0", host],
            &["GET /", host],
            &["GET http://a.test/ HTTP/1.1", host],
            &["CONNECT a.test:443 HTTP/1.1", host],
            &["OPTIONS * HTTP/1.1", host],
            &["GET /a#b HTTP/1.1", host],
            &["GET /\u{e9} HTTP/1.1", host],
            &["G(T / HTTP/1.1", host],
        ] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn e02_chunk_sizes_are_plain_hexadecimal() {
        for (line, size) in [("0", 0), ("a;x=y", 10), ("00ff", 255)] {
            assert_eq!(chunk_size(line.as_bytes()), Some(size), "{line}");
        }
        for bad in ["", ";", " 1", "1 ", "0x1", "-1", "fffffffffffff", "g"] {
            assert_eq!(chunk_size(bad.as_bytes()), None, "{bad}");
        }
    }
}
