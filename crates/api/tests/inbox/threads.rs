//! Threads that are spread over servers: answers that never came here, and parents that come late.

use domain::time::MINUTE;
use serde_json::{Value, json};
use testkit::Peer;

use crate::scene::{Scene, each};

/// A note with a list of answers in the form that Mastodon has.
fn answered(mut note: Value, answers: &[&Value]) -> Value {
    let list = format!("{}/replies", note["id"].as_str().unwrap());
    note["replies"] = json!({
        "type": "Collection", "id": list,
        "first": {
            "type": "CollectionPage", "partOf": list, "items": [],
            "next": format!("{list}?page=true"),
        },
    });
    let ids: Vec<&Value> = answers.iter().map(|answer| &answer["id"]).collect();
    note["answers"] = json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "type": "CollectionPage", "id": format!("{list}?page=true"), "partOf": list, "items": ids,
    });
    note
}

/// Serves a note of an actor at its path, and its list of answers.
fn serve(peer: &Peer, note: &Value) {
    let path = note["id"].as_str().unwrap().strip_prefix(&peer.base).unwrap();
    let mut bare = note.clone();
    if let Some(list) = bare.as_object_mut().unwrap().remove("answers") {
        peer.serve(&format!("{path}/replies"), &list);
    }
    peer.serve(path, &bare);
}

