//! Streaming over real sockets.

use std::time::Duration;

use super::support::Place;
use serde_json::Value;
use testkit::for_each_engine;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{Error, Message};

use futures_util::SinkExt;

const ALL: &str = "read write follow";

async fn follow(place: &Place, token: &str, whom: domain::AccountId) {
    let path = format!("/api/v1/accounts/{whom}/follow");
    let answer = place.talk.post(&path, token, "").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    place.work().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_post_reaches_home_public_tag_and_list_streams_as_each_shows_it() {
    for_each_engine(|store| async move {
        let place = Place::on(store).await;
        let (_, alice) = place.user("alice", ALL).await;
        let (bob_id, bob) = place.user("bob", ALL).await;
        follow(&place, &alice, bob_id).await;
        let mut socket = place.ws(&format!("access_token={alice}&stream=user")).await;
        socket.say("{\"type\":\"subscribe\",\"stream\":\"hashtag\",\"tag\":\"Rust\"}").await;
        socket.say("{\"type\":\"subscribe\",\"stream\":\"public:local\"}").await;
        socket.settle().await;
        let id = place.post(&bob, "status=hello+%23rust&local_only=true").await;
        let mut heard = Vec::new();
        for _ in 0..3 {
            let (stream, event, payload) = socket.frame().await;
            assert_eq!(event, "update");
            let status: Value = serde_json::from_str(&payload).unwrap();
            assert_eq!(status["id"], id.as_str());
            // Only the home stream is rendered for its viewer.
            assert_eq!(status.get("favourited").is_some(), stream[0] == "user");
            heard.push(stream.join(" "));
        }
        heard.sort();
        assert_eq!(heard, ["hashtag Rust", "public:local", "user"]);
        socket.say("{\"type\":\"unsubscribe\",\"stream\":\"public:local\"}").await;
        socket.say("{\"type\":\"unsubscribe\",\"stream\":\"hashtag\",\"tag\":\"rust\"}").await;
        socket.settle().await;
        place.talk.send("DELETE", &format!("/api/v1/statuses/{id}"), &bob, "").await;
        assert_eq!(socket.frame().await, (vec!["user".into()], "delete".into(), id));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn notifications_and_conversations_reach_whom_they_concern() {
    for_each_engine(|store| async move {
        let place = Place::on(store).await;
        let (alice_id, alice) = place.user("alice", ALL).await;
        let (_, bob) = place.user("bob", ALL).await;
        let (mut socket, echoed) = place.ws_by_protocol(&alice).await;
        assert_eq!(echoed, alice);
        socket.say("{\"type\":\"subscribe\",\"stream\":\"user:notification\"}").await;
        socket.say("{\"type\":\"subscribe\",\"stream\":\"direct\"}").await;
        socket.settle().await;
        place.post(&bob, "status=@alice+hello").await;
        let (stream, event, payload) = socket.frame().await;
        assert_eq!((stream[0].as_str(), event.as_str()), ("user:notification", "notification"));
        let notification: Value = serde_json::from_str(&payload).unwrap();
        assert_eq!(notification["type"], "mention");
        assert_eq!(notification["status"]["mentions"][0]["id"], alice_id.to_string());
        place.post(&bob, "status=@alice+psst&visibility=direct").await;
        let (stream, event, payload) = socket.frame().await;
        assert_eq!((stream[0].as_str(), event.as_str()), ("direct", "conversation"));
        let conversation: Value = serde_json::from_str(&payload).unwrap();
        assert_eq!(conversation["unread"], true);
        assert_eq!(conversation["accounts"][0]["username"], "bob");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whom_one_blocks_or_mutes_is_not_heard() {
    for_each_engine(|store| async move {
        let place = Place::on(store).await;
        let (_, alice) = place.user("alice", ALL).await;
        let (bob_id, bob) = place.user("bob", ALL).await;
        let (_, carol) = place.user("carol", ALL).await;
        let mut socket = place.ws(&format!("access_token={alice}&stream=public")).await;
        place.talk.post(&format!("/api/v1/accounts/{bob_id}/mute"), &alice, "").await;
        place.post(&bob, "status=muted").await;
        let id = place.post(&carol, "status=heard").await;
        let (_, _, payload) = socket.frame().await;
        let status: Value = serde_json::from_str(&payload).unwrap();
        assert_eq!(status["id"], id.as_str());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a02_each_channel_asks_for_its_scope() {
    for_each_engine(|store| async move {
        let place = Place::on(store).await;
        let (alice_id, _) = place.user("alice", ALL).await;
        let (_, bob) = place.user("bob", ALL).await;
        let statuses = place.server.token(alice_id, "read:statuses").await;
        let notifications = place.server.token(alice_id, "read:notifications").await;
        let other = place.server.token(alice_id, "read:accounts write").await;
        let list = place.talk.post("/api/v1/lists", &bob, "title=mine").await.json();
        let code = |error: Error| match error {
            Error::Http(response) => response.status().as_u16(),
            other => panic!("{other}"),
        };
        let refused = |token: String, query: String| {
            let place = &place;
            async move {
                match place.try_ws(&format!("access_token={token}&{query}")).await {
                    Ok(_) => 101,
                    Err(error) => code(error),
                }
            }
        };
        for (token, stream, status) in [
            (&statuses, "user", 101),
            (&statuses, "user:notification", 403),
            (&notifications, "user:notification", 101),
            (&notifications, "user", 403),
            (&notifications, "public", 403),
            (&other, "public", 403),
            (&statuses, "admin", 400),
            (&statuses, "hashtag", 400),
            (&statuses, "hashtag&tag=a", 101),
        ] {
            let got = refused(token.clone(), format!("stream={stream}")).await;
            assert_eq!(got, status, "{stream}");
        }
        assert_eq!(refused("nonsense".into(), "stream=public".into()).await, 401);
        if let Some(list) = list["id"].as_str() {
            assert_eq!(refused(statuses.clone(), format!("stream=list&list={list}")).await, 401);
        }
        // The home stream carries notifications only for a token that may read them.
        let mut socket = place.ws(&format!("access_token={statuses}&stream=user")).await;
        place.post(&bob, "status=@alice+hello").await;
        let own = place.server.token(alice_id, "write").await;
        let id = place.post(&own, "status=mine").await;
        let (_, event, payload) = socket.frame().await;
        let status: Value = serde_json::from_str(&payload).unwrap();
        assert_eq!((event.as_str(), status["id"].as_str()), ("update", Some(id.as_str())));
        // And a frame asks for the scope as well.
        socket.say("{\"type\":\"subscribe\",\"stream\":\"user:notification\"}").await;
        assert_eq!(socket.json().await["status"], 403);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a03_open_streams_end_with_their_token() {
    for_each_engine(|store| async move {
        let place = Place::on(store).await;
        let (alice_id, alice) = place.user("alice", ALL).await;
        let (_, bob) = place.user("bob", ALL).await;
        let app = place.server.app.clone();
        let mut kept = place.ws(&format!("access_token={bob}&stream=user")).await;
        // By another process: only the database says so.
        let mut socket = place.ws(&format!("access_token={alice}&stream=user")).await;
        let mut events = sse(&place, "/api/v1/streaming/user", &alice).await;
        assert_eq!(events.line().await.as_deref(), Some(":)"));
        app.write(move |conn| {
            Box::pin(async move {
                store::access::revoke_all(conn, alice_id, domain::Timestamp(1)).await
            })
        })
        .await
        .unwrap();
        assert_eq!(soon(socket.closed()).await, 1008);
        assert_eq!(soon(events.line()).await, None);
        let alice = place.server.token(alice_id, ALL).await;
        let mut socket = place.ws(&format!("access_token={alice}&stream=user")).await;
        app::access::set_password(&app, alice_id, "another password".into()).await.unwrap();
        assert_eq!(soon(socket.closed()).await, 1008);
        let alice = place.server.token(alice_id, ALL).await;
        let mut socket = place.ws(&format!("access_token={alice}&stream=user")).await;
        app::accounts::suspend(&app, alice_id, true).await.unwrap();
        assert_eq!(soon(socket.closed()).await, 1008);
        kept.settle().await;
    })
    .await;
}

async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(2), what).await.expect("within two seconds")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a11_connections_subscriptions_and_messages_are_bounded() {
    for_each_engine(|store| async move {
        let place = Place::on(store).await;
        let (_, alice) = place.user("alice", ALL).await;
        let query = format!("access_token={alice}");
        let mut open = Vec::new();
        for _ in 0..16 {
            open.push(place.ws(&query).await);
        }
        match place.try_ws(&query).await {
            Err(Error::Http(response)) => assert_eq!(response.status(), 429),
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("a seventeenth connection"),
        }
        let mut socket = open.pop().unwrap();
        for number in 0..100 {
            let tag =
                format!("{{\"type\":\"subscribe\",\"stream\":\"hashtag\",\"tag\":\"t{number}\"}}");
            socket.say(&tag).await;
        }
        socket.say("{\"type\":\"subscribe\",\"stream\":\"public\"}").await;
        assert_eq!(socket.json().await["status"], 400);
        for nonsense in ["", "[]", "{", "{\"type\":\"subscribe\",\"stream\":5}"] {
            socket.say(nonsense).await;
            assert_eq!(socket.json().await["status"], 400, "{nonsense}");
        }
        socket.0.send(Message::binary(vec![0_u8; 4])).await.unwrap();
        assert_eq!(socket.closed().await, 1003);
        let mut socket = open.pop().unwrap();
        // The server hangs up in the middle of it, so sending may fail.
        let _ = socket.0.send(Message::text("x".repeat(70_000))).await;
        assert!(!matches!(
            futures_util::StreamExt::next(&mut socket.0).await,
            Some(Ok(Message::Text(_)))
        ));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a11_who_reads_misses_nothing_of_a_burst_while_others_do_not_read() {
    for_each_engine(|store| async move {
        let place = Place::on(store).await;
        let (alice_id, alice) = place.user("alice", ALL).await;
        let query = format!("access_token={alice}&stream=public");
        let mut stalled = Vec::new();
        for _ in 0..15 {
            stalled.push(place.ws(&query).await);
        }
        let mut reader = place.ws(&query).await;
        reader.settle().await;
        let answer = place.talk.post("/api/v1/statuses", &alice, "status=hello").await;
        let id: domain::StatusId = answer.json()["id"].as_str().unwrap().parse().unwrap();
        let public = domain::event::Event::StatusPublic {
            status: id,
            local: true,
            media: false,
            tags: Vec::new(),
            is_reply_to_other: false,
            edited: false,
        };
        let home = domain::event::Event::StatusHome {
            status: id,
            owners: vec![alice_id],
            lists: Vec::new(),
            edited: false,
        };
        for _ in 0..1_000 {
            place.server.app.hub.deliver(&home);
            place.server.app.hub.deliver(&public);
        }
        for number in 0..1_000 {
            let (_, event, _) = reader.frame().await;
            assert_eq!(event, "update", "{number}");
        }
        drop(stalled);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r13_streams_are_told_that_the_server_goes_away() {
    for_each_engine(|store| async move {
        let place = Place::on(store).await;
        let (_, alice) = place.user("alice", ALL).await;
        let mut socket = place.ws(&format!("access_token={alice}&stream=user")).await;
        let mut events = sse(&place, "/api/v1/streaming/public", &alice).await;
        assert_eq!(events.line().await.as_deref(), Some(":)"));
        place.server.app.hub.close();
        assert_eq!(soon(socket.closed()).await, 1001);
        assert_eq!(soon(events.line()).await, None);
        drop(socket);
        soon(place.server.app.hub.emptied()).await;
    })
    .await;
}

struct Events(BufReader<TcpStream>);

impl Events {
    /// The next line that is not empty and no chunk length; `None` at the end.
    async fn line(&mut self) -> Option<String> {
        loop {
            let mut line = String::new();
            let wait = tokio::time::timeout(Duration::from_secs(5), self.0.read_line(&mut line));
            wait.await.expect("a line comes").unwrap();
            let text = line.trim_end();
            if line.is_empty() || text == "0" {
                return None;
            }
            if !text.is_empty() && !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Some(text.to_owned());
            }
        }
    }
}

async fn sse(place: &Place, path: &str, token: &str) -> Events {
    let mut socket = TcpStream::connect(place.address).await.unwrap();
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n");
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut events = Events(BufReader::new(socket));
    assert_eq!(events.line().await.as_deref(), Some("HTTP/1.1 200 OK"));
    loop {
        let mut line = String::new();
        events.0.read_line(&mut line).await.unwrap();
        if line.trim_end().is_empty() {
            return events;
        }
        if line.to_lowercase().starts_with("content-type") {
            assert!(line.contains("text/event-stream"), "{line}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn server_sent_events_begin_with_a_smile_and_carry_one_line_each() {
    for_each_engine(|store| async move {
        let place = Place::on(store).await;
        let (_, alice) = place.user("alice", ALL).await;
        let mut events = sse(&place, "/api/v1/streaming/hashtag?tag=rust", &alice).await;
        assert_eq!(events.line().await.as_deref(), Some(":)"));
        let id = place.post(&alice, "status=a%0A%0Ab+%23rust").await;
        assert_eq!(events.line().await.as_deref(), Some("event: update"));
        let data = events.line().await.unwrap();
        let status: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!(status["id"], id.as_str());
        let health = place.talk.get("/api/v1/streaming/health", "").await;
        assert_eq!((health.status.as_u16(), health.text.as_str()), (200, "OK"));
        assert_eq!(place.talk.get("/api/v1/streaming/public", "").await.status, 401);
        assert_eq!(place.talk.get("/api/v1/streaming/hashtag", &alice).await.status, 400);
    })
    .await;
}
