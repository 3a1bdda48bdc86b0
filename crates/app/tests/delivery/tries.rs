//! Who gets a copy, how it is tried, and when not again.

use std::sync::Arc;
use std::time::Duration;

use app::delivery::{self, Deliverer, State};
use domain::status::Visibility;
use domain::time::{DAY, HOUR, MINUTE, SECOND};
use domain::{RowId, Timestamp};
use store::domain_rules::{self, Rule, Severity};
use store::{deliveries, hosts};
use testkit::peer::Peer;
use testkit::{Server, for_each_engine};
use tokio_util::sync::CancellationToken;

use super::support::{Inboxes, deliver, follows, me, remote, remote_with, say};

#[tokio::test]
async fn followers_of_one_server_get_one_copy() {
    for_each_engine(|store| async move {
        let (server, peer) = (Server::on(store), Peer::start(2).await);
        let author = me(&server, "author").await;
        for name in ["one", "two", "three"] {
            let follower = remote(&server, &peer, name).await;
            follows(&server, follower.id, author.id()).await;
        }
        say(&server, &author, "hello", Visibility::Public).await;
        assert_eq!(deliver(&server).await, 1);
        let posts = peer.posts();
        assert_eq!(posts.len(), 1);
        assert_eq!(posts[0].path, "/inbox");
        assert!(posts[0].headers.contains_key("signature"));
        assert_eq!(deliver(&server).await, 0, "once is enough");
    })
    .await;
}

#[tokio::test]
async fn o09_nobody_can_name_somebody_elses_inbox() {
    for_each_engine(|store| async move {
        let (server, evil, victim) =
            (Server::on(store), Peer::start(2).await, Peer::start(3).await);
        let author = me(&server, "author").await;
        let own = server.app.urls.base.clone();
        for number in 0..500 {
            let name = format!("f{number}");
            let inboxes = match number % 4 {
                // All of it at the victim's: nothing goes anywhere.
                0 => Inboxes {
                    inbox: victim.url(&format!("/users/{number}/inbox")),
                    shared: Some(victim.url(&format!("/inbox/{number}"))),
                },
                // A shared inbox at the victim's: the personal one is used.
                1 => Inboxes {
                    inbox: evil.url("/users/a/inbox"),
                    shared: Some(victim.url("/inbox")),
                },
                // A name that begins like its own host.
                2 => {
                    Inboxes { inbox: format!("{}.{}/inbox", evil.base, victim.host), shared: None }
                }
                // This server.
                _ => {
                    Inboxes { inbox: format!("{own}/inbox"), shared: Some(format!("{own}/inbox")) }
                }
            };
            let follower = remote_with(&server, &evil.host, &name, inboxes).await;
            follows(&server, follower.id, author.id()).await;
        }
        let honest = remote(&server, &victim, "honest").await;
        follows(&server, honest.id, author.id()).await;
        say(&server, &author, "hello", Visibility::Public).await;
        deliver(&server).await;
        assert_eq!(victim.posts().len(), 1, "one copy, for its own follower");
        assert_eq!(victim.posts()[0].path, "/inbox");
        assert_eq!(evil.posts().len(), 1);
        assert_eq!(evil.posts()[0].path, "/users/a/inbox");
    })
    .await;
}

#[tokio::test]
async fn who_does_not_read_the_one_signature_gets_the_other_and_is_remembered() {
    for_each_engine(|store| async move {
        let (server, peer) = (Server::on(store), Peer::start(2).await);
        let author = me(&server, "author").await;
        let follower = remote(&server, &peer, "f").await;
        follows(&server, follower.id, author.id()).await;
        peer.answer_post(401, &[]);
        say(&server, &author, "one", Visibility::Public).await;
        deliver(&server).await;
        let posts = peer.posts();
        assert_eq!(posts.len(), 2, "two knocks");
        assert!(posts[0].headers.contains_key("digest"));
        assert!(!posts[0].headers.contains_key("signature-input"));
        assert!(posts[1].headers.contains_key("signature-input"));
        assert_eq!(posts[0].body, posts[1].body);
        say(&server, &author, "two", Visibility::Public).await;
        deliver(&server).await;
        let posts = peer.posts();
        assert_eq!(posts.len(), 3, "the right one first");
        assert!(posts[2].headers.contains_key("signature-input"));
    })
    .await;
}

/// The only receipt of a status.
async fn receipt(server: &Server, me: &app::access::Me, id: domain::StatusId) -> delivery::Sent {
    let found = delivery::receipts(&server.app, me, id, store::Page::newest(10)).await.unwrap();
    assert_eq!(found.len(), 1);
    found.into_iter().next().unwrap()
}

