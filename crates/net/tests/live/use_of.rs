//! How connections are used.

use net::Settings;

use crate::support::{Peer, client, get, local, quick, text};

#[tokio::test]
async fn a_connection_is_used_again_while_it_is_open() {
    let peer = Peer::http("127.0.0.2", |_| text("x")).await;
    let client = client(local());
    for _ in 0..5 {
        get(&client, &format!("http://{}/", peer.address)).await.unwrap();
    }
    assert_eq!((peer.requests(), peer.connections()), (5, 1));
}

#[tokio::test]
async fn many_hosts_leave_a_bounded_number_of_open_connections() {
    let client = client(Settings { times: quick(), ..local() });
    let mut peers = Vec::new();
    for _ in 0..150 {
        peers.push(Peer::http("127.0.0.5", |_| text("x")).await);
    }
    for peer in &peers {
        get(&client, &format!("http://{}/", peer.address)).await.unwrap();
    }
    assert!(client.open_connections() <= 100, "{}", client.open_connections());
}

#[tokio::test]
async fn what_cannot_be_reached_is_worth_another_try() {
    let peer = Peer::http("127.0.0.2", |_| b"nonsense\r\n\r\n".to_vec()).await;
    let client = client(local());
    let error = get(&client, &format!("http://{}/", peer.address)).await.unwrap_err();
    assert!(error.is_transient(), "{error}");
    // Nobody listens on port 1.
    let error = get(&client, "http://127.0.0.6:1/").await.unwrap_err();
    assert!(matches!(error, net::NetError::Unreachable(..)), "{error}");
    assert!(error.is_transient());
}
