//! What waited when the snapshot was made is not sent a second time by who was restored from it.

use std::fs;

use app::access::Me;
use app::statuses::{self, NewStatus};
use backup::restore::{Which, bring, settle};
use domain::AccountId;
use domain::account::Account;
use domain::status::Visibility;
use store::relations::{self, FollowOptions};
use store::remote_accounts::{self, Described, RemoteAccount};
use store::{Location, Store, StoreError, accounts};
use testkit::Server;
use testkit::peer::Peer;


#[tokio::test]
async fn r17_a_queued_delivery_is_not_repeated_and_new_posts_are_signed_as_before() {
    let (machine, peer) = (Machine::new().await, Peer::start(2).await);
    let old = Server::on(machine.store().await);
    let author = me(&old, "author").await;
    follower(&old, &peer, author.id()).await;
    say(&old, &author, "before").await;
    // The post waits in the queue when the copy is made, and is delivered a moment later.
    machine.clock.advance(60_000);
    backup::snapshot::run(&machine.setup(), &old.app.store, false).await.unwrap();
    assert_eq!(app::delivery::deliver_all(&old.app).await.unwrap(), 1);
    assert_eq!(peer.posts().len(), 1);
    let key = peer.posts()[0].headers["signature"].to_str().unwrap().to_owned();
    old.app.store.close().await;
    drop(old);
    fs::remove_dir_all(machine.data()).unwrap();

    let setup = machine.elsewhere("new");
    let brought = bring(&setup, Which::Latest, false).await.unwrap();
    let store = Store::open(&Location::Sqlite(setup.data.join("tuskling.db")), 2).await.unwrap();
    let settled = settle(&setup, &store, brought, &all_keys(), false).await.unwrap();
    assert_eq!(settled.held.deliveries, 1);
    assert_eq!(settled.keys, 1);
    let new = Server::on(store);
    assert_eq!(app::delivery::deliver_all(&new.app).await.unwrap(), 0);
    let author = sign_in(&new, author.id()).await;
    say(&new, &author, "after").await;
    assert_eq!(app::delivery::deliver_all(&new.app).await.unwrap(), 1);
    let posts = peer.posts();
    assert_eq!(posts.len(), 2);
    assert!(posts[1].json()["object"]["content"].as_str().unwrap().contains("after"));
    let id = |signature: &str| signature.split("keyId=").nth(1).unwrap().split(',').next().unwrap().to_owned();
    assert_eq!(id(posts[1].headers["signature"].to_str().unwrap()), id(&key));
}

#[tokio::test]
async fn r17_who_says_so_sends_what_waited() {
    let (machine, peer) = (Machine::new().await, Peer::start(2).await);
    let old = Server::on(machine.store().await);
    let author = me(&old, "author").await;
    follower(&old, &peer, author.id()).await;
    say(&old, &author, "before").await;
    machine.clock.advance(60_000);
    backup::snapshot::run(&machine.setup(), &old.app.store, false).await.unwrap();
    old.app.store.close().await;
    let setup = machine.elsewhere("new");
    let brought = bring(&setup, Which::Latest, false).await.unwrap();
    let store = Store::open(&Location::Sqlite(setup.data.join("tuskling.db")), 2).await.unwrap();
    settle(&setup, &store, brought, &all_keys(), true).await.unwrap();
    let new = Server::on(store);
    assert_eq!(app::delivery::deliver_all(&new.app).await.unwrap(), 1);
    assert_eq!(peer.posts().len(), 1);
}

async fn me(server: &Server, name: &str) -> Me {
    let account = server.account(name).await;
    // Its key is made by a job.
    app::jobs::run_all(&server.app).await.unwrap();
    sign_in(server, account.id).await
}

async fn sign_in(server: &Server, account: AccountId) -> Me {
    let token = server.token(account, "read write").await;
    let secret = domain::secret::Secret::from_outside(token);
    app::access::authenticate(&server.app, &secret, false).await.unwrap().me.unwrap()
}

async fn say(server: &Server, who: &Me, text: &str) {
    let new = NewStatus {
        text: text.into(),
        visibility: Some(Visibility::Public),
        ..NewStatus::default()
    };
    statuses::post(&server.app, who, new).await.unwrap();
    app::jobs::run_all(&server.app).await.unwrap();
}

/// Somebody at the peer follows this account already.
async fn follower(server: &Server, peer: &Peer, whom: AccountId) {
    let uri = format!("http://{}/users/reader", peer.host);
    let mut account: Account = server.account("template").await;
    account.id = server.app.ids.next();
    account.username = "reader".into();
    account.domain = Some(peer.host.clone());
    account.uri = Some(uri.clone());
    let remote = RemoteAccount {
        account_id: account.id,
        host: peer.host.clone(),
        kind: "person".into(),
        inbox: peer.url("/users/reader/inbox"),
        shared_inbox: None,
        outbox: None,
        followers_uri: Some(format!("{uri}/followers")),
        following_uri: None,
        featured_uri: None,
        featured_tags_uri: None,
        moved_to_uri: None,
        also_known_as: Vec::new(),
        attribution_domains: Vec::new(),
        fetched_at: server.app.now(),
        backfilled_at: None,
    };
    let (row, now, who) = (server.app.ids.next(), server.app.now(), account.id);
    let described = Described { account, remote, keys: Vec::new() };
    let write = server.app.store.write(move |conn| {
        Box::pin(async move {
            remote_accounts::upsert(conn, &described, now).await?;
            relations::follow(conn, row, (who, whom), &FollowOptions::default(), now).await?;
            accounts::count_follow(conn, who, whom, 1).await?;
            Ok::<_, StoreError>(())
        })
    });
    write.await.unwrap();
}
