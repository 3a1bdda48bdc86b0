//! What may be reached (O01, O02).

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use net::{Get, NetError, Settings, Sign};
use url::Url;

use crate::support::{Names, Peer, client, get, local, public, redirect, text};

#[tokio::test]
async fn o01_no_spelling_of_this_machine_reaches_it() {
    let canary = Peer::canary().await;
    let port = canary.port();
    let names = [
        ("plain.test", "127.0.0.1"),
        ("mapped.test", "::ffff:127.0.0.1"),
        ("compatible.test", "::127.0.0.1"),
        ("six.test", "::1"),
        ("zero.test", "0.0.0.0"),
        ("unspecified.test", "::"),
        ("nat64.test", "64:ff9b::7f00:1"),
    ];
    let settings = Settings { resolver: Some(Names::of(&names)), ..public() };
    let client = client(settings);
    let hosts = names.iter().map(|(name, _)| *name).chain([
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "2130706433",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
        "localhost",
        "a.localhost",
        "localhost.",
    ]);
    for host in hosts {
        let url = format!("https://{host}:{port}/");
        let error = get(&client, &url).await.unwrap_err();
        assert!(matches!(error, NetError::Refused(_)), "{url}: {error}");
        assert!(!error.is_transient());
        let posted = client.post(&url.parse().unwrap(), HeaderMap::new(), Bytes::new()).await;
        assert!(matches!(posted, Err(NetError::Refused(_))), "{url}");
    }
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn o01_a_local_server_reaches_loopback_and_nothing_else_private() {
    let canary = Peer::canary().await;
    let port = canary.port();
    let names = [("mapped.test", "::ffff:127.0.0.1"), ("zero.test", "0.0.0.0")];
    let client = client(Settings { resolver: Some(Names::of(&names)), ..local() });
    for host in ["mapped.test", "zero.test", "10.0.0.1", "0.0.0.0", "[::ffff:127.0.0.1]"] {
        let error = get(&client, &format!("http://{host}:{port}/")).await.unwrap_err();
        assert!(matches!(error, NetError::Refused(_)), "{host}: {error}");
    }
    assert_eq!(canary.connections(), 0);
    for host in ["127.0.0.1", "localhost", "social.localhost"] {
        let answer = get(&client, &format!("http://{host}:{port}/")).await.unwrap();
        assert_eq!(&answer.body[..], b"caught", "{host}");
    }
}

#[tokio::test]
async fn o01_the_checked_address_is_the_one_connected_to() {
    // A name with a forbidden and an allowed address leads to the allowed one only.
    let canary = Peer::canary().await;
    let peer = Peer::http("127.0.0.2", |_| text("peer")).await;
    let names = Names::of(&[("a.test", "10.0.0.1"), ("a.test", "127.0.0.2")]);
    let settings = Settings { resolver: Some(names), allowed: vec![peer.address], ..local() };
    let answer = get(&client(settings), &format!("http://a.test:{}/", peer.port())).await;
    assert_eq!(&answer.unwrap().body[..], b"peer");
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn o02_a_redirect_to_a_private_address_is_not_followed() {
    // The client of a local server may reach loopback, so the canary is a private address here: the
    // refusal comes from the check before the hop.
    for target in ["http://10.0.0.1/", "http://169.254.169.254/latest/", "http://[fd00::1]/"] {
        let peer = Peer::http("127.0.0.2", move |_| redirect(target)).await;
        let error = get(&client(local()), &format!("http://{}/", peer.address)).await.unwrap_err();
        assert!(matches!(error, NetError::Refused(_)), "{error}");
        assert_eq!(peer.requests(), 1);
    }
}

#[tokio::test]
async fn o02_a_loop_ends_after_four_requests() {
    let peer = Peer::http("127.0.0.2", |head| {
        redirect(if head.starts_with("GET /a") { "/b" } else { "/a" })
    })
    .await;
    let error = get(&client(local()), &format!("http://{}/a", peer.address)).await.unwrap_err();
    assert!(matches!(error, NetError::Redirects(_)), "{error}");
    assert_eq!(peer.requests(), 4);
}

#[tokio::test]
async fn o02_an_answer_without_a_target_or_with_credentials_in_it_ends_the_chase() {
    let nowhere =
        Peer::http("127.0.0.2", |_| b"HTTP/1.1 301 Moved\r\nContent-Length: 0\r\n\r\n".to_vec())
            .await;
    let error = get(&client(local()), &format!("http://{}/", nowhere.address)).await.unwrap_err();
    assert!(matches!(error, NetError::Redirects(_)), "{error}");
    let secret = Peer::http("127.0.0.2", |_| redirect("http://u:p@127.0.0.3/")).await;
    let error = get(&client(local()), &format!("http://{}/", secret.address)).await.unwrap_err();
    assert!(matches!(error, NetError::Refused(_)), "{error}");
}

/// Signs with the address it was asked for.
#[derive(Default)]
struct Signer(Mutex<Vec<Url>>);

impl Sign for Signer {
    fn headers(&self, method: &Method, url: &Url) -> HeaderMap {
        assert_eq!(method, Method::GET);
        self.0.lock().unwrap().push(url.clone());
        let mut headers = HeaderMap::new();
        headers.insert("signature", HeaderValue::from_str(url.as_str()).unwrap());
        headers
    }
}

#[tokio::test]
async fn o02_each_hop_is_signed_anew_and_the_answer_knows_where_it_came_from() {
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let note = seen.clone();
    let last = Peer::http("127.0.0.3", move |head| {
        note.lock().unwrap().push(head.to_owned());
        text("here")
    })
    .await;
    let target = format!("http://{}/last", last.address);
    let to = target.clone();
    let first = Peer::http("127.0.0.2", move |_| redirect(&to)).await;
    let (signer, url) = (Signer::default(), format!("http://{}/first", first.address));
    let url: Url = url.parse().unwrap();
    let wanted =
        Get { url: &url, accept: "a/b", most_bytes: 100, signer: Some(&signer), gate: None };
    let answer = client(local()).get(wanted).await.unwrap();
    assert_eq!((answer.url.as_str(), &answer.body[..]), (target.as_str(), &b"here"[..]));
    assert_eq!(signer.0.lock().unwrap().len(), 2);
    let heads = seen.lock().unwrap();
    assert!(heads[0].contains(&format!("signature: {target}\r\n")), "{heads:?}");
    assert!(!heads[0].contains("/first"), "nothing of the first hop goes on: {heads:?}");
    assert!(heads[0].contains("user-agent: test/1 (+http://a.test)\r\n"), "{heads:?}");
    assert!(heads[0].contains("accept: a/b\r\n"), "{heads:?}");
}

#[tokio::test]
async fn o02_a_post_follows_no_redirect() {
    let canary = Peer::canary().await;
    let to = format!("http://{}/", canary.address);
    let peer = Peer::http("127.0.0.2", move |_| redirect(&to)).await;
    let url = format!("http://{}/inbox", peer.address).parse().unwrap();
    let answer = client(local()).post(&url, HeaderMap::new(), Bytes::new()).await.unwrap();
    assert_eq!(answer.status.as_u16(), 302);
    assert_eq!(canary.connections(), 0);
}
