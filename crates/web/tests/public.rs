//! What anybody may read without an account.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod browser;

use browser::{Browser, whole};
use http::StatusCode;
use serde_json::Value;
use testkit::{Answer, Server, Talk, for_each_engine};

async fn post(talk: &Talk, token: &str, form: &str) -> Value {
    let answer = talk.post("/api/v1/statuses", token, form).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()
}

fn path(status: &Value) -> String {
    let url = status["url"].as_str().unwrap();
    url.strip_prefix("http://localhost:3000").unwrap().to_owned()
}

/// What must be equal for the hidden and the absent.
fn face(answer: &Answer) -> (StatusCode, Vec<(String, String)>, String) {
    let headers = answer.headers.iter().map(|(name, value)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    (answer.status, headers.collect(), answer.text.clone())
}

#[tokio::test]
async fn v02_a_post_for_fewer_people_looks_like_none_at_all() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let alice = server.account("alice").await;
        let token = server.token(alice.id, "read write").await;
        let talk = whole(&server);
        let mut browser = Browser::at(&server);
        let absent = face(&browser.get("/@alice/123456").await);
        assert_eq!(absent.0, StatusCode::NOT_FOUND);
        for visibility in ["private", "direct"] {
            let form = format!("status=secret+words&visibility={visibility}");
            let hidden = path(&post(&talk, &token, &form).await);
            assert_eq!(face(&browser.get(&hidden).await), absent, "{visibility}");
        }
        let form = "status=secret+words+among+us&local_only=true";
        let hidden = path(&post(&talk, &token, form).await);
        assert_eq!(face(&browser.get(&hidden).await), absent, "what stays here");
        for visibility in ["public", "unlisted"] {
            let form = format!("status=open+words&visibility={visibility}");
            let shown = path(&post(&talk, &token, &form).await);
            let page = browser.get(&shown).await;
            assert!(page.text.contains("open words"), "{visibility}");
            let elsewhere = shown.replace("/@alice/", "/@bob/");
            assert_eq!(face(&browser.get(&elsewhere).await), absent, "under another name");
        }
        let profile = browser.get("/@alice").await;
        assert!(profile.text.contains("open words") && !profile.text.contains("secret words"));
        assert_eq!(browser.get("/@alice/nonsense").await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn a_post_shows_its_open_thread_and_a_preview() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let alice = server.account("alice").await;
        let token = server.token(alice.id, "read write").await;
        let talk = whole(&server);
        let first = post(&talk, &token, "status=the+root").await;
        let answer = |text: &str, visibility: &str| {
            let id = first["id"].as_str().unwrap();
            format!("status={text}&in_reply_to_id={id}&visibility={visibility}")
        };
        let second = post(&talk, &token, &answer("an+open+answer", "public")).await;
        post(&talk, &token, &answer("a+quiet+answer", "private")).await;
        let page = Browser::at(&server).get(&path(&first)).await;
        assert!(page.text.contains("an open answer"));
        assert!(!page.text.contains("a quiet answer"));
        assert!(page.text.contains("<meta property=\"og:description\" content=\"the root\">"));
        let page = Browser::at(&server).get(&path(&second)).await;
        assert!(page.text.contains("the root"), "what it answers is shown above");
    })
    .await;
}

#[tokio::test]
async fn a_profile_has_pages_of_twenty() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let alice = server.account("alice").await;
        let token = server.token(alice.id, "read write").await;
        let talk = whole(&server);
        for number in 0..25 {
            server.clock.advance(1000);
            post(&talk, &token, &format!("status=number+{number}.")).await;
        }
        let mut browser = Browser::at(&server);
        let first = browser.get("/@Alice").await;
        let shows = |page: &Answer, number: i32| page.text.contains(&format!("number {number}."));
        assert!(shows(&first, 24) && shows(&first, 5) && !shows(&first, 4));
        let next = first.text.split("href=\"/@alice?max_id=").nth(1).unwrap();
        let next = format!("/@alice?max_id={}", next.split('"').next().unwrap());
        let second = browser.get(&next).await;
        assert!(shows(&second, 4) && shows(&second, 0) && !shows(&second, 5));
        assert!(!second.text.contains("max_id="), "there is nothing further back");
        let back = second.text.split("href=\"/@alice?min_id=").nth(1).unwrap();
        let back = format!("/@alice?min_id={}", back.split('"').next().unwrap());
        assert!(shows(&browser.get(&back).await, 5));
    })
    .await;
}

