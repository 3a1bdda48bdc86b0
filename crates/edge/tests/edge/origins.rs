//! Several origins, none at all, and one that comes back; and what is done to answers.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::support::{NAME, Origin, Place, read_until, status};

/// An address on which nobody listens.
fn nobody() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

#[tokio::test]
async fn requests_are_spread_and_a_dead_origin_is_left_out() {
    let (one, other) = (Origin::start().await, Origin::start().await);
    let place = Place::before(&[one.address, nobody(), other.address]).await;
    for _ in 0..12 {
        assert_eq!(place.get("/port").await.0, 200);
    }
    assert!(one.seen().len() > 1 && other.seen().len() > 1);
    let before = other.seen().len();
    one.stop().await;
    for _ in 0..12 {
        assert_eq!(place.get("/port").await.0, 200);
    }
    assert_eq!(other.seen().len(), before + 12);
}

#[tokio::test]
async fn r13_requests_wait_for_an_origin_that_returns() {
    let origin = Origin::start().await;
    let address = origin.address;
    let place = Place::before(&[address]).await;
    assert_eq!(place.get("/hello").await.0, 200);
    origin.stop().await;
    let back = async {
        tokio::time::sleep(Duration::from_millis(700)).await;
        Origin::on(address).await
    };
    let body = "Content-Length: 0\r\n";
    let (origin, get, post) =
        tokio::join!(back, place.get("/hello"), place.ask("POST", "/hello", body));
    assert_eq!((get.0, post.0), (200, 200), "neither had been sent");
    assert_eq!(origin.seen().len(), 2);
}

#[tokio::test]
async fn when_nobody_is_there_the_page_says_so_in_the_form_that_is_asked_for() {
    let place = Place::with(&[nobody()], |edge| edge.wait_for_origin = 0).await;
    let (code, page) = place.ask("GET", "/", "Accept: text/html,*/*\r\n").await;
    assert_eq!(code, 503);
    assert!(page.contains("retry-after: 10") && page.contains("<!DOCTYPE html>"), "{page}");
    assert!(page.contains("strict-transport-security"), "{page}");
    let (code, text) = place.ask("POST", "/api/v1/statuses", "Accept: application/json\r\n").await;
    assert_eq!(code, 503);
    assert!(text.contains("{\"error\":\"The server is away"), "{text}");
    let began = Instant::now();
    assert_eq!(place.get("/").await.0, 503);
    assert!(began.elapsed() < Duration::from_secs(1), "after the wait nobody waits again");
}

#[tokio::test]
async fn a_kept_connection_that_the_origin_closes_costs_no_request() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    // Answers one request a connection, says that it may be kept, and closes it on the second.
    let serving = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                read_until(&mut stream, "\r\n\r\n").await;
                let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
                stream.write_all(answer).await.unwrap();
                let mut byte = [0];
                let _ = stream.read(&mut byte).await;
            });
        }
    });
    let place = Place::before(&[address]).await;
    for _ in 0..10 {
        assert_eq!(place.get("/").await.0, 200);
    }
    serving.abort();
}

#[tokio::test]
async fn what_was_sent_and_must_not_be_repeated_is_502() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let posts = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = posts.clone();
    let serving = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let head = read_until(&mut stream, "\r\n\r\n").await;
            if head.starts_with("POST") {
                counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            }
        }
    });
    let place = Place::before(&[address]).await;
    let (code, text) = place.ask("POST", "/", "Content-Length: 0\r\n").await;
    assert_eq!(code, 502, "{text}");
    assert_eq!(posts.load(std::sync::atomic::Ordering::SeqCst), 1);
    serving.abort();
}

#[tokio::test]
async fn another_server_may_have_its_streaming_on_another_port() {
    let (web, streaming) = (Origin::start().await, Origin::start().await);
    let place = Place::with(&[web.address], |edge| {
        edge.domain = None;
        edge.sites = vec![config::Site {
            names: vec![NAME.into()],
            origins: vec![format!("http://{}", web.address)],
            paths: vec![config::PathRule {
                prefix: "/api/v1/streaming".into(),
                origins: vec![format!("http://{}", streaming.address)],
                health: None,
            }],
            ..config::Site::default()
        }];
    })
    .await;
    assert_eq!(place.get("/api/v1/streaming/health").await.0, 200);
    assert_eq!(place.get("/api/v1/timelines/public").await.0, 200);
    assert_eq!(streaming.seen().len(), 1);
    assert_eq!(web.seen().len(), 1);
}

#[tokio::test]
async fn text_is_compressed_for_who_accepts_it() {
    let origin = Origin::start().await;
    let place = Place::before(&[origin.address]).await;
    for (accepts, coding) in [("gzip", "gzip"), ("gzip, br", "br"), ("gzip, br, zstd", "zstd")] {
        let header = format!("Accept-Encoding: {accepts}\r\n");
        let (code, text) = place.ask("GET", "/text", &header).await;
        assert_eq!(code, 200);
        assert!(text.contains(&format!("content-encoding: {coding}\r\n")), "{text}");
        assert!(text.contains("etag: W/\"1\"") && text.contains("vary: accept-encoding"), "{text}");
        assert!(text.len() < 2000, "{coding} made {} bytes", text.len());
    }
    let (_, plain) = place.get("/text").await;
    assert!(plain.contains("content-length: 15000") && plain.contains("vary: accept-encoding"));
    let (_, head) = place.ask("HEAD", "/text", "Accept-Encoding: gzip\r\n").await;
    assert!(head.ends_with("\r\n\r\n") && status(&head) == 200, "{head}");
}

#[tokio::test]
async fn a_reload_takes_effect_without_closing_connections() {
    let (old, new) = (Origin::start().await, Origin::start().await);
    let place = Place::before(&[old.address]).await;
    let mut stream = place.secure(&["http/1.1"]).await;
    let ask = format!("GET /port HTTP/1.1\r\nHost: {NAME}\r\n\r\n");
    for origin in [&old, &new] {
        stream.write_all(ask.as_bytes()).await.unwrap();
        read_until(&mut stream, &format!("\r\n\r\n{}", origin.address.port())).await;
        let mut config = place.config.clone();
        config.edge.origins = vec![format!("http://{}", new.address)];
        place.handle.reload(&config).unwrap();
    }
    let mut wrong = place.config.clone();
    wrong.edge.certificate = Some("/nowhere.pem".into());
    let error = place.handle.reload(&wrong).unwrap_err().to_string();
    assert!(error.contains("/nowhere.pem"), "{error}");
    assert_eq!(place.get("/port").await.0, 200, "a mistake changes nothing");
}

#[tokio::test]
async fn open_requests_finish_when_the_edge_stops() {
    let origin = Origin::start().await;
    let place = Place::before(&[origin.address]).await;
    let slow = place.get("/slow");
    let stopping = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        place.handle.stop();
    };
    let (answer, ()) = tokio::join!(slow, stopping);
    assert!(answer.0 == 200 && answer.1.ends_with("slow"), "{answer:?}");
    // The socket closes once all is done.
    let closed = async {
        while tokio::net::TcpStream::connect(place.https).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), closed).await.unwrap();
}
