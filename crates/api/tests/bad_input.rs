//! What clients send that is wrong: the right status code, nothing stored, never a 500.
#![expect(clippy::unwrap_used, reason = "a test stops where its tools fail")]

use axum::body::Body;
use http::Request;
use testkit::{Server, Talk, for_each_engine};

/// Sends a body of this type to a path as somebody with all scopes.
async fn send(
    talk: &Talk,
    token: &str,
    path: &str,
    kind: &str,
    body: impl Into<Body>,
) -> testkit::Answer {
    let request = Request::builder()
        .method("POST")
        .uri(path)
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", kind)
        .body(body.into())
        .unwrap();
    talk.ask(request).await
}

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

#[tokio::test]
async fn malformed_bodies_are_400_and_post_nothing() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let alice = server.account("alice").await;
        let token = server.token(alice.id, "read write").await;
        let talk = Talk::to(api::router(server.app.clone()));
        let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
        let many = vec!["a=1"; 2_000].join("&");
        let cases: Vec<(&str, Vec<u8>)> = vec![
            (JSON, b"{\"status\": ".to_vec()),
            (JSON, b"[1,2]".to_vec()),
            (JSON, deep.into_bytes()),
            (JSON, b"{\"status\": {\"a\": 1}}".to_vec()),
            (FORM, b"status=%ff%fe".to_vec()),
            (FORM, many.into_bytes()),
            (FORM, format!("a{}=1", "[b]".repeat(200)).into_bytes()),
            ("multipart/form-data; boundary=x", b"--x\r\nnonsense".to_vec()),
            ("multipart/form-data", b"no boundary".to_vec()),
        ];
        for (kind, body) in cases {
            let start: String = String::from_utf8_lossy(&body).chars().take(40).collect();
            let answer = send(&talk, &token, "/api/v1/statuses", kind, body).await;
            assert_eq!(answer.status, 400, "{kind} {start}: {}", answer.text);
            assert!(answer.json()["error"].is_string(), "{kind} {start}: {}", answer.text);
        }
        let huge = "status=".to_owned() + &"a".repeat(3 * 1024 * 1024);
        assert_eq!(send(&talk, &token, "/api/v1/statuses", FORM, huge).await.status, 413);
        let posted = talk.get(&format!("/api/v1/accounts/{}/statuses", alice.id), &token).await;
        assert_eq!(posted.json(), serde_json::json!([]));
    })
    .await;
}

#[tokio::test]
async fn statuses_that_break_a_rule_are_422_and_leave_nothing() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let alice = server.account("alice").await;
        let token = server.token(alice.id, "read write").await;
        let talk = Talk::to(api::router(server.app.clone()));
        let long = format!("status={}", "a".repeat(501));
        for form in [
            "status=",
            long.as_str(),
            "status=x&visibility=everybody",
            "status=x&poll[options][]=a&poll[expires_in]=600",
            "status=x&poll[options][]=a&poll[options][]=a&poll[expires_in]=600",
            "status=x&poll[options][]=a&poll[options][]=b&poll[expires_in]=1",
            "status=x&poll[options][]=a&poll[options][]=b&poll[expires_in]=99999999999",
            "status=x&media_ids[]=1",
            "poll[options][]=a&poll[options][]=b&poll[expires_in]=600",
        ] {
            let answer = talk.post("/api/v1/statuses", &token, form).await;
            let shown: String = form.chars().take(60).collect();
            assert_eq!(answer.status, 422, "{shown}: {}", answer.text);
            let error = answer.json()["error"].as_str().unwrap().to_owned();
            assert!(error.starts_with("Validation failed: "), "{shown}: {error}");
        }
        let account = talk.get(&format!("/api/v1/accounts/{}", alice.id), "").await.json();
        assert_eq!(account["statuses_count"], 0);
    })
    .await;
}

