//! House rules, announcements that wait, and what is scheduled twice.
#![expect(clippy::unwrap_used, reason = "a test stops where its tools fail")]

use app::access::Me;
use app::announcements::{NewAnnouncement, change as change_announcement, end, publish};
use app::house_rules::{Change, Way, change, current};
use domain::RowId;
use domain::account::Role;
use domain::time::{DAY, HOUR};
use serde_json::json;
use testkit::{Server, Talk, for_each_engine};

async fn staff(server: &Server, role: Role) -> Me {
    let account = server.account(&format!("{}here", role.name())).await;
    let id = account.id;
    let user = server
        .app
        .store
        .read(move |conn| Box::pin(async move { store::users::by_account(conn, id).await }));
    let mut user = user.await.unwrap().unwrap();
    user.role = role;
    Me { account, user }
}

#[tokio::test]
async fn rules_of_the_settings_file_keep_their_numbers_when_others_are_written() {
    for_each_engine(|store| async move {
        let server = Server::with(store, |config| {
            config.instance.rules = vec!["Be kind.".into(), "No ads.".into()];
        });
        let talk = Talk::to(api::router(server.app.clone()));
        let alice = server.account("alice").await;
        let token = server.token(alice.id, "read write").await;
        let bob = server.account("bob").await;
        let owner = staff(&server, Role::Admin).await;
        let report = async |rule: &str| {
            let form = format!("account_id={}&category=violation&rule_ids[]={rule}", bob.id);
            talk.post("/api/v1/reports", &token, &form).await.status.as_u16()
        };
        assert_eq!((report("2").await, report("3").await), (200, 422));

        let member = staff(&server, Role::Moderator).await;
        let new = || Change::Add { text: " Describe pictures. ".into(), hint: "Why".into() };
        assert!(change(&server.app, &member, new()).await.is_err(), "moderators write none");
        change(&server.app, &owner, new()).await.unwrap();
        let ids = async || -> Vec<i64> {
            current(&server.app).await.unwrap().iter().map(|rule| rule.id.0).collect()
        };
        let new_id = ids().await[2];
        assert_eq!(ids().await[..2], [1, 2]);
        change(&server.app, &owner, Change::Move { id: RowId(new_id), way: Way::Up })
            .await
            .unwrap();
        change(&server.app, &owner, Change::Move { id: RowId(1), way: Way::Up }).await.unwrap();
        assert_eq!(ids().await, [1, new_id, 2]);
        change(&server.app, &owner, Change::Remove { id: RowId(2) }).await.unwrap();
        assert!(change(&server.app, &owner, Change::Remove { id: RowId(2) }).await.is_err());
        for text in ["", " ", &"x".repeat(301)] {
            let add = Change::Add { text: text.into(), hint: String::new() };
            assert!(change(&server.app, &owner, add).await.is_err(), "{text:?}");
        }
        let seen = talk.get("/api/v1/instance/rules", "").await.json();
        assert_eq!(seen[1]["text"], "Describe pictures.");
        assert_eq!(talk.get("/api/v2/instance", "").await.json()["rules"], seen);
        assert_eq!((report("2").await, report(&new_id.to_string()).await), (422, 200));
        let ever = app::house_rules::ever(&server.app).await.unwrap();
        assert!(ever.iter().any(|rule| rule.id.0 == 2 && rule.is_removed), "reports still name it");
    })
    .await;
}

#[tokio::test]
async fn an_announcement_waits_is_changed_and_ends() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let talk = Talk::to(api::router(server.app.clone()));
        let alice = server.account("alice").await;
        let token = server.token(alice.id, "read write").await;
        let seen = async || talk.get("/api/v1/announcements", &token).await.json();
        let now = server.app.now();
        let at = |publish: i64, end: Option<i64>| NewAnnouncement {
            text: "The hut opens".into(),
            publish_at: Some(now.plus(publish)),
            ends_at: end.map(|end| now.plus(end)),
            ..NewAnnouncement::default()
        };
        for wrong in [at(2 * HOUR, Some(HOUR)), at(0, Some(-HOUR)), at(800 * DAY, None)] {
            assert!(publish(&server.app, wrong).await.is_err());
        }
        let made = publish(&server.app, at(HOUR, Some(DAY))).await.unwrap();
        app::jobs::run_all(&server.app).await.unwrap();
        assert_eq!(seen().await, json!([]));
        server.clock.advance(HOUR);
        app::jobs::run_all(&server.app).await.unwrap();
        assert_eq!(seen().await[0]["content"], "<p>The hut opens</p>");

        let dismiss = format!("/api/v1/announcements/{}/dismiss", made.id);
        talk.post(&dismiss, &token, "").await;
        assert_eq!(seen().await[0]["read"], true);
        let new = NewAnnouncement { text: "The hut is full".into(), ..NewAnnouncement::default() };
        let changed = change_announcement(&server.app, made.id, new).await.unwrap();
        assert_eq!(changed.published_at, made.published_at, "it is shown since when it was");
        assert_eq!(seen().await[0]["content"], "<p>The hut is full</p>");
        assert_eq!(seen().await[0]["read"], false, "other words are to be read");
        end(&server.app, made.id).await.unwrap();
        assert_eq!(seen().await, json!([]));
        assert!(end(&server.app, RowId(1)).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn the_same_request_schedules_once() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let talk = Talk::to(api::router(server.app.clone()));
        let alice = server.account("alice").await;
        let token = server.token(alice.id, "read write").await;
        let at = server.app.now().plus(DAY).rfc3339();
        let send = async |key: &str| {
            let request = http::Request::post("/api/v1/statuses")
                .header("authorization", format!("Bearer {token}"))
                .header("idempotency-key", key)
                .header("content-type", "application/x-www-form-urlencoded");
            let form = format!("status=later&scheduled_at={at}");
            talk.ask(request.body(axum::body::Body::from(form)).unwrap()).await.json()["id"].clone()
        };
        let first = send("one").await;
        assert_eq!(send("one").await, first);
        assert_ne!(send("two").await, first);
        let kept = talk.get("/api/v1/scheduled_statuses", &token).await.json();
        assert_eq!(kept.as_array().unwrap().len(), 2);
    })
    .await;
}
