//! What a server is to others and cannot be made again: its settings and keys, its accounts, who follows
//! whom, who was shut out. Read out row by row and written into an empty database of either engine.
//!
//! What people wrote is not part of it, nor what can be fetched again. Columns come from the catalogue of
//! a database that this program made, so the statements are put together at run time; they stand here
//! and nowhere else.

use super::conn::Inner;
use super::error::StoreError;
use super::transfer::{Kind, Shape, Side, different, quoted, sqlite_row};
use super::value::Value;
use super::{Result, Store};

/// Rows that are handed over at once.
const PAGE: usize = 500;

/// Rows of one table.
#[derive(Clone, Debug, PartialEq)]
pub struct Chunk {
    /// The table.
    pub table: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// For each row a value for each column.
    pub rows: Vec<Vec<Value>>,
}

/// A table that is part of it.
struct Kept {
    table: &'static str,
    /// Which rows; empty for all.
    only: &'static str,
    /// Columns that stand for something that is not part of it, or that change all the time, and what
    /// stands there instead.
    instead: &'static [(&'static str, &'static str)],
}

/// Accounts of this server, and those elsewhere that have to do with them.
macro_rules! known {
    () => {
        "(SELECT id FROM accounts WHERE domain IS NULL \
          UNION SELECT account_id FROM follows UNION SELECT target_id FROM follows \
          UNION SELECT account_id FROM follow_requests UNION SELECT target_id FROM follow_requests \
          UNION SELECT account_id FROM blocks UNION SELECT target_id FROM blocks \
          UNION SELECT target_id FROM mutes)"
    };
}

/// Access tokens that work.
macro_rules! valid {
    () => {
        "(SELECT id FROM tokens WHERE revoked_at IS NULL AND account_id IS NOT NULL)"
    };
}

const fn all(table: &'static str) -> Kept {
    Kept { table, only: "", instead: &[] }
}

const fn some(table: &'static str, only: &'static str) -> Kept {
    Kept { table, only, instead: &[] }
}

const KEPT: &[Kept] = &[
    // What is noted there every few seconds or minutes says nothing of who the server is.
    some(
        "settings",
        "name NOT IN ('last_ready', 'cards_swept', 'remote_files_swept', 'remote_statuses_looked_at', \
         'remote_statuses_let_go')",
    ),
    Kept {
        table: "accounts",
        only: concat!("id IN ", known!()),
        instead: &[
            ("avatar", "NULL"),
            ("header", "NULL"),
            ("followers_count", "0"),
            ("following_count", "0"),
            ("statuses_count", "0"),
            ("last_status_at", "NULL"),
        ],
    },
    Kept { table: "users", only: "", instead: &[("last_seen_at", "NULL")] },
    some("apps", concat!("id IN (SELECT app_id FROM tokens WHERE id IN ", valid!(), ")")),
    Kept {
        table: "tokens",
        only: concat!("id IN ", valid!()),
        instead: &[("last_used_at", "NULL")],
    },
    some("push_subscriptions", concat!("token_id IN ", valid!())),
    all("second_factors"),
    all("recovery_codes"),
    all("security_keys"),
    all("invites"),
    all("house_rules"),
    all("sign_up_words"),
    some("actor_keys", "private_key IS NOT NULL"),
    some("account_aliases", concat!("account_id IN ", known!())),
    Kept {
        table: "remote_accounts",
        only: concat!("account_id IN ", known!()),
        // Asked again when it is needed.
        instead: &[("fetched_at", "0"), ("backfilled_at", "NULL")],
    },
    all("follows"),
    all("follow_requests"),
    all("blocks"),
    all("mutes"),
    all("user_domain_blocks"),
    some("account_notes", concat!("target_id IN ", known!())),
    some("endorsements", concat!("target_id IN ", known!())),
    all("lists"),
    some("list_members", concat!("account_id IN ", known!())),
    some("tags", "id IN (SELECT tag_id FROM tag_follows UNION SELECT tag_id FROM featured_tags)"),
    all("tag_follows"),
    all("featured_tags"),
    all("filters"),
    all("filter_keywords"),
    all("notification_policies"),
    some("notification_permissions", concat!("from_account_id IN ", known!())),
    all("mail_choices"),
    all("post_expiry"),
    all("domain_rules"),
    all("domain_allows"),
    all("email_domain_blocks"),
    all("canonical_email_blocks"),
    all("ip_blocks"),
];

