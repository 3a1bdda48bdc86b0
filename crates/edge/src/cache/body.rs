//! The body of a cached answer: pieces of its file, or of the part of it that was asked for, as far
//! as it has been written.
//!
//! What lies in the kernel's memory is read at once; for what does not, the disk is waited for
//! elsewhere, so that no request holds up others.

use std::fs::File;
use std::io::{self, IoSliceMut};
use std::os::unix::fs::FileExt as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use rustix::io::{ReadWriteFlags, preadv2};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::object::{Progress, Stored};

/// Bytes that are read at once.
const PIECE: u64 = 64 * 1024;

/// Bytes of a cached answer, from one place to another.
pub(crate) struct StoredBody {
    from: From,
    at: u64,
    end: u64,
}

enum From {
    Memory(Bytes),
    File(FileBody),
}

struct FileBody {
    file: Arc<File>,
    offset: u64,
    /// How much of it is there.
    written: u64,
    /// Tells when there is more; nothing when it is whole.
    progress: Option<watch::Receiver<Progress>>,
    waiting: Option<Waiting>,
    reading: Option<JoinHandle<io::Result<Bytes>>>,
}

type Waiting = Pin<Box<dyn Future<Output = Progress> + Send>>;

impl StoredBody {
    /// From one byte to before another.
    pub(super) fn new(stored: &Stored, at: u64, end: u64) -> Self {
        let file = |file: &Arc<File>, offset, written, progress| {
            let (file, waiting, reading) = (file.clone(), None, None);
            From::File(FileBody { file, offset, written, progress, waiting, reading })
        };
        let from = match stored {
            Stored::Memory(bytes) => From::Memory(bytes.clone()),
            Stored::File(whole, offset) => file(whole, *offset, u64::MAX, None),
            Stored::Growing(part, offset, progress) => {
                file(part, *offset, 0, Some(progress.clone()))
            }
        };
        Self { from, at, end }
    }
}

impl FileBody {
    fn poll_piece(
        &mut self,
        at: u64,
        end: u64,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<Bytes>> {
        while self.written <= at {
            let Some(progress) = &self.progress else { return Poll::Ready(Err(too_short())) };
            let waiting = self.waiting.get_or_insert_with(|| wait(progress.clone(), at));
            let now = ready!(waiting.as_mut().poll(context));
            self.waiting = None;
            if now.written <= at {
                // Whoever wrote it has given up.
                return Poll::Ready(Err(too_short()));
            }
            self.written = now.written;
        }
        let from = self.offset.saturating_add(at);
        let wanted = end.min(self.written).saturating_sub(at).min(PIECE);
        if self.reading.is_none() {
            if let Some(bytes) = read_at_once(&self.file, from, wanted)? {
                return Poll::Ready(Ok(bytes));
            }
            let file = self.file.clone();
            let reading = move || read_in_time(&file, from, wanted);
            self.reading = Some(tokio::task::spawn_blocking(reading));
        }
        let Some(reading) = &mut self.reading else { return Poll::Ready(Err(too_short())) };
        let read = ready!(Pin::new(reading).poll(context));
        self.reading = None;
        Poll::Ready(read.unwrap_or_else(|_| Err(too_short())))
    }
}

/// Ends when there is more than so much, or when there will be no more.
fn wait(mut progress: watch::Receiver<Progress>, than: u64) -> Waiting {
    Box::pin(async move {
        let more = progress.wait_for(|now| now.written > than || now.has_failed).await;
        match more.map(|now| *now) {
            Ok(now) => now,
            // The writer is gone; what it said last holds.
            Err(_) => *progress.borrow(),
        }
    })
}

/// What the kernel has in memory; nothing when the disk would have to be waited for, or when this
/// file system cannot tell.
fn read_at_once(file: &File, from: u64, wanted: u64) -> io::Result<Option<Bytes>> {
    let mut buffer = room(wanted)?;
    match preadv2(file, &mut [IoSliceMut::new(&mut buffer)], from, ReadWriteFlags::NOWAIT) {
        Ok(0) => Err(too_short()),
        Ok(count) => {
            buffer.truncate(count);
            Ok(Some(Bytes::from(buffer)))
        }
        Err(_) => Ok(None),
    }
}

fn read_in_time(file: &File, from: u64, wanted: u64) -> io::Result<Bytes> {
    let mut buffer = room(wanted)?;
    file.read_exact_at(&mut buffer, from)?;
    Ok(Bytes::from(buffer))
}

fn room(wanted: u64) -> io::Result<Vec<u8>> {
    Ok(vec![0; usize::try_from(wanted).map_err(io::Error::other)?])
}

fn too_short() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "a cached answer ends early")
}

