//! Puts other servers into a database: one account each. The server must not run meanwhile.

use std::io::Write;
use std::path::PathBuf;

use activitypub::sign::new_key;
use anyhow::Context;
use clap::Args;
use domain::account::Account;
use domain::{AccountId, RowId};
use store::relations::FollowOptions;
use store::remote_accounts::{self, Described, RemoteAccount};
use store::{StoreError, accounts, relations};

use super::{follower, now, sender};

/// `peers`
#[derive(Clone, Debug, Args)]
pub struct Arguments {
    /// `sqlite:PATH` or `postgres://…`, already made by `tuskling account create`.
    #[arg(long)]
    database: String,
    /// The account that is followed and follows.
    #[arg(long)]
    reader: String,
    /// How many servers follow the reader.
    #[arg(long, default_value_t = 1_000)]
    inboxes: u16,
    /// How many servers the reader follows.
    #[arg(long, default_value_t = 50)]
    senders: u16,
    /// The port that all of them have.
    #[arg(long, default_value_t = 19_500)]
    port: u16,
    /// Where the private keys of the senders are written, one a line.
    #[arg(long)]
    keys: PathBuf,
}

/// Ids below those of the seed.
const FOLLOWERS: i64 = 100_000;
const SENDERS: i64 = 200_000;
/// Ids of follows above those of the seed.
const FOLLOWS: i64 = 10_000_000;

/// Fills the database.
pub async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let (store, reader) = crate::seed::open(&arguments.database, &arguments.reader).await?;
    let mut keys = std::fs::File::create(&arguments.keys).context("the file of keys")?;
    let mut senders = Vec::new();
    for number in 1..=arguments.senders {
        let key = tokio::task::spawn_blocking(new_key).await??;
        writeln!(keys, "{}", hex::encode(&key.private))?;
        let host = sender(number, arguments.port);
        senders.push(described(SENDERS + i64::from(number), &host, Some(key.public_pem)));
    }
    let followers: Vec<Described> = (1..=arguments.inboxes)
        .map(|number| {
            let (_, host) = follower(number, arguments.port);
            described(FOLLOWERS + i64::from(number), &host, None)
        })
        .collect();
    store
        .write(move |conn| {
            Box::pin(async move {
                let (now, options) = (now(), FollowOptions::default());
                let mut row = FOLLOWS;
                for peer in &followers {
                    let id = remote_accounts::upsert(conn, peer, now).await?;
                    row += 1;
                    relations::follow(conn, RowId(row), (id, reader.id), &options, now).await?;
                    accounts::count_follow(conn, id, reader.id, 1).await?;
                }
                for peer in &senders {
                    let id = remote_accounts::upsert(conn, peer, now).await?;
                    row += 1;
                    relations::follow(conn, RowId(row), (reader.id, id), &options, now).await?;
                    accounts::count_follow(conn, reader.id, id, 1).await?;
                }
                Ok::<_, StoreError>(())
            })
        })
        .await?;
    store.close().await;
    Ok(())
}

/// The one account of a server.
fn described(id: i64, host: &str, public_pem: Option<String>) -> Described {
    let actor = format!("http://{host}/users/peer");
    let account = Account {
        id: AccountId(id),
        username: "peer".into(),
        domain: Some(host.into()),
        uri: Some(actor.clone()),
        url: Some(format!("http://{host}/@peer")),
        ..crate::seed::account(id, super::now())
    };
    let remote = RemoteAccount {
        account_id: account.id,
        host: host.into(),
        kind: "person".into(),
        inbox: format!("{actor}/inbox"),
        shared_inbox: Some(format!("http://{host}/inbox")),
        outbox: None,
        followers_uri: Some(format!("{actor}/followers")),
        following_uri: None,
        featured_uri: None,
        featured_tags_uri: None,
        moved_to_uri: None,
        also_known_as: Vec::new(),
        attribution_domains: Vec::new(),
        fetched_at: now(),
        backfilled_at: Some(now()),
    };
    let keys = public_pem.map(|pem| (format!("{actor}#main-key"), pem));
    Described { account, remote, keys: keys.into_iter().collect() }
}
