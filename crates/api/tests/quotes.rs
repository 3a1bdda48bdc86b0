//! Quoting: who may, what is shown, and what stays hidden (V03).

use testkit::{Server, Talk, for_each_engine};

#[tokio::test]
async fn v03_quoting_follows_the_authors_policy_and_never_widens_an_audience() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let (alice, bob) = (server.account("alice").await, server.account("bob").await);
        let a = server.token(alice.id, "read write follow").await;
        let b = server.token(bob.id, "read write follow").await;
        let talk = Talk::to(api::router(server.app.clone()));
        let post = |token: String, form: String| {
            let talk = talk.clone();
            async move { talk.post("/api/v1/statuses", &token, &form).await }
        };
        let id = |answer: &testkit::Answer| answer.json()["id"].as_str().unwrap().to_owned();
        let open = id(&post(a.clone(), "status=open".into()).await);
        let closed =
            id(&post(a.clone(), "status=closed&quote_approval_policy=nobody".into()).await);
        let private = id(&post(a.clone(), "status=private&visibility=private".into()).await);

        let quote = post(b.clone(), format!("status=look&quoted_status_id={open}")).await;
        assert_eq!(quote.status, 200, "{}", quote.text);
        assert_eq!(quote.json()["quote"]["state"], "accepted");
        assert_eq!(quote.json()["quote"]["quoted_status"]["id"], open.as_str());
        assert_eq!(
            post(b.clone(), format!("status=x&quoted_status_id={closed}")).await.status,
            422
        );
        assert_eq!(
            post(b.clone(), format!("status=x&quoted_status_id={private}")).await.status,
            404
        );
        let own = post(a.clone(), format!("status=mine&quoted_status_id={private}")).await;
        assert_eq!(own.json()["visibility"], "private", "{}", own.text);

        let nested = post(b.clone(), format!("status=again&quoted_status_id={}", id(&quote))).await;
        assert_eq!(
            nested.json()["quote"]["quoted_status"]["quote"]["quoted_status_id"],
            open.as_str()
        );
        let original = talk.get(&format!("/api/v1/statuses/{open}"), &b).await.json();
        assert_eq!(original["quotes_count"], 1);
        let list = talk.get(&format!("/api/v1/statuses/{open}/quotes"), &a).await.json();
        assert_eq!(list.as_array().unwrap().len(), 1);

        talk.send("DELETE", &format!("/api/v1/statuses/{open}"), &a, "").await;
        let after = talk.get(&format!("/api/v1/statuses/{}", id(&quote)), &b).await.json();
        assert_eq!(after["quote"]["state"], "deleted");
        assert!(after["quote"]["quoted_status"].is_null());
    })
    .await;
}
