//! Reads along with the HTTP/1 parser and breaks off what is framed in a way that two programs could
//! read differently (E02): the parser is tolerant of bare line feeds, two lengths and the like.
//!
//! At the first violation the offending byte becomes a NUL, which no parser accepts, and nothing
//! behind it is let through: the parser answers 400 and closes. Requests before it are answered.

mod head;

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::watch::Watch;
use head::{Framing, Head, LONGEST_HEAD};

/// How much a client may have sent before it sees that it was refused.
const LINGERING: usize = 256 * 1024;

/// A stream whose incoming bytes are looked at.
pub(crate) struct Strict<T> {
    inner: T,
    watch: Arc<Watch>,
    place: Place,
    head: Head,
    /// The beginning of a line whose end has not arrived.
    line: Vec<u8>,
    /// Bytes of the present head or trailer.
    section: usize,
    /// What is said behind a violation: the parser looks at a long head only at its end.
    ending: &'static [u8],
    /// Bytes that are still read, and forgotten, after the last answer.
    lingering: usize,
}

/// Where in a message the next byte stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Head,
    Body(u64),
    ChunkSize,
    Chunk(u64),
    ChunkEnd,
    Trailer,
    /// After an upgrade nothing is HTTP any more.
    Raw,
    Refused,
}

struct Violation;

impl<T> Strict<T> {
    pub fn new(inner: T, watch: Arc<Watch>) -> Self {
        let (head, line) = (Head::default(), Vec::new());
        let (place, ending) = (Place::Head, b"\r\n\r\n");
        Self { inner, watch, place, head, line, section: 0, ending, lingering: LINGERING }
    }

    /// How many of these bytes may pass. A violation spoils its byte.
    fn judge(&mut self, bytes: &mut [u8]) -> usize {
        let mut at = 0;
        while at < bytes.len() {
            if self.place == Place::Head && self.section == 0 && self.line.is_empty() {
                if self.watch.is_upgraded() {
                    self.place = Place::Raw;
                }
                self.watch.head_begins();
            }
            let rest = bytes.get(at..).unwrap_or_default();
            match self.place {
                Place::Raw => return bytes.len(),
                Place::Refused => return at,
                Place::Body(left) | Place::Chunk(left) => {
                    let taken = left.min(rest.len() as u64);
                    at += usize::try_from(taken).unwrap_or(rest.len());
                    self.place = match (self.place, left - taken) {
                        (Place::Body(_), 0) => Place::Head,
                        (Place::Body(_), left) => Place::Body(left),
                        (_, 0) => Place::ChunkEnd,
                        (_, left) => Place::Chunk(left),
                    };
                }
                Place::Head | Place::ChunkSize | Place::ChunkEnd | Place::Trailer => {
                    match self.one_line(rest) {
                        Ok(taken) => at += taken,
                        Err((offset, Violation)) => {
                            self.place = Place::Refused;
                            let offender = at + offset;
                            if let Some(byte) = bytes.get_mut(offender) {
                                *byte = 0;
                            }
                            return offender + 1;
                        }
                    }
                }
            }
        }
        at
    }

    /// Takes one line, or the beginning of one: how many bytes, or where the violation is.
    fn one_line(&mut self, rest: &[u8]) -> Result<usize, (usize, Violation)> {
        let found = rest.iter().position(|byte| *byte == b'\n');
        let taken = found.map_or(rest.len(), |at| at + 1);
        let last = taken.saturating_sub(1);
        self.section += taken;
        if self.section > LONGEST_HEAD {
            return Err((last, Violation));
        }
        let piece = rest.get(..taken).unwrap_or_default();
        if found.is_none() {
            self.line.extend_from_slice(piece);
            return Ok(taken);
        }
        let judged = if self.line.is_empty() {
            self.whole_line(piece)
        } else {
            let mut line = std::mem::take(&mut self.line);
            line.extend_from_slice(piece);
            let judged = self.whole_line(&line);
            line.clear();
            self.line = line;
            judged
        };
        judged.map(|()| taken).map_err(|violation| (last, violation))
    }