impl Body for StoredBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = self.get_mut();
        if this.at >= this.end {
            return Poll::Ready(None);
        }
        let piece = match &mut this.from {
            // All of it is here already; pieces would only be more work.
            From::Memory(bytes) => part(bytes, this.at, this.end).ok_or_else(too_short),
            From::File(file) => ready!(file.poll_piece(this.at, this.end, context)),
        };
        this.at = match &piece {
            Ok(bytes) => this.at.saturating_add(bytes.len() as u64),
            Err(_) => this.end,
        };
        Poll::Ready(Some(piece.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.at >= self.end
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.end.saturating_sub(self.at))
    }
}

fn part(bytes: &Bytes, at: u64, end: u64) -> Option<Bytes> {
    let (at, end) = (usize::try_from(at).ok()?, usize::try_from(end).ok()?);
    bytes.get(at..end).map(|slice| bytes.slice_ref(slice))
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    fn numbers(count: usize) -> Vec<u8> {
        (0..count).map(|number| u8::try_from(number % 251).unwrap()).collect()
    }

    async fn all(body: StoredBody) -> io::Result<Vec<u8>> {
        let expected = body.size_hint().exact().unwrap();
        let bytes = body.collect().await?.to_bytes().to_vec();
        assert_eq!(bytes.len() as u64, expected);
        Ok(bytes)
    }

    #[tokio::test]
    async fn a_part_is_what_was_asked_for() {
        let bytes = numbers(300_000);
        let file = tempfile::tempfile().unwrap();
        file.write_all_at(&[b"head".as_slice(), &bytes].concat(), 0).unwrap();
        let kinds = [Stored::File(Arc::new(file), 4), Stored::Memory(bytes.clone().into())];
        for stored in kinds {
            for (at, end) in [(0, 300_000), (0, 1), (65_535, 131_073), (299_999, 300_000), (7, 7)] {
                let read = all(StoredBody::new(&stored, at as u64, end as u64)).await.unwrap();
                assert_eq!(read, bytes[at..end], "{at}-{end}");
            }
        }
    }

    #[tokio::test]
    async fn a_reader_follows_the_writer_and_breaks_off_with_it() {
        let bytes = numbers(200_000);
        let file = Arc::new(tempfile::tempfile().unwrap());
        let (writer, progress) = watch::channel(Progress::default());
        let stored = Stored::Growing(file.clone(), 0, progress);
        let whole = tokio::spawn(all(StoredBody::new(&stored, 0, 200_000)));
        let late = tokio::spawn(all(StoredBody::new(&stored, 150_000, 150_010)));
        let early = tokio::spawn(all(StoredBody::new(&stored, 5, 10)));
        file.write_all_at(&bytes[..100_000], 0).unwrap();
        writer.send_replace(Progress { written: 100_000, has_failed: false });
        assert_eq!(early.await.unwrap().unwrap(), bytes[5..10]);
        assert!(!whole.is_finished() && !late.is_finished());
        file.write_all_at(&bytes[100_000..180_000], 100_000).unwrap();
        writer.send_replace(Progress { written: 180_000, has_failed: false });
        assert_eq!(late.await.unwrap().unwrap(), bytes[150_000..150_010]);
        writer.send_replace(Progress { written: 180_000, has_failed: true });
        assert!(whole.await.unwrap().is_err());
        let begun = all(StoredBody::new(&stored, 0, 180_000)).await.unwrap();
        assert_eq!(begun, bytes[..180_000], "what was written may be read");
        drop(writer);
        assert!(all(StoredBody::new(&stored, 0, 180_001)).await.is_err());
    }

    #[tokio::test]
    async fn a_file_that_is_too_short_is_an_error() {
        let file = tempfile::tempfile().unwrap();
        file.write_all_at(b"short", 0).unwrap();
        let stored = Stored::File(Arc::new(file), 0);
        assert!(all(StoredBody::new(&stored, 0, 6)).await.is_err());
    }
}
