//! Silence at every stage (O04).

use std::time::{Duration, Instant};

use net::{NetError, Settings};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::support::{Peer, client, get, head, local, quick};

async fn keep(stream: TcpStream) {
    tokio::time::sleep(Duration::from_secs(60)).await;
    drop(stream);
}

/// Asks a peer more often than there are places for its host: if a place were lost with each, the
/// last would wait for one in vain.
async fn is_given_up(url: &str) {
    let client = client(Settings { times: quick(), ..local() });
    let started = Instant::now();
    for _ in 0..10 {
        let error = get(&client, url).await.unwrap_err();
        assert!(matches!(error, NetError::Timeout(_)), "{error}");
        assert!(error.is_transient());
    }
    assert!(started.elapsed() < Duration::from_secs(12), "{:?}", started.elapsed());
}

#[tokio::test]
async fn o04_silence_before_tls_is_given_up() {
    let peer = Peer::raw("127.0.0.2", keep).await;
    is_given_up(&format!("https://{}/", peer.address)).await;
}

#[tokio::test]
async fn o04_silence_before_the_answer_is_given_up() {
    let peer = Peer::raw("127.0.0.2", keep).await;
    is_given_up(&format!("http://{}/", peer.address)).await;
}

#[tokio::test]
async fn o04_silence_within_the_head_is_given_up() {
    let peer = Peer::raw("127.0.0.2", |mut stream| async move {
        head(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Le").await.unwrap();
        keep(stream).await;
    })
    .await;
    is_given_up(&format!("http://{}/", peer.address)).await;
}

#[tokio::test]
async fn o04_silence_within_the_body_is_given_up() {
    let peer = Peer::raw("127.0.0.2", |mut stream| async move {
        head(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf").await.unwrap();
        keep(stream).await;
    })
    .await;
    is_given_up(&format!("http://{}/", peer.address)).await;
}

#[tokio::test]
async fn o04_a_connection_that_nobody_accepts_is_given_up() {
    // A listener whose queue is full drops what comes: the kernel answers nothing.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.4:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(Ok(stream)) =
        tokio::time::timeout(Duration::from_millis(300), TcpStream::connect(address)).await
    {
        waiting.push(stream);
        assert!(waiting.len() < 100, "the queue never fills");
    }
    is_given_up(&format!("http://{address}/")).await;
}

#[tokio::test]
async fn o04_a_body_that_drips_ends_with_the_whole_time() {
    let peer = Peer::raw("127.0.0.2", |mut stream| async move {
        head(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n").await;
        while stream.write_all(b".").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    let times = net::Times { whole: Duration::from_millis(600), ..quick() };
    let client = client(Settings { times, ..local() });
    let started = Instant::now();
    let error = get(&client, &format!("http://{}/", peer.address)).await.unwrap_err();
    assert!(matches!(error, NetError::Timeout(_)), "{error}");
    assert!(started.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn o04_who_finds_no_place_in_time_is_told_so() {
    let peer = Peer::raw("127.0.0.2", keep).await;
    let url = format!("http://{}/", peer.address);
    let times = net::Times {
        gap: Duration::from_secs(30),
        whole: Duration::from_secs(60),
        place: Duration::from_millis(100),
        ..quick()
    };
    let client = client(Settings { times, ..local() });
    let busy: Vec<_> = (0..8)
        .map(|_| {
            let (client, url) = (client.clone(), url.clone());
            tokio::spawn(async move { get(&client, &url).await })
        })
        .collect();
    while peer.connections() < 8 {
        tokio::task::yield_now().await;
    }
    let error = get(&client, &url).await.unwrap_err();
    assert!(matches!(error, NetError::Timeout(_)), "{error}");
    assert_eq!(peer.connections(), 8);
    // One who goes away makes room, though its answer never came.
    busy[0].abort();
    let retry = tokio::spawn({
        let (client, url) = (client.clone(), url.clone());
        async move { get(&client, &url).await }
    });
    while peer.connections() < 9 {
        tokio::task::yield_now().await;
    }
    retry.abort();
    busy.iter().for_each(tokio::task::JoinHandle::abort);
}
