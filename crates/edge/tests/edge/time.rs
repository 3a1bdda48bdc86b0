//! E06: slow and idle clients, many connections and many requests of one address.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use super::support::{NAME, Origin, Place, read_all, status};

#[tokio::test(flavor = "multi_thread")]
async fn e06_slow_senders_are_cut_off_and_harm_nobody() {
    let origin = Origin::start().await;
    let place = Place::before(&[origin.address]).await;
    let mut slow = Vec::new();
    for number in 0..300 {
        let mut stream = place.secure(&["http/1.1"]).await;
        // Some stop in the request line, some in a header, some in the body.
        let piece = match number % 3 {
            0 => "GET /".to_owned(),
            1 => format!("GET / HTTP/1.1\r\nHost: {NAME}\r\nX: "),
            _ => format!("POST /echo HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 9\r\n\r\nx"),
        };
        stream.write_all(piece.as_bytes()).await.unwrap();
        slow.push(stream);
    }
    let mut times = Vec::new();
    for _ in 0..100 {
        let began = Instant::now();
        assert_eq!(place.get("/hello").await.0, 200);
        times.push(began.elapsed());
    }
    times.sort();
    assert!(times[95] < Duration::from_millis(500), "p95 {:?}", times[95]);
    for (number, stream) in slow.iter_mut().enumerate() {
        let answer = timeout(Duration::from_secs(25), read_all(stream)).await.unwrap();
        if number % 3 == 2 {
            assert_eq!(status(&answer), 408, "{answer}");
        }
    }
}

#[tokio::test]
async fn e06_one_address_has_its_share_of_connections() {
    let origin = Origin::start().await;
    let place = Place::with(&[origin.address], |edge| edge.connections_per_address = 8).await;
    let mut held = Vec::new();
    for _ in 0..8 {
        held.push(place.secure(&["http/1.1"]).await);
    }
    assert!(place.secure_as(NAME, &["http/1.1"]).await.is_err());
    held.pop();
    let again = async {
        while place.secure_as(NAME, &["http/1.1"]).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(5), again).await.expect("a place that is left is free");
}

#[tokio::test]
async fn too_many_requests_of_one_address_are_429() {
    let origin = Origin::start().await;
    let place = Place::with(&[origin.address], |edge| edge.requests_per_second = 1).await;
    let mut codes = Vec::new();
    for _ in 0..13 {
        codes.push(place.get("/").await);
    }
    assert!(codes.iter().take(10).all(|(code, _)| *code == 200));
    let (code, text) = codes.pop().unwrap();
    assert_eq!(code, 429);
    assert!(text.contains("retry-after: "), "{text}");
}

#[tokio::test]
async fn clients_before_a_proxy_are_known_by_its_announcement() {
    let origin = Origin::start().await;
    let place = Place::with(&[origin.address], |edge| {
        edge.proxy_protocol_from = vec!["127.0.0.1".into()];
    })
    .await;
    let ask = async |first: &[u8]| {
        let mut stream = tokio::net::TcpStream::connect(place.https).await.unwrap();
        stream.write_all(first).await.unwrap();
        let mut config = place.client();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let name = rustls::pki_types::ServerName::try_from(NAME).unwrap();
        let connecting =
            tokio_rustls::TlsConnector::from(std::sync::Arc::new(config)).connect(name, stream);
        let mut stream = connecting.await?;
        let ask = format!("GET / HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n");
        stream.write_all(ask.as_bytes()).await?;
        let mut text = String::new();
        stream.read_to_string(&mut text).await?;
        Ok::<_, std::io::Error>(text)
    };
    let answer = ask(b"PROXY TCP4 192.0.2.7 203.0.113.1 1 443\r\n").await.unwrap();
    assert_eq!(status(&answer), 200);
    assert_eq!(origin.seen()[0].all("x-forwarded-for"), ["192.0.2.7"]);
    assert!(ask(b"").await.is_err(), "who has to announce and does not is refused");
}
