//! Announcements and what people say to them, oEmbed, names of servers, tokens looked at, and what this
//! server does not keep.

use app::announcements::{NewAnnouncement, publish};
use http::StatusCode;
use serde_json::json;
use testkit::{Server, Talk, for_each_engine};

#[tokio::test]
async fn people_react_to_an_announcement_and_take_it_back() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let talk = Talk::to(api::router(server.app.clone()));
        let (alice, bob) = (server.account("alice").await, server.account("bob").await);
        let a = server.token(alice.id, "read write").await;
        let b = server.token(bob.id, "read write").await;
        let new = NewAnnouncement { text: "Hello #Party".into(), ..NewAnnouncement::default() };
        let made = publish(&server.app, new).await.unwrap();
        let at = |name: &str| format!("/api/v1/announcements/{}/reactions/{name}", made.id);

        assert_eq!(talk.send("PUT", &at("%F0%9F%91%8D"), &a, "").await.json(), json!({}));
        assert_eq!(talk.send("PATCH", &at("%F0%9F%91%8D"), &a, "").await.status, 200);
        assert_eq!(talk.send("PUT", &at("%F0%9F%91%8D"), &b, "").await.status, 200);
        let seen = talk.get("/api/v1/announcements", &a).await.json();
        assert_eq!(seen[0]["reactions"], json!([{ "name": "👍", "count": 2, "me": true }]));
        assert_eq!(seen[0]["tags"][0]["name"], "party");
        for none in ["nope", "%3Cb%3E", "a"] {
            let answer = talk.send("PUT", &at(none), &a, "").await;
            assert_eq!(answer.status, 422, "{none}");
            assert_eq!(answer.json()["error"], "Validation failed: Name is not a recognized emoji");
        }
        for more in ["%F0%9F%98%80", "%F0%9F%98%81", "%F0%9F%98%82", "%F0%9F%98%83", "%F0%9F%98%84"]
        {
            assert_eq!(talk.send("PUT", &at(more), &b, "").await.status, 200);
        }
        for more in ["%F0%9F%98%85", "%F0%9F%98%86"] {
            assert_eq!(talk.send("PUT", &at(more), &b, "").await.status, 200);
        }
        assert_eq!(talk.send("PUT", &at("%F0%9F%98%87"), &b, "").await.status, 422, "a ninth one");

        assert_eq!(talk.send("DELETE", &at("%F0%9F%91%8D"), &a, "").await.status, 200);
        assert_eq!(talk.send("DELETE", &at("%F0%9F%91%8D"), &a, "").await.status, 404);
        let seen = talk.get("/api/v1/announcements", &a).await.json();
        assert_eq!(seen[0]["reactions"][0], json!({ "name": "👍", "count": 1, "me": false }));
        let nowhere = "/api/v1/announcements/1/reactions/%F0%9F%91%8D";
        assert_eq!(talk.send("PUT", nowhere, &a, "").await.status, 404);

        assert!(app::announcements::remove(&server.app, made.id).await.unwrap());
        assert_eq!(talk.get("/api/v1/announcements", &a).await.json(), json!([]));
    })
    .await;
}

