//! The schema as a numbered list, one for both engines, append only. Each migration runs in a
//! transaction of its own together with the row that records it, so a kill between two leaves a
//! valid older schema (R15).

mod m0001_foundation;
mod m0004_ring;
mod m0005_notification_indexes;
mod m0006_one_boost_each;
mod m0007_federation;
mod m0008_upkeep;
mod m0009_staff;
mod m0010_people;
mod m0012_house;
mod m0013_staying;
mod m0015_keys;

use domain::Timestamp;

use crate::engine::{Conn, Dialect, Result, Store, StoreError};
use crate::{args, statements};

/// One step. The common part is in the facade's SQL; the other two are for what exists on one
/// engine only, such as full-text indexes.
pub(crate) struct Migration {
    pub(crate) number: i64,
    pub(crate) common: &'static str,
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

const ALL: &[Migration] = &[
    m0001_foundation::MIGRATION,
    m0004_ring::MIGRATION,
    m0005_notification_indexes::MIGRATION,
    m0006_one_boost_each::MIGRATION,
    m0007_federation::MIGRATION,
    m0008_upkeep::MIGRATION,
    m0009_staff::MIGRATION,
    m0010_people::MIGRATION,
    m0012_house::MIGRATION,
    m0013_staying::MIGRATION,
    m0015_keys::MIGRATION,
];

/// The schema this program wants.
#[must_use]
pub fn newest() -> i64 {
    ALL.last().map_or(0, |migration| migration.number)
}

/// A number that changes with the text of any migration: names test templates.
#[must_use]
pub fn fingerprint() -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    for migration in ALL {
        (migration.number, migration.common, migration.sqlite, migration.postgres)
            .hash(&mut hasher);
    }
    hasher.finish()
}

statements! {
    VERSION = "SELECT COALESCE(MAX(number), 0) FROM migrations";
    RECORD = "INSERT INTO migrations (number, applied_at) VALUES (?1, ?2)";
}

const LEDGER: &str = "CREATE TABLE IF NOT EXISTS migrations (number BIGINT NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL)";

/// The schema that the database has; 0 when it has none.
///
/// # Errors
/// [`crate::StoreError`] of the engine.
pub async fn found(store: &Store) -> Result<i64> {
    if store.is_empty().await? {
        return Ok(0);
    }
    let found: Option<i64> =
        store.read(|conn| Box::pin(async move { conn.scalar(&VERSION, args![]).await })).await?;
    Ok(found.unwrap_or(0))
}

/// Brings the schema up to date. The answer is how many steps were taken.
///
/// # Errors
/// [`StoreError::TooNew`], with nothing changed, when the database is from a newer program.
pub async fn migrate(store: &Store, now: Timestamp) -> Result<usize> {
    migrate_to(store, newest(), now).await
}

/// Brings the schema as far as `number`, for data of that age which are written into it then.
///
/// # Errors
/// As [`migrate`].
pub async fn migrate_to(store: &Store, number: i64, now: Timestamp) -> Result<usize> {
    store.write(|conn| Box::pin(async move { conn.batch(LEDGER).await })).await?;
    let mut taken = 0;
    loop {
        let dialect = store.dialect();
        let more = store.write(move |conn| Box::pin(step(conn, dialect, number, now))).await?;
        if !more {
            return Ok(taken);
        }
        taken += 1;
    }
}

async fn step(conn: &mut Conn, dialect: Dialect, number: i64, now: Timestamp) -> Result<bool> {
    if dialect == Dialect::Postgres {
        // Two processes that start together take turns.
        conn.batch("LOCK TABLE migrations IN EXCLUSIVE MODE").await?;
    }
    let found: i64 = conn.scalar(&VERSION, args![]).await?.unwrap_or(0);
    if found > newest() {
        return Err(StoreError::TooNew { found, known: newest() });
    }
    let Some(migration) =
        ALL.iter().find(|migration| migration.number > found && migration.number <= number)
    else {
        return Ok(false);
    };
    conn.batch(&dialect.translate(migration.common)).await?;
    conn.batch(match dialect {
        Dialect::Sqlite => migration.sqlite,
        Dialect::Postgres => migration.postgres,
    })
    .await?;
    conn.execute(&RECORD, args![migration.number, now]).await?;
    Ok(true)
}