#[tokio::test]
async fn p07_ids_and_limits_out_of_range_are_harmless() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let alice = server.account("alice").await;
        let token = server.token(alice.id, "read write").await;
        let talk = Talk::to(api::router(server.app.clone()));
        for path in [
            "/api/v1/timelines/home?limit=1000000000",
            "/api/v1/timelines/home?max_id=-1",
            "/api/v1/timelines/home?max_id=99999999999999999999999999",
            "/api/v1/timelines/public?min_id=abc&since_id=%00",
            "/api/v1/accounts/relationships?id[]=99",
        ] {
            assert_eq!(talk.get(path, &token).await.status, 200, "{path}");
        }
        for path in [
            "/api/v1/statuses/abc",
            "/api/v1/accounts/-5",
            "/api/v1/polls/99999999999999999999",
            "/api/v1/nothing",
        ] {
            let answer = talk.get(path, &token).await;
            assert_eq!(answer.status, 404, "{path}");
            assert_eq!(answer.json()["error"], "Record not found", "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn text_with_a_nul_or_odd_unicode_is_kept_on_both_engines() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let alice = server.account("alice").await;
        let token = server.token(alice.id, "read write").await;
        let talk = Talk::to(api::router(server.app.clone()));
        let answer = talk
            .post("/api/v1/statuses", &token, "status=a%00b+%F0%9F%91%A8%E2%80%8D%F0%9F%91%A9")
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    })
    .await;
}

#[tokio::test]
async fn wrong_tokens_are_refused_with_mastodons_words() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let alice = server.account("alice").await;
        let reader = server.token(alice.id, "read:accounts").await;
        let talk = Talk::to(api::router(server.app.clone()));
        let none = talk.get("/api/v1/timelines/home", "").await;
        assert_eq!(
            (none.status.as_u16(), none.json()["error"].clone()),
            (401, "The access token is invalid".into())
        );
        // A bad token is refused even where none is needed.
        assert_eq!(talk.get("/api/v1/timelines/public", "nonsense").await.status, 401);
        let outside = talk.post("/api/v1/statuses", &reader, "status=x").await;
        assert_eq!(outside.status, 403);
        assert_eq!(outside.json()["error"], "This action is outside the authorized scopes");
    })
    .await;
}

#[tokio::test]
async fn r04_a_file_where_none_is_expected_is_refused_before_it_is_kept() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let talk = Talk::to(api::router(server.app.clone()));
        let head = "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\n";
        let body = format!("{head}{}\r\n--x--\r\n", "a".repeat(200_000));
        let answer = send(&talk, "", "/api/v1/apps", "multipart/form-data; boundary=x", body).await;
        assert_eq!(answer.status, 422, "{}", answer.text);
        let kept = std::fs::read_dir(server.app.scratch()).map_or(0, Iterator::count);
        let folders = std::fs::read_dir(server.app.scratch())
            .map_or(0, |entries| entries.flatten().filter(|entry| entry.path().is_dir()).count());
        assert_eq!(kept, folders, "no file was written");
    })
    .await;
}

#[tokio::test]
async fn p03_an_edit_is_checked_like_a_post() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let alice = server.account("alice").await;
        let token = server.token(alice.id, "read write").await;
        let talk = Talk::to(api::router(server.app.clone()));
        let posted = talk.post("/api/v1/statuses", &token, "status=a&language=de").await.json();
        let path = format!("/api/v1/statuses/{}", posted["id"].as_str().unwrap());
        let long = format!("status=b&language={}", "x".repeat(100_000));
        let edited = talk.send("PUT", &path, &token, &long).await.json();
        assert_eq!(edited["language"], "de", "what is no language changes nothing");
        let text = format!("status={}", "a".repeat(501));
        assert_eq!(talk.send("PUT", &path, &token, &text).await.status, 422);
        assert_eq!(
            talk.send("PUT", &path, &token, "status=b&quote_approval_policy=x").await.status,
            422
        );
    })
    .await;
}