#[tokio::test]
async fn v01_only_what_anybody_may_see_is_embedded() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let talk = Talk::to(api::router(server.app.clone()));
        let alice = server.account("alice").await;
        let token = server.token(alice.id, "read write").await;
        let post = async |form: &str| {
            let made = talk.post("/api/v1/statuses", &token, form).await.json();
            (made["id"].as_str().unwrap().to_owned(), made["url"].as_str().unwrap().to_owned())
        };
        let ask = async |url: &str| {
            let query: String = url::form_urlencoded::byte_serialize(url.as_bytes()).collect();
            talk.get(&format!("/api/oembed?url={query}&maxwidth=300"), "").await
        };
        let (id, open) = post("status=%3Cb%3E+%26+words").await;
        let (_, private) = post("status=secret&visibility=private").await;
        let found = ask(&open).await;
        assert_eq!(found.status, 200, "{}", found.text);
        let body = found.json();
        assert_eq!((&body["type"], &body["version"]), (&json!("rich"), &json!("1.0")));
        assert_eq!(body["width"], 300);
        let html = body["html"].as_str().unwrap();
        assert!(html.contains("&lt;b&gt; &amp; words") && html.contains(&open), "{html}");
        assert_eq!(
            ask(&format!("http://localhost:3000/users/alice/statuses/{id}")).await.status,
            200
        );
        for hidden in
            [&private as &str, "http://localhost:3000/@alice/1", "http://elsewhere.test/1", ""]
        {
            assert_eq!(ask(hidden).await.status, StatusCode::NOT_FOUND, "{hidden}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_app_learns_of_its_own_tokens_only() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let talk = Talk::to(api::router(server.app.clone()));
        let form = "client_name=x&redirect_uris=urn:ietf:wg:oauth:2.0:oob&scopes=read+write";
        let mine = talk.post("/api/v1/apps", "", form).await.json();
        let other = talk.post("/api/v1/apps", "", form).await.json();
        let keys = |app: &serde_json::Value| {
            let text = |name: &str| app[name].as_str().unwrap().to_owned();
            format!("client_id={}&client_secret={}", text("client_id"), text("client_secret"))
        };
        let grant = format!("grant_type=client_credentials&scope=read&{}", keys(&mine));
        let token = talk.post("/oauth/token", "", &grant).await.json();
        let token = token["access_token"].as_str().unwrap().to_owned();
        let ask = async |app: &serde_json::Value, token: &str| {
            let form = format!("{}&token={token}", keys(app));
            talk.post("/oauth/introspect", "", &form).await.json()
        };
        let known = ask(&mine, &token).await;
        assert_eq!((&known["active"], &known["scope"]), (&json!(true), &json!("read")));
        assert_eq!(known["client_id"], mine["client_id"]);
        assert_eq!(ask(&other, &token).await, json!({ "active": false }));
        assert_eq!(ask(&mine, "nonsense").await, json!({ "active": false }));
        assert_eq!(talk.post("/oauth/introspect", "", &format!("token={token}")).await.status, 401);
        let info = talk.get("/oauth/token/info", &token).await.json();
        assert_eq!(info["application"]["uid"], mine["client_id"]);
        assert_eq!((&info["scope"], &info["resource_owner_id"]), (&json!(["read"]), &json!(null)));
        assert_eq!(talk.get("/oauth/token/info", "").await.status, 401);
        talk.post("/oauth/revoke", "", &format!("{}&token={token}", keys(&mine))).await;
        assert_eq!(ask(&mine, &token).await, json!({ "active": false }));
    })
    .await;
}

#[tokio::test]
async fn what_is_not_kept_is_answered_as_a_mastodon_without_it_does() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let talk = Talk::to(api::router(server.app.clone()));
        let alice = server.account("alice").await;
        let token = server.token(alice.id, "read write").await;
        let reports = talk.get("/api/v1/annual_reports", &token).await.json();
        assert_eq!(reports, json!({ "annual_reports": [], "accounts": [], "statuses": [] }));
        let proofs = format!("/api/v1/accounts/{}/identity_proofs", alice.id);
        assert_eq!(talk.get(&proofs, &token).await.json(), json!([]));
        for missing in [
            "/api/v1/annual_reports/2025",
            "/api/v1_alpha/async_refreshes/x",
            "/api/v1/timelines/link?url=https://a.test",
            "/api/v1/accounts/1/identity_proofs",
        ] {
            assert_eq!(talk.get(missing, &token).await.status, 404, "{missing}");
        }
        assert_eq!(talk.get("/api/v1/peers/search", "").await.json(), json!([]));
        let change = talk.get("/.well-known/change-password", "").await;
        assert_eq!(
            (change.status, &change.headers["location"]),
            (StatusCode::SEE_OTHER, &"/settings/security".parse().unwrap())
        );
        assert_eq!(
            talk.get("/custom.css", "").await.headers["content-type"],
            "text/css; charset=utf-8"
        );
        let manifest = talk.get("/manifest", "").await;
        assert_eq!(manifest.headers["location"], "/manifest.webmanifest");
    })
    .await;
}

#[tokio::test]
async fn a_tag_is_featured_by_its_name_as_mastodon_reads_it_and_by_its_id() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let talk = Talk::to(api::router(server.app.clone()));
        let me = server.token(server.account("alice").await.id, "read write").await;
        // Nobody ever used it.
        let gone = talk.post("/api/v1/tags/Feeling/unfeature", &me, "").await;
        assert_eq!((gone.status, &gone.json()["featuring"]), (StatusCode::OK, &json!(false)));
        let made = talk.post("/api/v1/tags/Feeling/feature", &me, "").await.json();
        assert_eq!((&made["name"], &made["featuring"]), (&json!("Feeling"), &json!(true)));
        let shown = talk.get("/api/v1/featured_tags", &me).await.json();
        assert_eq!(shown[0]["name"], made["name"]);
        let by_id = format!("/api/v1/tags/{}", made["id"].as_str().unwrap());
        let gone = talk.post(&format!("{by_id}/unfeature"), &me, "").await.json();
        assert_eq!(gone["featuring"], json!(false));
        let again = talk.post(&format!("{by_id}/feature"), &me, "").await.json();
        assert_eq!(again["featuring"], json!(true));
        let gone = talk.post("/api/v1/tags/feeling/unfeature", &me, "").await.json();
        assert_eq!(gone["featuring"], json!(false));
        for nothing in ["1", "%20", "a%20b"] {
            let answer = talk.post(&format!("/api/v1/tags/{nothing}/feature"), &me, "").await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{nothing}");
        }
    })
    .await;
}
