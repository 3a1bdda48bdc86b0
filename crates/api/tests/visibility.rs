//! Who may see what, on every route that reads statuses (security rules V01 to V03).
#![expect(clippy::unwrap_used, reason = "a test stops where its tools fail")]

use serde_json::Value;
use testkit::{Answer, Server, Talk, for_each_engine};

/// Everybody who looks, with their tokens; the first is nobody.
struct Cast {
    talk: Talk,
    viewers: Vec<(&'static str, String)>,
    author_id: String,
    statuses: Vec<(&'static str, String)>,
}

impl Cast {
    fn token(&self, name: &str) -> &str {
        &self.viewers.iter().find(|(known, _)| *known == name).unwrap().1
    }

    fn status(&self, visibility: &str) -> &str {
        &self.statuses.iter().find(|(known, _)| *known == visibility).unwrap().1
    }
}

const SCOPES: &str = "read write follow";

async fn cast(server: &Server) -> Cast {
    let talk = Talk::to(api::router(server.app.clone()));
    let mut viewers = vec![("nobody", String::new())];
    let mut ids = Vec::new();
    for name in ["author", "stranger", "follower", "blocked", "mentioned"] {
        let account = server.account(name).await;
        viewers.push((name, server.token(account.id, SCOPES).await));
        ids.push((name, account.id.to_string()));
    }
    let id = |name: &str| ids.iter().find(|(known, _)| *known == name).unwrap().1.clone();
    let mut cast = Cast { talk, viewers, author_id: id("author"), statuses: Vec::new() };
    for who in ["follower", "blocked"] {
        let path = format!("/api/v1/accounts/{}/follow", cast.author_id);
        assert_eq!(cast.talk.post(&path, cast.token(who), "").await.status, 200);
    }
    for visibility in ["public", "unlisted", "private", "direct"] {
        let form =
            format!("visibility={visibility}&status=marker-{visibility}+%23marked+@mentioned");
        let answer = cast.talk.post("/api/v1/statuses", cast.token("author"), &form).await;
        cast.statuses.push((visibility, answer.json()["id"].as_str().unwrap().to_owned()));
    }
    app::jobs::run_all(&server.app).await.unwrap();
    let path = format!("/api/v1/accounts/{}/block", id("blocked"));
    assert_eq!(cast.talk.post(&path, cast.token("author"), "").await.status, 200);
    cast
}

/// Whether this viewer may see a status of this visibility.
fn may(viewer: &str, visibility: &str) -> bool {
    match viewer {
        "author" | "mentioned" => true,
        "blocked" => false,
        "follower" => visibility != "direct",
        _ => matches!(visibility, "public" | "unlisted"),
    }
}

#[tokio::test]
async fn v01_nobody_reads_what_is_not_for_them_on_any_route() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let cast = cast(&server).await;
        for (viewer, token) in &cast.viewers {
            for (visibility, id) in &cast.statuses {
                for tail in ["", "/context", "/history", "/favourited_by", "/reblogged_by"] {
                    let path = format!("/api/v1/statuses/{id}{tail}");
                    let status = cast.talk.get(&path, token).await.status;
                    let expected = if may(viewer, visibility) { 200 } else { 404 };
                    assert_eq!(status, expected, "{viewer} at {path} ({visibility})");
                }
            }
            let lists = [
                format!("/api/v1/accounts/{}/statuses", cast.author_id),
                "/api/v1/timelines/public".into(),
                "/api/v1/timelines/home".into(),
                "/api/v1/timelines/tag/marked".into(),
                "/api/v1/notifications".into(),
                "/api/v2/notifications".into(),
                "/api/v1/conversations".into(),
                "/api/v2/search?q=marker&type=statuses".into(),
                format!("/api/v1/statuses?{}", ids_query(&cast)),
            ];
            for path in lists {
                let text = cast.talk.get(&path, token).await.text;
                for (visibility, _) in &cast.statuses {
                    let shown = text.contains(&format!("marker-{visibility}"));
                    assert!(
                        !shown || may(viewer, visibility),
                        "{viewer} reads {visibility} at {path}"
                    );
                }
            }
        }
        let own = format!("/api/v1/accounts/{}/statuses", cast.author_id);
        let follower = cast.talk.get(&own, cast.token("follower")).await.text;
        assert!(follower.contains("marker-private"), "the test sees what is allowed");
    })
    .await;
}

