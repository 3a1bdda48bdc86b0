//! Fills a migrated database by the store's own functions: many accounts, many statuses spread over
//! time, one reader who follows some of them. The server must not run meanwhile.

use std::io::{IsTerminal, Write};

use anyhow::Context;
use clap::Args;
use domain::account::Account;
use domain::status::{Parts, Status, Visibility};
use domain::{AccountId, ConversationId, RowId, StatusId, Timestamp};
use store::relations::FollowOptions;
use store::{Location, Store, StoreError, accounts, relations, statuses};

/// `seed`
#[derive(Clone, Debug, Args)]
pub struct Arguments {
    /// `sqlite:PATH` or `postgres://…`, already made by `tuskling account create`.
    #[arg(long)]
    database: String,
    /// The account that will follow.
    #[arg(long)]
    reader: String,
    /// How many accounts to make.
    #[arg(long, default_value_t = 10_000)]
    accounts: i64,
    /// How many statuses to make.
    #[arg(long, default_value_t = 1_000_000)]
    statuses: i64,
    /// How many of the accounts the reader follows.
    #[arg(long, default_value_t = 2_000)]
    follows: i64,
}

/// Statuses in one transaction.
const BATCH: i64 = 5_000;
/// Between two statuses: a million make ten weeks.
const STEP_MILLIS: i64 = 6_000;

/// Fills the database.
pub async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let (store, reader) = open(&arguments.database, &arguments.reader).await?;
    // Just now: a home timeline shows what is new. The server's own come later.
    let end = crate::federation::now();
    make_accounts(&store, &arguments, reader.id, end).await?;
    make_statuses(&store, &arguments, end).await?;
    store.close().await;
    Ok(())
}

/// Opens a database that has a reader.
pub(crate) async fn open(database: &str, reader: &str) -> anyhow::Result<(Store, Account)> {
    let location = match database.strip_prefix("sqlite:") {
        Some(path) => Location::Sqlite(path.into()),
        None => Location::Postgres(database.to_owned()),
    };
    let store = Store::open(&location, 0).await?;
    let reader = reader.to_owned();
    let found = store
        .read(move |conn| Box::pin(async move { accounts::by_handle(conn, &reader, None).await }))
        .await?
        .context("there is no such reader; make it with `tuskling account create`")?;
    Ok((store, found))
}

fn author(number: i64) -> AccountId {
    AccountId(1_000_000 + number)
}

async fn make_accounts(
    store: &Store,
    arguments: &Arguments,
    reader: AccountId,
    end: Timestamp,
) -> anyhow::Result<()> {
    let (count, follows) = (arguments.accounts, arguments.follows);
    let posts = arguments.statuses / arguments.accounts.max(1);
    store
        .write(move |conn| {
            Box::pin(async move {
                for number in 0..count {
                    accounts::insert(conn, &account(number, end)).await?;
                    accounts::count_status(conn, author(number), posts, Some(end)).await?;
                }
                for number in 0..follows.min(count) {
                    // Every fifth, so that followed and others post side by side.
                    let whom = author((number * 5) % count);
                    let pair = (reader, whom);
                    let options = FollowOptions::default();
                    relations::follow(conn, RowId(1 + number), pair, &options, end).await?;
                    accounts::count_follow(conn, reader, whom, 1).await?;
                }
                Ok::<_, StoreError>(())
            })
        })
        .await?;
    Ok(())
}

/// An account of another server.
pub(crate) fn account(number: i64, made_at: Timestamp) -> Account {
    Account {
        id: author(number),
        username: format!("user{number}"),
        domain: Some("seed.test".into()),
        uri: Some(format!("https://seed.test/users/{number}")),
        url: Some(format!("https://seed.test/@user{number}")),
        display_name: format!("User {number}"),
        note: "<p>An account made to measure with.</p>".into(),
        fields: Vec::new(),
        avatar: None,
        avatar_description: String::new(),
        header: None,
        header_description: String::new(),
        locked: false,
        bot: false,
        discoverable: true,
        indexable: true,
        hide_collections: false,
        followers_count: 0,
        following_count: 0,
        statuses_count: 0,
        last_status_at: None,
        created_at: made_at,
        suspended_at: None,
        silenced_at: None,
        sensitized_at: None,
        moved_to: None,
        is_group: false,
        memorial: false,
        emojis: Vec::new(),
    }
}

async fn make_statuses(store: &Store, arguments: &Arguments, end: Timestamp) -> anyhow::Result<()> {
    let (total, authors) = (arguments.statuses, arguments.accounts);
    let mut from = 0;
    while from < total {
        let to = (from + BATCH).min(total);
        store
            .write(move |conn| {
                Box::pin(async move {
                    for number in from..to {
                        statuses::insert(conn, &status(number, (total, end), authors), false)
                            .await?;
                    }
                    Ok::<_, StoreError>(())
                })
            })
            .await?;
        from = to;
        progress(from, total)?;
    }
    Ok(())
}

fn status(number: i64, (total, end): (i64, Timestamp), authors: i64) -> Status {
    let created_at = end.plus(-(total - number) * STEP_MILLIS);
    let id = domain::id::first_id_at(created_at) | (number & 0x7fff);
    // A large odd step visits the authors in an order that looks random.
    let by = number.wrapping_mul(7_919) % authors;
    let content = content(number);
    Status {
        id: StatusId(id),
        uri: Some(format!("https://seed.test/users/{by}/statuses/{number}")),
        url: Some(format!("https://seed.test/@user{by}/{number}")),
        account_id: author(by),
        text: String::new(),
        content,
        spoiler_text: String::new(),
        visibility: Visibility::Public,
        sensitive: false,
        language: Some("en".into()),
        in_reply_to: None,
        in_reply_to_account: None,
        boost_of: None,
        quote_of: None,
        quote_policy: "public".into(),
        conversation_id: ConversationId(id),
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
        local_only: false,
        format: domain::status::Format::Plain,
    }
}

/// As the server keeps what others write: otherwise it would clean it anew whenever it is shown.
fn content(number: i64) -> String {
    format!(
        "<p>Status {number}: some words of ordinary length, as people write them, about nothing in particular, \
         and a <a href=\"https://seed.test/{number}\" target=\"_blank\" rel=\"nofollow noopener\">link</a>.</p>"
    )
}

fn progress(done: i64, total: i64) -> anyhow::Result<()> {
    let mut out = std::io::stderr();
    if out.is_terminal() {
        write!(out, "\r{done} of {total} statuses")?;
    } else if done == total {
        writeln!(out, "{total} statuses")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_seeded_is_as_the_server_keeps_it() {
        let content = super::content(7);
        assert_eq!(domain::text::clean(&content), content);
    }
}