#[tokio::test]
async fn r08_retry_after_is_honoured_for_the_whole_host() {
    for_each_engine(|store| async move {
        let (server, peer) = (Server::on(store), Peer::start(2).await);
        let author = me(&server, "author").await;
        let follower = remote(&server, &peer, "f").await;
        follows(&server, follower.id, author.id()).await;
        peer.answer_post(503, &[("retry-after", "3600")]);
        let first = say(&server, &author, "one", Visibility::Public).await.status.id;
        assert_eq!(deliver(&server).await, 1);
        let waiting = receipt(&server, &author, first).await;
        assert_eq!(waiting.state, State::Waiting);
        let pause = waiting.next_try_at.since(server.app.now());
        assert!((HOUR..=HOUR + 15 * MINUTE).contains(&pause), "{pause}");
        assert!(waiting.reason.unwrap().contains("503"));
        server.clock.advance(2 * HOUR);
        assert_eq!(deliver(&server).await, 1);
        assert_eq!(receipt(&server, &author, first).await.state, State::Delivered);
        // Nobody is asked to wait for a month.
        peer.answer_post(429, &[("retry-after", "99999999")]);
        let second = say(&server, &author, "two", Visibility::Public).await.status.id;
        deliver(&server).await;
        let pause = receipt(&server, &author, second).await.next_try_at.since(server.app.now());
        assert!(pause <= DAY + DAY / 4, "{pause}");
    })
    .await;
}

#[tokio::test]
async fn r08_final_answers_are_final_and_others_are_tried_sixteen_times() {
    for_each_engine(|store| async move {
        let (server, peer) = (Server::on(store), Peer::start(2).await);
        let author = me(&server, "author").await;
        let follower = remote(&server, &peer, "f").await;
        follows(&server, follower.id, author.id()).await;
        for status in [404, 410, 403, 422, 501] {
            peer.answer_post(status, &[]);
            let id = say(&server, &author, "hello", Visibility::Public).await.status.id;
            deliver(&server).await;
            let receipt = receipt(&server, &author, id).await;
            assert_eq!(receipt.state, State::GivenUp, "{status}");
            assert!(receipt.reason.unwrap().contains(&status.to_string()));
        }
        let before = peer.posts().len();
        peer.answer_posts(500);
        let start = server.app.now();
        let id = say(&server, &author, "hello", Visibility::Public).await.status.id;
        let mut tries = 0;
        loop {
            tries += deliver(&server).await;
            let receipt = receipt(&server, &author, id).await;
            if receipt.state == State::GivenUp {
                assert_eq!(receipt.attempts, 16);
                break;
            }
            assert!(receipt.next_try_at > server.app.now());
            server.clock.set(receipt.next_try_at);
        }
        assert_eq!(tries, 16);
        assert_eq!(peer.posts().len() - before, 16);
        let days = server.app.now().since(start) / DAY;
        assert!((2..=3).contains(&days), "{days} days");
    })
    .await;
}

#[tokio::test]
async fn r08_a_dead_host_is_parked_probed_once_a_day_and_revived_by_a_word() {
    for_each_engine(|store| async move {
        let (server, peer) = (Server::on(store), Peer::start(2).await);
        let author = me(&server, "author").await;
        let follower = remote(&server, &peer, "f").await;
        follows(&server, follower.id, author.id()).await;
        peer.answer_posts(500);
        for _ in 0..7 {
            say(&server, &author, "hello", Visibility::Public).await;
            deliver(&server).await;
            server.clock.advance(DAY);
        }
        // It is tried on the seventh day as well, and then left alone.
        deliver(&server).await;
        let host = host(&server, &peer.host).await;
        assert!(host.unreachable_since.is_some(), "{host:?}");
        let before = peer.posts().len();
        for _ in 0..5 {
            say(&server, &author, "more", Visibility::Public).await;
        }
        server.clock.advance(2 * DAY);
        let tried = deliver(&server).await;
        assert_eq!(peer.posts().len() - before, tried);
        assert_eq!(tried, 1, "one probe");
        // A verified word of it is enough.
        peer.answer_posts(202);
        let (name, now) = (peer.host.clone(), server.app.now());
        let write = server
            .app
            .store
            .write(move |conn| Box::pin(async move { hosts::alive(conn, &name, now).await }));
        assert!(write.await.unwrap());
        assert!(deliver(&server).await >= 5);
        let (waiting, _) = backlog(&server).await;
        assert_eq!(waiting, 0);
    })
    .await;
}

async fn host(server: &Server, name: &str) -> hosts::Host {
    let names = vec![name.to_owned()];
    let read =
        server.app.store.read(move |conn| Box::pin(async move { hosts::of(conn, names).await }));
    read.await.unwrap().into_iter().next().unwrap()
}

