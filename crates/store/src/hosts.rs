//! What is known of other servers as such: whether they can be reached and how they want requests
//! signed. Rows are written when a server first matters and go when it has not for long.

use domain::{RowId, Timestamp};

use crate::deliveries;
use crate::engine::{Conn, FromRow, Result, Row};
use crate::{args, statements};

statements! {
    OF = "SELECT name, signature_scheme, failures, failed_days, last_failed_at, unreachable_since, last_success_at FROM hosts \
        WHERE name IN_LIST(?1)";
    SUCCEEDED = "INSERT INTO hosts (name, failures, failed_days, last_success_at, seen_at) \
        SELECT t.host, 0, 0, CAST(?2 AS BIGINT), CAST(?2 AS BIGINT) FROM \
        (SELECT DISTINCT host FROM deliveries WHERE id IN_LIST(?1)) t WHERE true ORDER BY t.host \
        ON CONFLICT (name) DO UPDATE SET failures = 0, failed_days = 0, unreachable_since = NULL, next_try_at = NULL, \
        last_success_at = excluded.last_success_at, seen_at = excluded.seen_at";
    FAILED = "INSERT INTO hosts (name, failures, failed_days, last_failed_at, unreachable_since, next_try_at, seen_at) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?4) ON CONFLICT (name) DO UPDATE SET failures = excluded.failures, \
        failed_days = excluded.failed_days, last_failed_at = excluded.last_failed_at, \
        unreachable_since = excluded.unreachable_since, next_try_at = excluded.next_try_at";
    LEARN = "INSERT INTO hosts (name, signature_scheme, failures, failed_days, seen_at) VALUES (?1, ?2, 0, 0, ?3) \
        ON CONFLICT (name) DO UPDATE SET signature_scheme = excluded.signature_scheme";
    FAILING = "SELECT name FROM hosts WHERE name IN_LIST(?1) AND failures > 0";
    REVIVE = "UPDATE hosts SET failures = 0, failed_days = 0, unreachable_since = NULL, next_try_at = NULL, seen_at = ?2 \
        WHERE name = ?1";
    SWEEP = "DELETE FROM hosts WHERE seen_at < ?1";
    CROWD = "DELETE FROM hosts WHERE name IN (SELECT name FROM hosts ORDER BY seen_at DESC, name LIMIT 1000000 OFFSET ?1)";
}

/// What is known of a server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Host {
    /// Its name, with the port if unusual.
    pub name: String,
    /// How it wants requests signed; `None` is the usual way.
    pub signature_scheme: Option<String>,
    /// Failed tries since it last answered.
    pub failures: i64,
    /// On how many days that was.
    pub failed_days: i64,
    /// When it last failed.
    pub last_failed_at: Option<Timestamp>,
    /// Set while it is tried once a day only.
    pub unreachable_since: Option<Timestamp>,
    /// When something last arrived.
    pub last_success_at: Option<Timestamp>,
}

impl FromRow for Host {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            name: row.get()?,
            signature_scheme: row.get()?,
            failures: row.get()?,
            failed_days: row.get()?,
            last_failed_at: row.get()?,
            unreachable_since: row.get()?,
            last_success_at: row.get()?,
        })
    }
}

/// What is known of these servers; of some of them nothing is.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn of(conn: &mut Conn, names: Vec<String>) -> Result<Vec<Host>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    conn.query(&OF, args![names]).await
}

/// The hosts of these deliveries took them.
///
/// # Errors
/// See [`of`].
pub async fn succeeded(conn: &mut Conn, deliveries: &[RowId], now: Timestamp) -> Result<()> {
    conn.send(&SUCCEEDED, args![deliveries, now]).await
}

/// A host failed. `next_try_at` is when it is tried again.
///
/// # Errors
/// See [`of`].
pub async fn failed(
    conn: &mut Conn,
    host: &Host,
    next_try_at: Timestamp,
    now: Timestamp,
) -> Result<()> {
    conn.send(
        &FAILED,
        args![
            &host.name,
            host.failures,
            host.failed_days,
            now,
            host.unreachable_since,
            next_try_at
        ],
    )
    .await
}

/// A host wants requests signed this way.
///
/// # Errors
/// See [`of`].
pub async fn learn(conn: &mut Conn, name: &str, scheme: &str, now: Timestamp) -> Result<()> {
    conn.send(&LEARN, args![name, scheme, now]).await
}

/// Which of these hosts have failed lately.
///
/// # Errors
/// See [`of`].
pub async fn failing(conn: &mut Conn, names: Vec<String>) -> Result<Vec<String>> {
    conn.column(&FAILING, args![names]).await
}

/// A host has shown that it lives: by taking something, or by a verified word of its own. If it
/// had failed, what waits for it is due now; true when that is so.
///
/// # Errors
/// See [`of`].
pub async fn alive(conn: &mut Conn, name: &str, now: Timestamp) -> Result<bool> {
    if failing(conn, vec![name.to_owned()]).await?.is_empty() {
        return Ok(false);
    }
    conn.send(&REVIVE, args![name, now]).await?;
    deliveries::hasten(conn, vec![name.to_owned()], now).await?;
    Ok(true)
}

/// Forgets what was not needed since `before`, and of the rest all but `keep` (O08).
///
/// # Errors
/// See [`of`].
pub async fn sweep(conn: &mut Conn, before: Timestamp, keep: i64) -> Result<()> {
    conn.send(&SWEEP, args![before]).await?;
    conn.send(&CROWD, args![keep]).await
}
