//! Rate limits, CORS and what every reply carries.

use super::support::Place;
use axum::body::Body;
use http::{Request, StatusCode};
use testkit::for_each_engine;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn limited(store: store::Store) -> Place {
    Place::with(store, |config| {
        config.limits.rate = config::Rate::On;
        config.limits.token = 20;
        config.limits.user = 30;
        config.limits.statuses = 3;
    })
    .await
}

#[tokio::test]
async fn a06_every_reply_says_what_is_left_and_what_is_over_is_refused() {
    for_each_engine(|store| async move {
        let place = limited(store).await;
        let (id, alice) = place.user("alice", "read write").await;
        let path = "/api/v1/timelines/home";
        let first = place.talk.get(path, &alice).await;
        let header = |answer: &testkit::Answer, name: &str| {
            answer.headers[name].to_str().unwrap().to_owned()
        };
        assert_eq!(header(&first, "x-ratelimit-limit"), "20");
        assert_eq!(header(&first, "x-ratelimit-remaining"), "19");
        assert_eq!(header(&first, "x-ratelimit-reset"), "2025-06-15T15:11:40.000000Z");
        for _ in 0..19 {
            place.talk.get("/api/v1/nothing/here", &alice).await;
            place.talk.get(path, &alice).await;
        }
        let over = place.talk.get(path, &alice).await;
        assert_eq!(over.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(over.json()["error"], "Too many requests");
        assert_eq!(header(&over, "x-ratelimit-remaining"), "0");
        // Another token of the same user has its own count, up to the user's.
        let second = place.server.token(id, "read").await;
        let mut passed = 0;
        while place.talk.get(path, &second).await.status == 200 {
            passed += 1;
        }
        assert_eq!(passed, 10);
        place.server.clock.advance(300_000);
        assert_eq!(place.talk.get(path, &alice).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn a06_posting_has_a_limit_of_its_own() {
    for_each_engine(|store| async move {
        let place = limited(store).await;
        let (_, alice) = place.user("alice", "read write").await;
        for left in ["2", "1", "0"] {
            let answer = place.talk.post("/api/v1/statuses", &alice, "status=a").await;
            assert_eq!(answer.headers["x-ratelimit-remaining"], left);
        }
        let over = place.talk.post("/api/v1/statuses", &alice, "status=a").await;
        assert_eq!(over.status, 429);
        assert_eq!(place.talk.get("/api/v1/timelines/home", &alice).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn a06_tokens_that_open_nothing_count_for_their_address() {
    for_each_engine(|store| async move {
        let place = limited(store).await;
        for number in 0..20 {
            let answer = place.talk.get("/api/v1/timelines/home", &format!("guess{number}")).await;
            assert_eq!(answer.status, 401);
        }
        assert_eq!(place.talk.get("/api/v1/timelines/home", "guess").await.status, 429);
        assert_eq!(place.talk.get("/api/v1/nowhere", "").await.status, 429);
    })
    .await;
}

#[tokio::test]
async fn a07_headers_that_name_an_address_are_ignored() {
    for_each_engine(|store| async move {
        let place = limited(store).await;
        let mut statuses = Vec::new();
        for number in 0..21 {
            let mut socket = TcpStream::connect(place.address).await.unwrap();
            let request = format!(
                "GET /api/v1/timelines/public HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
                 X-Forwarded-For: 192.0.2.{number}\r\nForwarded: for=192.0.2.{number}\r\n\
                 X-Real-IP: 192.0.2.{number}\r\nCF-Connecting-IP: 192.0.2.{number}\r\n\r\n"
            );
            socket.write_all(request.as_bytes()).await.unwrap();
            let mut text = String::new();
            socket.read_to_string(&mut text).await.unwrap();
            statuses.push(text.split(' ').nth(1).unwrap().to_owned());
        }
        assert_eq!(statuses.pop().unwrap(), "429");
        assert!(statuses.iter().all(|status| status == "200"), "{statuses:?}");
    })
    .await;
}

#[tokio::test]
async fn other_pages_may_read_the_api_but_no_form() {
    for_each_engine(|store| async move {
        let place = Place::on(store).await;
        let ask = |method: &str, path: &str| {
            let request = Request::builder()
                .method(method)
                .uri(path)
                .header("origin", "https://client.example")
                .header("access-control-request-method", "PATCH")
                .header("access-control-request-headers", "authorization, idempotency-key");
            let (talk, request) = (place.talk.clone(), request.body(Body::empty()).unwrap());
            async move { talk.ask(request).await }
        };
        let preflight = ask("OPTIONS", "/api/v1/statuses").await;
        assert_eq!(preflight.status, 204);
        let header = |name: &str| preflight.headers[name].to_str().unwrap().to_lowercase();
        assert!(header("access-control-allow-methods").contains("patch"));
        assert!(header("access-control-allow-headers").contains("idempotency-key"));
        for path in ["/api/v1/timelines/public", "/api/v1/nowhere", "/api/v1/timelines/home"] {
            let answer = ask("GET", path).await;
            assert_eq!(answer.headers["access-control-allow-origin"], "*", "{path}");
            assert!(!answer.headers.contains_key("access-control-allow-credentials"));
            let exposed = answer.headers["access-control-expose-headers"].to_str().unwrap();
            for name in [
                "Link",
                "X-RateLimit-Limit",
                "X-RateLimit-Remaining",
                "X-RateLimit-Reset",
                "X-Request-Id",
            ] {
                assert!(exposed.contains(name), "{name}");
            }
            assert_eq!(answer.headers["x-request-id"].len(), 32);
        }
        let form = ask("OPTIONS", "/oauth/authorize").await;
        assert!(!form.headers.contains_key("access-control-allow-origin"));
    })
    .await;
}

#[tokio::test]
async fn only_what_anybody_sees_may_be_cached() {
    for_each_engine(|store| async move {
        let place = Place::on(store).await;
        let (_, alice) = place.user("alice", "read write").await;
        let path = "/api/v1/timelines/public";
        let anonymous = place.talk.get(path, "").await;
        assert_eq!(anonymous.headers["cache-control"], "public, max-age=15");
        assert!(anonymous.headers["vary"].to_str().unwrap().contains("Authorization"));
        assert_eq!(
            place.talk.get(path, &alice).await.headers["cache-control"],
            "private, no-store"
        );
        let refused = place.talk.get("/api/v1/timelines/home", "").await;
        assert_eq!(refused.headers["cache-control"], "private, no-store");
    })
    .await;
}

#[tokio::test]
async fn long_json_is_compressed_for_those_who_can_read_it() {
    for_each_engine(|store| async move {
        let place = Place::on(store).await;
        let (_, alice) = place.user("alice", "read write").await;
        place.post(&alice, "status=hello").await;
        let request = Request::builder()
            .uri("/api/v1/timelines/public")
            .header("accept-encoding", "gzip, br")
            .body(Body::empty())
            .unwrap();
        let answer = place.talk.ask(request).await;
        assert_eq!(answer.headers["content-encoding"], "gzip");
        let plain = place.talk.get("/api/v1/timelines/public", "").await;
        assert!(!plain.headers.contains_key("content-encoding"));
    })
    .await;
}
