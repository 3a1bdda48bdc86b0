//! E07: floods of HTTP/2 frames end the connection, and others do not feel them.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use super::support::{NAME, Origin, Place, Secure};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

fn frame(kind: u8, flags: u8, stream: u32, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    let mut bytes = vec![length[1], length[2], length[3], kind, flags];
    bytes.extend_from_slice(&stream.to_be_bytes());
    bytes.extend_from_slice(body);
    bytes
}

/// `GET https://a.test` and a path, by the static table (RFC 7541, appendix A).
fn head(path: &str) -> Vec<u8> {
    let mut block = vec![0x82, 0x87, 0x41, u8::try_from(NAME.len()).unwrap()];
    block.extend_from_slice(NAME.as_bytes());
    block.extend_from_slice(&[0x04, u8::try_from(path.len()).unwrap()]);
    block.extend_from_slice(path.as_bytes());
    block
}

async fn open(place: &Place, settings: &[u8]) -> Secure {
    let mut stream = place.secure_from([127, 0, 0, 9], NAME, &["h2"]).await.unwrap();
    let mut first = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    first.extend_from_slice(&frame(SETTINGS, 0, 0, settings));
    stream.write_all(&first).await.unwrap();
    stream
}

/// Sends pieces until they are refused, and says with which error the edge said good-bye.
async fn flood(stream: &mut Secure, pieces: impl Iterator<Item = Vec<u8>>) -> Option<u32> {
    let (mut reading, mut writing) = tokio::io::split(stream);
    let sending = async {
        for piece in pieces {
            if writing.write_all(&piece).await.is_err() {
                break;
            }
        }
        let _ = writing.flush().await;
        std::future::pending::<()>().await
    };
    let listening = async {
        let mut read = Vec::new();
        let _ = reading.read_to_end(&mut read).await;
        read
    };
    let read = timeout(Duration::from_secs(20), async {
        tokio::select! {
            () = sending => unreachable!("it waits for ever"),
            read = listening => read,
        }
    });
    good_bye(&read.await.expect("a flood ends the connection"))
}

fn good_bye(mut read: &[u8]) -> Option<u32> {
    while let Some((head, rest)) = read.split_at_checked(9) {
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        let (body, rest) = rest.split_at_checked(length)?;
        if head[3] == GOAWAY {
            return Some(u32::from_be_bytes(body[4..8].try_into().unwrap()));
        }
        read = rest;
    }
    None
}

async fn others_are_fine(place: &Place) {
    for _ in 0..5 {
        let began = Instant::now();
        assert_eq!(place.get("/hello").await.0, 200);
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e07_requests_that_are_given_up_at_once_end_the_connection() {
    let origin = Origin::start().await;
    let place = Place::before(&[origin.address]).await;
    for path in ["/hello", "/slow"] {
        let mut stream = open(&place, &[]).await;
        let cancel = 8_u32.to_be_bytes();
        let pieces = (0..10_000_u32).map(|number| {
            let id = number * 2 + 1;
            let mut both = frame(HEADERS, END_STREAM | END_HEADERS, id, &head(path));
            both.extend_from_slice(&frame(RST, 0, id, &cancel));
            both
        });
        let (code, ()) = tokio::join!(flood(&mut stream, pieces), others_are_fine(&place));
        assert!(code.is_some(), "a GOAWAY says why");
    }
    let passed = origin.seen().iter().filter(|seen| seen.line != "GET /hello").count();
    assert!(passed < 500, "{passed} requests reached the origin");
}

/// The same, slowly enough that every request reaches the origin before it is given up.
#[tokio::test(flavor = "multi_thread")]
async fn e07_who_gives_up_every_request_is_sent_away() {
    let origin = Origin::start().await;
    let place = Place::before(&[origin.address]).await;
    let mut stream = open(&place, &[]).await;
    let (mut reading, mut writing) = tokio::io::split(&mut stream);
    let sending = async {
        for number in 0..1000_u32 {
            let id = number * 2 + 1;
            let ask = frame(HEADERS, END_STREAM | END_HEADERS, id, &head("/silent"));
            if writing.write_all(&ask).await.is_err() || writing.flush().await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
            let _ = writing.write_all(&frame(RST, 0, id, &8_u32.to_be_bytes())).await;
        }
    };
    let mut read = Vec::new();
    let (ended, ()) =
        tokio::join!(timeout(Duration::from_secs(20), reading.read_to_end(&mut read)), sending);
    assert!(ended.is_ok());
    assert!(good_bye(&read).is_some());
    assert!(origin.seen().len() < 200, "{} requests", origin.seen().len());
}

#[tokio::test(flavor = "multi_thread")]
async fn e07_a_header_that_never_ends_ends_the_connection() {
    let origin = Origin::start().await;
    let place = Place::before(&[origin.address]).await;
    let mut stream = open(&place, &[]).await;
    let first = frame(HEADERS, END_STREAM, 1, &head("/"));
    let more = (0..10_000).map(|_| frame(CONTINUATION, 0, 1, &[0, 1, b'x', 1, b'y'].repeat(100)));
    let pieces = std::iter::once(first).chain(more);
    let (code, ()) = tokio::join!(flood(&mut stream, pieces), others_are_fine(&place));
    assert!(code.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn e07_empty_data_without_end_ends_the_connection() {
    let origin = Origin::start().await;
    let place = Place::before(&[origin.address]).await;
    let mut stream = open(&place, &[]).await;
    let mut post = head("/echo");
    post[0] = 0x83;
    let first = frame(HEADERS, END_HEADERS, 1, &post);
    let pieces = std::iter::once(first).chain((0..200_000).map(|_| frame(DATA, 0, 1, &[])));
    let (_, ()) = tokio::join!(flood(&mut stream, pieces), others_are_fine(&place));
}

/// Many tiny indexed headers and a window of nothing: the answers wait, and cost little.
#[tokio::test(flavor = "multi_thread")]
async fn e07_a_window_of_nothing_holds_little_memory() {
    let origin = Origin::start().await;
    let place = Place::with(&[origin.address], |edge| edge.connections_per_address = 64).await;
    place.get("/text").await;
    let before = resident();
    let mut held = Vec::new();
    for _ in 0..20 {
        // SETTINGS_INITIAL_WINDOW_SIZE = 0
        let mut stream = open(&place, &[0, 4, 0, 0, 0, 0]).await;
        let mut block = head("/text");
        // One header into the dynamic table, then as many references to it as may be.
        block.extend_from_slice(&[0x40, 1, b'x', 1, b'y']);
        block.extend_from_slice(&[0xbe; 90]);
        for number in 0..100_u32 {
            let ask = frame(HEADERS, END_STREAM | END_HEADERS, number * 2 + 1, &block);
            let _ = stream.write_all(&ask).await;
        }
        let _ = stream.write_all(&frame(PING, 0, 0, &[0; 8])).await;
        held.push(stream);
    }
    others_are_fine(&place).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    // The origin of the test lives in the same process and holds its part.
    let grown = resident().saturating_sub(before);
    assert!(grown < 32 * 1024, "{grown} KiB for 2000 stalled answers");
}

fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
