//! E02 and E03: what two programs could read differently is refused, and no byte of one request
//! becomes part of another.

use std::time::Duration;

use tokio::io::AsyncWriteExt as _;

use super::support::{NAME, Origin, Place, read_until, status};

/// Heads and bodies that nobody should send; `{}` is a proper host line.
const BAD: &[&str] = &[
    "POST / HTTP/1.1\r\n{}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\n{}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\n{}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "POST / HTTP/1.1\r\n{}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    "POST / HTTP/1.1\r\n{}Content-Length: 5, 5\r\n\r\nhello",
    "POST / HTTP/1.1\r\n{}Content-Length: +5\r\n\r\nhello",
    "POST / HTTP/1.1\r\n{}Content-Length: -1\r\n\r\nhello",
    "POST / HTTP/1.1\r\n{}Content-Length: 0x5\r\n\r\nhello",
    "POST / HTTP/1.1\r\n{}Content-Length:\r\n\r\nhello",
    "POST / HTTP/1.1\r\n{}Content-Length: 18446744073709551621\r\n\r\nhello",
    "POST / HTTP/1.1\r\n{}Content-Length : 5\r\n\r\nhello",
    "POST / HTTP/1.1\r\n{}Content-Length\t: 5\r\n\r\nhello",
    "POST / HTTP/1.1\r\n{}Transfer-Encoding: gzip\r\n\r\nhello",
    "POST / HTTP/1.1\r\n{}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\n{}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\n{}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\n{}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\n{}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\n{}Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.0\r\n{}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\n{}Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\n{}Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\n{}Transfer-Encoding: chunked\r\n\r\n5\r\nhelloXX0\r\n\r\n",
    "POST / HTTP/1.1\r\n{}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nhello\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\n{}Transfer-Encoding: chunked\r\n\r\n5;\rx\r\nhello\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\n{}Transfer-Encoding: chunked\r\n\r\n0\r\nbad trailer\r\n\r\n",
    "GET / HTTP/1.1\n{}\r\n",
    "GET / HTTP/1.1\r\nHost: a.test\n\r\n",
    "GET / HTTP/1.1\r\n{}X: a\rb\r\n\r\n",
    "GET / HTTP/1.1\r\n{}X: a\0b\r\n\r\n",
    "GET / HTTP/1.1\r\n{}X: a\r\n folded\r\n\r\n",
    "GET / HTTP/1.1\r\n X: a\r\n{}\r\n",
    "GET / HTTP/1.1\r\n{}Host: b.test\r\n\r\n",
    "GET / HTTP/1.1\r\nX: no host\r\n\r\n",
    "GET / HTTP/1.1\r\n{}no colon\r\n\r\n",
    "GET / HTTP/1.1\r\n{}: no name\r\n\r\n",
    "GET  / HTTP/1.1\r\n{}\r\n",
    "GET / HTTP/1.1 \r\n{}\r\n",
    "GET / HTTP/2.0\r\n{}\r\n",
    "GET / HTTP/1.2\r\n{}\r\n",
    "GET /\r\n{}\r\n",
    "GET http://b.test/ HTTP/1.1\r\n{}\r\n",
    "CONNECT a.test:443 HTTP/1.1\r\n{}\r\n",
    "\r\nGET / HTTP/1.1\r\n{}\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
];

#[tokio::test]
async fn e02_odd_framing_is_400_and_the_end_of_the_connection() {
    let origin = Origin::start().await;
    let place = Place::before(&[origin.address]).await;
    let host = format!("Host: {NAME}\r\n");
    for bad in BAD {
        let bad = bad.replace("{}", &host);
        let all = format!("{bad}GET /secret HTTP/1.1\r\n{host}\r\n");
        let answer = place.raw(all.as_bytes()).await;
        assert_eq!(status(&answer), 400, "{bad:?}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{bad:?}: {answer}");
        // The same behind a proper request, and in pieces.
        let good = format!("GET /good HTTP/1.1\r\n{host}\r\n");
        let answer = place.raw(format!("{good}{all}").as_bytes()).await;
        assert_eq!(status(&answer), 200, "{bad:?}: {answer}");
        assert!(answer.contains("HTTP/1.1 400"), "{bad:?}: {answer}");
    }
    let seen = origin.seen();
    assert!(seen.iter().all(|seen| !seen.line.contains("secret")), "{seen:?}");
    assert!(seen.iter().filter(|seen| seen.line == "GET /good").count() == BAD.len());
}

