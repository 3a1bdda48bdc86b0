//! People of other servers, as they are known after they were fetched.

use app::access::Me;
use app::statuses::{self, NewStatus};
use domain::AccountId;
use domain::account::Account;
use domain::status::Visibility;
use store::relations::{self, FollowOptions};
use store::remote_accounts::{self, Described, RemoteAccount};
use store::{StoreError, accounts};
use testkit::Server;
use testkit::peer::Peer;

pub async fn me(server: &Server, name: &str) -> Me {
    let account = server.account(name).await;
    // Its key is made by a job.
    app::jobs::run_all(&server.app).await.unwrap();
    let token = server.token(account.id, "read write follow").await;
    let secret = domain::secret::Secret::from_outside(token);
    app::access::authenticate(&server.app, &secret, false).await.unwrap().me.unwrap()
}

/// Where the mail of a remote account goes.
pub struct Inboxes {
    pub inbox: String,
    pub shared: Option<String>,
}

/// An account of this peer: everybody has an inbox, all share one.
pub async fn remote(server: &Server, peer: &Peer, name: &str) -> Account {
    let inboxes = Inboxes {
        inbox: peer.url(&format!("/users/{name}/inbox")),
        shared: Some(peer.url("/inbox")),
    };
    remote_with(server, &peer.host, name, inboxes).await
}

/// An account of any host, with any inboxes.
pub async fn remote_with(server: &Server, host: &str, name: &str, inboxes: Inboxes) -> Account {
    let uri = format!("http://{host}/users/{name}");
    let account = Account {
        id: server.app.ids.next(),
        domain: Some(host.to_owned()),
        uri: Some(uri.clone()),
        url: None,
        username: name.to_owned(),
        ..blank()
    };
    let remote = RemoteAccount {
        account_id: account.id,
        host: host.to_owned(),
        kind: "person".into(),
        inbox: inboxes.inbox,
        shared_inbox: inboxes.shared,
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
    let (now, described) =
        (server.app.now(), Described { account: account.clone(), remote, keys: Vec::new() });
    let write = server.app.store.write(move |conn| {
        Box::pin(async move { remote_accounts::upsert(conn, &described, now).await })
    });
    write.await.unwrap();
    account
}

fn blank() -> Account {
    Account {
        id: AccountId(0),
        username: String::new(),
        domain: None,
        uri: None,
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
        created_at: testkit::engines::START,
        suspended_at: None,
        silenced_at: None,
        sensitized_at: None,
        moved_to: None,
        is_group: false,
        memorial: false,
        emojis: Vec::new(),
    }
}

/// `who` follows `whom` already.
pub async fn follows(server: &Server, who: AccountId, whom: AccountId) {
    let (row, now) = (server.app.ids.next(), server.app.now());
    let write = server.app.store.write(move |conn| {
        Box::pin(async move {
            relations::follow(conn, row, (who, whom), &FollowOptions::default(), now).await?;
            accounts::count_follow(conn, who, whom, 1).await?;
            Ok::<_, StoreError>(())
        })
    });
    write.await.unwrap();
}

pub async fn say(server: &Server, who: &Me, text: &str, visibility: Visibility) -> app::StatusView {
    let new = NewStatus { text: text.into(), visibility: Some(visibility), ..NewStatus::default() };
    let view = statuses::post(&server.app, who, new).await.unwrap();
    app::jobs::run_all(&server.app).await.unwrap();
    view
}

/// Delivers what is due; the answer is how many tries that were.
pub async fn deliver(server: &Server) -> usize {
    app::delivery::deliver_all(&server.app).await.unwrap()
}
