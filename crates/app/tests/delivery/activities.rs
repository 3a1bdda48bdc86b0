//! What is said, to whom, and in which words.

use activitypub::PUBLIC;
use activitypub::sign::{self, Received};
use app::access::Me;
use app::relations::{self, FollowChanges};
use app::statuses::{self, Changes, Mark, NewStatus};
use app::uploads::Release;
use app::{accounts, delivery, polls, reports};
use domain::account::Account;
use domain::status::{Format, Parts, Poll, PollOption, Status, Visibility};
use domain::time::{HOUR, MINUTE, SECOND};
use domain::{PollId, StatusId};
use serde_json::Value;
use store::StoreError;
use testkit::peer::Peer;
use testkit::{Server, for_each_engine};

use super::support::{deliver, follows, me, remote, say};

/// What arrives next at a peer: the paths and the activities.
async fn arrivals(server: &Server, peer: &Peer) -> Vec<(String, Value)> {
    let before = peer.posts().len();
    app::jobs::run_all(&server.app).await.unwrap();
    deliver(server).await;
    let posts = peer.posts();
    posts[before..].iter().map(|post| (post.path.clone(), post.json())).collect()
}

/// The only thing that arrives.
async fn arrival(server: &Server, peer: &Peer) -> (String, Value) {
    let mut found = arrivals(server, peer).await;
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

fn list(value: &Value) -> Vec<String> {
    match value {
        Value::String(one) => vec![one.clone()],
        Value::Array(all) => all.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect(),
        _ => Vec::new(),
    }
}

fn actor(server: &Server, me: &Me) -> String {
    server.app.urls.actor(&me.account)
}

/// A public status of a remote account, as it would have come in.
async fn remote_status(server: &Server, author: &Account, parts: i64) -> StatusId {
    let id: StatusId = server.app.ids.next();
    let status = Status {
        id,
        uri: Some(format!("{}/statuses/{id}", author.uri.clone().unwrap())),
        url: None,
        account_id: author.id,
        text: String::new(),
        content: "<p>hello</p>".into(),
        spoiler_text: String::new(),
        visibility: Visibility::Public,
        sensitive: false,
        language: None,
        in_reply_to: None,
        in_reply_to_account: None,
        boost_of: None,
        quote_of: None,
        quote_policy: "public".into(),
        conversation_id: server.app.ids.next(),
        app_id: None,
        parts: Parts(parts),
        replies_count: 0,
        boosts_count: 0,
        favourites_count: 0,
        quotes_count: 0,
        created_at: server.app.now(),
        edited_at: None,
        emojis: Vec::new(),
        card_hash: None,
        local_only: false,
        format: Format::Plain,
    };
    let write = server.app.store.write(move |conn| {
        Box::pin(async move { store::statuses::insert(conn, &status, false).await })
    });
    write.await.unwrap();
    id
}

#[tokio::test]
async fn v01_of_what_stays_here_nobody_elsewhere_hears() {
    for_each_engine(|store| async move {
        let (server, peer) = (Server::on(store), Peer::start(2).await);
        let (author, friend) = (me(&server, "author").await, me(&server, "friend").await);
        let follower = remote(&server, &peer, "f").await;
        follows(&server, follower.id, author.id()).await;
        follows(&server, follower.id, friend.id()).await;
        let new = NewStatus {
            text: format!("among us, @{}", follower.acct()),
            local_only: true,
            poll: Some(statuses::NewPoll {
                options: vec!["a".into(), "b".into()],
                expires_in: 600,
                ..statuses::NewPoll::default()
            }),
            ..NewStatus::default()
        };
        let view = statuses::post(&server.app, &author, new).await.unwrap();
        let id = view.status.id;
        let changes = Changes { text: Some("changed".into()), ..Changes::default() };
        statuses::edit(&server.app, &author, id, changes).await.unwrap();
        statuses::mark(&server.app, &author, id, Mark::Pin).await.unwrap();
        statuses::boost(&server.app, &friend, id, None).await.unwrap();
        server.clock.advance(HOUR);
        assert_eq!(arrivals(&server, &peer).await, []);
        statuses::delete(&server.app, &author, id, Release::ForGood).await.unwrap();
        assert_eq!(arrivals(&server, &peer).await, []);
        let quoted = remote_status(&server, &follower, 0).await;
        let new = NewStatus {
            text: "well".into(),
            local_only: true,
            quote_of: Some(quoted),
            ..NewStatus::default()
        };
        assert!(statuses::post(&server.app, &author, new).await.is_err(), "its author would hear");
        say(&server, &author, "for all", Visibility::Public).await;
        assert_eq!(arrival(&server, &peer).await.1["type"], "Create", "others do hear the rest");
    })
    .await;
}

#[tokio::test]
async fn a_post_an_edit_and_a_deletion_reach_followers_and_the_mentioned() {
    for_each_engine(|store| async move {
        let (server, peer, other) = (Server::on(store), Peer::start(2).await, Peer::start(3).await);
        let author = me(&server, "author").await;
        let follower = remote(&server, &peer, "f").await;
        follows(&server, follower.id, author.id()).await;
        let named = remote(&server, &other, "named").await;
        let text = format!("hello @{}", named.acct());
        let id = say(&server, &author, &text, Visibility::Public).await.status.id;
        let (path, create) = arrival(&server, &peer).await;
        assert_eq!(path, "/inbox");
        assert_eq!(create["type"], "Create");
        assert_eq!(create["actor"], actor(&server, &author));
        assert_eq!(list(&create["to"]), [PUBLIC]);
        assert!(list(&create["cc"]).contains(named.uri.as_ref().unwrap()));
        assert_eq!(create["object"]["type"], "Note");
        assert_eq!(other.posts().len(), 1, "the mentioned one hears it too");
        let changes = Changes { text: Some(format!("{text}!")), ..Changes::default() };
        server.clock.advance(SECOND);
        statuses::edit(&server.app, &author, id, changes).await.unwrap();
        let (_, update) = arrival(&server, &peer).await;
        assert_eq!(update["type"], "Update");
        assert_eq!(update["object"]["id"], create["object"]["id"]);
        assert!(update["object"]["updated"].is_string());
        statuses::delete(&server.app, &author, id, Release::ForGood).await.unwrap();
        let (_, delete) = arrival(&server, &peer).await;
        assert_eq!(delete["type"], "Delete");
        assert_eq!(delete["object"]["type"], "Tombstone");
        assert_eq!(delete["object"]["id"], create["object"]["id"]);
        assert_eq!(other.posts().len(), 3);
    })
    .await;
}

#[tokio::test]
async fn a_boost_of_what_is_deleted_is_taken_back() {
    for_each_engine(|store| async move {
        let (server, peer) = (Server::on(store), Peer::start(2).await);
        let (author, booster) = (me(&server, "author").await, me(&server, "booster").await);
        // Nobody there knows the author.
        let follower = remote(&server, &peer, "f").await;
        follows(&server, follower.id, booster.id()).await;
        let own = say(&server, &author, "hello", Visibility::Public).await.status.id;
        statuses::boost(&server.app, &booster, own, None).await.unwrap();
        let (_, announce) = arrival(&server, &peer).await;
        statuses::delete(&server.app, &author, own, Release::ForGood).await.unwrap();
        let sent = arrivals(&server, &peer).await;
        let undo = sent.iter().find(|(_, activity)| activity["type"] == "Undo").unwrap();
        assert_eq!(undo.1["actor"], actor(&server, &booster));
        assert_eq!(undo.1["object"]["id"], announce["id"]);
    })
    .await;
}

#[tokio::test]
async fn a_deleted_post_that_waits_is_not_delivered() {
    for_each_engine(|store| async move {
        let (server, peer) = (Server::on(store), Peer::start(2).await);
        let author = me(&server, "author").await;
        let follower = remote(&server, &peer, "f").await;
        follows(&server, follower.id, author.id()).await;
        let id = say(&server, &author, "oops", Visibility::Public).await.status.id;
        statuses::delete(&server.app, &author, id, Release::ForGood).await.unwrap();
        let (_, only) = arrival(&server, &peer).await;
        assert_eq!(only["type"], "Delete");
    })
    .await;
}

#[tokio::test]
async fn private_posts_go_to_followers_with_their_digest_and_direct_ones_to_the_mentioned() {
    for_each_engine(|store| async move {
        let (server, peer, other) = (Server::on(store), Peer::start(2).await, Peer::start(3).await);
        let author = me(&server, "author").await;
        let follower = remote(&server, &peer, "f").await;
        follows(&server, follower.id, author.id()).await;
        let named = remote(&server, &other, "named").await;
        say(&server, &author, "for followers", Visibility::Private).await;
        let (_, create) = arrival(&server, &peer).await;
        let me_id = actor(&server, &author);
        assert_eq!(list(&create["to"]), [format!("{me_id}/followers")]);
        assert!(list(&create["cc"]).is_empty());
        let header = &peer.posts()[0].headers["collection-synchronization"];
        let digest = delivery::followers_digest(follower.uri.as_deref().into_iter());
        assert_eq!(
            header.to_str().unwrap(),
            format!(
                "collectionId=\"{me_id}/followers\", digest=\"{digest}\", url=\"{me_id}/followers_synchronization\""
            )
        );
        assert!(other.posts().is_empty());
        let text = format!("psst @{}", named.acct());
        say(&server, &author, &text, Visibility::Direct).await;
        let (_, create) = arrival(&server, &other).await;
        assert_eq!(list(&create["to"]), [named.uri.clone().unwrap()]);
        assert_eq!(peer.posts().len(), 1, "followers do not get it");
    })
    .await;
}

#[tokio::test]
async fn boosts_and_favourites_are_told_and_taken_back() {
    for_each_engine(|store| async move {
        let (server, peer, fans) = (Server::on(store), Peer::start(2).await, Peer::start(3).await);
        let who = me(&server, "who").await;
        let follower = remote(&server, &fans, "fan").await;
        follows(&server, follower.id, who.id()).await;
        let author = remote(&server, &peer, "author").await;
        let id = remote_status(&server, &author, 0).await;
        statuses::boost(&server.app, &who, id, None).await.unwrap();
        let (_, announce) = arrival(&server, &peer).await;
        assert_eq!(announce["type"], "Announce");
        assert_eq!(
            list(&announce["object"]),
            [format!("{}/statuses/{id}", author.uri.clone().unwrap())]
        );
        assert_eq!(fans.posts().len(), 1);
        statuses::unboost(&server.app, &who, id).await.unwrap();
        let (_, undo) = arrival(&server, &peer).await;
        assert_eq!(undo["type"], "Undo");
        assert_eq!(undo["object"]["id"], announce["id"]);
        assert_eq!(fans.posts().len(), 2);
        statuses::mark(&server.app, &who, id, Mark::Favourite).await.unwrap();
        let (path, like) = arrival(&server, &peer).await;
        assert_eq!(path, "/users/author/inbox");
        assert_eq!(like["type"], "Like");
        statuses::mark(&server.app, &who, id, Mark::Favourite).await.unwrap();
        assert!(arrivals(&server, &peer).await.is_empty(), "twice is once");
        statuses::unmark(&server.app, &who, id, Mark::Favourite).await.unwrap();
        let (_, undo) = arrival(&server, &peer).await;
        assert_eq!((&undo["type"], &undo["object"]["id"]), (&"Undo".into(), &like["id"]));
        assert_eq!(fans.posts().len(), 2, "favourites are between two");
    })
    .await;
}

#[tokio::test]
async fn f14_a_remote_follow_is_a_request_until_it_is_accepted() {
    for_each_engine(|store| async move {
        let (server, peer) = (Server::on(store), Peer::start(2).await);
        let who = me(&server, "who").await;
        let target = remote(&server, &peer, "t").await;
        let relation = relations::follow(&server.app, &who, target.id, FollowChanges::default())
            .await
            .unwrap();
        assert!(relation.requested.is_some() && relation.following.is_none());
        let (path, follow) = arrival(&server, &peer).await;
        assert_eq!(path, "/users/t/inbox");
        assert_eq!(follow["type"], "Follow");
        assert_eq!(list(&follow["object"]), [target.uri.clone().unwrap()]);
        relations::follow(&server.app, &who, target.id, FollowChanges::default()).await.unwrap();
        assert!(arrivals(&server, &peer).await.is_empty(), "asked once");
        let relation = relations::unfollow(&server.app, &who, target.id).await.unwrap();
        assert!(relation.requested.is_none());
        let (_, undo) = arrival(&server, &peer).await;
        assert_eq!((&undo["type"], &undo["object"]["id"]), (&"Undo".into(), &follow["id"]));
    })
    .await;
}

#[tokio::test]
async fn requests_are_answered_and_followers_let_go() {
    for_each_engine(|store| async move {
        let (server, peer) = (Server::on(store), Peer::start(2).await);
        let who = me(&server, "who").await;
        let uri = peer.url("/follows/1");
        let asker = remote(&server, &peer, "asker").await;
        ask(&server, &asker, &who, &uri).await;
        relations::authorize(&server.app, &who, asker.id).await.unwrap();
        let (path, accept) = arrival(&server, &peer).await;
        assert_eq!(path, "/users/asker/inbox");
        assert_eq!(accept["type"], "Accept");
        assert_eq!(accept["object"]["id"], uri);
        assert_eq!(accept["object"]["actor"], asker.uri.clone().unwrap());
        relations::remove_follower(&server.app, &who, asker.id).await.unwrap();
        let (_, reject) = arrival(&server, &peer).await;
        assert_eq!(
            (&reject["type"], &reject["object"]["id"]),
            (&"Reject".into(), &uri.clone().into())
        );
        ask(&server, &asker, &who, &uri).await;
        relations::reject(&server.app, &who, asker.id).await.unwrap();
        assert_eq!(arrival(&server, &peer).await.1["type"], "Reject");
        relations::block(&server.app, &who, asker.id).await.unwrap();
        let (_, block) = arrival(&server, &peer).await;
        assert_eq!(block["type"], "Block");
        relations::unblock(&server.app, &who, asker.id).await.unwrap();
        let (_, undo) = arrival(&server, &peer).await;
        assert_eq!((&undo["type"], &undo["object"]["id"]), (&"Undo".into(), &block["id"]));
    })
    .await;
}

async fn ask(server: &Server, asker: &Account, who: &Me, uri: &str) {
    let (from, to, uri) = (asker.id, who.id(), uri.to_owned());
    let (row, now) = (server.app.ids.next(), server.app.now());
    let write = server.app.store.write(move |conn| {
        Box::pin(async move {
            let options = relations::FollowOptions::default();
            store::relations::request(conn, row, (from, to), &options, now).await?;
            store::activity_ids::set_follow(conn, from, to, &uri).await?;
            Ok::<_, StoreError>(())
        })
    });
    write.await.unwrap();
}

#[tokio::test]
async fn several_profile_changes_are_one_update() {
    for_each_engine(|store| async move {
        let (server, peer) = (Server::on(store), Peer::start(2).await);
        let who = me(&server, "who").await;
        let follower = remote(&server, &peer, "f").await;
        follows(&server, follower.id, who.id()).await;
        for name in ["one", "two"] {
            let changes = accounts::Changes {
                display_name: Some(name.into()),
                ..accounts::Changes::default()
            };
            accounts::update(&server.app, &who, changes).await.unwrap();
        }
        server.clock.advance(MINUTE);
        let (_, update) = arrival(&server, &peer).await;
        assert_eq!(update["type"], "Update");
        assert_eq!(update["object"]["type"], "Person");
        assert_eq!(update["object"]["name"], "two");
        // And the next change is another one.
        let changes = accounts::Changes {
            display_name: Some("three".into()),
            ..accounts::Changes::default()
        };
        accounts::update(&server.app, &who, changes).await.unwrap();
        server.clock.advance(MINUTE);
        assert_eq!(arrival(&server, &peer).await.1["object"]["name"], "three");
    })
    .await;
}

#[tokio::test]
async fn pins_are_told() {
    for_each_engine(|store| async move {
        let (server, peer) = (Server::on(store), Peer::start(2).await);
        let who = me(&server, "who").await;
        let follower = remote(&server, &peer, "f").await;
        follows(&server, follower.id, who.id()).await;
        let id = say(&server, &who, "pin me", Visibility::Public).await.status.id;
        arrival(&server, &peer).await;
        for (pinned, verb) in [(true, "Add"), (false, "Remove")] {
            if pinned {
                statuses::mark(&server.app, &who, id, Mark::Pin).await.unwrap();
            } else {
                statuses::unmark(&server.app, &who, id, Mark::Pin).await.unwrap();
            }
            let (_, activity) = arrival(&server, &peer).await;
            assert_eq!(activity["type"], verb);
            let featured = format!("{}/collections/featured", actor(&server, &who));
            assert_eq!(activity["target"], featured);
        }
    })
    .await;
}

#[tokio::test]
async fn votes_go_to_the_author_alone_and_local_polls_are_counted_for_everybody() {
    for_each_engine(|store| async move {
        let (server, peer) = (Server::on(store), Peer::start(2).await);
        let who = me(&server, "who").await;
        let author = remote(&server, &peer, "author").await;
        let status = remote_status(&server, &author, Parts::POLL).await;
        let poll = poll(&server, &author, status).await;
        polls::vote(&server.app, &who, poll, vec![1]).await.unwrap();
        let (path, vote) = arrival(&server, &peer).await;
        assert_eq!(path, "/users/author/inbox");
        assert_eq!(vote["type"], "Create");
        assert_eq!(vote["object"]["name"], "no");
        assert_eq!(list(&vote["object"]["to"]), [author.uri.clone().unwrap()]);
        assert!(vote["object"].get("content").is_none_or(Value::is_null));
        let shown = polls::show(&server.app, poll, Some(who.id())).await.unwrap();
        assert_eq!(shown.own_votes, Some(vec![1]));
        // Of a poll here, the counts are told a while later, once for all votes.
        let fan = remote(&server, &peer, "fan").await;
        follows(&server, fan.id, who.id()).await;
        let own = ask_all(&server, &who).await;
        assert_eq!(arrival(&server, &peer).await.1["object"]["type"], "Question");
        for name in ["v1", "v2"] {
            let voter = me(&server, name).await;
            polls::vote(&server.app, &voter, own, vec![0]).await.unwrap();
        }
        assert!(arrivals(&server, &peer).await.is_empty());
        server.clock.advance(4 * MINUTE);
        let (_, update) = arrival(&server, &peer).await;
        assert_eq!(update["type"], "Update");
        assert_eq!(update["object"]["votersCount"], 2);
    })
    .await;
}

async fn poll(server: &Server, author: &Account, status: StatusId) -> PollId {
    let option = |title: &str| PollOption { title: title.into(), votes: 0 };
    let poll = Poll {
        id: server.app.ids.next(),
        status_id: status,
        account_id: author.id,
        expires_at: Some(server.app.now().plus(HOUR)),
        multiple: false,
        hide_totals: false,
        options: vec![option("yes"), option("no")],
        voters_count: 0,
    };
    let (id, now) = (poll.id, server.app.now());
    let write = server
        .app
        .store
        .write(move |conn| Box::pin(async move { store::polls::insert(conn, &poll, now).await }));
    write.await.unwrap();
    id
}

async fn ask_all(server: &Server, who: &Me) -> PollId {
    let poll = statuses::NewPoll {
        options: vec!["yes".into(), "no".into()],
        expires_in: 3_600,
        ..statuses::NewPoll::default()
    };
    let new = NewStatus { text: "well?".into(), poll: Some(poll), ..NewStatus::default() };
    let view = statuses::post(&server.app, who, new).await.unwrap();
    view.poll.unwrap().poll.id
}

#[tokio::test]
async fn a_report_is_passed_on_without_the_name_of_who_reports() {
    for_each_engine(|store| async move {
        let (server, peer) = (Server::on(store), Peer::start(2).await);
        let who = me(&server, "who").await;
        let target = remote(&server, &peer, "t").await;
        let status = remote_status(&server, &target, 0).await;
        let new = reports::NewReport {
            statuses: vec![status],
            comment: "spam".into(),
            forward: true,
            ..reports::NewReport::default()
        };
        reports::report(&server.app, who.id(), target.id, new).await.unwrap();
        let (path, flag) = arrival(&server, &peer).await;
        assert_eq!(path, "/users/t/inbox");
        assert_eq!(flag["type"], "Flag");
        assert_eq!(flag["actor"], server.app.urls.instance_actor());
        assert_eq!(flag["content"], "spam");
        assert_eq!(list(&flag["object"]).len(), 2);
        assert!(!flag.to_string().contains("/users/who"), "{flag}");
        let quiet = reports::NewReport { comment: "hm".into(), ..reports::NewReport::default() };
        reports::report(&server.app, who.id(), target.id, quiet).await.unwrap();
        assert!(arrivals(&server, &peer).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_deleted_account_says_so_with_its_own_key() {
    for_each_engine(|store| async move {
        let (server, peer) = (Server::on(store), Peer::start(2).await);
        let who = me(&server, "who").await;
        let follower = remote(&server, &peer, "f").await;
        follows(&server, follower.id, who.id()).await;
        let pem =
            app::keys::of_account(&server.app, &who.account).await.unwrap().public_pem.clone();
        say(&server, &who, "still waiting", Visibility::Public).await;
        accounts::delete(&server.app, who.id()).await.unwrap();
        let (_, delete) = arrival(&server, &peer).await;
        assert_eq!(delete["type"], "Delete");
        assert_eq!(list(&delete["object"]), [actor(&server, &who)]);
        let signature = last_signature(&server, &peer);
        assert!(signature.key_id.starts_with(&actor(&server, &who)));
        signature.verify(&pem).unwrap();
    })
    .await;
}

/// The signature of what arrived last.
fn last_signature(server: &Server, peer: &Peer) -> sign::Signature {
    let posts = peer.posts();
    let post = posts.last().unwrap();
    let received = Received {
        method: &http::Method::POST,
        path_and_query: &post.path,
        bases: &[&peer.base],
        headers: &post.headers,
    };
    sign::read(received, Some(post.body.as_bytes()), server.app.now()).unwrap()
}

#[tokio::test]
async fn a_new_key_is_announced_by_the_old_one() {
    for_each_engine(|store| async move {
        let (server, peer) = (Server::on(store), Peer::start(2).await);
        let who = me(&server, "who").await;
        let follower = remote(&server, &peer, "f").await;
        follows(&server, follower.id, who.id()).await;
        let pem = async || {
            let key = app::keys::of_account(&server.app, &who.account).await.unwrap();
            key.public_pem.clone()
        };
        let old = pem().await;
        app::keys::rotate(&server.app, &who.account).await.unwrap();
        let new = pem().await;
        assert_ne!(old, new);
        let (_, update) = arrival(&server, &peer).await;
        assert_eq!(update["type"], "Update");
        assert_eq!(update["object"]["publicKey"]["publicKeyPem"], new);
        let signature = last_signature(&server, &peer);
        signature.verify(&old).unwrap();
        assert_eq!(update["object"]["publicKey"]["id"], signature.key_id);
        // Whatever comes from now on is signed by the new one.
        say(&server, &who, "hello", Visibility::Public).await;
        arrival(&server, &peer).await;
        last_signature(&server, &peer).verify(&new).unwrap();
        let before = app::keys::of_instance(&server.app).await.unwrap();
        app::keys::rotate_instance(&server.app).await.unwrap();
        let after = app::keys::of_instance(&server.app).await.unwrap();
        assert_ne!(before.public_pem, after.public_pem);
    })
    .await;
}

#[tokio::test]
async fn a_suspended_account_sends_nothing_but_that_it_is() {
    for_each_engine(|store| async move {
        let (server, peer) = (Server::on(store), Peer::start(2).await);
        let who = me(&server, "who").await;
        let follower = remote(&server, &peer, "f").await;
        follows(&server, follower.id, who.id()).await;
        say(&server, &who, "spam", Visibility::Public).await;
        accounts::suspend(&server.app, who.id(), true).await.unwrap();
        let (_, update) = arrival(&server, &peer).await;
        assert_eq!(update["type"], "Update");
        assert_eq!(update["object"]["suspended"], true);
    })
    .await;
}

#[tokio::test]
async fn a_forwarded_activity_goes_to_all_but_its_origin() {
    for_each_engine(|store| async move {
        let (server, origin, peer) =
            (Server::on(store), Peer::start(2).await, Peer::start(3).await);
        let author = me(&server, "author").await;
        for (peer, name) in [(&origin, "o"), (&peer, "p")] {
            let follower = remote(&server, peer, name).await;
            follows(&server, follower.id, author.id()).await;
        }
        let raw = "{ \"type\" :\"Create\",  \"actor\":\"x\" }";
        let (app, host, id) = (server.app.clone(), origin.host.clone(), author.id());
        let write = server.app.write(move |conn| {
            Box::pin(async move { delivery::forward(&app, conn, raw.to_owned(), id, &host).await })
        });
        write.await.unwrap();
        deliver(&server).await;
        assert!(origin.posts().is_empty());
        assert_eq!(peer.posts()[0].body, raw);
    })
    .await;
}
