//! The PROXY protocol, versions 1 and 2 (haproxy.org/download/2.9/doc/proxy-protocol.txt): a proxy
//! before us says first whom a connection is from. Read from proxies that the configuration names,
//! which have to say it.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use tokio::io::{AsyncRead, AsyncReadExt as _};

/// Whom a connection is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Announced {
    Client(IpAddr),
    /// The proxy itself: it checks whether we are alive.
    Itself,
}

const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";
/// Bytes of the longest line of version 1.
const LONGEST_LINE: usize = 107;
/// Bytes of version 2 after its head that are read at most.
const LONGEST_REST: u16 = 2048;

/// Reads the announcement, and not a byte more.
pub(super) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Announced> {
    let mut start = [0; SIGNATURE.len()];
    stream.read_exact(&mut start).await?;
    if start == SIGNATURE { second(stream).await } else { first(&start, stream).await }
}

async fn first(start: &[u8], stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Announced> {
    let mut line = start.to_vec();
    // Byte by byte: what follows belongs to TLS.
    while !line.ends_with(b"\r\n") {
        if line.len() >= LONGEST_LINE {
            return Err(wrong());
        }
        line.push(stream.read_u8().await?);
    }
    let text = std::str::from_utf8(&line).map_err(|_| wrong())?.trim_end();
    let mut words = text.split(' ');
    if words.next() != Some("PROXY") {
        return Err(wrong());
    }
    match words.next() {
        Some("UNKNOWN") => Ok(Announced::Itself),
        Some("TCP4" | "TCP6") => {
            let address = words.next().and_then(|word| word.parse().ok());
            address.map(Announced::Client).ok_or_else(wrong)
        }
        _ => Err(wrong()),
    }
}

async fn second(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Announced> {
    let (command, family) = (stream.read_u8().await?, stream.read_u8().await?);
    let length = stream.read_u16().await?;
    if length > LONGEST_REST {
        return Err(wrong());
    }
    let mut rest = vec![0; usize::from(length)];
    stream.read_exact(&mut rest).await?;
    match (command, family) {
        (0x20, _) => Ok(Announced::Itself),
        (0x21, 0x11) => {
            let address: [u8; 4] = *rest.first_chunk().ok_or_else(wrong)?;
            Ok(Announced::Client(Ipv4Addr::from(address).into()))
        }
        (0x21, 0x21) => {
            let address: [u8; 16] = *rest.first_chunk().ok_or_else(wrong)?;
            Ok(Announced::Client(Ipv6Addr::from(address).into()))
        }
        (0x21, 0x00) => Ok(Announced::Itself),
        _ => Err(wrong()),
    }
}

fn wrong() -> io::Error {
    io::Error::new(ErrorKind::InvalidData, "no announcement of the PROXY protocol")
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read_all(mut bytes: &[u8]) -> (io::Result<Announced>, usize) {
        let announced = read(&mut bytes).await;
        (announced, bytes.len())
    }

    #[tokio::test]
    async fn both_versions_are_read_and_nothing_behind_them() {
        let four = b"PROXY TCP4 192.0.2.7 203.0.113.1 56324 443\r\n\x16\x03";
        let (announced, left) = read_all(four).await;
        assert_eq!(announced.unwrap(), Announced::Client("192.0.2.7".parse().unwrap()));
        assert_eq!(left, 2);
        let six = b"PROXY TCP6 2001:db8::1 ::1 1 2\r\n";
        let (announced, _) = read_all(six).await;
        assert_eq!(announced.unwrap(), Announced::Client("2001:db8::1".parse().unwrap()));
        let mut second = SIGNATURE.to_vec();
        second.extend_from_slice(&[
            0x21, 0x11, 0, 14, 192, 0, 2, 7, 1, 1, 1, 1, 0, 1, 0, 2, 9, 9, 0x16,
        ]);
        let (announced, left) = read_all(&second).await;
        assert_eq!(announced.unwrap(), Announced::Client("192.0.2.7".parse().unwrap()));
        assert_eq!(left, 1);
    }

    #[tokio::test]
    async fn anything_else_is_refused() {
        for bad in [
            &b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"[..],
            b"PROXY TCP4 nonsense 1 2 3\r\n",
            b"PROXY UDP4 192.0.2.7 1.1.1.1 1 2\r\n",
            &[b'x'; 200],
            b"\r\n\r\n\0\r\nQUIT\n\x21\x11\xff\xff",
            b"\r\n\r\n\0\r\nQUIT\n\x31\x11\0\x04abcd",
            b"PRO",
        ] {
            assert!(read_all(bad).await.0.is_err(), "{bad:?}");
        }
    }
}
