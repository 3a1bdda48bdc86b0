//! What other servers' posts may cost: old ones that nobody here has to do with go, the others stay.
#![expect(clippy::unwrap_used, reason = "a helper of tests fails by panicking")]

use domain::account::Account;
use domain::id::first_id_at;
use domain::status::{Parts, Status, Visibility};
use domain::time::DAY;
use domain::{AccountId, ConversationId, RowId, StatusId};
use store::relations::{self, FollowOptions};
use store::{accounts, budget, statuses};
use testkit::{Server, TestDatabase, for_each_engine};

fn status(server: &Server, author: AccountId, age: i64, number: i64) -> Status {
    let created_at = server.app.now().plus(-age);
    Status {
        id: StatusId(first_id_at(created_at) | number),
        uri: Some(format!("https://far.test/{number}")),
        url: None,
        account_id: author,
        text: String::new(),
        format: domain::status::Format::Plain,
        local_only: false,
        content: "<p>old words</p>".into(),
        spoiler_text: String::new(),
        visibility: Visibility::Public,
        sensitive: false,
        language: None,
        in_reply_to: None,
        in_reply_to_account: None,
        boost_of: None,
        quote_of: None,
        quote_policy: "nobody".into(),
        conversation_id: ConversationId(number),
        app_id: None,
        parts: Parts(0),
        replies_count: 0,
        boosts_count: 0,
        favourites_count: 0,
        quotes_count: 0,
        created_at,
        edited_at: None,
        emojis: Vec::new(),
        card_hash: None,
    }
}

async fn keep(server: &Server, local: &Account, name: &str) -> AccountId {
    let account = Account {
        id: AccountId(server.app.ids.next()),
        username: name.into(),
        domain: Some("far.test".into()),
        uri: Some(format!("https://far.test/@{name}")),
        ..local.clone()
    };
    let id = account.id;
    let kept = server
        .app
        .store
        .write(move |conn| Box::pin(async move { accounts::insert(conn, &account).await }));
    kept.await.unwrap();
    id
}

#[tokio::test]
async fn old_posts_of_others_go_unless_somebody_here_has_to_do_with_them() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let alice = server.account("alice").await;
        let (stranger, friend) =
            (keep(&server, &alice, "stranger").await, keep(&server, &alice, "friend").await);
        let old = 200 * DAY;
        let rows: Vec<Status> = vec![
            status(&server, stranger, old, 1),
            status(&server, stranger, old, 2),
            status(&server, stranger, old, 3),
            status(&server, friend, old, 4),
            status(&server, stranger, old, 5),
            status(&server, stranger, 10 * DAY, 6),
            // In the thread that the friend began.
            Status { conversation_id: ConversationId(4), ..status(&server, stranger, old, 7) },
        ];
        let ids: Vec<StatusId> = rows.iter().map(|row| row.id).collect();
        let answer = Status {
            uri: None,
            in_reply_to: Some(ids[2]),
            conversation_id: ConversationId(3),
            ..status(&server, alice.id, DAY, 8)
        };
        let (me, now, row, touched) =
            (alice.id, server.app.now(), server.app.ids.next(), ids.clone());
        let options = FollowOptions { show_boosts: true, notify: false, languages: Vec::new() };
        let made = server.app.store.write(move |conn| {
            Box::pin(async move {
                for row in &rows {
                    statuses::insert(conn, row, false).await?;
                }
                statuses::insert(conn, &answer, true).await?;
                statuses::bookmark(conn, RowId(1), me, touched[1]).await?;
                relations::follow(conn, row, (me, friend), &options, now).await?;
                budget::note_arrival(conn, touched[4], now).await
            })
        });
        made.await.unwrap();
        app::jobs::ensure_recurring(&server.app).await.unwrap();
        app::jobs::run_all(&server.app).await.unwrap();

        let asked = ids.clone();
        let left = server.app.store.read(move |conn| {
            Box::pin(async move {
                let mut left = Vec::new();
                for (number, id) in (1..).zip(asked) {
                    if statuses::by_id(conn, id).await?.is_some() {
                        left.push(number);
                    }
                }
                Ok::<_, store::StoreError>(left)
            })
        });
        assert_eq!(left.await.unwrap(), [2, 3, 4, 5, 6, 7]);
    })
    .await;
}

#[tokio::test]
async fn nothing_goes_where_everything_is_kept() {
    for_each_engine(|store| async move {
        let server = Server::with(store, |config| config.budget.remote_status_days = 0);
        let alice = server.account("alice").await;
        let stranger = keep(&server, &alice, "stranger").await;
        let row = status(&server, stranger, 2_000 * DAY, 1);
        let id = row.id;
        let made = server
            .app
            .store
            .write(move |conn| Box::pin(async move { statuses::insert(conn, &row, false).await }));
        made.await.unwrap();
        app::jobs::ensure_recurring(&server.app).await.unwrap();
        app::jobs::run_all(&server.app).await.unwrap();
        let found = server
            .app
            .store
            .read(move |conn| Box::pin(async move { statuses::by_id(conn, id).await }));
        assert!(found.await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn free_space_of_a_file_is_given_back() {
    let database = TestDatabase::sqlite().await;
    let store::Location::Sqlite(path) = &database.location else { panic!("it is a file") };
    let server = Server::on(database.store.clone());
    let long = "words ".repeat(100_000);
    let fill = database.store.write(move |conn| {
        Box::pin(async move { store::settings::set(conn, "long", &long).await })
    });
    fill.await.unwrap();
    let empty = database
        .store
        .write(|conn| Box::pin(async move { store::settings::set(conn, "long", "").await }));
    empty.await.unwrap();
    let give =
        || database.store.write(|conn| Box::pin(async move { conn.give_back(100_000).await }));
    let pages = give().await.unwrap();
    assert!(pages > 100, "{pages}");
    assert_eq!(give().await.unwrap(), 0, "there is nothing left");
    drop(server);
    database.store.close().await;
    let bytes = std::fs::metadata(path).unwrap().len();
    assert!(bytes < 2_000_000, "{bytes} bytes are left");
}