fn ids_query(cast: &Cast) -> String {
    cast.statuses.iter().map(|(_, id)| format!("id[]={id}")).collect::<Vec<_>>().join("&")
}

#[tokio::test]
async fn v02_hidden_and_absent_look_the_same() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let cast = cast(&server).await;
        let token = cast.token("stranger");
        let hidden = cast.status("direct");
        let shape = |answer: &Answer| (answer.status, answer.text.clone());
        for tail in ["", "/context", "/history", "/source", "/favourited_by", "/reblogged_by"] {
            let there = cast.talk.get(&format!("/api/v1/statuses/{hidden}{tail}"), token).await;
            let absent = cast.talk.get(&format!("/api/v1/statuses/12345{tail}"), token).await;
            assert_eq!(shape(&there), shape(&absent), "GET {tail}");
            assert_eq!(there.status, 404);
        }
        for verb in ["favourite", "reblog", "bookmark", "mute", "pin", "unfavourite", "unreblog"] {
            let there =
                cast.talk.post(&format!("/api/v1/statuses/{hidden}/{verb}"), token, "").await;
            let absent = cast.talk.post(&format!("/api/v1/statuses/12345/{verb}"), token, "").await;
            assert_eq!(shape(&there), shape(&absent), "POST {verb}");
        }
        let reply = format!("status=x&in_reply_to_id={hidden}");
        assert_eq!(cast.talk.post("/api/v1/statuses", token, &reply).await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn v03_a_private_status_is_boosted_by_its_author_alone_and_stays_private() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let cast = cast(&server).await;
        let path = format!("/api/v1/statuses/{}/reblog", cast.status("private"));
        assert_eq!(cast.talk.post(&path, cast.token("follower"), "").await.status, 404);
        let boost = cast.talk.post(&path, cast.token("author"), "visibility=public").await;
        assert_eq!(boost.status, 200);
        assert_eq!(boost.json()["visibility"], Value::from("private"));
        let direct = format!("/api/v1/statuses/{}/reblog", cast.status("direct"));
        assert_eq!(cast.talk.post(&direct, cast.token("author"), "").await.status, 404);
        let id = boost.json()["id"].as_str().unwrap().to_owned();
        assert_eq!(
            cast.talk.get(&format!("/api/v1/statuses/{id}"), cast.token("stranger")).await.status,
            404
        );
    })
    .await;
}

#[tokio::test]
async fn v05_what_belongs_to_somebody_is_not_there_for_others() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let cast = cast(&server).await;
        let own = cast.status("public");
        let path = format!("/api/v1/statuses/{own}");
        assert_eq!(
            cast.talk.send("PUT", &path, cast.token("stranger"), "status=mine").await.status,
            404
        );
        assert_eq!(cast.talk.send("DELETE", &path, cast.token("stranger"), "").await.status, 404);
        assert_eq!(cast.talk.get(&path, "").await.status, 200, "it is still there");
    })
    .await;
}

#[tokio::test]
async fn v01_a_boost_does_not_carry_what_has_become_hidden() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let cast = cast(&server).await;
        let (author, booster, blocked) = (cast.token("author"), cast.token("stranger"), cast.token("blocked"));
        let original = cast.status("public");
        let boost = |token: String| {
            let talk = cast.talk.clone();
            let path = format!("/api/v1/statuses/{original}/reblog");
            async move { talk.post(&path, &token, "").await.json()["id"].as_str().unwrap().to_owned() }
        };
        let theirs = boost(booster.to_owned()).await;
        for path in [format!("/api/v1/statuses/{theirs}"), format!("/api/v1/statuses?id[]={theirs}")] {
            let text = cast.talk.get(&path, blocked).await.text;
            assert!(!text.contains("marker-public"), "{path}: {text}");
        }
        // Whoever boosted and is blocked afterwards may take the boost back, and learns nothing.
        let strangers = cast.talk.get("/api/v1/accounts/verify_credentials", booster).await.json();
        let path = format!("/api/v1/accounts/{}/block", strangers["id"].as_str().unwrap());
        assert_eq!(cast.talk.post(&path, author, "").await.status, 200);
        let answer = cast.talk.post(&format!("/api/v1/statuses/{original}/unreblog"), booster, "").await;
        assert_eq!(answer.status, 404);
        assert!(!answer.text.contains("marker-public"));
        let count = cast.talk.get(&format!("/api/v1/statuses/{original}"), author).await.json();
        assert_eq!(count["reblogs_count"], 0, "the boost is gone all the same");
    })
    .await;
}
