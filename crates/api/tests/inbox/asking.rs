//! How others are asked: where, and how often.

use app::domain_rules::{self, Change, Severity};
use domain::time::MINUTE;
use serde_json::json;
use testkit::Peer;

use crate::scene::each;

#[tokio::test(flavor = "multi_thread")]
async fn webfinger_elsewhere_is_found_by_host_meta() {
    each(async |scene| {
        let mut bob = scene.peer.actor("bob").await;
        let host = scene.peer.host.clone();
        let usual = format!("/.well-known/webfinger?resource=acct:bob@{host}");
        scene.peer.fail(&usual, 404);
        assert_eq!(scene.resolve(&bob.id, "accounts").await, None);
        let template = scene.peer.url("/finger?of={uri}");
        let meta = format!(
            "<?xml version=\"1.0\"?><XRD xmlns=\"http://docs.oasis-open.org/ns/xri/xrd-1.0\">\
             <Link rel=\"lrdd\" template=\"{template}\"/></XRD>"
        );
        scene.peer.serve_as("/.well-known/host-meta", "application/xrd+xml", &meta);
        let jrd = |actor: &str| {
            json!({
                "subject": format!("acct:bob@{host}"),
                "links": [{ "rel": "self", "type": "application/activity+json", "href": actor }],
            })
            .to_string()
        };
        let place = format!("/finger?of=acct:bob@{host}");
        // It has to lead to the actor here as well (F11).
        scene.server.clock.advance(6 * MINUTE);
        scene.peer.serve_as(&place, "application/jrd+json", &jrd(&scene.peer.url("/users/eve")));
        assert_eq!(scene.resolve(&bob.id, "accounts").await, None);
        scene.server.clock.advance(6 * MINUTE);
        scene.peer.serve_as(&place, "application/jrd+json", &jrd(&bob.id));
        let found = scene.resolve(&bob.id, "accounts").await.unwrap();
        assert_eq!(found["acct"], format!("bob@{host}"));
        // 410 is an answer: nothing else is asked.
        let asked = scene.peer.hits("/.well-known/host-meta");
        bob.document["preferredUsername"] = json!("robert");
        scene.peer.serve("/users/bob", &bob.document);
        scene.peer.fail(&format!("/.well-known/webfinger?resource=acct:robert@{host}"), 410);
        let update = bob.activity(5, "Update", &bob.document);
        scene.deliver(&bob, &update).await;
        assert_eq!(scene.peer.hits("/.well-known/host-meta"), asked);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f13_no_redirect_leads_to_a_suspended_host() {
    each(async |scene| {
        let (other, third) = (Peer::start(3).await, Peer::start(4).await);
        let bob = scene.peer.actor("bob").await;
        let rule = Change {
            domain: third.host.clone(),
            severity: Severity::Suspend,
            reject_media: false,
            reject_reports: false,
            obfuscate: false,
            private_comment: String::new(),
            public_comment: String::new(),
        };
        domain_rules::set(&scene.server.app, rule).await.unwrap();
        scene.peer.redirect("/one", &third.url("/one"));
        scene.peer.redirect("/two", &other.url("/two"));
        other.redirect("/two", &third.url("/two"));
        for path in ["/one", "/two"] {
            assert_eq!(scene.resolve(&scene.peer.url(path), "statuses").await, None);
        }
        assert_eq!(other.hits("/two"), 1);
        assert!(third.requests().is_empty());
        // Nor for a picture.
        let mut bob = bob;
        bob.document["icon"] = json!({ "type": "Image", "url": scene.peer.url("/one") });
        scene.peer.serve("/users/bob", &bob.document);
        let found = scene.resolve(&bob.id, "accounts").await.unwrap();
        let avatar = found["avatar"].as_str().unwrap().to_owned();
        let path = avatar.strip_prefix("http://localhost:3000").unwrap();
        assert_ne!(scene.talk.get(path, "").await.status, 200);
        assert!(scene.peer.hits("/one") >= 2, "the picture was asked for");
        assert!(third.requests().is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn o08_an_activity_brings_ten_new_hosts_of_one_domain() {
    each(async |scene| {
        // Whatever stands below it is the same machine.
        let many = Peer::start(1).await;
        let port = many.host.rsplit_once(':').unwrap().1.to_owned();
        let id = |number: u32| format!("http://s{number}.many.localhost:{port}/n/{number}");
        let bob = scene.peer.actor("bob").await;
        scene.follow(&bob).await;
        for number in 1..30 {
            let note = json!({
                "@context": "https://www.w3.org/ns/activitystreams", "type": "Note",
                "id": id(number), "inReplyTo": id(number + 1), "content": "<p>step</p>",
                "attributedTo": format!("http://s{number}.many.localhost:{port}/users/a"),
                "to": ["https://www.w3.org/ns/activitystreams#Public"],
            });
            many.serve(&format!("/n/{number}"), &note);
        }
        let mut note = scene.peer.note(&bob, 1, "<p>below</p>");
        note["inReplyTo"] = json!(id(1));
        scene.deliver(&bob, &bob.activity(1, "Create", &note)).await;
        assert!(scene.known(note["id"].as_str().unwrap()).await.is_some());
        let mut asked: Vec<String> = many
            .requests()
            .iter()
            .map(|request| request.headers["host"].to_str().unwrap().to_owned())
            .collect();
        asked.sort_unstable();
        asked.dedup();
        assert_eq!(asked.len(), 10, "{asked:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_inbox_is_gone_is_asked_after() {
    each(async |scene| {
        let mut bob = scene.peer.actor("bob").await;
        bob.document.as_object_mut().unwrap().remove("endpoints");
        scene.peer.serve("/users/bob", &bob.document);
        scene.deliver(&bob, &bob.activity(1, "Follow", &json!(scene.alice_id()))).await;
        let me = || async { scene.get("/api/v1/accounts/verify_credentials").await };
        assert_eq!(me().await["followers_count"], 1);
        scene.peer.answer_posts(410);
        scene.peer.fail("/users/bob", 410);
        scene.status("hello", "").await;
        scene.settle().await;
        assert_eq!(me().await["followers_count"], 0, "the account is gone as well");
        assert_eq!(scene.resolve(&bob.id, "accounts").await, None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn receipts_come_in_pages() {
    each(async |scene| {
        let peers = [Peer::start(3).await, Peer::start(4).await, Peer::start(5).await];
        for peer in &peers {
            let carol = peer.actor("carol").await;
            let follow = carol.activity(1, "Follow", &json!(scene.alice_id()));
            scene.deliver(&carol, &follow).await;
        }
        let (id, _) = scene.status("hello", "").await;
        let path = format!("/api/v1/tuskling/statuses/{id}/deliveries");
        let all = scene.get(&path).await;
        assert_eq!(all.as_array().unwrap().len(), 3);
        let mut seen = Vec::new();
        let mut next = Some(format!("{path}?limit=2"));
        while let Some(path) = next.take() {
            let answer = scene.talk.get(&path, &scene.token).await;
            seen.extend(answer.json().as_array().unwrap().clone());
            let link = answer.headers.get("link").map(|link| link.to_str().unwrap().to_owned());
            next = link.and_then(|link| {
                let (address, rest) = link.strip_prefix('<')?.split_once('>')?;
                let path = address.strip_prefix("http://localhost:3000")?.to_owned();
                rest.starts_with("; rel=\"next\"").then_some(path)
            });
        }
        assert_eq!(serde_json::json!(seen), all);
    })
    .await;
}
