//! M01: HTML of other servers is cleaned once more when it is shown. Here it is put into the database
//! as no cleaner left it: a rule was mended since, or something else wrote it.

use domain::account::{Account, ProfileField};
use domain::status::Status;
use domain::{AccountId, StatusId};
use testkit::{Server, Talk, for_each_engine};

const EVIL: &str = "<p onclick=\"x\">a<img src=x onerror=alert(1)><script>alert(1)</script></p>";

#[tokio::test]
async fn m01_stored_html_is_cleaned_again_when_shown() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let alice = server.account("alice").await;
        let token = server.token(alice.id, "read write").await;
        let talk = Talk::to(api::router(server.app.clone()));
        let posted = talk.post("/api/v1/statuses", &token, "status=hi").await.json();
        let id: i64 = posted["id"].as_str().unwrap().parse().unwrap();
        let (eve, status) = (foreign_account(&server, &alice), server.app.ids.next::<StatusId>());
        let account = eve.id;
        server
            .app
            .write(move |conn| {
                Box::pin(async move {
                    let pattern = store::statuses::by_id(conn, StatusId(id)).await?.unwrap();
                    store::accounts::insert(conn, &eve).await?;
                    store::statuses::insert(conn, &foreign_status(pattern, status, eve.id), false)
                        .await
                })
            })
            .await
            .unwrap();

        let shown = talk.get(&format!("/api/v1/statuses/{status}"), &token).await;
        assert_eq!(shown.status, 200, "{}", shown.text);
        assert_eq!(shown.json()["content"], "<p>a</p>");
        let shown = talk.get(&format!("/api/v1/accounts/{account}"), &token).await.json();
        assert_eq!(shown["note"], "<p>a</p>");
        assert_eq!(shown["fields"][0]["value"], "<p>a</p>");
        let history = talk.get(&format!("/api/v1/statuses/{status}/history"), &token).await;
        assert_eq!(history.json()[0]["content"], "<p>a</p>", "{}", history.text);
        // What somebody typed here is shown as it was rendered.
        assert_eq!(posted["content"], "<p>hi</p>");
    })
    .await;
}

fn foreign_account(server: &Server, pattern: &Account) -> Account {
    let row = ProfileField { name: "n".into(), value: EVIL.into(), verified_at: None };
    Account {
        id: server.app.ids.next::<AccountId>(),
        username: "eve".into(),
        domain: Some("far.test".into()),
        uri: Some("https://far.test/users/eve".into()),
        url: Some("https://far.test/@eve".into()),
        note: EVIL.into(),
        fields: vec![row],
        ..pattern.clone()
    }
}

fn foreign_status(pattern: Status, id: StatusId, account_id: AccountId) -> Status {
    Status {
        id,
        uri: Some("https://far.test/1".into()),
        url: Some("https://far.test/1".into()),
        account_id,
        text: String::new(),
        content: EVIL.into(),
        ..pattern
    }
}
