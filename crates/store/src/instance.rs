//! Numbers about the whole server.

use domain::{StatusId, Timestamp};

use crate::engine::{Conn, Result};
use crate::{args, statements};

statements! {
    DOMAINS = "SELECT COUNT(DISTINCT domain) FROM accounts WHERE domain IS NOT NULL";
    PEERS = "SELECT DISTINCT domain FROM accounts WHERE domain IS NOT NULL ORDER BY domain LIMIT 10000";
    FIND_PEERS = "SELECT DISTINCT domain FROM accounts WHERE domain IS NOT NULL AND domain LIKE ?1 ESCAPE '!' ORDER BY domain LIMIT ?2";
    STATUS_WEEKS = "SELECT (created_at - ?1) / 604800000, COUNT(*) FROM statuses WHERE local = true AND id > ?2 GROUP BY (created_at - ?1) / 604800000";
    SIGN_UP_WEEKS = "SELECT (created_at - ?1) / 604800000, COUNT(*) FROM users WHERE created_at >= ?1 GROUP BY (created_at - ?1) / 604800000";
    SEEN_WEEKS = "SELECT (last_seen_at - ?1) / 604800000, COUNT(*) FROM users WHERE last_seen_at >= ?1 GROUP BY (last_seen_at - ?1) / 604800000";
}

/// How many other servers are known.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn domain_count(conn: &mut Conn) -> Result<i64> {
    Ok(conn.scalar(&DOMAINS, args![]).await?.unwrap_or(0))
}

/// The other servers that are known.
///
/// # Errors
/// See [`domain_count`].
pub async fn peers(conn: &mut Conn) -> Result<Vec<String>> {
    conn.column(&PEERS, args![]).await
}

/// Those whose name begins so.
///
/// # Errors
/// See [`domain_count`].
pub async fn find_peers(conn: &mut Conn, beginning: &str, limit: i64) -> Result<Vec<String>> {
    conn.column(&FIND_PEERS, args![crate::search::prefix(beginning), limit]).await
}

/// Pairs of a week's number, counted from the start, and how much there was in it.
pub type Weeks = Vec<(i64, i64)>;

/// Local statuses, people seen last, and sign-ups by week since `start`.
///
/// # Errors
/// See [`domain_count`].
pub async fn weeks(conn: &mut Conn, start: Timestamp) -> Result<(Weeks, Weeks, Weeks)> {
    let first = StatusId(domain::id::first_id_at(start));
    let statuses = conn.query(&STATUS_WEEKS, args![start, first]).await?;
    let seen = conn.query(&SEEN_WEEKS, args![start]).await?;
    let sign_ups = conn.query(&SIGN_UP_WEEKS, args![start]).await?;
    Ok((statuses, seen, sign_ups))
}
