//! Files of other servers, fetched from a real listener and served from the cache.
#![expect(clippy::unwrap_used, reason = "a test stops where its tools fail")]

use axum::body::Body;
use domain::time::{DAY, HOUR, MINUTE};
use domain::{RowId, Timestamp};
use http::Request;
use store::StoreError;
use store::domain_rules::{Rule, Severity};
use store::remote_files;
use testkit::{Answer, Peer, Server, Talk, for_each_engine};

/// A picture as far as its first bytes tell.
fn gif(length: usize) -> String {
    format!("GIF89a{}", "x".repeat(length - 6))
}

async fn refer(server: &Server, url: String) -> String {
    let app = server.app.clone();
    let key = server.app.write(move |conn| {
        Box::pin(async move {
            app::remote_files::refer(&app, conn, &url, app::remote_files::Place::Column).await
        })
    });
    format!("/media/{}", key.await.unwrap())
}

async fn total(server: &Server) -> i64 {
    let total = server.app.store.read(|conn| Box::pin(remote_files::total(conn)));
    total.await.unwrap()
}

fn talk(server: &Server) -> Talk {
    Talk::to(api::router(server.app.clone()))
}

async fn part(talk: &Talk, path: &str, range: &str) -> Answer {
    let request = Request::get(path).header("range", range).body(Body::empty()).unwrap();
    talk.ask(request).await
}

#[tokio::test]
async fn a_file_is_fetched_once_and_then_comes_from_the_cache() {
    for_each_engine(|store| async move {
        let (server, peer) = (Server::on(store), Peer::start(2).await);
        let talk = talk(&server);
        // What its server says of the type is not asked (M06).
        peer.serve_as("/a.bin", "application/activity+json", &gif(1000));
        let path = refer(&server, peer.url("/a.bin")).await;
        assert_eq!(path, refer(&server, peer.url("/a.bin")).await);
        assert_eq!(peer.hits("/a.bin"), 0, "nothing is copied in advance");
        let first = talk.get(&path, "").await;
        assert_eq!((first.status.as_u16(), first.text), (200, gif(1000)));
        for (name, value) in [
            ("content-type", "image/gif"),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "default-src 'none'; sandbox"),
            ("accept-ranges", "bytes"),
        ] {
            assert_eq!(first.headers[name], value, "m07 {name}");
        }
        assert!(!first.headers.contains_key("set-cookie"));
        let some = part(&talk, &path, "bytes=0-5").await;
        assert_eq!((some.status.as_u16(), some.text.as_str()), (206, "GIF89a"));
        assert_eq!(some.headers["content-range"], "bytes 0-5/1000");
        assert_eq!(part(&talk, &path, "bytes=5000-").await.status, 416);
        assert_eq!(peer.hits("/a.bin"), 1);
        assert_eq!(total(&server).await, 1000);
    })
    .await;
}

#[tokio::test]
async fn twenty_first_readers_cause_one_fetch() {
    for_each_engine(|store| async move {
        let (server, peer) = (Server::on(store), Peer::start(2).await);
        let talk = talk(&server);
        peer.serve_as("/a.gif", "image/gif", &gif(200_000));
        let path = refer(&server, peer.url("/a.gif")).await;
        let readers: Vec<_> = (0..20)
            .map(|_| {
                let (talk, path) = (talk.clone(), path.clone());
                tokio::spawn(async move { talk.get(&path, "").await })
            })
            .collect();
        for reader in readers {
            let answer = reader.await.unwrap();
            assert_eq!((answer.status.as_u16(), answer.text.len()), (200, 200_000));
        }
        assert_eq!(peer.hits("/a.gif"), 1);
    })
    .await;
}

#[tokio::test]
async fn the_cache_keeps_within_its_bound_and_lets_go_what_nobody_looks_at() {
    for_each_engine(|store| async move {
        let server = Server::with(store, |config| config.federation.media_cache_bytes = 4000);
        let (talk, peer) = (talk(&server), Peer::start(2).await);
        let mut paths: Vec<String> = Vec::new();
        for number in 0..7 {
            let name = format!("/{number}.gif");
            peer.serve_as(&name, "image/gif", &gif(900));
            let path = refer(&server, peer.url(&name)).await;
            assert_eq!(talk.get(&path, "").await.status, 200);
            assert!(total(&server).await <= 4000);
            server.clock.advance(2 * HOUR);
            // The first is looked at again and again, and stays.
            if let Some(first) = paths.first() {
                assert_eq!(talk.get(first, "").await.status, 200);
            }
            paths.push(path);
        }
        assert_eq!(total(&server).await, 3600);
        assert_eq!(std::fs::read_dir(server.data().join("media/remote")).unwrap().count(), 4);
        assert_eq!(peer.hits("/0.gif"), 1);
        assert_eq!(talk.get(&paths[1], "").await.status, 200);
        assert_eq!(peer.hits("/1.gif"), 2, "what left the cache is fetched again");
        // One file may take a quarter of it.
        peer.serve_as("/large.gif", "image/gif", &gif(1001));
        let large = refer(&server, peer.url("/large.gif")).await;
        assert_eq!(talk.get(&large, "").await.status, 404);
        app::jobs::run_all(&server.app).await.unwrap();
        assert_eq!(talk.get(&paths[0], "").await.status, 200);
        assert_eq!(peer.hits("/0.gif"), 1, "the job removes only what left the cache");
    })
    .await;
}