    fn whole_line(&mut self, line: &[u8]) -> Result<(), Violation> {
        let line = line.strip_suffix(b"\r\n").ok_or(Violation)?;
        if line.iter().any(|byte| matches!(byte, b'\r' | 0)) {
            return Err(Violation);
        }
        match self.place {
            Place::Head => {
                if line.is_empty() {
                    let framing = std::mem::take(&mut self.head).end().ok_or(Violation)?;
                    self.section = 0;
                    self.place = match framing {
                        Framing::Length(0) => Place::Head,
                        Framing::Length(bytes) => Place::Body(bytes),
                        Framing::Chunked => Place::ChunkSize,
                    };
                    self.watch.head_ends();
                    return Ok(());
                }
                self.head.line(line).ok_or(Violation)
            }
            Place::ChunkSize => {
                self.section = 0;
                self.place = match head::chunk_size(line).ok_or(Violation)? {
                    0 => Place::Trailer,
                    size => Place::Chunk(size),
                };
                Ok(())
            }
            Place::ChunkEnd => {
                self.section = 0;
                self.place = Place::ChunkSize;
                if line.is_empty() { Ok(()) } else { Err(Violation) }
            }
            Place::Trailer => {
                if line.is_empty() {
                    self.section = 0;
                    self.place = Place::Head;
                    return Ok(());
                }
                head::field(line).map(|_| ()).ok_or(Violation)
            }
            Place::Body(_) | Place::Chunk(_) | Place::Raw | Place::Refused => Ok(()),
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Strict<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.place == Place::Refused {
            let count = this.ending.len().min(buffer.remaining());
            let (now, later) = this.ending.split_at_checked(count).unwrap_or_default();
            buffer.put_slice(now);
            this.ending = later;
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        let polled = Pin::new(&mut this.inner).poll_read(context, buffer);
        if let Poll::Ready(Ok(())) = polled
            && this.place != Place::Raw
        {
            let arrived = buffer.filled_mut().get_mut(before..).unwrap_or_default();
            let passed = this.judge(arrived);
            buffer.set_filled(before + passed);
        }
        polled
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Strict<T> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.inner).poll_write(context, bytes);
        this.watch.wrote(polled.is_ready());
        polled
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(Pin::new(&mut this.inner).poll_shutdown(context))?;
        if !matches!(this.place, Place::Refused | Place::Body(_) | Place::Chunk(_)) {
            return Poll::Ready(Ok(()));
        }
        // Closing on unread bytes would reset the connection, and the client would never see why it
        // was refused. Whoever does not stop sending is cut off by the watch.
        this.watch.head_begins();
        let mut space = [0; 4096];
        while this.lingering > 0 {
            let mut buffer = ReadBuf::new(&mut space);
            ready!(Pin::new(&mut this.inner).poll_read(context, &mut buffer))?;
            let count = buffer.filled().len();
            this.lingering = if count == 0 { 0 } else { this.lingering.saturating_sub(count) };
        }
        Poll::Ready(Ok(()))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.inner).poll_write_vectored(context, pieces);
        this.watch.wrote(polled.is_ready());
        polled
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What passes of these bytes when they arrive in pieces of this size.
    fn passed(bytes: &[u8], pieces: usize) -> Vec<u8> {
        let mut strict = Strict::new((), Arc::new(Watch::default()));
        let mut out = Vec::new();
        for piece in bytes.chunks(pieces) {
            let mut piece = piece.to_vec();
            let count = strict.judge(&mut piece);
            out.extend_from_slice(&piece[..count]);
        }
        out
    }

    #[test]
    fn e02_well_framed_requests_pass_untouched_however_they_arrive() {
        let bytes = b"GET /a?b=c HTTP/1.1\r\nHost: a.test\r\nX: \xc3\xa9 y\r\n\r\n\
            POST /b HTTP/1.1\r\nHost: a.test\r\nContent-Length: 3\r\n\r\n\n\r\0\
            POST /c HTTP/1.1\r\nhost: a.test\r\nTransfer-Encoding: Chunked\r\n\r\n\
            4;x=\"y\"\r\n\n\n\n\n\r\n0a\r\n0123456789\r\n0\r\nA: b\r\n\r\n\
            GET / HTTP/1.0\r\n\r\n";
        for pieces in [1, 2, 3, 7, 64, 4096] {
            assert_eq!(passed(bytes, pieces), bytes, "in pieces of {pieces}");
        }
    }

    #[test]
    fn e02_nothing_passes_behind_a_violation() {
        let good = b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n";
        for bad in [
            &b"GET /b HTTP/1.1\nHost: a.test\r\n\r\n"[..],
            b"POST /b HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"POST /b HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n1\n",
        ] {
            let all = [&good[..], bad, b"GET /secret HTTP/1.1\r\nHost: a.test\r\n\r\n"].concat();
            for pieces in [1, 5, 4096] {
                let out = passed(&all, pieces);
                assert!(out.starts_with(good));
                assert_eq!(out.last(), Some(&0), "the violation is spoiled");
                assert!(out.len() <= good.len() + bad.len());
            }
        }
    }
}
