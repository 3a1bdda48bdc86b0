//! E04: WebSockets where streaming is, and nothing behind the request before both sides agree. Event
//! streams go through piece by piece.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::support::{NAME, Origin, Place, read_all, read_until, status};

const ASK: &str = "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";

fn request(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: {NAME}\r\n{ASK}\r\n")
}

/// An origin for one connection, of which the test reads and writes every byte. It has said that it
/// is ready.
async fn bare_origin() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// The connection that asks for a stream; health checks are answered.
async fn accept(listener: &TcpListener) -> (TcpStream, String) {
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let head = read_until(&mut stream, "\r\n\r\n").await;
        if !head.starts_with("GET /ready") {
            return (stream, head);
        }
        let ready = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        stream.write_all(ready).await.unwrap();
    }
}

#[tokio::test]
async fn e04_a_stream_becomes_a_websocket_and_carries_bytes_both_ways() {
    let (listener, address) = bare_origin().await;
    let place = Place::before(&[address]).await;
    let mut client = place.secure(&["http/1.1"]).await;
    client.write_all(request("/api/v1/streaming?stream=user").as_bytes()).await.unwrap();
    let (mut origin, head) = accept(&listener).await;
    assert!(head.starts_with("GET /api/v1/streaming?stream=user HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("upgrade: websocket") && head.contains("connection: upgrade"), "{head}");
    let agreed = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Accept: x\r\n\r\nfirst";
    origin.write_all(agreed.as_bytes()).await.unwrap();
    let answer = read_until(&mut client, "first").await;
    assert_eq!(status(&answer), 101, "{answer}");
    assert!(answer.contains("sec-websocket-accept: x"), "{answer}");
    // Bytes that would be no HTTP.
    client.write_all(b"\n\0\r\nGET / HTTP/1.1\n").await.unwrap();
    let mut bytes = [0; 19];
    origin.read_exact(&mut bytes).await.unwrap();
    assert_eq!(&bytes, b"\n\0\r\nGET / HTTP/1.1\n");
    origin.write_all(b"second").await.unwrap();
    read_until(&mut client, "second").await;
    drop(origin);
    read_all(&mut client).await;
}

#[tokio::test]
async fn e06_a_websocket_counts_as_a_connection_of_its_address() {
    let (listener, address) = bare_origin().await;
    let place = Place::with(&[address], |edge| edge.connections_per_address = 1).await;
    let mut client = place.secure(&["http/1.1"]).await;
    client.write_all(request("/api/v1/streaming").as_bytes()).await.unwrap();
    let (mut origin, _) = accept(&listener).await;
    let agreed =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
    origin.write_all(agreed.as_bytes()).await.unwrap();
    read_until(&mut client, "\r\n\r\n").await;
    client.write_all(b"up").await.unwrap();
    origin.read_exact(&mut [0; 2]).await.unwrap();
    assert!(place.secure_as(NAME, &["http/1.1"]).await.is_err());
    drop((client, origin));
    let again = async {
        while place.secure_as(NAME, &["http/1.1"]).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(5), again).await.expect("its place is free again");
}

#[tokio::test]
async fn e04_nothing_is_passed_on_before_the_101() {
    let (listener, address) = bare_origin().await;
    let place = Place::before(&[address]).await;
    let mut client = place.secure(&["http/1.1"]).await;
    let secret = format!("GET /secret HTTP/1.1\r\nHost: {NAME}\r\n\r\n");
    let both = format!("{}{secret}", request("/api/v1/streaming"));
    client.write_all(both.as_bytes()).await.unwrap();
    let (mut origin, head) = accept(&listener).await;
    assert!(head.ends_with("\r\n\r\n"), "{head}");
    let mut byte = [0];
    let early = timeout(Duration::from_millis(300), origin.read(&mut byte)).await;
    assert!(early.is_err(), "something came before the origin had agreed");
    // It does not agree: what follows is the next request, of HTTP, by its own way.
    let refused = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno";
    origin.write_all(refused).await.unwrap();
    let early = timeout(Duration::from_millis(300), origin.read(&mut byte)).await;
    assert!(matches!(early, Err(_) | Ok(Ok(0))), "nothing on the connection that was to upgrade");
    let answer = read_until(&mut client, "no").await;
    assert_eq!(status(&answer), 403);
}

#[tokio::test]
async fn e04_elsewhere_and_for_other_protocols_there_is_no_upgrade() {
    let origin = Origin::start().await;
    let place = Place::before(&[origin.address]).await;
    let odd = [
        request("/api/v1/statuses"),
        request("/api/v1/streamings"),
        request("/api/v1/streaming").replace("websocket", "h2c"),
        request("/api/v1/streaming").replace("GET", "POST"),
        request("/api/v1/streaming").replace("\r\n\r\n", "\r\nContent-Length: 5\r\n\r\nhello"),
    ];
    for one in &odd {
        let answer = place.raw(one.replace("keep-alive, ", "close, ").as_bytes()).await;
        assert_eq!(status(&answer), 200, "{one}: {answer}");
    }
    for seen in origin.seen() {
        assert!(seen.all("upgrade").is_empty() && seen.all("connection").is_empty(), "{seen:?}");
    }
}

#[tokio::test]
async fn event_streams_are_not_held_back() {
    let origin = Origin::start().await;
    let place = Place::before(&[origin.address]).await;
    let mut client = place.secure(&["http/1.1"]).await;
    let ask = format!("GET /events HTTP/1.1\r\nHost: {NAME}\r\nAccept-Encoding: gzip\r\n\r\n");
    client.write_all(ask.as_bytes()).await.unwrap();
    let came = timeout(Duration::from_secs(5), read_until(&mut client, "data: 1")).await;
    assert!(came.is_ok(), "the first event comes long before the second");
}