#[tokio::test]
async fn m06_what_is_no_media_is_refused_and_not_asked_for_again() {
    for_each_engine(|store| async move {
        let (server, peer) = (Server::on(store), Peer::start(2).await);
        let talk = talk(&server);
        let cases = [
            ("/page.png", "<!doctype html><script>alert(1)</script>"),
            ("/drawing.png", "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
            ("/actor.png", r#"{"type":"Person"}"#),
            ("/both.gif", "GIF89a/*<script>"),
        ];
        for (name, body) in cases {
            peer.serve_as(name, "image/png", body);
            let path = refer(&server, peer.url(name)).await;
            for _ in 0..3 {
                assert_eq!(talk.get(&path, "").await.status, 404, "{name}");
            }
            assert_eq!(peer.hits(name), 1, "{name}");
        }
        assert_eq!(total(&server).await, 0);
        assert_eq!(
            talk.get("/media/remote/00000000000000000000000000000000", "").await.status,
            404
        );
        assert_eq!(talk.get("/media/remote/../x", "").await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn a_server_that_is_away_is_asked_rarely_and_readers_are_told_when_to_come_back() {
    for_each_engine(|store| async move {
        let (server, peer) = (Server::on(store), Peer::start(2).await);
        let talk = talk(&server);
        peer.fail("/a.gif", 500);
        let path = refer(&server, peer.url("/a.gif")).await;
        for _ in 0..3 {
            let answer = talk.get(&path, "").await;
            assert_eq!(answer.status, 503);
            assert_eq!(answer.headers["cache-control"], "no-store");
            let seconds: i64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
            assert!((1..=301).contains(&seconds), "{seconds}");
        }
        assert_eq!(peer.hits("/a.gif"), 1);
        server.clock.advance(6 * MINUTE);
        assert_eq!(talk.get(&path, "").await.status, 503);
        server.clock.advance(6 * MINUTE);
        assert_eq!(talk.get(&path, "").await.status, 503);
        assert_eq!(peer.hits("/a.gif"), 2, "the second pause is longer");
        server.clock.advance(DAY);
        peer.serve_as("/a.gif", "image/gif", &gif(10));
        assert_eq!(talk.get(&path, "").await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn f13_files_of_a_domain_that_is_not_wanted_are_not_fetched() {
    for_each_engine(|store| async move {
        let (server, peer) = (Server::on(store), Peer::start(3).await);
        peer.serve_as("/cached.gif", "image/gif", &gif(10));
        let cached = refer(&server, peer.url("/cached.gif")).await;
        assert_eq!(talk(&server).get(&cached, "").await.status, 200);
        for (severity, reject_media) in [(Severity::Suspend, false), (Severity::Noop, true)] {
            let rule = Rule {
                id: RowId(1),
                domain: "127.0.0.3".into(),
                severity,
                reject_media,
                reject_reports: false,
                obfuscate: false,
                private_comment: String::new(),
                public_comment: String::new(),
                created_at: Timestamp(0),
            };
            let set = server.app.store.write(move |conn| {
                Box::pin(async move { store::domain_rules::set(conn, &rule).await })
            });
            set.await.unwrap();
            let name = format!("/{reject_media}.gif");
            peer.serve_as(&name, "image/gif", &gif(10));
            let path = refer(&server, peer.url(&name)).await;
            assert_eq!(talk(&server).get(&path, "").await.status, 404);
            assert_eq!(peer.hits(&name), 0);
            // What was fetched before the rule is not served either.
            assert_eq!(talk(&server).get(&cached, "").await.status, 404);
        }
    })
    .await;
}

#[tokio::test]
async fn f12_a_redirect_is_no_way_around_a_rule_about_files() {
    for_each_engine(|store| async move {
        let (server, peer, other) = (Server::on(store), Peer::start(3).await, Peer::start(4).await);
        let rule = Rule {
            id: RowId(1),
            domain: "127.0.0.3".into(),
            severity: Severity::Noop,
            reject_media: true,
            reject_reports: false,
            obfuscate: false,
            private_comment: String::new(),
            public_comment: String::new(),
            created_at: Timestamp(0),
        };
        let set = server.app.store.write(move |conn| {
            Box::pin(async move { store::domain_rules::set(conn, &rule).await })
        });
        set.await.unwrap();
        peer.serve_as("/a.gif", "image/gif", &gif(10));
        other.redirect("/a.gif", &peer.url("/a.gif"));
        let path = refer(&server, other.url("/a.gif")).await;
        assert_eq!(talk(&server).get(&path, "").await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn f16_a_file_goes_for_good_with_its_last_attachment() {
    for_each_engine(|store| async move {
        let (server, peer) = (Server::on(store), Peer::start(2).await);
        let talk = talk(&server);
        peer.serve_as("/a.gif", "image/gif", &gif(10));
        let path = refer(&server, peer.url("/a.gif")).await;
        assert_eq!(talk.get(&path, "").await.status, 200);
        let key = path.trim_start_matches("/media/").to_owned();
        let kept = server.data().join("media").join(&key);
        assert!(kept.exists());
        let forgotten = server.app.store.write(move |conn| {
            Box::pin(async move {
                let job =
                    serde_json::json!({"job": "delete_files", "keys": [key], "precaution": null});
                let new = store::jobs::New {
                    id: domain::JobId(77),
                    kind: "delete_files",
                    payload: job.to_string(),
                    unique_key: None,
                    run_at: Timestamp(0),
                    lane: store::jobs::Lane::Quick,
                    host: None,
                };
                store::jobs::insert(conn, &new, Timestamp(0)).await?;
                Ok::<_, StoreError>(())
            })
        });
        forgotten.await.unwrap();
        app::jobs::run_all(&server.app).await.unwrap();
        assert_eq!(talk.get(&path, "").await.status, 404);
        assert!(!kept.exists());
        assert_eq!(peer.hits("/a.gif"), 1);
    })
    .await;
}
