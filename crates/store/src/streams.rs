//! What open streams ask of the database: may they go on, and does their owner want this status.

use domain::{AccountId, ListId, StatusId, Timestamp, TokenId};

use crate::engine::{Conn, Result};
use crate::{args, statements, visible_to, wanted_by};

statements! {
    LIVING = "SELECT t.id FROM tokens t JOIN users u ON u.account_id = t.account_id JOIN accounts a ON a.id = t.account_id \
        WHERE t.id IN_LIST(?1) AND t.revoked_at IS NULL AND u.disabled = false AND a.suspended_at IS NULL";
    LIVING_SESSIONS = "SELECT s.hash FROM sessions s JOIN users u ON u.account_id = s.account_id JOIN accounts a ON a.id = s.account_id \
        WHERE s.hash IN_LIST(?1) AND u.disabled = false AND a.suspended_at IS NULL";
    WANTED = concat!("SELECT s.id FROM statuses s LEFT JOIN statuses o ON o.id = s.boost_of_id WHERE s.id = ?1 AND ",
        visible_to!("s", "?2"), " AND ", wanted_by!("s", "?2", "?3"),
        " AND (s.boost_of_id IS NULL OR (", visible_to!("o", "?2"), " AND ", wanted_by!("o", "?2", "?3"), "))");
    WANTING = concat!("SELECT v.id FROM statuses s JOIN accounts v ON v.id IN_LIST(?2) LEFT JOIN statuses o ON o.id = s.boost_of_id \
        WHERE s.id = ?1 AND ", visible_to!("s", "v.id"), " AND ", wanted_by!("s", "v.id", "?3"),
        " AND (s.boost_of_id IS NULL OR (", visible_to!("o", "v.id"), " AND ", wanted_by!("o", "v.id", "?3"), "))");
    OWN_LIST = "SELECT id FROM lists WHERE id = ?1 AND account_id = ?2";
}

/// Those of these tokens that still open something: not revoked, their user neither shut out nor
/// suspended nor gone.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn living_tokens(conn: &mut Conn, ids: &[TokenId]) -> Result<Vec<TokenId>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    conn.column(&LIVING, args![ids]).await
}

/// Those of these sessions, by their hashes, that still open something.
///
/// # Errors
/// See [`living_tokens`].
pub async fn living_sessions(conn: &mut Conn, hashes: Vec<String>) -> Result<Vec<String>> {
    if hashes.is_empty() {
        return Ok(Vec::new());
    }
    conn.column(&LIVING_SESSIONS, args![hashes]).await
}

/// Whether the viewer may and wants to see a status, and what it boosts, in a timeline.
///
/// # Errors
/// See [`living_tokens`].
pub async fn is_wanted(
    conn: &mut Conn,
    status: StatusId,
    viewer: AccountId,
    now: Timestamp,
) -> Result<bool> {
    Ok(conn.scalar::<i64>(&WANTED, args![status, viewer, now]).await?.is_some())
}

/// Those of these viewers for whom [`is_wanted`] holds, found at once.
///
/// # Errors
/// See [`living_tokens`].
pub async fn wanting(
    conn: &mut Conn,
    status: StatusId,
    viewers: &[AccountId],
    now: Timestamp,
) -> Result<Vec<AccountId>> {
    if viewers.is_empty() {
        return Ok(Vec::new());
    }
    conn.column(&WANTING, args![status, viewers, now]).await
}

/// Whether a list is this account's.
///
/// # Errors
/// See [`living_tokens`].
pub async fn owns_list(conn: &mut Conn, list: ListId, owner: AccountId) -> Result<bool> {
    Ok(conn.scalar::<i64>(&OWN_LIST, args![list, owner]).await?.is_some())
}
