//! `/api/v1/tuskling/statuses/{id}/deliveries`: the author's alone.

use http::StatusCode;
use testkit::{Server, Talk, for_each_engine};

#[tokio::test]
async fn v05_receipts_are_the_authors_alone() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let talk = Talk::to(api::router(server.app.clone()));
        let (author, other) = (server.account("author").await, server.account("other").await);
        let mine = server.token(author.id, "read:statuses write:statuses").await;
        let theirs = server.token(other.id, "read write").await;
        let narrow = server.token(author.id, "read:accounts").await;
        let posted = talk.post("/api/v1/statuses", &mine, "status=hello").await.json();
        let path =
            format!("/api/v1/tuskling/statuses/{}/deliveries", posted["id"].as_str().unwrap());
        let retry = format!("{path}/retry");
        let found = talk.get(&path, &mine).await;
        assert_eq!((found.status, found.json()), (StatusCode::OK, serde_json::json!([])));
        let retried = talk.post(&retry, &mine, "").await;
        assert_eq!(retried.json(), serde_json::json!({ "retried": 0 }));
        for (token, status) in [
            (&theirs, StatusCode::NOT_FOUND),
            (&narrow, StatusCode::FORBIDDEN),
            (&String::new(), StatusCode::UNAUTHORIZED),
        ] {
            assert_eq!(talk.get(&path, token).await.status, status);
            assert_eq!(talk.post(&retry, token, "").await.status, status);
        }
        let hidden = talk.get(&path, &theirs).await;
        let absent = talk.get("/api/v1/tuskling/statuses/1/deliveries", &theirs).await;
        assert_eq!((hidden.status, hidden.text), (absent.status, absent.text), "V02");
    })
    .await;
}
