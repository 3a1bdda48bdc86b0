//! Answers that do not say how long they are. Small ones are waited for; larger ones are sent on as
//! they come, while a copy is written. Only what came to a proper end is kept: one whose end is the
//! end of the connection could be half of it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, header};
use http_body_util::BodyExt as _;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout, timeout_at};

use super::disk::{Disk, Part};
use super::fetch::{Kept, PAUSE};
use super::fills::Lead;
use super::object::{Object, Stored};
use super::record::SMALL;
use super::{Cache, Reserved};
use crate::origin::{Copy, OriginBody, Piece};

/// How long a client waits for an answer to come as a whole before it is sent what there is.
const TOGETHER: Duration = Duration::from_secs(1);
/// Pieces that wait to be written.
const WAITING: usize = 8;
/// Bytes of the disk that are claimed at once.
const STEP: u64 = 1024 * 1024;

/// What came of reading the beginning of an answer.
pub(super) enum Beginning {
    /// It is no longer than that.
    Whole(Bytes),
    /// There is more: what was read, and the rest.
    More(Vec<Bytes>, OriginBody),
    Broken,
}

/// Whether the end of this answer tells that it is one: the pieces have lengths, and the last has
/// none (RFC 9112 §7.1). What ends with its connection could have been cut.
pub(super) fn tells_its_end(headers: &HeaderMap) -> bool {
    let codings = headers.get_all(header::TRANSFER_ENCODING);
    let last = codings.iter().next_back().and_then(|value| value.to_str().ok());
    let last = last.and_then(|text| text.rsplit(',').next());
    last.is_some_and(|coding| coding.trim().eq_ignore_ascii_case("chunked"))
}

/// Reads an answer as far as one waits for it.
pub(super) async fn begin(mut body: OriginBody) -> Beginning {
    let until = Instant::now() + TOGETHER;
    let (mut pieces, mut bytes) = (Vec::new(), 0_u64);
    while bytes <= SMALL {
        match timeout_at(until, body.frame()).await {
            Ok(Some(Ok(frame))) => {
                if let Ok(data) = frame.into_data() {
                    bytes = bytes.saturating_add(data.len() as u64);
                    pieces.push(data);
                }
            }
            Ok(None) => return Beginning::Whole(pieces.concat().into()),
            Ok(Some(Err(_))) => return Beginning::Broken,
            Err(_) => break,
        }
    }
    Beginning::More(pieces, body)
}

impl Cache {
    /// Keeps a copy of what is sent to one client. Nothing when there is no room for it.
    pub(super) fn copy(self: &Arc<Self>, kept: Kept, lead: Lead) -> Option<Copy> {
        let place = self.large.clone().try_acquire_owned().ok()?;
        let disk = self.disk()?;
        let (to, pieces) = mpsc::channel(WAITING);
        let copying = Copying { cache: self.clone(), disk, kept, room: Vec::new() };
        tokio::spawn(async move {
            copying.run(pieces, &lead).await;
            drop((place, lead));
        });
        Some(Copy::new(to))
    }
}

/// A file that is written beside the sending.
struct Copying {
    cache: Arc<Cache>,
    disk: Arc<Disk>,
    kept: Kept,
    room: Vec<Reserved>,
}

impl Copying {
    async fn run(mut self, mut pieces: mpsc::Receiver<Piece>, lead: &Lead) {
        let (disk, head) = (self.disk.clone(), self.kept.head.clone());
        let Ok(Ok(part)) = spawn_blocking(move || disk.begin_open(&head)).await else { return };
        let Some(length) = self.write(&part, &mut pieces).await else { return };
        if lead.is_doomed() {
            return;
        }
        let Self { cache, disk, kept: Kept { key, mut head, began }, room } = self;
        head.length = length;
        let stored = Stored::File(part.file.clone(), part.offset);
        let object = Arc::new(Object::new(head.clone(), stored, began));
        let settled = spawn_blocking(move || disk.settle_open(part, &head, key, began)).await;
        drop(room);
        if let Ok(Ok(bytes)) = settled {
            cache.admit(key, bytes, &object, lead);
        }
    }

    /// How long it was; nothing when it broke off, or grew too large.
    async fn write(&mut self, part: &Part, pieces: &mut mpsc::Receiver<Piece>) -> Option<u64> {
        let (mut length, mut claimed) = (0_u64, 0_u64);
        loop {
            // A client that stops reading does not hold the file for ever.
            let Piece { bytes, is_last } = timeout(PAUSE, pieces.recv()).await.ok()??;
            let end = length.saturating_add(bytes.len() as u64);
            if end > self.cache.limits().largest() {
                return None;
            }
            while claimed < end {
                let (cache, disk) = (self.cache.clone(), self.disk.clone());
                let claim = spawn_blocking(move || cache.reserve(&disk, STEP)).await;
                self.room.push(claim.ok()??);
                claimed = claimed.saturating_add(STEP);
            }
            let (file, at) = (part.file.clone(), part.offset.saturating_add(length));
            let written = spawn_blocking(move || Part::write_at(&file, &[bytes], at)).await;
            written.ok()?.ok()?;
            length = end;
            if is_last {
                return Some(length);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn e08_what_ends_with_its_connection_does_not_tell_that_it_ended() {
        for (text, tells) in [
            ("chunked", true),
            ("gzip, Chunked", true),
            ("chunked, gzip", false),
            ("identity", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::TRANSFER_ENCODING, HeaderValue::from_static(text));
            assert_eq!(tells_its_end(&headers), tells, "{text}");
        }
        assert!(!tells_its_end(&HeaderMap::new()));
    }
}