async fn backlog(server: &Server) -> (i64, Option<Timestamp>) {
    let read = server.app.store.read(|conn| Box::pin(deliveries::backlog(conn)));
    read.await.unwrap()
}

#[tokio::test]
async fn nothing_goes_to_a_suspended_domain() {
    for_each_engine(|store| async move {
        let (server, peer) = (Server::on(store), Peer::start(2).await);
        let author = me(&server, "author").await;
        let follower = remote(&server, &peer, "f").await;
        follows(&server, follower.id, author.id()).await;
        let id = say(&server, &author, "hello", Visibility::Public).await.status.id;
        let rule = Rule {
            id: RowId(1),
            domain: peer.host.split(':').next().unwrap().to_owned(),
            severity: Severity::Suspend,
            reject_media: false,
            reject_reports: false,
            obfuscate: false,
            private_comment: String::new(),
            public_comment: String::new(),
            created_at: Timestamp(0),
        };
        let write = server
            .app
            .store
            .write(move |conn| Box::pin(async move { domain_rules::set(conn, &rule).await }));
        write.await.unwrap();
        assert_eq!(deliver(&server).await, 0);
        assert!(peer.posts().is_empty());
        assert_eq!(receipt(&server, &author, id).await.state, State::GivenUp);
    })
    .await;
}

#[tokio::test]
async fn r06_what_a_killed_process_held_is_delivered_by_the_next() {
    for_each_engine(|store| async move {
        let (server, peer) = (Server::on(store), Peer::start(2).await);
        let author = me(&server, "author").await;
        let follower = remote(&server, &peer, "f").await;
        follows(&server, follower.id, author.id()).await;
        say(&server, &author, "hello", Visibility::Public).await;
        let now = server.app.now();
        let write = server.app.store.write(move |conn| {
            Box::pin(async move {
                let found = deliveries::candidates(conn, now, Vec::new(), 10).await?;
                let ids: Vec<RowId> = found.into_iter().map(|(id, _)| id).collect();
                deliveries::lease(conn, &ids, now, now.plus(10 * MINUTE)).await
            })
        });
        assert_eq!(write.await.unwrap().len(), 1);
        assert_eq!(deliver(&server).await, 0, "somebody holds it");
        if server.app.store.is_shared() {
            server.clock.advance(10 * MINUTE + SECOND);
        } else {
            // Alone on its database, a process knows that nobody does.
            delivery::release_held(&server.app).await.unwrap();
        }
        assert_eq!(deliver(&server).await, 1);
        assert_eq!(peer.posts().len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r08_a_hundred_silent_hosts_do_not_keep_a_living_one_waiting() {
    let database = testkit::TestDatabase::sqlite().await;
    let server = Server::on(database.store.clone());
    let author = me(&server, "author").await;
    // They take connections and never say a word.
    let silent: Vec<_> =
        (0..100).map(|_| std::net::TcpListener::bind("127.0.0.4:0").unwrap()).collect();
    for listener in &silent {
        let host = listener.local_addr().unwrap().to_string();
        let inboxes = Inboxes { inbox: format!("http://{host}/inbox"), shared: None };
        let follower = remote_with(&server, &host, "f", inboxes).await;
        follows(&server, follower.id, author.id()).await;
    }
    let living = Peer::start(5).await;
    let follower = remote(&server, &living, "z").await;
    follows(&server, follower.id, author.id()).await;
    for _ in 0..3 {
        say(&server, &author, "hello", Visibility::Public).await;
    }
    let stop = CancellationToken::new();
    let running = tokio::spawn(Deliverer::new(Arc::clone(&server.app), stop.clone()).run());
    let posts = tokio::time::timeout(Duration::from_secs(5), living.wait_for_posts(3)).await;
    assert_eq!(posts.expect("delivered in five seconds").len(), 3);
    stop.cancel();
    running.await.unwrap();
    drop(silent);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_deliverer_wakes_when_something_is_queued_and_gives_back_when_stopped() {
    let database = testkit::TestDatabase::sqlite().await;
    let (server, peer) = (Server::on(database.store.clone()), Peer::start(2).await);
    let author = me(&server, "author").await;
    let follower = remote(&server, &peer, "f").await;
    follows(&server, follower.id, author.id()).await;
    let stop = CancellationToken::new();
    let running = tokio::spawn(Deliverer::new(Arc::clone(&server.app), stop.clone()).run());
    say(&server, &author, "hello", Visibility::Public).await;
    let posts = tokio::time::timeout(Duration::from_secs(5), peer.wait_for_posts(1)).await;
    assert_eq!(posts.unwrap().len(), 1);
    stop.cancel();
    running.await.unwrap();
    let (waiting, _) = backlog(&server).await;
    assert_eq!(waiting, 0, "its end was written before it stopped");
    assert_eq!(server.app.deliveries.delivered(), 1);
}
