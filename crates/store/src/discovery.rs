//! Who might be of interest: endorsements, the directory, followers in common, suggestions.

use domain::{AccountId, RowId, Timestamp};

use crate::engine::{Conn, Result};
use crate::page::{Listed, Page};
use crate::{args, statements};

macro_rules! endorsed {
    () => {
        "SELECT e.id, e.target_id FROM endorsements e JOIN accounts a ON a.id = e.target_id \
         WHERE e.account_id = ?1 AND e.id < ?2 AND e.id > ?3 AND a.suspended_at IS NULL \
         AND NOT EXISTS (SELECT 1 FROM blocks b WHERE (b.account_id = ?5 AND b.target_id = a.id) OR (b.account_id = a.id AND b.target_id = ?5))"
    };
}

macro_rules! directory {
    () => {
        "SELECT a.id FROM accounts a WHERE a.discoverable = true AND a.suspended_at IS NULL AND a.silenced_at IS NULL \
         AND a.moved_to IS NULL AND (?1 = false OR a.domain IS NULL)"
    };
}

statements! {
    ENDORSED_NEWEST = concat!(endorsed!(), " ORDER BY e.id DESC LIMIT ?4");
    ENDORSED_OLDEST = concat!(endorsed!(), " ORDER BY e.id ASC LIMIT ?4");
    ENDORSE = "INSERT INTO endorsements (id, account_id, target_id) VALUES (?1, ?2, ?3) ON CONFLICT (account_id, target_id) DO NOTHING";
    UNENDORSE = "DELETE FROM endorsements WHERE account_id = ?1 AND target_id = ?2";
    DIRECTORY_ACTIVE = concat!(directory!(), " ORDER BY a.last_status_at DESC NULLS LAST, a.id DESC LIMIT ?2 OFFSET ?3");
    DIRECTORY_NEW = concat!(directory!(), " ORDER BY a.id DESC LIMIT ?2 OFFSET ?3");
    FAMILIAR = "SELECT target, account FROM (SELECT g.target_id AS target, g.account_id AS account, \
        ROW_NUMBER() OVER (PARTITION BY g.target_id ORDER BY g.id DESC) AS place FROM follows f \
        JOIN follows g ON g.account_id = f.target_id JOIN accounts a ON a.id = g.account_id JOIN accounts t ON t.id = g.target_id \
        WHERE f.account_id = ?1 AND g.target_id IN_LIST(?2) AND a.suspended_at IS NULL AND t.suspended_at IS NULL \
        AND a.hide_collections = false AND t.hide_collections = false) ranked WHERE place <= 40 ORDER BY target, place";
    SUGGESTED = "SELECT a.id FROM accounts a WHERE a.domain IS NULL AND a.discoverable = true AND a.suspended_at IS NULL \
        AND a.silenced_at IS NULL AND a.moved_to IS NULL AND a.id <> ?1 AND a.last_status_at > ?2 \
        AND NOT EXISTS (SELECT 1 FROM follows f WHERE f.account_id = ?1 AND f.target_id = a.id) \
        AND NOT EXISTS (SELECT 1 FROM follow_requests r WHERE r.account_id = ?1 AND r.target_id = a.id) \
        AND NOT EXISTS (SELECT 1 FROM blocks b WHERE (b.account_id = ?1 AND b.target_id = a.id) OR (b.account_id = a.id AND b.target_id = ?1)) \
        AND NOT EXISTS (SELECT 1 FROM mutes m WHERE m.account_id = ?1 AND m.target_id = a.id) \
        AND NOT EXISTS (SELECT 1 FROM dismissed_suggestions d WHERE d.account_id = ?1 AND d.target_id = a.id) \
        ORDER BY a.followers_count DESC, a.id LIMIT ?3 OFFSET ?4";
    DISMISS = "INSERT INTO dismissed_suggestions (account_id, target_id) SELECT CAST(?1 AS BIGINT), a.id FROM accounts a WHERE a.id = ?2 \
        ON CONFLICT (account_id, target_id) DO NOTHING";
}

/// A stretch of those that an account shows on its profile.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn endorsed(
    conn: &mut Conn,
    account: AccountId,
    viewer: Option<AccountId>,
    page: &Page,
) -> Result<Vec<Listed<AccountId>>> {
    let viewer = viewer.map_or(0, |id| id.0);
    page.rows(conn, (&ENDORSED_NEWEST, &ENDORSED_OLDEST), account, args![viewer]).await
}

/// Shows an account on a profile.
///
/// # Errors
/// See [`endorsed`].
pub async fn endorse(
    conn: &mut Conn,
    row: RowId,
    account: AccountId,
    target: AccountId,
) -> Result<()> {
    conn.send(&ENDORSE, args![row, account, target]).await
}

/// Takes an account off a profile.
///
/// # Errors
/// See [`endorsed`].
pub async fn unendorse(conn: &mut Conn, account: AccountId, target: AccountId) -> Result<()> {
    conn.send(&UNENDORSE, args![account, target]).await
}

/// The order of the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Who posted last comes first.
    Active,
    /// Who came last comes first.
    New,
}

/// A stretch of those who want to be found.
///
/// # Errors
/// See [`endorsed`].
pub async fn directory(
    conn: &mut Conn,
    order: Order,
    only_local: bool,
    (limit, offset): (i64, i64),
) -> Result<Vec<AccountId>> {
    let statement = match order {
        Order::Active => &DIRECTORY_ACTIVE,
        Order::New => &DIRECTORY_NEW,
    };
    conn.column(statement, args![only_local, limit, offset]).await
}

/// For each of `others`, some of those that the viewer follows who follow it.
///
/// # Errors
/// See [`endorsed`].
pub async fn familiar(
    conn: &mut Conn,
    viewer: AccountId,
    others: &[AccountId],
) -> Result<Vec<(AccountId, AccountId)>> {
    if others.is_empty() {
        return Ok(Vec::new());
    }
    conn.query(&FAMILIAR, args![viewer, others]).await
}

/// Accounts of this server that want to be found, posted after `since`, and that the viewer does
/// not know yet: the most followed first.
///
/// # Errors
/// See [`endorsed`].
pub async fn suggested(
    conn: &mut Conn,
    viewer: AccountId,
    since: Timestamp,
    (limit, offset): (i64, i64),
) -> Result<Vec<AccountId>> {
    conn.column(&SUGGESTED, args![viewer, since, limit, offset]).await
}

/// Does not suggest an account again.
///
/// # Errors
/// See [`endorsed`].
pub async fn dismiss(conn: &mut Conn, viewer: AccountId, target: AccountId) -> Result<()> {
    conn.send(&DISMISS, args![viewer, target]).await
}
