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

#[tokio::test]
async fn a_quote_is_taken_back_by_the_quoted_author_only() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let (alice, bob) = (server.account("alice").await, server.account("bob").await);
        let carol = server.account("carol").await;
        let a = server.token(alice.id, "read write follow").await;
        let b = server.token(bob.id, "read write follow").await;
        let c = server.token(carol.id, "read write follow").await;
        let talk = Talk::to(api::router(server.app.clone()));
        let id = |answer: &testkit::Answer| answer.json()["id"].as_str().unwrap().to_owned();
        let quoted = id(&talk.post("/api/v1/statuses", &a, "status=original").await);
        let form = format!("status=look&quoted_status_id={quoted}");
        let quoting = id(&talk.post("/api/v1/statuses", &b, &form).await);
        let other = id(&talk.post("/api/v1/statuses", &b, "status=unrelated").await);
        let revoke = format!("/api/v1/statuses/{quoted}/quotes/{quoting}/revoke");
        assert_eq!(talk.post(&revoke, &c, "").await.status, 403);
        assert_eq!(talk.post(&revoke, &b, "").await.status, 403);
        let unrelated = format!("/api/v1/statuses/{quoted}/quotes/{other}/revoke");
        assert_eq!(talk.post(&unrelated, &a, "").await.status, 404);
        let revoked = talk.post(&revoke, &a, "").await;
        assert_eq!(revoked.status, 200, "{}", revoked.text);
        assert_eq!(revoked.json()["id"], quoting.as_str());
        assert_eq!(revoked.json()["quote"]["state"], "revoked");
        assert!(revoked.json()["quote"]["quoted_status"].is_null());
        assert_eq!(talk.post(&revoke, &a, "").await.status, 200, "twice is once");
        let original = talk.get(&format!("/api/v1/statuses/{quoted}"), &c).await.json();
        assert_eq!(original["quotes_count"], 0);
        let list = talk.get(&format!("/api/v1/statuses/{quoted}/quotes"), &a).await.json();
        assert_eq!(list, serde_json::json!([]));
    })
    .await;
}

#[tokio::test]
async fn the_author_changes_who_may_quote_without_an_edit() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let (alice, bob) = (server.account("alice").await, server.account("bob").await);
        let a = server.token(alice.id, "read write follow").await;
        let b = server.token(bob.id, "read write follow").await;
        let talk = Talk::to(api::router(server.app.clone()));
        let poll = "status=x&poll[options][]=a&poll[options][]=b&poll[expires_in]=600";
        let made = talk.post("/api/v1/statuses", &a, poll).await.json();
        let place = format!("/api/v1/statuses/{}", made["id"].as_str().unwrap());
        let policy = format!("{place}/interaction_policy");
        let changed = talk.send("PUT", &policy, &a, "quote_approval_policy=followers").await;
        assert_eq!(changed.status, 200, "{}", changed.text);
        assert_eq!(changed.json()["quote_approval"]["automatic"][0], "followers");
        assert!(changed.json()["edited_at"].is_null() && !changed.json()["poll"].is_null());
        let seen = talk.get(&place, &b).await.json();
        assert_eq!(seen["quote_approval"]["current_user"], "denied");
        talk.post(&format!("/api/v1/accounts/{}/follow", alice.id), &b, "").await;
        let seen = talk.get(&place, &b).await.json();
        assert_eq!(seen["quote_approval"]["current_user"], "automatic");
        let bad = talk.send("PATCH", &policy, &a, "quote_approval_policy=friends").await;
        assert_eq!(bad.status, 422);
        assert_eq!(talk.send("PUT", &policy, &b, "quote_approval_policy=nobody").await.status, 404);
    })
    .await;
}
