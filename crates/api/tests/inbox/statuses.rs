//! Statuses of others, and what others do with statuses of ours.

use domain::time::MINUTE;
use serde_json::{Value, json};
use testkit::Peer;

use crate::scene::{PUBLIC, answering, each};

#[tokio::test(flavor = "multi_thread")]
async fn a_status_from_elsewhere_shows_everything_it_carries() {
    each(async |scene| {
        let bob = scene.peer.actor("bob").await;
        scene.follow(&bob).await;
        let mut note = scene.peer.note(&bob, 1, "<p>hello <script>alert(1)</script><b>all</b></p>");
        note["summary"] = json!("careful");
        note["sensitive"] = json!(true);
        note["contentMap"] = json!({ "de": note["content"] });
        note["tag"] = json!([
            { "type": "Hashtag", "name": "#Rust", "href": scene.peer.url("/tags/rust") },
            { "type": "Mention", "href": scene.alice_id(), "name": "@alice@localhost:3000" },
        ]);
        note["cc"] = json!([format!("{}/followers", bob.id), scene.alice_id()]);
        note["attachment"] = json!([{
            "type": "Document", "mediaType": "image/png", "url": scene.peer.url("/a.png"),
            "name": "a cat", "width": 400, "height": 300, "focalPoint": [0.5, -0.5],
            "blurhash": "LEHV6nWB2yk8pyo0adR*.7kCMdnj",
        }]);
        note["likes"] = json!({ "type": "Collection", "totalItems": 7 });
        scene.deliver(&bob, &bob.activity(1, "Create", &note)).await;
        let known = scene.known(note["id"].as_str().unwrap()).await.unwrap();
        assert!(!known["content"].as_str().unwrap().contains("script"), "{}", known["content"]);
        assert_eq!(known["spoiler_text"], "careful");
        assert_eq!(known["language"], "de");
        assert_eq!(known["tags"][0]["name"], "rust");
        assert_eq!(known["mentions"][0]["username"], "alice");
        assert_eq!(known["favourites_count"], 7);
        let media = &known["media_attachments"][0];
        assert_eq!(media["type"], "image");
        assert_eq!(media["description"], "a cat");
        assert_eq!(media["remote_url"], scene.peer.url("/a.png"));
        assert!(media["url"].as_str().unwrap().contains("/media/remote/"), "{}", media["url"]);
        assert_eq!(media["meta"]["original"]["width"], 400);
        assert_eq!(media["meta"]["focus"]["x"], 0.5);
        assert_eq!(scene.told().await, ["mention"]);
        assert_eq!(scene.home().await.len(), 1);
        // It stands where its time puts it.
        let id: i64 = known["id"].as_str().unwrap().parse().unwrap();
        assert_eq!(domain::StatusId(id).time().seconds(), scene.server.app.now().seconds() - 60);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_here_cares_then_nothing_is_kept() {
    each(async |scene| {
        let bob = scene.peer.actor("bob").await;
        let note = scene.peer.note(&bob, 1, "<p>hello</p>");
        scene.deliver(&bob, &bob.activity(1, "Create", &note)).await;
        assert_eq!(scene.known(note["id"].as_str().unwrap()).await, None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_brings_what_it_answers() {
    each(async |scene| {
        let other = Peer::start(3).await;
        let (bob, carol) = (scene.peer.actor("bob").await, other.actor("carol").await);
        scene.follow(&bob).await;
        let root = other.note(&carol, 1, "<p>root</p>");
        let mut middle = other.note(&carol, 2, "<p>middle</p>");
        middle["inReplyTo"] = root["id"].clone();
        other.serve("/users/carol/statuses/1", &root);
        other.serve("/users/carol/statuses/2", &middle);
        let mut note = scene.peer.note(&bob, 1, "<p>answer</p>");
        note["inReplyTo"] = middle["id"].clone();
        scene.deliver(&bob, &bob.activity(1, "Create", &note)).await;
        let known = scene.known(note["id"].as_str().unwrap()).await.unwrap();
        let id = known["id"].as_str().unwrap();
        let thread = scene.get(&format!("/api/v1/statuses/{id}/context")).await;
        let above: Vec<_> =
            thread["ancestors"].as_array().unwrap().iter().map(|s| s["uri"].clone()).collect();
        assert_eq!(above, [root["id"].clone(), middle["id"].clone()]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_makes_a_version_and_an_old_one_changes_nothing() {
    each(async |scene| {
        let bob = scene.peer.actor("bob").await;
        scene.follow(&bob).await;
        let mut note = scene.peer.note(&bob, 1, "<p>first</p>");
        let uri = note["id"].as_str().unwrap().to_owned();
        scene.deliver(&bob, &bob.activity(1, "Create", &note)).await;
        note["content"] = json!("<p>second</p>");
        scene.deliver(&bob, &bob.activity(2, "Update", &note)).await;
        assert_eq!(scene.known(&uri).await.unwrap()["content"], "<p>first</p>");
        note["updated"] = json!(scene.server.app.now().rfc3339());
        scene.deliver(&bob, &bob.activity(3, "Update", &note)).await;
        let known = scene.known(&uri).await.unwrap();
        assert_eq!(known["content"], "<p>second</p>");
        let id = known["id"].as_str().unwrap();
        let history = scene.get(&format!("/api/v1/statuses/{id}/history")).await;
        let texts: Vec<_> =
            history.as_array().unwrap().iter().map(|v| v["content"].clone()).collect();
        assert_eq!(texts, ["<p>first</p>", "<p>second</p>"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn favourites_reactions_and_boosts_are_counted_and_taken_back() {
    each(async |scene| {
        let bob = scene.peer.actor("bob").await;
        let (id, uri) = scene.status("hello", "").await;
        let counts = async || {
            let status = scene.get(&format!("/api/v1/statuses/{id}")).await;
            (status["favourites_count"].as_i64(), status["reblogs_count"].as_i64())
        };
        let like = bob.activity(1, "Like", &json!(uri));
        scene.deliver(&bob, &like).await;
        scene.deliver(&bob, &bob.activity(2, "Like", &json!(uri))).await;
        let mut announce = bob.activity(3, "Announce", &json!(uri));
        announce["to"] = json!([PUBLIC]);
        scene.deliver(&bob, &announce).await;
        assert_eq!(counts().await, (Some(1), Some(1)));
        assert_eq!(scene.told().await, ["reblog", "favourite"]);
        scene.deliver(&bob, &bob.activity(4, "Undo", &like)).await;
        scene.deliver(&bob, &bob.activity(5, "Undo", &announce)).await;
        assert_eq!(counts().await, (Some(0), Some(0)));
        assert_eq!(scene.told().await, Vec::<String>::new());
        let carol = scene.peer.actor("carol").await;
        let mut reaction = carol.activity(1, "EmojiReact", &json!(uri));
        reaction["content"] = json!("🦊");
        scene.deliver(&carol, &reaction).await;
        assert_eq!(counts().await, (Some(1), Some(0)));
        // What somebody may not see, they cannot favourite or boost.
        let (id, uri) = scene.status("for some", "&visibility=private").await;
        scene.deliver(&bob, &bob.activity(6, "Like", &json!(uri))).await;
        scene.deliver(&bob, &bob.activity(7, "Announce", &json!(uri))).await;
        let status = scene.get(&format!("/api/v1/statuses/{id}")).await;
        assert_eq!(status["favourites_count"], 0);
        assert_eq!(status["reblogs_count"], 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_boost_brings_what_it_boosts_from_its_origin() {
    each(async |scene| {
        let other = Peer::start(3).await;
        let (bob, carol) = (scene.peer.actor("bob").await, other.actor("carol").await);
        scene.follow(&bob).await;
        let note = other.note(&carol, 1, "<p>worth it</p>");
        other.serve("/users/carol/statuses/1", &note);
        let mut announce = bob.activity(1, "Announce", &note["id"]);
        announce["to"] = json!([PUBLIC]);
        scene.deliver(&bob, &announce).await;
        let home = scene.get("/api/v1/timelines/home").await;
        assert_eq!(home[0]["reblog"]["uri"], note["id"]);
        // A group passes on what others did: only the place is believed.
        let mut group = scene.peer.actor("group").await;
        group.document["type"] = json!("Group");
        scene.peer.serve("/users/group", &group.document);
        scene.follow(&group).await;
        let second = other.note(&carol, 2, "<p>real</p>");
        let (_, uri) = scene.status("hello", "").await;
        let second = answering(second, &uri, &scene.alice_id());
        other.serve("/users/carol/statuses/2", &second);
        let mut forged = second.clone();
        forged["content"] = json!("<p>forged</p>");
        let announce = group.activity(1, "Announce", &carol.activity(2, "Create", &forged));
        scene.deliver(&group, &announce).await;
        let known = scene.known(second["id"].as_str().unwrap()).await.unwrap();
        assert_eq!(known["content"], "<p>real</p>");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn votes_count_once_and_results_from_elsewhere_are_taken_over() {
    each(async |scene| {
        let bob = scene.peer.actor("bob").await;
        scene.follow(&bob).await;
        let poll = "&poll[options][]=yes&poll[options][]=no&poll[expires_in]=3600";
        let (id, uri) = scene.status("well?", poll).await;
        let vote = |number: u32, choice: &str| -> Value {
            json!({
                "type": "Note",
                "id": format!("{}#votes/{number}", bob.id),
                "attributedTo": bob.id,
                "name": choice,
                "inReplyTo": uri,
                "to": [scene.alice_id()],
            })
        };
        scene.deliver(&bob, &bob.activity(1, "Create", &vote(1, "no"))).await;
        scene.deliver(&bob, &bob.activity(2, "Create", &vote(2, "yes"))).await;
        scene.deliver(&bob, &bob.activity(3, "Create", &vote(3, "no"))).await;
        let status = scene.get(&format!("/api/v1/statuses/{id}")).await;
        assert_eq!(status["poll"]["options"][0]["votes_count"], 0);
        assert_eq!(status["poll"]["options"][1]["votes_count"], 1);
        assert_eq!(status["poll"]["voters_count"], 1);
        let mut question = scene.peer.note(&bob, 9, "<p>which?</p>");
        question["type"] = json!("Question");
        let options = |a: i64, b: i64| {
            json!([
                { "type": "Note", "name": "a", "replies": { "type": "Collection", "totalItems": a } },
                { "type": "Note", "name": "b", "replies": { "type": "Collection", "totalItems": b } },
            ])
        };
        question["oneOf"] = options(1, 2);
        question["votersCount"] = json!(3);
        question["endTime"] = json!(scene.server.app.now().plus(86_400_000).rfc3339());
        scene.deliver(&bob, &bob.activity(4, "Create", &question)).await;
        question["oneOf"] = options(5, 7);
        question["votersCount"] = json!(12);
        scene.deliver(&bob, &bob.activity(5, "Update", &question)).await;
        let known = scene.known(question["id"].as_str().unwrap()).await.unwrap();
        assert_eq!(known["poll"]["options"][1]["votes_count"], 7);
        assert_eq!(known["poll"]["voters_count"], 12);
        assert_eq!(known["edited_at"], Value::Null);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quote_is_allowed_by_the_policy_of_what_it_quotes() {
    each(async |scene| {
        let bob = scene.peer.actor("bob").await;
        let (id, uri) = scene.status("quote me", "&quote_approval_policy=public").await;
        let (_, closed) = scene.status("do not", "&quote_approval_policy=nobody").await;
        let mut note = scene.peer.note(&bob, 1, "<p>look</p>");
        note["quote"] = json!(uri);
        scene.peer.serve("/users/bob/statuses/1", &note);
        let mut request = bob.activity(1, "QuoteRequest", &json!(uri));
        request["instrument"] = note["id"].clone();
        scene.deliver(&bob, &request).await;
        let accept = scene.sent("Accept").pop().unwrap();
        let stamp = accept["result"].as_str().unwrap();
        assert!(stamp.starts_with("http://localhost:3000/users/alice/quote_authorizations/"));
        assert_eq!(accept["object"]["id"], request["id"]);
        let status = scene.get(&format!("/api/v1/statuses/{id}")).await;
        assert_eq!(status["quotes_count"], 1);
        let quoting = scene.known(note["id"].as_str().unwrap()).await.unwrap();
        assert_eq!(quoting["quote"]["quoted_status"]["uri"], uri);
        assert_eq!(scene.told().await, ["quote"]);
        let mut second = scene.peer.note(&bob, 2, "<p>look</p>");
        second["quote"] = json!(closed);
        scene.peer.serve("/users/bob/statuses/2", &second);
        let mut request = bob.activity(2, "QuoteRequest", &json!(closed));
        request["instrument"] = second["id"].clone();
        scene.deliver(&bob, &request).await;
        assert_eq!(scene.sent("Reject").len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn v02_asking_to_quote_does_not_tell_whether_a_hidden_post_is_there() {
    each(async |scene| {
        let bob = scene.peer.actor("bob").await;
        let (_, hidden) = scene.status("for followers", "&visibility=private").await;
        for (number, uri) in [(1, hidden), (2, format!("{}/statuses/1", scene.alice_id()))] {
            let mut note = scene.peer.note(&bob, number, "<p>look</p>");
            note["quote"] = json!(uri);
            let mut request = bob.activity(number, "QuoteRequest", &json!(uri));
            request["instrument"] = note;
            scene.deliver(&bob, &request).await;
        }
        assert!(scene.sent("Reject").is_empty());
        assert!(scene.sent("Accept").is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn p03_a_storm_of_edits_leaves_a_short_history() {
    each(async |scene| {
        let bob = scene.peer.actor("bob").await;
        scene.follow(&bob).await;
        let mut note = scene.peer.note(&bob, 1, "<p>first</p>");
        scene.deliver(&bob, &bob.activity(1, "Create", &note)).await;
        let known = scene.known(note["id"].as_str().unwrap()).await.unwrap();
        let path = format!("/api/v1/statuses/{}/history", known["id"].as_str().unwrap());
        for number in 0..60 {
            scene.server.clock.advance(MINUTE);
            note["content"] = json!(format!("<p>{number}</p>"));
            note["updated"] = json!(scene.server.app.now().rfc3339());
            scene.deliver(&bob, &bob.activity(100 + number, "Update", &note)).await;
        }
        let versions = scene.get(&path).await;
        assert_eq!(versions.as_array().unwrap().len(), 50);
        assert_eq!(versions[49]["content"], "<p>59</p>");
        for number in 0..20 {
            scene.server.clock.advance(MINUTE);
            note["content"] = json!(format!("<p>{number}{}</p>", "z".repeat(60_000)));
            note["updated"] = json!(scene.server.app.now().rfc3339());
            scene.deliver(&bob, &bob.activity(200 + number, "Update", &note)).await;
        }
        assert_eq!(scene.get(&path).await.as_array().unwrap().len(), 17);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn p07_votes_of_a_poll_add_up_whatever_its_server_says() {
    each(async |scene| {
        let bob = scene.peer.actor("bob").await;
        scene.follow(&bob).await;
        let mut question = scene.peer.note(&bob, 1, "<p>which?</p>");
        question["type"] = json!("Question");
        let most = json!({ "type": "Collection", "totalItems": i64::MAX });
        question["oneOf"] =
            json!([{ "name": "a", "replies": most }, { "name": "b", "replies": most }]);
        question["votersCount"] = json!(i64::MAX);
        scene.deliver(&bob, &bob.activity(1, "Create", &question)).await;
        scene.deliver(&bob, &bob.activity(2, "Update", &question)).await;
        let home = scene.get("/api/v1/timelines/home").await;
        assert_eq!(home[0]["poll"]["votes_count"], 2 * i64::from(i32::MAX));
        assert_eq!(home[0]["poll"]["voters_count"], i64::from(i32::MAX));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_from_elsewhere_reaches_the_staff_once() {
    each(async |scene| {
        let bob = scene.peer.actor("bob").await;
        let new = app::accounts::NewAccount {
            username: "boss".into(),
            email: "boss@localhost".into(),
            password: testkit::PASSWORD.into(),
            role: domain::account::Role::Owner,
            confirmed: true,
            approved: true,
            locale: "en".into(),
        };
        let boss = app::accounts::create(&scene.server.app, new).await.unwrap().0;
        let boss_id = boss.id;
        let boss = scene.server.token(boss_id, "read").await;
        let (status, uri) = scene.status("rude", "").await;
        let mut flag = bob.activity(1, "Flag", &json!([scene.alice_id(), uri]));
        flag["content"] = json!("this is rude");
        scene.deliver(&bob, &flag).await;
        scene.deliver(&bob, &flag).await;
        let told = scene.talk.get("/api/v1/notifications?types[]=admin.report", &boss).await.json();
        assert_eq!(told.as_array().unwrap().len(), 1);
        assert_eq!(told[0]["account"]["acct"], format!("bob@{}", scene.peer.host));
        let told = domain::NotificationId(told[0]["id"].as_str().unwrap().parse().unwrap());
        let kept = scene.server.app.store.read(move |conn| {
            Box::pin(async move {
                let told = store::notifications::own(conn, boss_id, told).await?.unwrap();
                let report = told.report_id.unwrap();
                store::reports::by_ids(conn, &[report]).await
            })
        });
        let kept = kept.await.unwrap().pop().unwrap();
        assert_eq!(kept.comment, "this is rude");
        assert_eq!(kept.target_id, scene.alice.id);
        assert_eq!(kept.status_ids, json!([status]).to_string());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_passed_on_to_the_followers_of_whom_it_answers() {
    each(async |scene| {
        let other = Peer::start(3).await;
        let (bob, carol) = (scene.peer.actor("bob").await, other.actor("carol").await);
        scene.deliver(&bob, &bob.activity(1, "Follow", &json!(scene.alice_id()))).await;
        let (_, uri) = scene.status("hello", "").await;
        let mut note = answering(other.note(&carol, 1, "<p>hi</p>"), &uri, &scene.alice_id());
        note["cc"] = json!([scene.alice_id(), format!("{}/followers", scene.alice_id())]);
        let create = carol.activity(1, "Create", &note);
        scene.deliver(&carol, &create).await;
        let passed_on = scene.peer.posts().into_iter().filter(|post| post.json() == create);
        assert_eq!(passed_on.count(), 1);
        assert_eq!(other.posts().iter().filter(|post| post.json() == create).count(), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mention_of_a_stranger_is_looked_up_before_posting() {
    each(async |scene| {
        let bob = scene.peer.actor("bob").await;
        let (id, _) = scene.status(&format!("hi @bob@{}", scene.peer.host), "").await;
        let status = scene.get(&format!("/api/v1/statuses/{id}")).await;
        assert_eq!(status["mentions"][0]["url"], scene.peer.url("/@bob"));
        let create = scene.sent("Create").pop().unwrap();
        assert_eq!(create["object"]["tag"][0]["href"], bob.id);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_boost_of_what_is_deleted_elsewhere_is_taken_back() {
    each(async |scene| {
        let other = Peer::start(3).await;
        let (bob, carol) = (scene.peer.actor("bob").await, other.actor("carol").await);
        scene.follow(&bob).await;
        // Carol follows alice and has bob's post from her alone.
        scene.deliver(&carol, &carol.activity(1, "Follow", &json!(scene.alice_id()))).await;
        let note = scene.peer.note(&bob, 1, "<p>hello</p>");
        scene.deliver(&bob, &bob.activity(1, "Create", &note)).await;
        let known = scene.known(note["id"].as_str().unwrap()).await.unwrap();
        let id = known["id"].as_str().unwrap();
        scene.post(&format!("/api/v1/statuses/{id}/reblog"), "").await;
        scene.settle().await;
        let sent = || other.posts().into_iter().map(|post| post.json());
        let announce = sent().find(|activity| activity["type"] == "Announce").unwrap();
        scene.deliver(&bob, &bob.activity(2, "Delete", &note["id"])).await;
        let undo = sent().find(|activity| activity["type"] == "Undo").unwrap();
        assert_eq!(undo["object"]["id"], announce["id"]);
        assert_eq!(undo["actor"], scene.alice_id());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zero_byte_is_left_out_before_anybody_gets_it() {
    each(async |scene| {
        let bob = scene.peer.actor("bob").await;
        scene.deliver(&bob, &bob.activity(1, "Follow", &json!(scene.alice_id()))).await;
        let (id, _) = scene.status("a\0b", "&spoiler_text=c%00d").await;
        let sent = scene.sent("Create").pop().unwrap();
        assert_eq!(sent["object"]["content"], "<p>ab</p>");
        assert_eq!(sent["object"]["summary"], "cd");
        let shown = scene.get(&format!("/api/v1/statuses/{id}")).await;
        assert_eq!(
            (&shown["content"], &shown["spoiler_text"]),
            (&json!("<p>ab</p>"), &json!("cd"))
        );
        let json = json!({ "display_name": "e\0f" }).to_string();
        let request = http::Request::builder()
            .method("PATCH")
            .uri("/api/v1/accounts/update_credentials")
            .header("authorization", format!("Bearer {}", scene.token))
            .header("content-type", "application/json")
            .body(axum::body::Body::from(json))
            .unwrap();
        assert_eq!(scene.talk.ask(request).await.json()["display_name"], "ef");
    })
    .await;
}