/// Tables that are not part of it: what people wrote and what hangs on it, queues, what can be fetched
/// or made again. A new table stands in one of both lists.
#[cfg(test)]
const LEFT_OUT: &[&str] = &[
    "account_conversations",
    "account_warnings",
    "announcement_reactions",
    "announcement_reads",
    "announcements",
    "archives",
    "auth_codes",
    "bookmarks",
    "cards",
    "conversation_mutes",
    "conversation_uris",
    "custom_emojis",
    "deliveries",
    "dismissed_suggestions",
    "favourites",
    "filter_statuses",
    "half_sign_ins",
    "home_feed",
    "home_feed_state",
    "hosts",
    "idempotency_keys",
    "imported_posts",
    "jobs",
    "key_enrolments",
    "known_browsers",
    "late_arrivals",
    "mail_links",
    "markers",
    "media",
    "mentions",
    "migrations",
    "missing_parents",
    "notifications",
    "outgoing",
    "pins",
    "poll_votes",
    "polls",
    "quotes",
    "received_activities",
    "remote_files",
    "reports",
    "scheduled_statuses",
    "sessions",
    "status_edits",
    "status_tags",
    "statuses",
    "thread_looks",
    "tombstones",
    "user_addresses",
];

/// The figures that follow from who follows whom.
const COUNT: &str = "UPDATE accounts SET \
    followers_count = (SELECT COUNT(*) FROM follows WHERE target_id = accounts.id), \
    following_count = (SELECT COUNT(*) FROM follows WHERE account_id = accounts.id)";

impl Store {
    /// Hands over all rows, table after table in the order of their keys, from one moment. Both engines
    /// give the same rows for the same data.
    ///
    /// # Errors
    /// [`StoreError`] of the engine, or what `take` answers.
    pub async fn read_identity<E: From<StoreError>>(
        &self,
        take: &mut impl FnMut(Chunk) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut side = Side::open(self).await?;
        side.begin(false).await?;
        let mut outcome = Ok(());
        for kept in KEPT {
            outcome = read_table(&mut side, kept, take).await;
            if outcome.is_err() {
                break;
            }
        }
        let ended = side.batch("ROLLBACK").await;
        side.close();
        outcome?;
        Ok(ended?)
    }

    /// Writes all rows that `next` has into a database that has a schema and no accounts, in one
    /// transaction. The answer is how many there were.
    ///
    /// # Errors
    /// [`StoreError`] of the engine, or what `next` answers: then the database is as it was.
    pub async fn write_identity<E: From<StoreError>>(
        &self,
        next: &mut impl FnMut() -> Result<Option<Chunk>, E>,
    ) -> Result<u64, E> {
        let mut side = Side::open(self).await?;
        side.begin(true).await?;
        let outcome = write_all(&mut side, next).await;
        let outcome = match outcome {
            Ok(rows) => side.commit().await.map(|()| rows).map_err(E::from),
            Err(error) => {
                side.batch("ROLLBACK").await?;
                Err(error)
            }
        };
        side.close();
        outcome
    }
}

async fn read_table<E: From<StoreError>>(
    side: &mut Side,
    kept: &Kept,
    take: &mut impl FnMut(Chunk) -> Result<(), E>,
) -> Result<(), E> {
    let shape = Shape { table: kept.table.to_owned(), columns: side.columns(kept.table).await? };
    let text = select(&shape, kept, matches!(side.conn.inner, Inner::Postgres(_)));
    let columns: Vec<String> = shape.columns.iter().map(|column| column.name.clone()).collect();
    let chunk = |rows| Chunk { table: kept.table.to_owned(), columns: columns.clone(), rows };
    if let Inner::Sqlite(connection) = &side.conn.inner {
        return read_sqlite(connection, &text, &shape, &mut |rows| take(chunk(rows)));
    }
    side.batch(&format!("DECLARE identity NO SCROLL CURSOR FOR {text}")).await?;
    loop {
        let rows = side.rows(&format!("FETCH {PAGE} FROM identity"), shape.columns.len()).await?;
        if rows.is_empty() {
            break;
        }
        take(chunk(rows))?;
    }
    Ok(side.batch("CLOSE identity").await?)
}

