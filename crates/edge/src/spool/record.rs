//! How a delivery is written: its length, a checksum, its parts. Read back it may be anything.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;

/// Length and checksum.
pub(super) const HEAD: usize = 8;
/// Bytes of one delivery with everything that belongs to it.
pub(super) const MOST: usize = 2 * 1024 * 1024;
const VERSION: u8 = 1;

/// A delivery to an inbox, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Who sent it, as far as the edge can tell: deliveries of one sender stay in order.
    pub sender: String,
    /// When it came.
    pub received: SystemTime,
    /// Path and query that it was sent to.
    pub target: String,
    /// Its headers, those that a signature covers among them, in their order.
    pub headers: Vec<(String, Bytes)>,
    /// Its body.
    pub body: Bytes,
}

/// A record with its head; `None` when it is too large.
pub(super) fn encode(delivery: &Delivery) -> Option<Vec<u8>> {
    let mut record = vec![0; HEAD];
    record.push(VERSION);
    let passed = delivery.received.duration_since(UNIX_EPOCH).unwrap_or_default();
    record.extend(u64::try_from(passed.as_millis()).ok()?.to_le_bytes());
    put(&mut record, delivery.sender.as_bytes())?;
    put(&mut record, delivery.target.as_bytes())?;
    record.extend(u32::try_from(delivery.headers.len()).ok()?.to_le_bytes());
    for (name, value) in &delivery.headers {
        put(&mut record, name.as_bytes())?;
        put(&mut record, value)?;
    }
    put(&mut record, &delivery.body)?;
    if record.len() > MOST {
        return None;
    }
    let (head, content) = record.split_at_mut(HEAD);
    let length = u32::try_from(content.len()).ok()?.to_le_bytes();
    let sum = crc32fast::hash(content).to_le_bytes();
    for (place, byte) in head.iter_mut().zip(length.into_iter().chain(sum)) {
        *place = byte;
    }
    Some(record)
}

/// The length of the content that follows a head, and its checksum; `None` for what is no head.
pub(super) fn head(head: [u8; HEAD]) -> Option<(usize, u32)> {
    let [a, b, c, d, e, f, g, h] = head;
    let length = usize::try_from(u32::from_le_bytes([a, b, c, d])).ok()?;
    let fits = (1..=MOST - HEAD).contains(&length);
    fits.then_some((length, u32::from_le_bytes([e, f, g, h])))
}

/// The delivery in a content whose checksum was right.
pub(super) fn decode(content: &Bytes) -> Option<Delivery> {
    let mut rest = content.clone();
    let (version, passed) = (take(&mut rest, 1)?, take(&mut rest, 8)?);
    if version.first() != Some(&VERSION) {
        return None;
    }
    let passed = Duration::from_millis(u64::from_le_bytes(passed.as_ref().try_into().ok()?));
    let received = UNIX_EPOCH.checked_add(passed)?;
    let (sender, target) = (text(&mut rest)?, text(&mut rest)?);
    let count = number(&mut rest)?;
    let mut headers = Vec::new();
    for _ in 0..count {
        headers.push((text(&mut rest)?, part(&mut rest)?));
    }
    let body = part(&mut rest)?;
    rest.is_empty().then_some(Delivery { sender, received, target, headers, body })
}

fn put(record: &mut Vec<u8>, part: &[u8]) -> Option<()> {
    record.extend(u32::try_from(part.len()).ok()?.to_le_bytes());
    record.extend(part);
    Some(())
}

fn take(rest: &mut Bytes, length: usize) -> Option<Bytes> {
    (length <= rest.len()).then(|| rest.split_to(length))
}

fn number(rest: &mut Bytes) -> Option<usize> {
    let bytes = take(rest, 4)?.as_ref().try_into().ok()?;
    usize::try_from(u32::from_le_bytes(bytes)).ok()
}

fn part(rest: &mut Bytes) -> Option<Bytes> {
    let length = number(rest)?;
    take(rest, length)
}

fn text(rest: &mut Bytes) -> Option<String> {
    String::from_utf8(part(rest)?.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(body: usize) -> Delivery {
        Delivery {
            sender: "a.test".into(),
            received: UNIX_EPOCH + Duration::from_millis(1_700_000_000_123),
            target: "/inbox?x".into(),
            headers: vec![
                ("signature".into(), Bytes::from_static(b"\xff=1")),
                ("x".into(), Bytes::new()),
            ],
            body: vec![7; body].into(),
        }
    }

    #[test]
    fn a_delivery_comes_back_as_it_was() {
        for size in [0, 1, 100_000] {
            let record = encode(&delivery(size)).unwrap();
            let (length, sum) = head(record[..HEAD].try_into().unwrap()).unwrap();
            let content = Bytes::copy_from_slice(&record[HEAD..]);
            assert_eq!((content.len(), crc32fast::hash(&content)), (length, sum));
            assert_eq!(decode(&content), Some(delivery(size)));
        }
        assert!(encode(&delivery(MOST)).is_none());
    }

    #[test]
    fn p05_no_content_panics() {
        let record = encode(&delivery(20)).unwrap();
        let content = &record[HEAD..];
        for cut in 0..content.len() {
            assert_eq!(decode(&Bytes::copy_from_slice(&content[..cut])), None);
        }
        for place in 0..content.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut changed = content.to_vec();
                changed[place] = value;
                let _ = decode(&changed.into());
            }
        }
    }
}