#[tokio::test]
async fn e02_heads_are_bounded() {
    let origin = Origin::start().await;
    let place = Place::before(&[origin.address]).await;
    let many: String = (0..101).map(|number| format!("X-{number}: y\r\n")).collect();
    let wide = format!("X: {}\r\n", "y".repeat(17 * 1024));
    for (what, headers) in [("many", many), ("wide", wide)] {
        let (code, text) = place.ask("GET", "/", &headers).await;
        assert!((400..=431).contains(&code), "{what}: {text}");
    }
    let (code, _) = place.ask("GET", &format!("/{}", "x".repeat(9000)), "").await;
    assert_eq!(code, 400);
    assert!(origin.seen().is_empty());
    assert_eq!(place.ask("GET", &format!("/{}", "x".repeat(8000)), "").await.0, 200);
}

#[tokio::test]
async fn e03_a_body_that_was_not_read_never_becomes_a_request() {
    let origin = Origin::start().await;
    let place = Place::before(&[origin.address]).await;
    let inner = format!("GET /secret HTTP/1.1\r\nHost: {NAME}\r\n\r\n");
    // The origin answers without reading; the body arrives late, and is a request.
    for path in ["/early", "/hello"] {
        let mut stream = place.secure(&["http/1.1"]).await;
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: {}\r\n\r\n",
            inner.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        let _ = stream.write_all(inner.as_bytes()).await;
        let next = format!("GET /next HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n");
        let _ = stream.write_all(next.as_bytes()).await;
        let answer = super::support::read_all(&mut stream).await;
        assert_eq!(status(&answer), 200, "{answer}");
    }
    // Connections to the origin are as clean.
    for _ in 0..5 {
        assert_eq!(place.get("/hello").await.0, 200);
    }
    let seen = origin.seen();
    assert!(seen.iter().all(|seen| !seen.line.contains("secret")), "{seen:?}");
}

#[tokio::test]
async fn e03_requests_follow_one_another_on_both_connections() {
    let origin = Origin::start().await;
    let place = Place::before(&[origin.address]).await;
    let mut stream = place.secure(&["http/1.1"]).await;
    for number in 0..20 {
        let body = "x".repeat(number * 1000);
        let request = format!(
            "POST /echo HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let head = read_until(&mut stream, "\r\n\r\n").await;
        assert_eq!(status(&head), 200);
        let got = head.split("\r\n\r\n").nth(1).unwrap().len();
        let mut rest = vec![0; body.len() - got];
        tokio::io::AsyncReadExt::read_exact(&mut stream, &mut rest).await.unwrap();
    }
    assert_eq!(origin.seen().len(), 20);
}

#[tokio::test]
async fn bodies_over_the_limit_are_413_by_length_and_by_count() {
    let origin = Origin::start().await;
    let place = Place::with(&[origin.address], |edge| edge.body_bytes = 1000).await;
    let host = format!("Host: {NAME}\r\n");
    let long = format!("POST /echo HTTP/1.1\r\n{host}Content-Length: 1001\r\n\r\n");
    assert_eq!(status(&place.raw(long.as_bytes()).await), 413);
    assert!(origin.seen().is_empty());
    let piece = format!("1f4\r\n{}\r\n", "x".repeat(500)).repeat(3);
    let chunked =
        format!("POST /echo HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\n\r\n{piece}0\r\n\r\n");
    assert_eq!(status(&place.raw(chunked.as_bytes()).await), 413);
    let (code, text) = place.ask("POST", "/echo", "Expect: 200-ok\r\n").await;
    assert_eq!(code, 417, "{text}");
}