#[tokio::test]
async fn a_suspended_profile_is_gone() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let alice = server.account("alice").await;
        let token = server.token(alice.id, "read write").await;
        let status = post(&whole(&server), &token, "status=words").await;
        app::accounts::suspend(&server.app, alice.id, true).await.unwrap();
        let mut browser = Browser::at(&server);
        assert_eq!(browser.get("/@alice").await.status, StatusCode::NOT_FOUND);
        assert_eq!(browser.get(&path(&status)).await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn m04_every_kind_of_page_carries_the_strict_headers() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let alice = server.account("alice").await;
        let token = server.token(alice.id, "read write").await;
        let status = path(&post(&whole(&server), &token, "status=words").await);
        let link = app::setup::link(&server.app).await.unwrap().unwrap();
        let set_up = link.strip_prefix("http://localhost:3000").unwrap();
        let mut browser = Browser::at(&server);
        for address in [
            "/",
            "/about",
            "/@alice",
            &status,
            "/auth/sign_in",
            "/auth/sign_up",
            "/auth/password/new",
            "/auth/password/edit?token=x",
            "/auth/confirmation?token=x",
            "/oauth/authorize",
            "/oauth/authorize/native?code=x",
            set_up,
            "/setup",
            "/nothing/here",
        ] {
            let page = browser.get(address).await;
            let header = |name: &str| page.headers[name].to_str().unwrap().to_owned();
            let policy = header("content-security-policy");
            for part in [
                "default-src 'none'",
                "script-src 'self'",
                "object-src 'none'",
                "base-uri 'none'",
                "frame-ancestors 'none'",
                "form-action 'self'",
            ] {
                assert!(policy.split("; ").any(|given| given == part), "{address}: {policy}");
            }
            assert!(!policy.contains("unsafe"), "{address}: {policy}");
            assert_eq!(header("x-content-type-options"), "nosniff", "{address}");
            assert_eq!(header("referrer-policy"), "same-origin", "{address}");
            assert_eq!(header("content-type"), "text/html; charset=utf-8", "{address}");
            assert!(page.text.starts_with("<!doctype html>"), "{address}");
        }
    })
    .await;
}

#[tokio::test]
async fn assets_are_open_to_other_origins_and_known_by_their_tag() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let mut browser = Browser::at(&server);
        for name in ["avatar.png", "header.png"] {
            let file = browser.get(&format!("/assets/{name}")).await;
            assert_eq!(file.status, StatusCode::OK);
            assert_eq!(file.headers["content-type"], "image/png");
            assert_eq!(file.headers["access-control-allow-origin"], "*");
            let tag = file.headers["etag"].to_str().unwrap().to_owned();
            browser.extra = vec![("if-none-match", tag)];
            let again = browser.get(&format!("/assets/{name}")).await;
            assert_eq!(again.status, StatusCode::NOT_MODIFIED);
            browser.extra.clear();
        }
        for wrong in ["/assets/nothing", "/assets/..%2Fweb.css", "/assets/"] {
            assert_eq!(browser.get(wrong).await.status, StatusCode::NOT_FOUND, "{wrong}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_unknown_address_of_the_api_stays_json() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let answer = whole(&server).get("/api/v1/nothing", "").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert_eq!(answer.json()["error"], "Record not found");
    })
    .await;
}

#[tokio::test]
async fn m10_an_address_of_another_server_is_shown_and_not_gone_to() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        server.account("alice").await;
        let mut browser = Browser::at(&server);
        let home = "http://localhost:3000/@alice";
        for (uri, to) in [
            ("http://localhost:3000/@alice/12", "/@alice/12"),
            ("acct:alice@localhost:3000", home),
            ("@alice@localhost:3000", home),
        ] {
            let answer = browser.get(&format!("/authorize_interaction?uri={uri}")).await;
            assert_eq!(answer.status, StatusCode::FOUND, "{uri}");
            assert_eq!(answer.headers["location"], to);
        }
        for uri in [
            "https://b.test/@bob/1",
            "http://localhost:3000.b.test/@bob",
            "http://localhost:3000//b.test",
            "http://localhost:3000@b.test/",
            "acct:bob@b.test",
            "javascript:alert(1)",
            "<script>alert(1)</script>",
        ] {
            let sent = uri.replace('<', "%3C").replace('>', "%3E");
            let answer = browser.get(&format!("/authorize_interaction?uri={sent}")).await;
            assert_eq!(answer.status, StatusCode::OK, "{uri}");
            let shown = uri.trim_start_matches("acct:").replace('<', "&#60;").replace('>', "&#62;");
            assert!(answer.text.contains(&shown), "{uri}: {}", answer.text);
            assert!(!answer.text.contains(&format!("href=\"{uri}")), "{uri}");
        }
        assert_eq!(browser.get("/authorize_interaction").await.status, StatusCode::BAD_REQUEST);
    })
    .await;
}
