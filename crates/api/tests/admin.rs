//! Rules about other servers by the API: who may, and what they are then.
#![expect(clippy::unwrap_used, reason = "a test stops where its tools fail")]

use app::accounts::NewAccount;
use domain::account::Role;
use http::StatusCode;
use serde_json::{Value, json};
use testkit::{Server, Talk, for_each_engine};

const BLOCKS: &str = "/api/v1/admin/domain_blocks";
const ALLOWS: &str = "/api/v1/admin/domain_allows";

async fn with_role(server: &Server, name: &str, role: Role) -> domain::AccountId {
    let new = NewAccount {
        username: name.to_owned(),
        email: format!("{name}@localhost"),
        password: testkit::PASSWORD.to_owned(),
        role,
        confirmed: true,
        approved: true,
        locale: "en".to_owned(),
    };
    app::accounts::create(&server.app, new).await.unwrap().0.id
}

#[tokio::test]
async fn a02_rules_about_servers_need_scope_and_role_and_an_active_account() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let talk = Talk::to(api::router(server.app.clone()));
        let admin = with_role(&server, "admin", Role::Admin).await;
        let moderator = with_role(&server, "moderator", Role::Moderator).await;
        let member = server.account("member").await.id;
        let all = "read write follow push admin:read admin:write";
        for (path, scope) in [(BLOCKS, "domain_blocks"), (ALLOWS, "domain_allows")] {
            for (who, scopes, status) in [
                (admin, all, 200),
                (admin, "admin:read", 200),
                (admin, &format!("admin:read:{scope}") as &str, 200),
                (admin, "admin:write", 403),
                (admin, "admin:read:reports", 403),
                (admin, "read write follow push", 403),
                (moderator, all, 403),
                (member, all, 403),
            ] {
                let token = server.token(who, scopes).await;
                assert_eq!(talk.get(path, &token).await.status, status, "{path} {scopes}");
            }
            assert_eq!(talk.get(path, "").await.status, StatusCode::UNAUTHORIZED);
            for (who, scopes, status) in [
                (admin, "admin:read", 403),
                (admin, "write", 403),
                (moderator, all, 403),
                (admin, &format!("admin:write:{scope}") as &str, 200),
            ] {
                let token = server.token(who, scopes).await;
                let answer = talk.post(path, &token, "domain=bad.test").await;
                assert_eq!(answer.status, status, "{path} {scopes}");
            }
        }
        let token = server.token(admin, all).await;
        app::accounts::suspend(&server.app, admin, true).await.unwrap();
        assert_eq!(talk.get(BLOCKS, &token).await.status, StatusCode::UNAUTHORIZED);
    })
    .await;
}

#[tokio::test]
async fn a_rule_is_made_read_changed_and_lifted() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let talk = Talk::to(api::router(server.app.clone()));
        let owner = with_role(&server, "owner", Role::Owner).await;
        let token = server.token(owner, "admin:read admin:write").await;
        let made = talk.post(BLOCKS, &token, "domain=BAD.test&public_comment=spam").await.json();
        assert_eq!(made["domain"], "bad.test");
        assert_eq!(made["severity"], "silence");
        assert_eq!(made["public_comment"], "spam");
        assert_eq!(made["private_comment"], Value::Null);
        assert_eq!(made["digest"].as_str().unwrap().len(), 64);
        let place = format!("{BLOCKS}/{}", made["id"].as_str().unwrap());
        assert_eq!(talk.get(&place, &token).await.json(), made);
        // What is covered already is told.
        for (form, status) in [
            ("domain=bad.test&severity=suspend", 422),
            ("domain=below.bad.test&severity=noop", 422),
            ("domain=below.bad.test&severity=suspend", 200),
            ("domain=other.test&severity=hard", 422),
            ("domain=not+a+host", 422),
            ("domain=localhost:3000", 422),
            ("severity=noop", 422),
        ] {
            let answer = talk.post(BLOCKS, &token, form).await;
            assert_eq!(answer.status, status, "{form}: {}", answer.text);
            if form.contains("=bad.test") {
                assert_eq!(answer.json()["existing_domain_block"], made);
            }
        }
        let changed = talk.send("PUT", &place, &token, "severity=suspend&reject_media=true").await;
        let changed = changed.json();
        assert_eq!(changed["id"], made["id"]);
        assert_eq!(
            (&changed["severity"], &changed["reject_media"]),
            (&json!("suspend"), &json!(true))
        );
        assert_eq!(changed["public_comment"], "spam", "what is not said stays");
        let first = talk.get(&format!("{BLOCKS}?limit=1"), &token).await;
        assert_eq!(first.json()[0]["domain"], "below.bad.test");
        let link = first.headers["link"].to_str().unwrap().to_owned();
        assert!(link.contains("max_id=") && link.contains("rel=\"next\""), "{link}");
        assert_eq!(talk.send("DELETE", &place, &token, "").await.json(), json!({}));
        assert_eq!(talk.get(&place, &token).await.status, StatusCode::NOT_FOUND);
        assert_eq!(talk.send("DELETE", &place, &token, "").await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn an_allowed_domain_is_named_once_and_taken_back() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let talk = Talk::to(api::router(server.app.clone()));
        let owner = with_role(&server, "owner", Role::Owner).await;
        let token = server.token(owner, "admin:read admin:write").await;
        let made = talk.post(ALLOWS, &token, "domain=Good.test.").await.json();
        assert_eq!(made["domain"], "good.test");
        assert_eq!(talk.post(ALLOWS, &token, "domain=good.test").await.json(), made);
        assert_eq!(talk.get(ALLOWS, &token).await.json(), json!([made]));
        assert_eq!(talk.post(ALLOWS, &token, "domain=/").await.status, 422);
        assert_eq!(talk.post(ALLOWS, &token, "").await.status, 400);
        let place = format!("{ALLOWS}/{}", made["id"].as_str().unwrap());
        assert_eq!(talk.get(&place, &token).await.json(), made);
        assert_eq!(talk.send("DELETE", &place, &token, "").await.json(), json!({}));
        assert_eq!(talk.get(&place, &token).await.status, StatusCode::NOT_FOUND);
    })
    .await;
}
