//! Answers that do not say how long they are: kept when they came to a proper end, and only then.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::support::Place;

const LARGE: usize = 300_000;
/// More than an eighth of the cache of these tests.
const HUGE: usize = 3_000_000;
const KEPT: &str = "cache-control: public, max-age=60\r\n";

/// An origin that writes what it likes, and counts what it is asked.
struct Rough {
    address: SocketAddr,
    counts: Arc<Mutex<HashMap<String, usize>>>,
}

impl Rough {
    async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let counts: Arc<Mutex<HashMap<String, usize>>> = Arc::default();
        let of_task = counts.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, of_task.clone()));
            }
        });
        Self { address, counts }
    }

    fn count(&self, path: &str) -> usize {
        self.counts.lock().unwrap().get(path).copied().unwrap_or(0)
    }
}

/// One answer a connection.
async fn serve(mut stream: TcpStream, counts: Arc<Mutex<HashMap<String, usize>>>) {
    let (mut read, mut piece) = (Vec::new(), [0; 4096]);
    while !read.ends_with(b"\r\n\r\n") {
        match stream.read(&mut piece).await {
            Ok(count) if count > 0 => read.extend_from_slice(&piece[..count]),
            _ => return,
        }
    }
    let text = String::from_utf8_lossy(&read).into_owned();
    let path = text.split(' ').nth(1).unwrap_or_default().to_owned();
    *counts.lock().unwrap().entry(path.clone()).or_default() += 1;
    let chunked = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n{KEPT}\r\n");
    let chunk =
        |bytes: &[u8]| [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat();
    let whole = |length: usize| [chunk(&letters(length)), b"0\r\n\r\n".to_vec()].concat();
    let (head, body) = match path.as_str() {
        "/media/small" => (chunked, whole(1000)),
        "/media/empty" => (chunked, b"0\r\n\r\n".to_vec()),
        "/media/large" => (chunked, whole(LARGE)),
        "/media/huge" => (chunked, whole(HUGE)),
        "/media/cut" => (chunked, chunk(&letters(LARGE))),
        "/media/short" => (chunked, chunk(&letters(1000))),
        "/media/close" => {
            (format!("HTTP/1.1 200 OK\r\nconnection: close\r\n{KEPT}\r\n"), letters(LARGE))
        }
        _ => ("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".into(), Vec::new()),
    };
    let _ = stream.write_all(head.as_bytes()).await;
    let _ = stream.write_all(&body).await;
    let _ = stream.shutdown().await;
}

fn letters(count: usize) -> Vec<u8> {
    (0..count).map(|number| b'a' + u8::try_from(number % 23).unwrap()).collect()
}

async fn before(origin: &Rough) -> Place {
    let place = Place::with(&[origin.address], |edge| {
        edge.wait_for_origin = 0;
        edge.cache_bytes = 16 * 1024 * 1024;
    })
    .await;
    until(async || place.get("/media/open").await.1.contains("fwd=miss")).await;
    place
}

async fn until(look: impl AsyncFn() -> bool) {
    for _ in 0..400 {
        if look().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it does not come");
}

/// The bytes of an answer, whether they have a length or come in pieces.
fn body(text: &str) -> Vec<u8> {
    let (head, mut rest) = text.split_once("\r\n\r\n").unwrap();
    if !head.to_ascii_lowercase().contains("transfer-encoding: chunked") {
        return rest.as_bytes().to_vec();
    }
    let mut whole = Vec::new();
    while let Some((length, more)) = rest.split_once("\r\n") {
        let length = usize::from_str_radix(length, 16).unwrap();
        let Some(piece) = more.get(..length).filter(|_| length > 0) else { break };
        whole.extend_from_slice(piece.as_bytes());
        rest = &more[length + 2..];
    }
    whole
}

#[tokio::test]
async fn e09_what_came_to_a_proper_end_is_kept_without_a_length() {
    let origin = Rough::open().await;
    let place = before(&origin).await;
    for (path, length) in [("/media/small", 1000), ("/media/large", LARGE), ("/media/empty", 0)] {
        let (status, first) = place.get(path).await;
        assert_eq!((status, body(&first)), (200, letters(length)), "{path}");
        until(async || place.get(path).await.1.contains("hit")).await;
        let asked = origin.count(path);
        let (status, again) = place.get(path).await;
        assert_eq!((status, body(&again)), (200, letters(length)), "{path}");
        assert!(
            again.contains(&format!("content-length: {length}\r\n")),
            "{path}: now it is known"
        );
        assert_eq!(origin.count(path), asked, "{path}");
    }
    let part = place.ask("GET", "/media/large", "Range: bytes=299990-\r\n").await;
    assert_eq!((part.0, body(&part.1)), (206, letters(LARGE)[299_990..].to_vec()));
    // A small one is asked for once, however many want it.
    assert_eq!(origin.count("/media/small"), 1);
}

#[tokio::test]
async fn e08_what_broke_off_or_is_too_large_is_sent_on_and_never_kept() {
    let origin = Rough::open().await;
    let place = before(&origin).await;
    for path in ["/media/cut", "/media/short", "/media/close", "/media/huge"] {
        for round in 1..=3 {
            let (status, text) = place.get(path).await;
            assert!(!text.contains("tuskling; hit"), "{path}");
            assert_eq!(origin.count(path), round, "{path} is asked for each time");
            match path {
                "/media/huge" => assert_eq!(body(&text), letters(HUGE)),
                "/media/close" => assert_eq!(body(&text), letters(LARGE)),
                // The client sees that it broke off: the last piece does not come.
                "/media/cut" => assert!(!text.ends_with("0\r\n\r\n"), "{status}"),
                _ => assert_eq!(status, 502, "nothing was sent yet, so it can be said"),
            }
        }
    }
    // What is written beside the sending has room for others all the same.
    let (_, first) = place.get("/media/large").await;
    assert_eq!(body(&first), letters(LARGE));
    until(async || place.get("/media/large").await.1.contains("hit")).await;
}
