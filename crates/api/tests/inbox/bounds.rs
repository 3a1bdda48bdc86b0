//! How much others can make this server do (P01, P04, R09).

use axum::body::Body;
use serde_json::json;
use store::jobs::{self, Lane, New};
use testkit::for_each_engine;

use crate::scene::{INBOX, each};

#[tokio::test(flavor = "multi_thread")]
async fn p01_what_is_too_long_is_refused_before_its_signature() {
    each(async |scene| {
        let long = "x".repeat(2 * 1024 * 1024);
        let announced = http::Request::post("/inbox")
            .header("content-length", long.len())
            .body(Body::empty())
            .unwrap();
        assert_eq!(scene.send(announced).await, 413);
        let chunks = (0..2048).map(|_| Ok::<_, std::io::Error>(vec![b'x'; 1024]));
        let streamed = Body::from_stream(futures_util::stream::iter(chunks));
        let request = http::Request::post("/users/alice/inbox").body(streamed).unwrap();
        assert_eq!(scene.send(request).await, 413);
        assert_eq!(
            scene.send(http::Request::post("/inbox").body(Body::empty()).unwrap()).await,
            401
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn p04_collections_end() {
    each(async |scene| {
        let mut bob = scene.peer.actor("bob").await;
        let outbox = format!("{}/outbox", bob.id);
        let featured = format!("{}/featured", bob.id);
        bob.document["featured"] = json!(featured);
        scene.peer.serve("/users/bob", &bob.document);
        // A page that comes after itself, and one with more than anybody has.
        let page = json!({
            "@context": "https://www.w3.org/ns/activitystreams",
            "type": "OrderedCollectionPage", "id": outbox, "next": outbox, "orderedItems": [],
        });
        scene.peer.serve("/users/bob/outbox", &page);
        let many: Vec<String> = (0..20_000).map(|n| format!("{}/s/{n}", bob.id)).collect();
        let page = json!({
            "@context": "https://www.w3.org/ns/activitystreams",
            "type": "OrderedCollection", "id": featured, "orderedItems": many,
        });
        scene.peer.serve("/users/bob/featured", &page);
        scene.follow(&bob).await;
        assert!(scene.peer.hits("/users/bob/outbox") <= 2);
        assert!(scene.peer.requests().len() <= 100, "{}", scene.peer.requests().len());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_thread_is_climbed_forty_steps() {
    each(async |scene| {
        let bob = scene.peer.actor("bob").await;
        scene.follow(&bob).await;
        for number in 2..=60 {
            let mut note = scene.peer.note(&bob, number, "<p>step</p>");
            note["inReplyTo"] = json!(format!("{}/statuses/{}", bob.id, number + 1));
            scene.peer.serve(&format!("/users/bob/statuses/{number}"), &note);
        }
        let before = scene.peer.requests().len();
        let mut note = scene.peer.note(&bob, 1, "<p>below</p>");
        note["inReplyTo"] = json!(format!("{}/statuses/2", bob.id));
        scene.deliver(&bob, &bob.activity(1, "Create", &note)).await;
        assert!(scene.known(note["id"].as_str().unwrap()).await.is_some());
        assert!(scene.peer.requests().len() - before <= 40);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn r09_no_host_keeps_the_others_waiting() {
    for_each_engine(async |store| {
        let now = domain::Timestamp(1_000);
        store
            .write(move |conn| {
                Box::pin(async move {
                    for number in 0..50_i64 {
                        let host = if number < 48 { "loud.test" } else { "quiet.test" };
                        let job = New {
                            id: domain::JobId(number + 1),
                            kind: "receive",
                            payload: "{}".into(),
                            unique_key: None,
                            run_at: now,
                            lane: Lane::Inbox,
                            host: Some(host.into()),
                        };
                        jobs::insert(conn, &job, now).await?;
                    }
                    let leased = jobs::lease(conn, now, now.plus(1), 4, Lane::Inbox, &[]).await?;
                    let ids: Vec<i64> = leased.iter().map(|job| job.id.0).collect();
                    assert_eq!(ids, [1, 2, 49, 50]);
                    let counted = jobs::waiting_of(conn, Lane::Inbox, "loud.test", 10).await?;
                    assert_eq!(counted, 10);
                    assert_eq!(jobs::waiting(conn, Lane::Inbox).await?, 50);
                    Ok::<_, store::StoreError>(())
                })
            })
            .await
            .unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn r09_a_flood_is_told_to_come_back() {
    each(async |scene| {
        let bob = scene.peer.actor("bob").await;
        let host = scene.peer.host.clone();
        let now = scene.server.app.now();
        scene
            .server
            .app
            .write(move |conn| {
                Box::pin(async move {
                    for number in 0..5_000_i64 {
                        let job = New {
                            id: domain::JobId(number + 1),
                            kind: "receive",
                            payload: "{}".into(),
                            unique_key: None,
                            run_at: now.plus(1_000_000),
                            lane: Lane::Inbox,
                            host: Some(host.clone()),
                        };
                        jobs::insert(conn, &job, now).await?;
                    }
                    Ok::<_, store::StoreError>(())
                })
            })
            .await
            .unwrap();
        let follow = bob.activity(1, "Follow", &json!(scene.alice_id()));
        let answer = scene.talk.ask(bob.post(INBOX, &follow, now)).await;
        assert_eq!(answer.status, 503, "{}", answer.text);
        assert!(answer.headers.contains_key("retry-after"));
        // Another host is served.
        let other = testkit::Peer::start(3).await;
        let carol = other.actor("carol").await;
        let follow = carol.activity(1, "Follow", &json!(scene.alice_id()));
        assert_eq!(scene.send(carol.post(INBOX, &follow, now)).await, 202);
    })
    .await;
}
