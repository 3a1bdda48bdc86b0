//! What waited when the snapshot was made is not sent a second time by who was restored from it.
#![expect(clippy::unwrap_used, reason = "a test stops where its tools fail")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use app::access::Me;
use app::statuses::{self, NewStatus};
use backup::restore::{Settled, Which, bring, settle};
use backup::{KeyCheck, Setup};
use config::DatabaseUrl;
use domain::AccountId;
use domain::account::Account;
use domain::status::Visibility;
use store::relations::{self, FollowOptions};
use store::remote_accounts::{self, Described, RemoteAccount};
use store::{Location, Store, StoreError, accounts};
use testkit::peer::Peer;
use testkit::{ManualClock, Seeded, Server};

#[tokio::test]
async fn r17_a_queued_delivery_is_not_repeated_and_new_posts_are_signed_as_before() {
    let (folder, peer) = (tempfile::tempdir().unwrap(), Peer::start(2).await);
    let (old, author) = backed_up(folder.path(), &peer).await;
    // The post that waited in the queue when the copy was made is delivered a moment later.
    assert_eq!(app::delivery::deliver_all(&old.app).await.unwrap(), 1);
    assert_eq!(peer.posts().len(), 1);
    old.app.store.close().await;
    fs::remove_dir_all(folder.path().join("old")).unwrap();

    let (new, settled) = restored(folder.path(), false).await;
    // The author's key, and that of the account which the reader elsewhere was made after.
    assert_eq!((settled.held.deliveries, settled.keys), (1, 2));
    assert_eq!(app::delivery::deliver_all(&new.app).await.unwrap(), 0);
    let author = sign_in(&new, author).await;
    say(&new, &author, "after").await;
    assert_eq!(app::delivery::deliver_all(&new.app).await.unwrap(), 1);
    let posts = peer.posts();
    assert_eq!(posts.len(), 2);
    assert!(posts[1].json()["object"]["content"].as_str().unwrap().contains("after"));
    let key_id = |number: usize| {
        let signature = posts[number].headers["signature"].to_str().unwrap();
        signature.split(',').find(|part| part.contains("keyId")).unwrap().to_owned()
    };
    assert_eq!(key_id(0), key_id(1));
}

#[tokio::test]
async fn r17_who_says_so_sends_what_waited() {
    let (folder, peer) = (tempfile::tempdir().unwrap(), Peer::start(2).await);
    let (old, _) = backed_up(folder.path(), &peer).await;
    old.app.store.close().await;
    let (new, settled) = restored(folder.path(), true).await;
    assert_eq!(settled.held.deliveries, 0);
    assert_eq!(app::delivery::deliver_all(&new.app).await.unwrap(), 1);
    assert_eq!(peer.posts().len(), 1);
}

/// A server with one post that waits for its one follower elsewhere, and a backup of that moment.
async fn backed_up(folder: &Path, peer: &Peer) -> (Server, AccountId) {
    let setup = setup(folder, "old");
    let store = Store::open(&Location::Sqlite(database(&setup)), 2).await.unwrap();
    store::migrations::migrate(&store, testkit::engines::START).await.unwrap();
    let old = Server::on(store);
    let author = me(&old, "author").await;
    follower(&old, peer, author.id()).await;
    say(&old, &author, "before").await;
    backup::snapshot::run(&setup, &old.app.store, false).await.unwrap();
    (old, author.id())
}

async fn restored(folder: &Path, send_queued: bool) -> (Server, Settled) {
    let setup = setup(folder, "new");
    let brought = bring(&setup, Which::Latest, false).await.unwrap();
    let store = Store::open(&Location::Sqlite(database(&setup)), 2).await.unwrap();
    let all: KeyCheck = Arc::new(|_| Ok(()));
    let settled = settle(&setup, &store, brought, &all, send_queued).await.unwrap();
    (Server::on(store), settled)
}

fn setup(folder: &Path, name: &str) -> Setup {
    let data = folder.join(name);
    fs::create_dir_all(&data).unwrap();
    Setup {
        config: config::Backup {
            repository: Some(folder.join("repository").display().to_string()),
            password: Some("a long phrase for tests".into()),
            ..config::Backup::default()
        },
        database: DatabaseUrl::Sqlite(data.join("tuskling.db")),
        data,
        config_files: Vec::new(),
        clock: Arc::new(ManualClock::new(testkit::engines::START)),
        random: Arc::new(Seeded::new(7)),
        patience: std::time::Duration::ZERO,
    }
}

fn database(setup: &Setup) -> PathBuf {
    setup.data.join("tuskling.db")
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
