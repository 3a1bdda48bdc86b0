//! Follows and what ends them.

use serde_json::json;

use crate::scene::{Scene, each};

#[tokio::test(flavor = "multi_thread")]
async fn f14_a_follow_exists_by_the_yes_of_the_followed_only() {
    each(async |scene| {
        let (bob, mallory) = (scene.peer.actor("bob").await, scene.peer.actor("mallory").await);
        let found = scene.resolve(&bob.id, "accounts").await.unwrap();
        let id = found["id"].as_str().unwrap().to_owned();
        // A yes to nothing.
        let asked = json!({ "type": "Follow", "actor": scene.alice_id(), "object": bob.id });
        scene.deliver(&bob, &bob.activity(1, "Accept", &asked)).await;
        assert_eq!(scene.relation(&id).await["following"], false);
        scene.post(&format!("/api/v1/accounts/{id}/follow"), "").await;
        scene.settle().await;
        assert_eq!(scene.relation(&id).await["requested"], true);
        let follow = scene.sent("Follow").pop().unwrap();
        // A yes of somebody else.
        scene.deliver(&mallory, &mallory.activity(1, "Accept", &follow)).await;
        scene.deliver(&mallory, &mallory.activity(2, "Accept", &follow["id"])).await;
        assert_eq!(scene.relation(&id).await["following"], false);
        let mut secret = scene.peer.note(&bob, 1, "<p>for followers</p>");
        secret["to"] = json!([format!("{}/followers", bob.id)]);
        secret["cc"] = json!([]);
        scene.deliver(&bob, &bob.activity(2, "Create", &secret)).await;
        assert_eq!(scene.known(secret["id"].as_str().unwrap()).await, None);
        scene.deliver(&bob, &bob.activity(3, "Accept", &follow)).await;
        assert_eq!(scene.relation(&id).await["following"], true);
        let mut secret = secret.clone();
        secret["id"] = json!(format!("{}/statuses/2", bob.id));
        scene.deliver(&bob, &bob.activity(4, "Create", &secret)).await;
        let uri = secret["id"].as_str().unwrap();
        assert_eq!(scene.known(uri).await.unwrap()["visibility"], "private");
        assert_eq!(scene.home().await, [uri]);
        // A no takes it away again.
        scene.deliver(&bob, &bob.activity(5, "Reject", &follow["id"])).await;
        assert_eq!(scene.relation(&id).await["following"], false);
        assert_eq!(scene.known(uri).await, None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follow_from_elsewhere_is_answered() {
    each(async |scene| {
        let bob = scene.peer.actor("bob").await;
        let follow = bob.activity(1, "Follow", &json!(scene.alice_id()));
        scene.deliver(&bob, &follow).await;
        assert_eq!(scene.told().await, ["follow"]);
        let accept = scene.sent("Accept").pop().unwrap();
        assert_eq!(accept["object"]["id"], follow["id"]);
        assert_eq!(accept["actor"], scene.alice_id());
        // Once more: another yes, no other follow.
        scene.deliver(&bob, &bob.activity(2, "Follow", &json!(scene.alice_id()))).await;
        assert_eq!(scene.sent("Accept").len(), 2);
        let me = scene.get(&format!("/api/v1/accounts/{}", scene.alice.id)).await;
        assert_eq!(me["followers_count"], 1);
        // By its id, of its own actor only.
        let mallory = scene.peer.actor("mallory").await;
        let id = format!("{}#activities/2", bob.id);
        scene.deliver(&mallory, &mallory.activity(1, "Undo", &json!(id))).await;
        let me = scene.get(&format!("/api/v1/accounts/{}", scene.alice.id)).await;
        assert_eq!(me["followers_count"], 1);
        scene.deliver(&bob, &bob.activity(3, "Undo", &json!(id))).await;
        let me = scene.get(&format!("/api/v1/accounts/{}", scene.alice.id)).await;
        assert_eq!(me["followers_count"], 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_account_decides_itself_and_a_blocked_one_hears_no() {
    each(async |scene| {
        let (bob, carol) = (scene.peer.actor("bob").await, scene.peer.actor("carol").await);
        let answer = scene
            .talk
            .send("PATCH", "/api/v1/accounts/update_credentials", &scene.token, "locked=true")
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        scene.deliver(&bob, &bob.activity(1, "Follow", &json!(scene.alice_id()))).await;
        assert_eq!(scene.told().await, ["follow_request"]);
        assert_eq!(scene.sent("Accept").len(), 0);
        let requests = scene.get("/api/v1/follow_requests").await;
        let id = requests[0]["id"].as_str().unwrap();
        scene.post(&format!("/api/v1/follow_requests/{id}/authorize"), "").await;
        scene.settle().await;
        let accept = scene.sent("Accept").pop().unwrap();
        assert_eq!(accept["object"]["id"], format!("{}#activities/1", bob.id));
        let found = scene.resolve(&carol.id, "accounts").await.unwrap();
        let id = found["id"].as_str().unwrap();
        scene.post(&format!("/api/v1/accounts/{id}/block"), "").await;
        scene.settle().await;
        scene.deliver(&carol, &carol.activity(1, "Follow", &json!(scene.alice_id()))).await;
        assert_eq!(scene.sent("Reject").len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_from_elsewhere_ends_both_follows() {
    each(async |scene| {
        let bob = scene.peer.actor("bob").await;
        let id = scene.follow(&bob).await;
        scene.deliver(&bob, &bob.activity(1, "Follow", &json!(scene.alice_id()))).await;
        let block = bob.activity(2, "Block", &json!(scene.alice_id()));
        scene.deliver(&bob, &block).await;
        let relation = scene.relation(&id).await;
        assert_eq!(relation["following"], false);
        assert_eq!(relation["followed_by"], false);
        assert_eq!(relation["blocked_by"], true);
        scene.deliver(&bob, &bob.activity(3, "Undo", &block)).await;
        assert_eq!(scene.relation(&id).await["blocked_by"], false);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newly_followed_account_brings_its_newest_posts_and_pins() {
    each(async |scene| {
        let mut bob = scene.peer.actor("bob").await;
        let outbox = format!("{}/outbox", bob.id);
        let featured = format!("{}/featured", bob.id);
        bob.document["featured"] = json!(featured);
        scene.peer.serve("/users/bob", &bob.document);
        let notes: Vec<_> =
            (1..=3).map(|number| scene.peer.note(&bob, number, "<p>before</p>")).collect();
        let creates: Vec<_> =
            (1..).zip(&notes).map(|(n, note)| bob.activity(n, "Create", note)).collect();
        scene.peer.serve(
            "/users/bob/outbox",
            &json!({
                "@context": "https://www.w3.org/ns/activitystreams",
                "type": "OrderedCollection",
                "id": outbox,
                "totalItems": 300,
                "first": format!("{outbox}?page=true"),
            }),
        );
        scene.peer.serve_as(
            "/users/bob/outbox?page=true",
            testkit::peer::ACTIVITY,
            &json!({
                "@context": "https://www.w3.org/ns/activitystreams",
                "type": "OrderedCollectionPage",
                "id": format!("{outbox}?page=true"),
                "partOf": outbox,
                "orderedItems": creates,
            })
            .to_string(),
        );
        scene.peer.serve(
            "/users/bob/featured",
            &json!({
                "@context": "https://www.w3.org/ns/activitystreams",
                "type": "OrderedCollection",
                "id": featured,
                "orderedItems": [notes[0]],
            }),
        );
        let id = scene.follow(&bob).await;
        assert_eq!(scene.home().await.len(), 3);
        assert_eq!(scene.told().await, Vec::<String>::new());
        let pinned = scene.get(&format!("/api/v1/accounts/{id}/statuses?pinned=true")).await;
        assert_eq!(pinned[0]["uri"], notes[0]["id"]);
        // Pins come and go.
        let mut add = bob.activity(10, "Add", &notes[1]["id"]);
        add["target"] = json!(featured);
        scene.deliver(&bob, &add).await;
        let mut remove = bob.activity(11, "Remove", &notes[0]["id"]);
        remove["target"] = json!(featured);
        scene.deliver(&bob, &remove).await;
        let pinned = scene.get(&format!("/api/v1/accounts/{id}/statuses?pinned=true")).await;
        assert_eq!(pinned.as_array().unwrap().len(), 1);
        assert_eq!(pinned[0]["uri"], notes[1]["id"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_changes_by_its_owner_and_by_being_asked_for() {
    each(async |scene| {
        let mut bob = scene.peer.actor("bob").await;
        let id = scene.follow(&bob).await;
        let name = async |scene: &Scene| {
            scene.get(&format!("/api/v1/accounts/{id}")).await["display_name"].clone()
        };
        bob.document["name"] = json!("Robert");
        scene.deliver(&bob, &bob.activity(1, "Update", &bob.document)).await;
        assert_eq!(name(&scene).await, "Robert");
        let mallory = scene.peer.actor("mallory").await;
        let mut forged = bob.document.clone();
        forged["name"] = json!("Fool");
        scene.deliver(&mallory, &mallory.activity(1, "Update", &forged)).await;
        assert_eq!(name(&scene).await, "Robert");
        bob.document["name"] = json!("Bobby");
        scene.peer.serve("/users/bob", &bob.document);
        scene.server.clock.set(scene.server.app.now().plus(2 * domain::time::DAY));
        scene.resolve(&format!("@bob@{}", scene.peer.host), "accounts").await.unwrap();
        let note = scene.peer.note(&bob, 1, "<p>still here</p>");
        scene.deliver(&bob, &bob.activity(2, "Create", &note)).await;
        assert_eq!(name(&scene).await, "Bobby");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_domain_hears_that_its_follows_end() {
    each(async |scene| {
        let bob = scene.peer.actor("bob").await;
        let id = scene.follow(&bob).await;
        scene.deliver(&bob, &bob.activity(1, "Follow", &json!(scene.alice_id()))).await;
        let before = scene.relation(&id).await;
        assert!(before["following"] == true && before["followed_by"] == true, "{before}");
        let domain = scene.peer.host.clone();
        scene.post("/api/v1/domain_blocks", &format!("domain={domain}")).await;
        scene.settle().await;
        let after = scene.relation(&id).await;
        assert!(after["following"] == false && after["followed_by"] == false, "{after}");
        let undo = scene.sent("Undo").pop().unwrap();
        assert_eq!(undo["object"]["type"], "Follow");
        assert_eq!(undo["object"]["object"], bob.id);
        let reject = scene.sent("Reject").pop().unwrap();
        assert_eq!(reject["object"]["actor"], bob.id);
    })
    .await;
}

/// The digest of FEP-8fcf over some ids, and the header that bob's server sends with it.
fn claimed(bob: &testkit::PeerActor, ids: &[String]) -> String {
    let digest = app::delivery::followers_digest(ids.iter().map(String::as_str));
    let id = &bob.id;
    format!(
        "collectionId=\"{id}/followers\", digest=\"{digest}\", url=\"{id}/followers_synchronization\""
    )
}

/// A post by bob that comes with such a header; what it causes is done two minutes later.
async fn post_with(scene: &Scene, bob: &testkit::PeerActor, number: u32, header: &str) {
    let note = scene.peer.note(bob, number, "<p>with a header</p>");
    let mut request = bob.post(
        crate::scene::INBOX,
        &bob.activity(number, "Create", &note),
        scene.server.app.now(),
    );
    request.headers_mut().insert("collection-synchronization", header.parse().unwrap());
    assert_eq!(scene.send(request).await, 202);
    scene.server.clock.advance(120_000);
    scene.settle().await;
}

fn serve_followers(scene: &Scene, bob: &testkit::PeerActor, ids: &[String]) {
    let document = json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": format!("{}/followers_synchronization", bob.id),
        "type": "OrderedCollection",
        "orderedItems": ids,
    });
    scene.peer.serve("/users/bob/followers_synchronization", &document);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_no_follower_at_the_other_server_is_none_here_either() {
    each(async |scene| {
        let bob = scene.peer.actor("bob").await;
        let id = scene.follow(&bob).await;
        let path = "/users/bob/followers_synchronization";
        serve_followers(&scene, &bob, &[]);
        // They agree: nobody is asked.
        post_with(&scene, &bob, 10, &claimed(&bob, &[scene.alice_id()])).await;
        assert_eq!(scene.peer.hits(path), 0);
        // A digest that the list does not bear out.
        post_with(&scene, &bob, 11, &claimed(&bob, &["http://localhost:3000/users/x".into()]))
            .await;
        assert_eq!(scene.peer.hits(path), 1);
        assert_eq!(scene.relation(&id).await["following"], true);
        // By somebody else, of bob's followers.
        let mallory = scene.peer.actor("mallory").await;
        post_with(&scene, &mallory, 12, &claimed(&bob, &[])).await;
        assert_eq!(scene.peer.hits(path), 1);
        post_with(&scene, &bob, 13, &claimed(&bob, &[])).await;
        assert_eq!(scene.peer.hits(path), 2);
        assert_eq!(scene.relation(&id).await["following"], false);
        assert!(scene.sent("Undo").is_empty(), "the other side knows");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_follow_says_so_to_a_server_that_thinks_so() {
    each(async |scene| {
        let bob = scene.peer.actor("bob").await;
        let found = scene.resolve(&bob.id, "accounts").await.unwrap();
        let id = found["id"].as_str().unwrap().to_owned();
        let ids = [scene.alice_id(), "http://localhost:3000/users/nobody".into()];
        serve_followers(&scene, &bob, &ids);
        post_with(&scene, &bob, 10, &claimed(&bob, &ids)).await;
        let undo = scene.sent("Undo").pop().unwrap();
        assert_eq!(undo["actor"], scene.alice_id());
        assert_eq!(
            (&undo["object"]["type"], &undo["object"]["object"]),
            (&json!("Follow"), &json!(bob.id))
        );
        assert_eq!(scene.sent("Undo").len(), 1, "nobody is not here");
        // A request that waits is left to be answered.
        scene.post(&format!("/api/v1/accounts/{id}/follow"), "").await;
        scene.settle().await;
        post_with(&scene, &bob, 11, &claimed(&bob, &ids)).await;
        assert_eq!(scene.sent("Undo").len(), 1);
        assert_eq!(scene.relation(&id).await["requested"], true);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn o09_a_list_of_followers_has_each_account_answer_once_and_to_its_own_server() {
    each(async |scene| {
        let bob = scene.peer.actor("bob").await;
        scene.resolve(&bob.id, "accounts").await.unwrap();
        // One account in many spellings.
        let spelled = |name: &str| format!("http://localhost:3000/users/{name}");
        let ids = ["alice", "ALICE", "aLICE", "Alice", "alice/", "alice?x"].map(spelled);
        serve_followers(&scene, &bob, &ids);
        post_with(&scene, &bob, 10, &claimed(&bob, &ids)).await;
        assert_eq!(scene.sent("Undo").len(), 1);
        // An account whose inbox is somebody else's: nothing is sent there.
        let other = testkit::Peer::start(3).await;
        let mut carol = scene.peer.actor("carol").await;
        carol.document["inbox"] = json!(other.url("/inbox"));
        carol.document.as_object_mut().unwrap().remove("endpoints");
        scene.peer.serve("/users/carol", &carol.document);
        let document = json!({
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": format!("{}/followers_synchronization", carol.id),
            "type": "OrderedCollection",
            "orderedItems": [scene.alice_id()],
        });
        scene.peer.serve("/users/carol/followers_synchronization", &document);
        scene.resolve(&carol.id, "accounts").await.unwrap();
        post_with(&scene, &carol, 11, &claimed(&carol, &[scene.alice_id()])).await;
        assert_eq!(scene.peer.hits("/users/carol/followers_synchronization"), 1);
        assert!(other.posts().is_empty(), "{:?}", other.posts());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn r09_a_server_has_a_few_lists_of_followers_asked_for_and_no_more() {
    each(async |scene| {
        let key = activitypub::sign::new_key().unwrap();
        let mut asked = 0;
        for number in 0..25_u32 {
            let name = format!("actor{number}");
            let actor = scene.peer.actor_with(&name, &key);
            scene.peer.serve(&format!("/users/{name}"), &actor.document);
            let (host, handle) = (&scene.peer.host, format!("{name}@{}", scene.peer.host));
            scene.peer.serve_webfinger(&name, host, &handle, &actor.id);
            let note = scene.peer.note(&actor, number, "<p>with a header</p>");
            // Each says so three times.
            for again in 0..3 {
                let activity = actor.activity(number * 3 + again, "Create", &note);
                let mut request =
                    actor.post(crate::scene::INBOX, &activity, scene.server.app.now());
                let header = claimed(&actor, &["http://localhost:3000/users/x".into()]);
                request.headers_mut().insert("collection-synchronization", header.parse().unwrap());
                assert_eq!(scene.send(request).await, 202);
            }
        }
        scene.server.clock.advance(300_000);
        scene.settle().await;
        for number in 0..25 {
            asked += scene.peer.hits(&format!("/users/actor{number}/followers_synchronization"));
        }
        assert_eq!(asked, 20, "of 25 that disagree, each three times");
    })
    .await;
}
