//! Blocking a whole domain ends the follows between it and the account, and the counters follow.

use domain::account::Account;
use domain::{AccountId, RowId, Timestamp};
use store::relations::{self, FollowOptions};
use store::{Conn, Page, Result, accounts, domain_blocks};
use testkit::for_each_engine;

fn account(id: i64, name: &str, domain: Option<&str>) -> Account {
    Account {
        id: AccountId(id),
        username: name.into(),
        domain: domain.map(Into::into),
        uri: domain.map(|domain| format!("https://{domain}/{name}")),
        url: None,
        display_name: String::new(),
        note: String::new(),
        fields: Vec::new(),
        avatar: None,
        avatar_description: String::new(),
        header: None,
        header_description: String::new(),
        locked: false,
        bot: false,
        discoverable: false,
        indexable: false,
        hide_collections: false,
        followers_count: 0,
        following_count: 0,
        statuses_count: 0,
        last_status_at: None,
        created_at: Timestamp(0),
        suspended_at: None,
        silenced_at: None,
        sensitized_at: None,
        moved_to: None,
        is_group: false,
        memorial: false,
        emojis: Vec::new(),
    }
}

async fn follow(conn: &mut Conn, row: i64, who: i64, whom: i64) -> Result<()> {
    let pair = (AccountId(who), AccountId(whom));
    relations::follow(conn, RowId(row), pair, &FollowOptions::default(), Timestamp(0)).await?;
    accounts::count_follow(conn, pair.0, pair.1, 1).await
}

#[tokio::test]
async fn a_blocked_domain_is_left_and_leaves() {
    for_each_engine(|store| async move {
        let counts = store
            .write(|conn| {
                Box::pin(async move {
                    accounts::insert(conn, &account(1, "me", None)).await?;
                    accounts::insert(conn, &account(2, "bad", Some("bad.example"))).await?;
                    accounts::insert(conn, &account(3, "good", Some("good.example"))).await?;
                    for (row, (who, whom)) in (10..).zip([(1, 2), (2, 1), (1, 3), (3, 1)]) {
                        follow(conn, row, who, whom).await?;
                    }
                    assert_eq!(
                        domain_blocks::counts(conn, AccountId(1), "bad.example").await?,
                        (1, 1)
                    );
                    domain_blocks::block(conn, RowId(20), AccountId(1), "bad.example").await?;
                    domain_blocks::block(conn, RowId(21), AccountId(1), "bad.example").await?;
                    let listed = domain_blocks::list(conn, AccountId(1), &Page::newest(10)).await?;
                    assert_eq!(listed.len(), 1, "twice is once");
                    let mut found =
                        accounts::by_ids(conn, &[AccountId(1), AccountId(2), AccountId(3)]).await?;
                    found.sort_by_key(|account| account.id);
                    Ok::<_, store::StoreError>(
                        found
                            .iter()
                            .map(|account| (account.following_count, account.followers_count))
                            .collect::<Vec<_>>(),
                    )
                })
            })
            .await
            .unwrap();
        assert_eq!(counts, [(1, 1), (0, 0), (1, 1)]);
    })
    .await;
}
