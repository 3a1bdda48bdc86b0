//! E04: WebSockets as streams of HTTP/2 (RFC 8441), to an origin that is asked by HTTP/1.1.

use std::net::SocketAddr;
use std::time::Duration;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use base64::Engine as _;
use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt as _, Empty};
use hyper::client::conn::http2::SendRequest;
use hyper::ext::Protocol;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::support::{NAME, Place, read_until};

const PATIENCE: Duration = Duration::from_secs(20);

/// A connection of HTTP/2 that has heard what the edge can do.
async fn by_http2(place: &Place) -> SendRequest<Empty<Bytes>> {
    let stream = place.secure(&["h2"]).await;
    let (mut handle, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
    tokio::spawn(connection);
    let answer = handle.send_request(plain()).await.unwrap();
    answer.into_body().collect().await.unwrap();
    handle
}

fn plain() -> Request<Empty<Bytes>> {
    Request::get(format!("https://{NAME}/nothing")).body(Empty::new()).unwrap()
}

fn connect(path: &str, protocol: &'static str) -> Request<Empty<Bytes>> {
    let mut request = Request::new(Empty::new());
    *request.method_mut() = Method::CONNECT;
    *request.uri_mut() = format!("https://{NAME}{path}").parse().unwrap();
    request.headers_mut().insert("sec-websocket-version", "13".parse().unwrap());
    request.headers_mut().insert("sec-websocket-protocol", "a-token".parse().unwrap());
    request.extensions_mut().insert(Protocol::from_static(protocol));
    request
}

/// What an origin answers to the key of this head.
fn agreed(head: &str) -> String {
    let key = head.lines().find_map(|line| line.strip_prefix("sec-websocket-key: ")).unwrap();
    let text = format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    let made = digest(&SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes());
    let accept = base64::engine::general_purpose::STANDARD.encode(made);
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Protocol: a-token\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
    )
}

/// An origin that answers nothing to anything but streams, which it hands to the test.
async fn origin_of_streams() -> (SocketAddr, mpsc::Receiver<(TcpStream, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (to, streams) = mpsc::channel(64);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let to = to.clone();
            tokio::spawn(async move {
                let head = read_until(&mut stream, "\r\n\r\n").await;
                if head.contains("upgrade: websocket") {
                    to.send((stream, head)).await.unwrap();
                    return;
                }
                let nothing = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                let _ = stream.write_all(nothing).await;
            });
        }
    });
    (address, streams)
}

#[tokio::test]
async fn e04_a_stream_of_http2_becomes_a_websocket_beside_other_requests() {
    let (address, mut streams) = origin_of_streams().await;
    let place = Place::with(&[address], |edge| edge.connections_per_address = 2).await;
    let mut handle = by_http2(&place).await;
    let asked = handle.send_request(connect("/api/v1/streaming?stream=user", "websocket"));
    let asking = tokio::spawn(asked);
    let (mut origin, head) = streams.recv().await.unwrap();
    assert!(head.starts_with("GET /api/v1/streaming?stream=user HTTP/1.1\r\n"), "{head}");
    for line in ["connection: upgrade", "sec-websocket-protocol: a-token", "host: a.test"] {
        assert!(head.contains(&format!("{line}\r\n")), "{head}");
    }
    assert!(!asking.is_finished(), "nobody has agreed yet");
    origin.write_all(agreed(&head).as_bytes()).await.unwrap();
    let answer = asking.await.unwrap().unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["sec-websocket-protocol"], "a-token");
    assert!(!answer.headers().contains_key("sec-websocket-accept"));
    let mut client = TokioIo::new(hyper::upgrade::on(answer).await.unwrap());
    client.write_all(b"\0up").await.unwrap();
    client.flush().await.unwrap();
    let mut bytes = [0; 3];
    timeout(PATIENCE, origin.read_exact(&mut bytes)).await.unwrap().unwrap();
    assert_eq!(&bytes, b"\0up");
    origin.write_all(b"down").await.unwrap();
    let mut bytes = [0; 4];
    timeout(PATIENCE, client.read_exact(&mut bytes)).await.unwrap().unwrap();
    assert_eq!(&bytes, b"down");
    // Others go on beside it.
    assert_eq!(handle.send_request(plain()).await.unwrap().status(), 200);
    // With the connection itself it is all that this address may have.
    let refused = handle.send_request(connect("/api/v1/streaming", "websocket")).await.unwrap();
    assert_eq!(refused.status(), 429);
    // Its end makes room for the next, and ends no other.
    drop(origin);
    assert_eq!(timeout(PATIENCE, client.read(&mut [0; 1])).await.unwrap().unwrap(), 0);
    drop(client);
    let again = async {
        loop {
            let asked = handle.send_request(connect("/api/v1/streaming", "websocket"));
            let asking = tokio::spawn(asked);
            tokio::select! {
                Some((mut origin, head)) = streams.recv() => {
                    origin.write_all(agreed(&head).as_bytes()).await.unwrap();
                    return asking.await.unwrap().unwrap().status();
                }
                () = tokio::time::sleep(Duration::from_millis(100)) => asking.abort(),
            }
        }
    };
    assert_eq!(timeout(PATIENCE, again).await.expect("there is room again"), 200);
}

#[tokio::test]
async fn e04_a_stream_that_is_no_websocket_or_not_agreed_to_is_no_tunnel() {
    let (address, mut streams) = origin_of_streams().await;
    let place = Place::before(&[address]).await;
    let mut handle = by_http2(&place).await;
    // Elsewhere, or to something else.
    for (path, protocol) in
        [("/api/v1/accounts", "websocket"), ("/api/v1/streaming", "connect-udp")]
    {
        let refused = handle.send_request(connect(path, protocol)).await.unwrap();
        assert_eq!(refused.status(), 400, "{path} {protocol}");
    }
    // An origin that answers to another key, or with a page.
    for answer in [
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: AAAA\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    ] {
        let asked = handle.send_request(connect("/api/v1/streaming", "websocket"));
        let asking = tokio::spawn(asked);
        let (mut origin, _) = streams.recv().await.unwrap();
        origin.write_all(answer.as_bytes()).await.unwrap();
        assert_eq!(asking.await.unwrap().unwrap().status(), 502, "{answer}");
    }
    let asked = handle.send_request(connect("/api/v1/streaming", "websocket"));
    let asking = tokio::spawn(asked);
    let (mut origin, _) = streams.recv().await.unwrap();
    let refused = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno";
    origin.write_all(refused.as_bytes()).await.unwrap();
    let answer = asking.await.unwrap().unwrap();
    assert_eq!(answer.status(), 401);
    assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "no");
}
