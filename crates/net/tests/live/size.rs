//! How much comes in (O05).

use async_compression::tokio::write::GzipEncoder;
use bytes::Bytes;
use http::HeaderMap;
use net::{Get, NetError};
use tokio::io::AsyncWriteExt;

use crate::support::{Peer, client, get, head, local, text};

async fn zipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzipEncoder::new(Vec::new());
    encoder.write_all(bytes).await.unwrap();
    encoder.shutdown().await.unwrap();
    encoder.into_inner()
}

fn gzip_answer(body: &[u8]) -> Vec<u8> {
    let mut answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    answer.extend_from_slice(body);
    answer
}

/// Peak of this process's memory in KiB, which only grows.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[tokio::test]
async fn o05_a_gzip_bomb_is_cut_off_without_being_kept() {
    // 1 MiB that becomes 1 GiB.
    let answer = {
        let quick = async_compression::Level::Fastest;
        let mut encoder = GzipEncoder::with_quality(Vec::new(), quick);
        let zeros = vec![0; 1024 * 1024];
        for _ in 0..1024 {
            encoder.write_all(&zeros).await.unwrap();
        }
        encoder.shutdown().await.unwrap();
        gzip_answer(&encoder.into_inner())
    };
    assert!(answer.len() < 8 * 1024 * 1024);
    let peer = Peer::http("127.0.0.2", move |_| answer.clone()).await;
    let client = client(local());
    let url = format!("http://{}/", peer.address);
    let before = peak();
    let error = get(&client, &url).await.unwrap_err();
    assert_eq!(error, NetError::TooLarge(peer.address.to_string(), 1024 * 1024));
    let grown = peak() - before;
    assert!(grown <= 16 * 1024, "{grown} KiB more");
    let url = url.parse().unwrap();
    let wanted =
        Get { url: &url, accept: "*/*", most_bytes: 1024 * 1024, signer: None, gate: None };
    let mut written = Vec::new();
    assert!(client.download(wanted, &mut written).await.is_err());
    assert!(written.len() <= 1024 * 1024);
}

#[tokio::test]
async fn o05_an_endless_body_is_cut_off() {
    let peer = Peer::raw("127.0.0.2", |mut stream| async move {
        head(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await;
        let chunk = format!("1000\r\n{}\r\n", "x".repeat(0x1000));
        while stream.write_all(chunk.as_bytes()).await.is_ok() {}
    })
    .await;
    let error = get(&client(local()), &format!("http://{}/", peer.address)).await.unwrap_err();
    assert!(matches!(error, NetError::TooLarge(..)), "{error}");
    assert!(!error.is_transient());
}

#[tokio::test]
async fn bodies_are_decompressed_and_unknown_encodings_are_an_error() {
    let body = gzip_answer(&zipped(b"hello").await);
    let peer = Peer::http("127.0.0.2", move |head| {
        assert!(head.contains("accept-encoding: gzip\r\n"));
        body.clone()
    })
    .await;
    let answer = get(&client(local()), &format!("http://{}/", peer.address)).await.unwrap();
    assert_eq!(&answer.body[..], b"hello");
    let answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx";
    let peer = Peer::http("127.0.0.2", |_| answer.to_vec()).await;
    let error = get(&client(local()), &format!("http://{}/", peer.address)).await.unwrap_err();
    assert!(matches!(error, NetError::Broken(..)), "{error}");
}

#[tokio::test]
async fn the_answer_to_a_post_is_cut_and_its_break_does_not_matter() {
    let peer = Peer::http("127.0.0.2", |_| text(&"x".repeat(200_000))).await;
    let url = format!("http://{}/inbox", peer.address).parse().unwrap();
    let client = client(local());
    let answer = client.post(&url, HeaderMap::new(), Bytes::from_static(b"{}")).await.unwrap();
    assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 64 * 1024));
    let peer = Peer::raw("127.0.0.2", |mut stream| async move {
        head(&mut stream).await;
        stream.write_all(b"HTTP/1.1 202 Accepted\r\nContent-Length: 9\r\n\r\nha").await.unwrap();
    })
    .await;
    let url = format!("http://{}/inbox", peer.address).parse().unwrap();
    let answer = client.post(&url, HeaderMap::new(), Bytes::from_static(b"{}")).await.unwrap();
    assert_eq!(answer.status.as_u16(), 202);
}

#[tokio::test]
async fn a_download_writes_a_success_and_nothing_else() {
    let peer = Peer::http("127.0.0.2", |head| {
        if head.starts_with("GET /missing") {
            b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone".to_vec()
        } else {
            text("a picture")
        }
    })
    .await;
    for (path, status, expected) in [("picture", 200, "a picture"), ("missing", 404, "")] {
        let url = format!("http://{}/{path}", peer.address).parse().unwrap();
        let wanted = Get { url: &url, accept: "*/*", most_bytes: 100, signer: None, gate: None };
        let mut written = Vec::new();
        let answer = client(local()).download(wanted, &mut written).await.unwrap();
        assert_eq!(answer.status.as_u16(), status);
        assert_eq!(written, expected.as_bytes());
    }
}

#[tokio::test]
async fn the_beginning_of_a_page_is_enough() {
    let peer = Peer::http("127.0.0.2", |_| text(&"x".repeat(200_000))).await;
    let url = format!("http://{}/", peer.address).parse().unwrap();
    let wanted = Get { url: &url, accept: "*/*", most_bytes: 1000, signer: None, gate: None };
    assert_eq!(client(local()).get_beginning(wanted).await.unwrap().body.len(), 1000);
}