async fn below(scene: &Scene, uri: &Value) -> Vec<Value> {
    let known = scene.known(uri.as_str().unwrap()).await.unwrap();
    let id = known["id"].as_str().unwrap();
    let thread = scene.get(&format!("/api/v1/statuses/{id}/context")).await;
    thread["descendants"].as_array().unwrap().iter().map(|status| status["uri"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn opening_a_thread_brings_answers_that_were_never_sent_here() {
    each(async |scene| {
        let other = Peer::start(3).await;
        let (bob, carol) = (scene.peer.actor("bob").await, other.actor("carol").await);
        scene.follow(&bob).await;
        let root = scene.peer.note(&bob, 1, "<p>root</p>");
        let mut answer = other.note(&carol, 1, "<p>answer</p>");
        answer["inReplyTo"] = root["id"].clone();
        let mut nested = scene.peer.note(&bob, 2, "<p>nested</p>");
        nested["inReplyTo"] = answer["id"].clone();
        // Listed, but it answers something else.
        let stranger = other.note(&carol, 9, "<p>not an answer</p>");
        serve(&other, &stranger);
        serve(&scene.peer, &answered(root.clone(), &[&answer, &stranger]));
        serve(&other, &answered(answer.clone(), &[&nested]));
        serve(&scene.peer, &nested);
        scene.deliver(&bob, &bob.activity(1, "Create", &root)).await;

        // What is young brings its answers by itself.
        assert_eq!(below(&scene, &root["id"]).await, [] as [Value; 0]);
        scene.settle().await;
        assert_eq!(other.requests().len(), 0);
        scene.server.clock.advance(6 * MINUTE);
        // Nobody here waits for it, nobody is asked.
        let id = scene.known(root["id"].as_str().unwrap()).await.unwrap()["id"].clone();
        let path = format!("/api/v1/statuses/{}/context", id.as_str().unwrap());
        assert_eq!(scene.talk.get(&path, "").await.status, 200);
        scene.settle().await;
        assert_eq!(other.requests().len(), 0);

        assert_eq!(below(&scene, &root["id"]).await, [] as [Value; 0]);
        scene.settle().await;
        let asked = scene.peer.requests().len();
        assert_eq!(below(&scene, &root["id"]).await, [answer["id"].clone(), nested["id"].clone()]);
        assert_eq!(scene.known(stranger["id"].as_str().unwrap()).await, None);
        // It does not come to feeds and tells nobody.
        assert_eq!(scene.home().await, [root["id"].as_str().unwrap()]);
        // It was looked at lately.
        scene.settle().await;
        assert_eq!(scene.peer.requests().len(), asked);
        scene.server.clock.advance(16 * MINUTE);
        below(&scene, &root["id"]).await;
        scene.settle().await;
        assert!(scene.peer.requests().len() > asked);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn p04_a_thread_without_end_costs_a_hundred_requests_and_ten_pages() {
    each(async |scene| {
        let other = Peer::start(3).await;
        let bob = scene.peer.actor("bob").await;
        scene.follow(&bob).await;
        let mut root = answered(scene.peer.note(&bob, 1, "<p>root</p>"), &[]);
        // A page that comes after itself, a list of another origin, and more ids than anybody has.
        let list = format!("{}/replies", root["id"].as_str().unwrap());
        let ids: Vec<String> = (0..50_000).map(|n| other.url(&format!("/s/{n}"))).collect();
        root["answers"]["next"] = json!(format!("{list}?page=true"));
        root["answers"]["items"] = json!(ids[..20_000]);
        root["context"] = json!(other.url("/context"));
        serve(&scene.peer, &root);
        other.serve("/context", &root["answers"]);
        scene.deliver(&bob, &bob.activity(1, "Create", &root)).await;
        scene.server.clock.advance(6 * MINUTE);
        below(&scene, &root["id"]).await;
        scene.settle().await;
        assert_eq!(other.hits("/context"), 0);
        let asked = other.requests().len() + scene.peer.hits("/users/bob/statuses/1");
        assert!((50..=100).contains(&asked), "{asked}");
        assert!(scene.peer.hits("/users/bob/statuses/1/replies") <= 10);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn p04_pages_that_have_no_end_are_read_ten_times() {
    each(async |scene| {
        let bob = scene.peer.actor("bob").await;
        scene.follow(&bob).await;
        let root = answered(scene.peer.note(&bob, 1, "<p>root</p>"), &[]);
        serve(&scene.peer, &root);
        let list = format!("{}/replies", root["id"].as_str().unwrap());
        for number in 0..30 {
            let page = json!({
                "@context": "https://www.w3.org/ns/activitystreams", "type": "CollectionPage",
                "id": format!("{list}?page={number}"), "items": [],
                "next": format!("{list}?page={}", number + 1),
            });
            let page = page.to_string();
            let path = format!("/users/bob/statuses/1/replies?page={number}");
            scene.peer.serve_as(&path, testkit::peer::ACTIVITY, &page);
            if number == 0 {
                let path = "/users/bob/statuses/1/replies?page=true";
                scene.peer.serve_as(path, testkit::peer::ACTIVITY, &page);
            }
        }
        scene.deliver(&bob, &bob.activity(1, "Create", &root)).await;
        scene.server.clock.advance(6 * MINUTE);
        below(&scene, &root["id"]).await;
        scene.settle().await;
        assert_eq!(scene.peer.hits("/users/bob/statuses/1/replies"), 10);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_finds_a_parent_that_comes_later() {
    each(async |scene| {
        let other = Peer::start(3).await;
        let (bob, carol) = (scene.peer.actor("bob").await, other.actor("carol").await);
        scene.follow(&bob).await;
        let mut root = other.note(&carol, 1, "<p>root</p>");
        root["cc"] = json!([scene.alice_id()]);
        let mut answer = scene.peer.note(&bob, 1, "<p>answer</p>");
        answer["inReplyTo"] = root["id"].clone();
        let mut nested = scene.peer.note(&bob, 2, "<p>nested</p>");
        nested["inReplyTo"] = answer["id"].clone();
        // Carol's server is away while the answers come.
        other.fail("/users/carol/statuses/1", 503);
        scene.deliver(&bob, &bob.activity(1, "Create", &answer)).await;
        scene.deliver(&bob, &bob.activity(2, "Create", &nested)).await;
        let orphan = scene.known(answer["id"].as_str().unwrap()).await.unwrap();
        assert_eq!(orphan["in_reply_to_id"], Value::Null);
        // Now it comes: with a thread of its own, so that the answers have to move.
        root["conversation"] = json!(format!("tag:{},2025:objectId=1", other.host));
        scene.deliver(&carol, &carol.activity(1, "Create", &root)).await;
        let parent = scene.known(root["id"].as_str().unwrap()).await.unwrap();
        let linked = scene.known(answer["id"].as_str().unwrap()).await.unwrap();
        assert_eq!(linked["in_reply_to_id"], parent["id"]);
        assert_eq!(linked["in_reply_to_account_id"], parent["account"]["id"]);
        assert_eq!(parent["replies_count"], 1);
        assert_eq!(below(&scene, &root["id"]).await, [answer["id"].clone(), nested["id"].clone()]);
        // One thread: who mutes it mutes all of it.
        let id = parent["id"].as_str().unwrap();
        scene.post(&format!("/api/v1/statuses/{id}/mute"), "").await;
        let nested = scene.known(nested["id"].as_str().unwrap()).await.unwrap();
        assert_eq!(nested["muted"], true);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_answer_each_other_make_no_ring() {
    each(async |scene| {
        let bob = scene.peer.actor("bob").await;
        scene.follow(&bob).await;
        let mut one = scene.peer.note(&bob, 1, "<p>one</p>");
        let mut two = scene.peer.note(&bob, 2, "<p>two</p>");
        one["inReplyTo"] = two["id"].clone();
        two["inReplyTo"] = one["id"].clone();
        scene.deliver(&bob, &bob.activity(1, "Create", &one)).await;
        scene.deliver(&bob, &bob.activity(2, "Create", &two)).await;
        assert_eq!(below(&scene, &one["id"]).await, [two["id"].clone()]);
        assert_eq!(below(&scene, &two["id"]).await, [] as [Value; 0]);
        // One that answers itself answers nothing.
        let mut three = scene.peer.note(&bob, 3, "<p>three</p>");
        three["inReplyTo"] = three["id"].clone();
        scene.deliver(&bob, &bob.activity(3, "Create", &three)).await;
        assert_eq!(below(&scene, &three["id"]).await, [] as [Value; 0]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_came_at_the_same_moment_is_linked_when_the_thread_is_opened() {
    each(async |scene| {
        let bob = scene.peer.actor("bob").await;
        scene.follow(&bob).await;
        let (root, answer) =
            (scene.peer.note(&bob, 1, "<p>root</p>"), scene.peer.note(&bob, 2, "<p>answer</p>"));
        serve(&scene.peer, &root);
        for (number, note) in [(1, &root), (2, &answer)] {
            scene.deliver(&bob, &bob.activity(number, "Create", note)).await;
        }
        // As two transactions leave it that do not see each other.
        let child = scene.known(answer["id"].as_str().unwrap()).await.unwrap()["id"].clone();
        let child = domain::StatusId(child.as_str().unwrap().parse().unwrap());
        let parent = root["id"].as_str().unwrap().to_owned();
        let write = scene.server.app.store.write(move |conn| {
            Box::pin(async move { store::threads::misses(conn, child, &parent).await })
        });
        write.await.unwrap();
        scene.server.clock.advance(6 * MINUTE);
        assert_eq!(below(&scene, &root["id"]).await, [] as [Value; 0]);
        scene.settle().await;
        assert_eq!(below(&scene, &root["id"]).await, [answer["id"].clone()]);
    })
    .await;
}