fn read_sqlite<E: From<StoreError>>(
    connection: &rusqlite::Connection,
    text: &str,
    shape: &Shape,
    take: &mut dyn FnMut(Vec<Vec<Value>>) -> Result<(), E>,
) -> Result<(), E> {
    let failed = |error| StoreError::sqlite("identity", error);
    let mut statement = connection.prepare(text).map_err(failed)?;
    let mut rows = statement.query([]).map_err(failed)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        found.push(sqlite_row(row, shape)?);
        if found.len() == PAGE {
            take(std::mem::take(&mut found))?;
        }
    }
    if found.is_empty() { Ok(()) } else { take(found) }
}

fn select(shape: &Shape, kept: &Kept, is_postgres: bool) -> String {
    let picked: Vec<String> = shape
        .columns
        .iter()
        .map(|column| {
            let instead = kept.instead.iter().find(|(name, _)| *name == column.name);
            match instead {
                // PostgreSQL would take a bare NULL for a text and a bare 0 for a short number.
                Some((_, value)) if column.kind == Kind::Number => {
                    format!("CAST({value} AS BIGINT)")
                }
                Some((_, value)) => (*value).to_owned(),
                None => quoted(&column.name),
            }
        })
        .collect();
    // Texts in the order of their bytes, which is SQLite's.
    let order: Vec<String> = shape
        .key_columns()
        .iter()
        .map(|column| match column.kind {
            Kind::Text if is_postgres => format!("{} COLLATE \"C\"", quoted(&column.name)),
            _ => quoted(&column.name),
        })
        .collect();
    let only = if kept.only.is_empty() { "true" } else { kept.only };
    format!(
        "SELECT {} FROM {} WHERE {only} ORDER BY {}",
        picked.join(", "),
        quoted(&shape.table),
        order.join(", ")
    )
}

async fn write_all<E: From<StoreError>>(
    side: &mut Side,
    next: &mut impl FnMut() -> Result<Option<Chunk>, E>,
) -> Result<u64, E> {
    let (mut rows, mut current) = (0, None::<(String, Vec<String>, Shape)>);
    while let Some(chunk) = next()? {
        let is_same = current
            .as_ref()
            .is_some_and(|(table, columns, _)| *table == chunk.table && *columns == chunk.columns);
        if !is_same {
            let shape = shape_for(side, &chunk).await?;
            side.batch(&format!("DELETE FROM {}", quoted(&chunk.table))).await?;
            current = Some((chunk.table.clone(), chunk.columns.clone(), shape));
        }
        let Some((_, _, shape)) = &current else { continue };
        if chunk.rows.iter().any(|row| row.len() != shape.columns.len()) {
            return Err(different(format!("a row of {} is not whole", chunk.table)).into());
        }
        side.insert(shape, &chunk.rows).await?;
        rows += chunk.rows.len() as u64;
    }
    side.batch(COUNT).await?;
    side.finish_writing().await?;
    Ok(rows)
}

/// The columns of the chunk as this database has them.
async fn shape_for(side: &mut Side, chunk: &Chunk) -> Result<Shape> {
    if !KEPT.iter().any(|kept| kept.table == chunk.table) {
        return Err(different(format!("{} is no table of an identity", chunk.table)));
    }
    let known = side.columns(&chunk.table).await?;
    let columns = chunk.columns.iter().map(|name| {
        let found = known.iter().find(|column| column.name == *name).cloned();
        found.ok_or_else(|| different(format!("{} has no column {name}", chunk.table)))
    });
    Ok(Shape { table: chunk.table.clone(), columns: columns.collect::<Result<_>>()? })
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;

    use super::*;
    use crate::{Location, migrations};

    #[tokio::test]
    async fn each_table_is_part_of_it_or_left_out_on_purpose() {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::Sqlite(folder.path().join("a.db"));
        let store = Store::open(&location, 1).await.unwrap();
        migrations::migrate(&store, Timestamp(0)).await.unwrap();
        let mut unnamed: Vec<String> = store.row_counts().await.unwrap().into_keys().collect();
        let named = |table: &String| {
            LEFT_OUT.contains(&table.as_str()) || KEPT.iter().any(|kept| kept.table == table)
        };
        unnamed.retain(|table| !named(table));
        store.close().await;
        assert_eq!(unnamed, Vec::<String>::new(), "say for each whether others know us by it");
    }
}
