//! Who said it (security rules F01 to F17).

use std::net::SocketAddr;

use activitypub::sign::{Scheme, new_key};
use axum::extract::ConnectInfo;
use domain::Timestamp;
use domain::time::{DAY, HOUR, MINUTE};
use serde_json::json;
use testkit::Peer;

use crate::scene::{INBOX, PUBLIC, Scene, answering, each};

#[tokio::test(flavor = "multi_thread")]
async fn f01_bytes_count_for_their_own_origin_only() {
    each(async |scene| {
        let other = Peer::start(3).await;
        let victim = scene.peer.actor("victim").await;
        let forged = scene.peer.note(&victim, 1, "<p>never said</p>");
        other.serve("/forged", &forged);
        assert_eq!(scene.resolve(&other.url("/forged"), "statuses").await, None);
        assert!(scene.peer.hits("/users/victim/statuses/1") <= 1);
        assert_eq!(scene.known(forged["id"].as_str().unwrap()).await, None);
        // Where the origin agrees, it is the origin's text that counts.
        let mut real = forged.clone();
        real["content"] = json!("<p>said</p>");
        scene.peer.serve("/users/victim/statuses/1", &real);
        let found = scene.resolve(&other.url("/forged"), "statuses").await.unwrap();
        assert_eq!(found["content"], "<p>said</p>");
        // A redirect does not lend its origin.
        let second = scene.peer.note(&victim, 2, "<p>never said</p>");
        other.serve("/second", &second);
        scene.peer.redirect("/users/victim/statuses/2", &other.url("/second"));
        assert_eq!(scene.resolve(second["id"].as_str().unwrap(), "statuses").await, None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f02_only_the_owner_changes_an_object() {
    each(async |scene| {
        let other = Peer::start(3).await;
        let (author, bob) = (scene.peer.actor("author").await, other.actor("bob").await);
        let neighbour = scene.peer.actor("neighbour").await;
        scene.follow(&author).await;
        let note = scene.peer.note(&author, 1, "<p>mine</p>");
        let uri = note["id"].as_str().unwrap();
        scene.deliver(&author, &author.activity(1, "Create", &note)).await;
        let mut changed = note.clone();
        changed["content"] = json!("<p>stolen</p>");
        changed["updated"] = json!(scene.server.app.now().rfc3339());
        for (number, verb) in [(1, "Update"), (2, "Create"), (3, "Delete")] {
            scene.deliver(&bob, &bob.activity(number, verb, &changed)).await;
            // One of the same server is not the author either.
            scene.deliver(&neighbour, &neighbour.activity(number, verb, &changed)).await;
        }
        let mut claimed = changed.clone();
        claimed["attributedTo"] = json!(bob.id);
        scene.deliver(&bob, &bob.activity(4, "Update", &claimed)).await;
        scene.deliver(&bob, &bob.activity(5, "Create", &claimed)).await;
        assert_eq!(scene.known(uri).await.unwrap()["content"], "<p>mine</p>");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f03_only_documents_of_the_right_type_count() {
    each(async |scene| {
        let key = new_key().unwrap();
        let kinds = ["text/plain", "application/json", "image/png", "text/html", ""];
        for (number, kind) in kinds.iter().enumerate() {
            let name = format!("typed{number}");
            let actor = scene.peer.actor_with(&name, &key);
            let (host, id) = (scene.peer.host.clone(), actor.id.clone());
            scene.peer.serve_webfinger(&name, &host, &format!("{name}@{host}"), &id);
            let path = format!("/users/{name}");
            scene.peer.serve_as(&path, kind, &actor.document.to_string());
            assert_eq!(scene.resolve(&id, "accounts").await, None, "{kind:?}");
        }
        let actor = scene.peer.actor("right").await;
        let ld = "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"";
        scene.peer.serve_as("/users/right", ld, &actor.document.to_string());
        assert!(scene.resolve(&actor.id, "accounts").await.is_some());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f04_a_key_belongs_to_whom_its_owner_says() {
    each(async |scene| {
        let other = Peer::start(3).await;
        let victim = scene.peer.actor("victim").await;
        scene.resolve(&victim.id, "accounts").await.unwrap();
        // A key of another server that claims to be the victim's, as an actor and as a bare key.
        let mut thief = other.actor("thief").await;
        thief.document["publicKey"]["owner"] = json!(victim.id);
        other.serve("/users/thief", &thief.document);
        other.serve(
            "/key",
            &json!({
                "@context": "https://w3id.org/security/v1",
                "id": other.url("/key"),
                "owner": victim.id,
                "publicKeyPem": thief.document["publicKey"]["publicKeyPem"],
            }),
        );
        let follow = victim.activity(1, "Follow", &json!(scene.alice_id()));
        for key_id in [thief.key_id.clone(), other.url("/key")] {
            thief.key.key_id = key_id;
            let request = thief.post(INBOX, &follow, scene.server.app.now());
            assert_eq!(scene.send(request).await, 401);
        }
        scene.settle().await;
        assert_eq!(scene.told().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f05_the_signer_is_the_actor() {
    each(async |scene| {
        let other = Peer::start(3).await;
        let (victim, bob) = (scene.peer.actor("victim").await, other.actor("bob").await);
        let neighbour = scene.peer.actor("neighbour").await;
        scene.resolve(&victim.id, "accounts").await.unwrap();
        let follow = victim.activity(1, "Follow", &json!(scene.alice_id()));
        let note = scene.peer.note(&victim, 1, "<p>never said</p>");
        let create = victim.activity(2, "Create", &note);
        let now = scene.server.app.now();
        assert_eq!(scene.send(bob.post(INBOX, &follow, now)).await, 401);
        assert_eq!(scene.send(neighbour.post(INBOX, &follow, now)).await, 401);
        assert_eq!(scene.send(neighbour.post(INBOX, &create, now)).await, 401);
        // No job was queued: nothing runs but what was there before.
        assert_eq!(app::jobs::run_all(&scene.server.app).await.unwrap(), 0);
        assert_eq!(scene.told().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f06_the_signature_covers_the_body_and_both_schemes_are_read() {
    each(async |scene| {
        let bob = scene.peer.actor("bob").await;
        let follow = bob.activity(1, "Follow", &json!(scene.alice_id()));
        let now = scene.server.app.now();
        let (mut head, _) = bob.post(INBOX, &follow, now).into_parts();
        let changed = follow.to_string().replace("Follow", "Fallow");
        let request = http::Request::from_parts(head.clone(), changed.into());
        assert_eq!(scene.send(request).await, 401);
        // A signature over a header that is not there says nothing of the body.
        head.headers.remove("digest");
        let request = http::Request::from_parts(head, follow.to_string().into());
        assert_eq!(scene.send(request).await, 401);
        let (mut head, body) = bob.post(INBOX, &follow, now).into_parts();
        head.headers.remove("signature");
        assert_eq!(scene.send(http::Request::from_parts(head, body)).await, 401);
        let (mut head, body) = bob.post(INBOX, &follow, now).into_parts();
        head.uri = "/users/alice/inbox".parse().unwrap();
        assert_eq!(scene.send(http::Request::from_parts(head, body)).await, 401);
        for scheme in [Scheme::Cavage, Scheme::Rfc9421] {
            let request = bob.post_text(INBOX, &follow.to_string(), now, scheme);
            assert_eq!(scene.send(request).await, 202, "{scheme:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f07_what_waited_at_the_edge_is_as_old_as_when_it_came() {
    each(async |scene| {
        let bob = scene.peer.actor("bob").await;
        let now = scene.server.app.now();
        for (number, received, made, status) in [
            // Long away: signed two days ago, kept by the edge a minute later.
            (1, Some(-2 * DAY + MINUTE), -2 * DAY, 202),
            (2, Some(-2 * DAY + MINUTE), -3 * DAY, 401),
            (3, Some(-3 * DAY - 1), -3 * DAY - 1, 401),
            (4, Some(HOUR), 2 * HOUR, 401),
            (5, Some(i64::MIN / 2), -2 * DAY, 401),
            (6, None, -2 * DAY, 401),
        ] {
            let activity = bob.activity(number, "Like", &json!(scene.alice_id()));
            let made = Timestamp(now.0 + made);
            let mut request = bob.post(INBOX, &activity, made);
            let moment = Timestamp(now.0 + received.unwrap_or(-2 * DAY));
            // What a client writes itself is nothing: the listener alone says so.
            let value = moment.0.to_string().parse().unwrap();
            request.headers_mut().insert("x-tuskling-received-at", value);
            if received.is_some() {
                request.extensions_mut().insert(api::ReceivedAt(moment));
            }
            assert_eq!(scene.send(request).await, status, "{number}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f07_signatures_have_their_time() {
    each(async |scene| {
        let bob = scene.peer.actor("bob").await;
        let follow = bob.activity(1, "Follow", &json!(scene.alice_id()));
        let now = scene.server.app.now();
        for (offset, status) in [(-13 * HOUR, 401), (2 * HOUR, 401), (-30 * MINUTE, 202)] {
            let request = bob.post(INBOX, &follow, now.plus(offset));
            assert_eq!(scene.send(request).await, status, "{offset}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f08_an_activity_takes_effect_once() {
    each(async |scene| {
        let bob = scene.peer.actor("bob").await;
        let (_, status) = scene.status("hello", "").await;
        let note = answering(scene.peer.note(&bob, 1, "<p>hi</p>"), &status, &scene.alice_id());
        let create = bob.activity(1, "Create", &note);
        let now = scene.server.app.now();
        assert_eq!(scene.send(bob.post(INBOX, &create, now)).await, 202);
        assert_eq!(scene.send(bob.post(INBOX, &create, now)).await, 202);
        scene.settle().await;
        scene.deliver(&bob, &create).await;
        assert_eq!(scene.told().await, ["mention"]);
        let (id, _) = scene.status("again", "").await;
        let page = scene.get(&format!("/api/v1/statuses/{id}/context")).await;
        assert_eq!(page["descendants"].as_array().unwrap().len(), 0);
        // Nobody uses up the id of somebody else's activity.
        let carol = scene.peer.actor("carol").await;
        let mut taken = carol.activity(2, "Follow", &json!(scene.alice_id()));
        taken["id"] = json!(format!("{}#activities/7", bob.id));
        scene.deliver(&carol, &taken).await;
        let like = bob.activity(7, "Like", &json!(status));
        scene.deliver(&bob, &like).await;
        assert_eq!(scene.told().await, ["favourite", "follow", "mention"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f09_wrong_signatures_cause_two_questions_at_most() {
    each(async |scene| {
        let bob = scene.peer.actor("bob").await;
        let wrong = scene.peer.actor_with("bob", &new_key().unwrap());
        let follow = bob.activity(1, "Follow", &json!(scene.alice_id()));
        let now = scene.server.app.now();
        let requests = (0..100).map(|_| scene.send(wrong.post(INBOX, &follow, now)));
        let mut answers = Vec::new();
        for request in requests {
            answers.push(request.await);
        }
        assert!(answers.iter().all(|status| *status == 401), "{answers:?}");
        assert!(scene.peer.requests().len() <= 2, "{:?}", scene.peer.requests());
        // The right key is still the right one.
        assert_eq!(scene.send(bob.post(INBOX, &follow, now)).await, 202);
        // A key that is nowhere is not looked for again and again.
        let nobody = scene.peer.actor_with("nobody", &new_key().unwrap());
        let follow = nobody.activity(1, "Follow", &json!(scene.alice_id()));
        for _ in 0..20 {
            assert_eq!(scene.send(nobody.post(INBOX, &follow, now)).await, 401);
        }
        assert_eq!(scene.peer.hits("/users/nobody"), 1);
        // After a changed key one more question is enough.
        scene.server.clock.set(now.plus(6 * MINUTE));
        let mut changed = bob.document.clone();
        changed["publicKey"]["publicKeyPem"] = wrong.document["publicKey"]["publicKeyPem"].clone();
        scene.peer.serve("/users/bob", &changed);
        let follow = bob.activity(2, "Follow", &json!(scene.alice_id()));
        let request = wrong.post(INBOX, &follow, scene.server.app.now());
        assert_eq!(scene.send(request).await, 202);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f09_who_forges_signatures_cannot_have_a_third_server_asked_on_and_on() {
    each(async |scene| {
        let now = scene.server.app.now();
        let from = |address: [u8; 4]| ConnectInfo(SocketAddr::from((address, 40_000)));
        for number in 0..60 {
            let nobody = scene.peer.actor_with(&format!("nobody{number}"), &new_key().unwrap());
            let follow = nobody.activity(1, "Follow", &json!(scene.alice_id()));
            let mut request = nobody.post(INBOX, &follow, now);
            request.extensions_mut().insert(from([203, 0, 113, 9]));
            assert_eq!(scene.send(request).await, 401);
        }
        let asked = scene.peer.requests().len();
        assert!((1..=30).contains(&asked), "{asked} questions");
        // Somebody else is not held up by that.
        let bob = scene.peer.actor("bob").await;
        let mut request =
            bob.post(INBOX, &bob.activity(1, "Follow", &json!(scene.alice_id())), now);
        request.extensions_mut().insert(from([203, 0, 113, 10]));
        assert_eq!(scene.send(request).await, 202);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f10_what_is_passed_on_is_asked_for_at_its_origin() {
    each(async |scene| {
        let other = Peer::start(3).await;
        let (author, bob) = (scene.peer.actor("author").await, other.actor("bob").await);
        scene.follow(&author).await;
        let mut note = scene.peer.note(&author, 1, "<p>forged</p>");
        let uri = note["id"].as_str().unwrap().to_owned();
        let create = author.activity(1, "Create", &note);
        // Nothing stands there: not stored.
        scene.deliver(&bob, &create).await;
        assert_eq!(scene.known(&uri).await, None);
        // Something else stands there: that is what counts.
        note["content"] = json!("<p>real</p>");
        scene.peer.serve("/users/author/statuses/1", &note);
        let mut again = create.clone();
        again["id"] = json!(format!("{}#activities/2", author.id));
        scene.deliver(&bob, &again).await;
        assert_eq!(scene.known(&uri).await.unwrap()["content"], "<p>real</p>");
        // A deletion that is passed on is believed when the origin says so as well.
        let delete = author.activity(3, "Delete", &json!(uri));
        scene.deliver(&bob, &delete).await;
        assert!(scene.known(&uri).await.is_some());
        scene.peer.fail("/users/author/statuses/1", 410);
        let delete = author.activity(4, "Delete", &json!(uri));
        scene.deliver(&bob, &delete).await;
        assert_eq!(scene.known(&uri).await, None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f11_a_handle_is_shown_when_both_ends_agree() {
    each(async |scene| {
        let other = Peer::start(3).await;
        let bob = scene.peer.actor("bob").await;
        let (host, foreign) = (scene.peer.host.clone(), other.host.clone());
        // The other domain does not confirm: the account is one of its own host.
        scene.peer.serve_webfinger("bob", &host, &format!("bob@{foreign}"), &bob.id);
        let found = scene.resolve(&bob.id, "accounts").await.unwrap();
        assert_eq!(found["acct"], format!("bob@{host}"));
        // It confirms: the account is shown under it (account domain and web domain differ).
        let carol = scene.peer.actor("carol").await;
        scene.peer.serve_webfinger("carol", &host, &format!("carol@{foreign}"), &carol.id);
        other.serve_webfinger("carol", &foreign, &format!("carol@{foreign}"), &carol.id);
        let found = scene.resolve(&format!("@carol@{foreign}"), "accounts").await.unwrap();
        assert_eq!(found["acct"], format!("carol@{foreign}"));
        // Its own host leads elsewhere: refused.
        let dave = scene.peer.actor("dave").await;
        scene.peer.serve_webfinger("dave", &host, &format!("dave@{host}"), &bob.id);
        assert_eq!(scene.resolve(&dave.id, "accounts").await, None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f13_the_suspended_and_their_servers_are_not_listened_to() {
    each(async |scene| {
        let bob = scene.peer.actor("bob").await;
        let found = scene.resolve(&bob.id, "accounts").await.unwrap();
        scene.suspend(found["id"].as_str().unwrap()).await;
        let (_, status) = scene.status("hello", "").await;
        let note = answering(scene.peer.note(&bob, 1, "<p>hi</p>"), &status, &scene.alice_id());
        let update = bob.activity(1, "Update", &note);
        assert_eq!(scene.send(bob.post(INBOX, &update, scene.server.app.now())).await, 403);
        // Nor when others pass it on or boost it.
        scene.peer.serve("/users/bob/statuses/1", &note);
        assert_eq!(scene.resolve(note["id"].as_str().unwrap(), "statuses").await, None);
        assert_eq!(scene.told().await, Vec::<String>::new());
        // A blocked host: nothing is taken, nothing is asked.
        let other = Peer::start(3).await;
        let carol = other.actor("carol").await;
        block(&scene, "127.0.0.3").await;
        let follow = carol.activity(1, "Follow", &json!(scene.alice_id()));
        assert_eq!(scene.send(carol.post(INBOX, &follow, scene.server.app.now())).await, 403);
        assert_eq!(scene.resolve(&carol.id, "accounts").await, None);
        assert_eq!(other.requests().len(), 0);
    })
    .await;
}

async fn block(scene: &Scene, domain: &str) {
    let rule = store::domain_rules::Rule {
        id: scene.server.app.ids.next(),
        domain: domain.to_owned(),
        severity: store::domain_rules::Severity::Suspend,
        reject_media: true,
        reject_reports: true,
        obfuscate: false,
        private_comment: String::new(),
        public_comment: String::new(),
        created_at: scene.server.app.now(),
    };
    scene
        .server
        .app
        .write(move |conn| Box::pin(async move { store::domain_rules::set(conn, &rule).await }))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn f15_a_move_needs_the_new_account_to_agree() {
    each(async |scene| {
        let (old, mut new) = (scene.peer.actor("old").await, scene.peer.actor("new").await);
        let old_id = scene.follow(&old).await;
        let found = scene.resolve(&new.id, "accounts").await.unwrap();
        let new_id = found["id"].as_str().unwrap().to_owned();
        let mut moved = old.activity(1, "Move", &json!(old.id));
        moved["target"] = json!(new.id);
        scene.deliver(&old, &moved).await;
        assert_eq!(scene.relation(&new_id).await["requested"], false);
        assert_eq!(scene.relation(&old_id).await["following"], true);
        new.document["alsoKnownAs"] = json!([old.id]);
        scene.peer.serve("/users/new", &new.document);
        moved["id"] = json!(format!("{}#activities/2", old.id));
        scene.deliver(&old, &moved).await;
        assert_eq!(scene.relation(&old_id).await["following"], false);
        assert_eq!(scene.relation(&new_id).await["requested"], true);
        let follow = scene.sent("Follow").pop().unwrap();
        assert_eq!(follow["object"], new.id);
        // Once a week.
        let mut third = scene.peer.actor("third").await;
        third.document["alsoKnownAs"] = json!([old.id]);
        scene.peer.serve("/users/third", &third.document);
        scene.follow(&old).await;
        moved["target"] = json!(third.id);
        moved["id"] = json!(format!("{}#activities/3", old.id));
        scene.deliver(&old, &moved).await;
        assert_eq!(scene.relation(&old_id).await["following"], true);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f15_a_quote_is_shown_when_the_quoted_side_confirms_it() {
    each(async |scene| {
        let other = Peer::start(3).await;
        let (bob, quoted) = (scene.peer.actor("bob").await, other.actor("quoted").await);
        scene.follow(&bob).await;
        let original = other.note(&quoted, 1, "<p>original</p>");
        other.serve("/users/quoted/statuses/1", &original);
        let mut note = scene.peer.note(&bob, 1, "<p>look</p>");
        note["quote"] = original["id"].clone();
        // A stamp of the wrong side is none.
        note["quoteAuthorization"] = json!(scene.peer.url("/stamp"));
        let stamp = |id: String| {
            json!({
                "@context": [
                    "https://www.w3.org/ns/activitystreams",
                    { "QuoteAuthorization": "https://w3id.org/fep/044f#QuoteAuthorization" },
                ],
                "type": "QuoteAuthorization",
                "id": id,
                "attributedTo": quoted.id,
                "interactingObject": note["id"],
                "interactionTarget": original["id"],
            })
        };
        scene.peer.serve("/stamp", &stamp(scene.peer.url("/stamp")));
        scene.deliver(&bob, &bob.activity(1, "Create", &note)).await;
        let uri = note["id"].as_str().unwrap();
        assert!(shown_quote(&scene, uri).await.is_none());
        assert_eq!(scene.known(uri).await.unwrap()["quote"]["state"], "pending");
        // One at the quoted author's is.
        other.serve("/stamp", &stamp(other.url("/stamp")));
        let mut stamped = note.clone();
        stamped["quoteAuthorization"] = json!(other.url("/stamp"));
        scene.deliver(&bob, &bob.activity(2, "Update", &stamped)).await;
        assert_eq!(shown_quote(&scene, uri).await.unwrap(), original["id"].as_str().unwrap());
        // Taken back by the quoted author, it is gone.
        let delete = quoted.activity(1, "Delete", &json!(other.url("/stamp")));
        scene.deliver(&quoted, &delete).await;
        assert!(shown_quote(&scene, uri).await.is_none());
        assert_eq!(scene.known(uri).await.unwrap()["quote"]["state"], "revoked");
        let original = scene.known(original["id"].as_str().unwrap()).await.unwrap();
        assert_eq!(original["quotes_count"], 0);
    })
    .await;
}

async fn shown_quote(scene: &Scene, uri: &str) -> Option<String> {
    let status = scene.known(uri).await.unwrap();
    status["quote"]["quoted_status"]["uri"].as_str().map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread")]
async fn f16_what_was_deleted_does_not_come_back() {
    each(async |scene| {
        let bob = scene.peer.actor("bob").await;
        scene.follow(&bob).await;
        let mut note = scene.peer.note(&bob, 1, "<p>soon gone</p>");
        note["attachment"] = json!([{
            "type": "Document",
            "mediaType": "image/png",
            "url": scene.peer.url("/picture.png"),
        }]);
        let uri = note["id"].as_str().unwrap();
        scene.deliver(&bob, &bob.activity(1, "Create", &note)).await;
        let known = scene.known(uri).await.unwrap();
        assert_eq!(known["media_attachments"].as_array().unwrap().len(), 1);
        let id = known["id"].as_str().unwrap();
        scene
            .deliver(&bob, &bob.activity(2, "Delete", &json!({ "type": "Tombstone", "id": uri })))
            .await;
        let path = format!("/api/v1/statuses/{id}");
        assert_eq!(scene.talk.get(&path, &scene.token).await.status, 404);
        // Again, in another activity; and by asking for it.
        scene.deliver(&bob, &bob.activity(3, "Create", &note)).await;
        scene.peer.serve("/users/bob/statuses/1", &note);
        assert_eq!(scene.resolve(uri, "statuses").await, None);
        // A deletion that comes first keeps the post out.
        let late = scene.peer.note(&bob, 2, "<p>late</p>");
        scene.deliver(&bob, &bob.activity(4, "Delete", &late["id"])).await;
        scene.deliver(&bob, &bob.activity(5, "Create", &late)).await;
        assert_eq!(scene.known(late["id"].as_str().unwrap()).await, None);
        // A whole account.
        let third = scene.peer.note(&bob, 3, "<p>with its author</p>");
        scene.deliver(&bob, &bob.activity(6, "Create", &third)).await;
        assert!(scene.known(third["id"].as_str().unwrap()).await.is_some());
        scene.deliver(&bob, &bob.activity(7, "Delete", &json!(bob.id))).await;
        assert_eq!(scene.known(third["id"].as_str().unwrap()).await, None);
        assert_eq!(scene.resolve(&bob.id, "accounts").await, None);
        let me = scene.get(&format!("/api/v1/accounts/{}", scene.alice.id)).await;
        assert_eq!(me["following_count"], 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f02_what_is_hidden_at_its_origin_is_not_deleted_by_somebody_else() {
    each(async |scene| {
        let other = Peer::start(3).await;
        let (author, bob) = (scene.peer.actor("author").await, other.actor("bob").await);
        scene.follow(&author).await;
        // Its origin shows the first one to its followers only: for this server it is a 404.
        let mut hidden = scene.peer.note(&author, 1, "<p>for followers</p>");
        hidden["to"] = json!([format!("{}/followers", author.id)]);
        hidden["cc"] = json!([]);
        let open = scene.peer.note(&author, 2, "<p>for everybody</p>");
        for (number, note) in [(1, &hidden), (2, &open)] {
            scene.deliver(&author, &author.activity(number, "Create", note)).await;
            let uri = note["id"].as_str().unwrap();
            assert!(scene.known(uri).await.is_some(), "{uri}");
            for (more, verb) in [(0, "Delete"), (1, "Update")] {
                let passed_on = author.activity(10 * number + more, verb, &note["id"]);
                scene.deliver(&bob, &passed_on).await;
            }
        }
        assert!(scene.known(hidden["id"].as_str().unwrap()).await.is_some());
        assert_eq!(scene.known(open["id"].as_str().unwrap()).await, None);
        // That it is no more is another word.
        scene.peer.fail("/users/author/statuses/1", 410);
        scene.deliver(&bob, &author.activity(30, "Delete", &hidden["id"])).await;
        assert_eq!(scene.known(hidden["id"].as_str().unwrap()).await, None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f16_an_account_is_not_gone_because_it_was_not_found_once() {
    each(async |scene| {
        let bob = scene.peer.actor("bob").await;
        scene.follow(&bob).await;
        let note = scene.peer.note(&bob, 1, "<p>still here</p>");
        scene.deliver(&bob, &bob.activity(1, "Create", &note)).await;
        scene.peer.fail("/users/bob", 404);
        scene.deliver(&bob, &bob.activity(2, "Update", &json!(bob.id))).await;
        assert!(scene.known(note["id"].as_str().unwrap()).await.is_some());
        scene.server.clock.advance(HOUR);
        scene.peer.fail("/users/bob", 410);
        scene.deliver(&bob, &bob.activity(3, "Update", &json!(bob.id))).await;
        assert_eq!(scene.known(note["id"].as_str().unwrap()).await, None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f17_addresses_are_http_and_what_names_nobody_is_not_public() {
    each(async |scene| {
        let bob = scene.peer.actor("bob").await;
        scene.follow(&bob).await;
        let mut odd = scene.peer.note(&bob, 1, "<p>odd</p>");
        odd["url"] = json!("javascript:alert(1)");
        scene.deliver(&bob, &bob.activity(1, "Create", &odd)).await;
        let known = scene.known(odd["id"].as_str().unwrap()).await.unwrap();
        assert_eq!(known["url"], odd["id"]);
        let mut bare = scene.peer.note(&bob, 2, "<p>for nobody</p>");
        bare["to"] = json!([]);
        bare["cc"] = json!([]);
        scene.deliver(&bob, &bob.activity(2, "Create", &bare)).await;
        assert_eq!(scene.known(bare["id"].as_str().unwrap()).await, None);
        let public = scene.talk.get("/api/v1/timelines/public", "").await;
        assert!(!public.text.contains("for nobody"), "{}", public.text);
        assert!(!scene.home().await.contains(&bare["id"].as_str().unwrap().to_owned()));
        // The three spellings of everybody are one.
        for (number, spelling) in [(3, "as:Public"), (4, "Public"), (5, PUBLIC)] {
            let mut note = scene.peer.note(&bob, number, "<p>for all</p>");
            note["to"] = json!(spelling);
            scene.deliver(&bob, &bob.activity(number, "Create", &note)).await;
            let known = scene.known(note["id"].as_str().unwrap()).await.unwrap();
            assert_eq!(known["visibility"], "public", "{spelling}");
        }
    })
    .await;
}
