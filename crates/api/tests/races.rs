//! The same person asks for the same thing many times at once: it happens once, and counters stay
//! right. On SQLite writes take turns anyway; on PostgreSQL they really meet.
#![expect(clippy::unwrap_used, reason = "a test stops where its tools fail")]

use std::collections::BTreeSet;

use axum::body::Body;
use http::Request;
use testkit::{Answer, Server, Talk, for_each_engine};

const TIMES: usize = 12;

/// Sends the same request many times at once.
async fn at_once(
    talk: &Talk,
    token: &str,
    method: &'static str,
    path: &str,
    form: &str,
    key: &str,
) -> Vec<Answer> {
    let tasks: Vec<_> = (0..TIMES)
        .map(|_| {
            let request = Request::builder()
                .method(method)
                .uri(path)
                .header("authorization", format!("Bearer {token}"))
                .header("content-type", "application/x-www-form-urlencoded")
                .header("idempotency-key", key)
                .body(Body::from(form.to_owned()))
                .unwrap();
            let talk = talk.clone();
            tokio::spawn(async move { talk.ask(request).await })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}

fn id(answer: &Answer) -> String {
    answer.json()["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_idempotency_key_posts_once_even_at_once() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let alice = server.account("alice").await;
        let token = server.token(alice.id, "read write").await;
        let talk = Talk::to(api::router(server.app.clone()));
        let answers =
            at_once(&talk, &token, "POST", "/api/v1/statuses", "status=once", "key").await;
        let ids: BTreeSet<String> =
            answers.iter().filter(|answer| answer.status == 200).map(id).collect();
        assert_eq!(ids.len(), 1, "{answers:?}");
        let account = talk.get(&format!("/api/v1/accounts/{}", alice.id), "").await.json();
        assert_eq!(account["statuses_count"], 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn boosting_and_deleting_at_once_keep_the_counters_right() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let alice = server.account("alice").await;
        let token = server.token(alice.id, "read write").await;
        let talk = Talk::to(api::router(server.app.clone()));
        let parent = id(&talk.post("/api/v1/statuses", &token, "status=parent").await);
        let form = format!("status=child&in_reply_to_id={parent}");
        let child = id(&talk.post("/api/v1/statuses", &token, &form).await);

        let boosts =
            at_once(&talk, &token, "POST", &format!("/api/v1/statuses/{parent}/reblog"), "", "")
                .await;
        let ids: BTreeSet<String> =
            boosts.iter().filter(|answer| answer.status == 200).map(id).collect();
        assert_eq!(ids.len(), 1, "{boosts:?}");
        let path = format!("/api/v1/statuses/{parent}");
        assert_eq!(talk.get(&path, &token).await.json()["reblogs_count"], 1);

        let deleted =
            at_once(&talk, &token, "DELETE", &format!("/api/v1/statuses/{child}"), "", "").await;
        assert_eq!(deleted.iter().filter(|answer| answer.status == 200).count(), 1, "{deleted:?}");
        assert!(deleted.iter().all(|answer| [200, 404].contains(&answer.status.as_u16())));
        assert_eq!(talk.get(&path, &token).await.json()["replies_count"], 0);

        talk.post(&format!("{path}/unreblog"), &token, "").await;
        let after = talk.get(&path, &token).await.json();
        assert_eq!((&after["reblogs_count"], &after["reblogged"]), (&0.into(), &false.into()));
        let account = talk.get(&format!("/api/v1/accounts/{}", alice.id), "").await.json();
        assert_eq!(account["statuses_count"], 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_at_once_each_make_one_version() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let alice = server.account("alice").await;
        let token = server.token(alice.id, "read write").await;
        let talk = Talk::to(api::router(server.app.clone()));
        let status = id(&talk.post("/api/v1/statuses", &token, "status=first").await);
        let path = format!("/api/v1/statuses/{status}");
        let answers = at_once(&talk, &token, "PUT", &path, "status=second", "").await;
        assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
        // The first of them changes it; to the others nothing is left to change.
        let history = talk.get(&format!("{path}/history"), &token).await.json();
        assert_eq!(history.as_array().unwrap().len(), 2, "{history}");
    })
    .await;
}
