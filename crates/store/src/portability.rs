//! What somebody takes along when they leave, or brings when they come: whom they follow, block and mute,
//! their lists and bookmarks.

use domain::{AccountId, StatusId};

use crate::engine::{Conn, FromRow, Result, Row};
use crate::{args, statements};

statements! {
    WAITING = "SELECT COUNT(*) FROM jobs WHERE unique_key LIKE ?1 AND set_aside = false";
    FOLLOWING = "SELECT a.username, a.domain, f.show_boosts, f.notify, f.languages FROM follows f JOIN accounts a ON a.id = f.target_id \
        WHERE f.account_id = ?1 ORDER BY f.id LIMIT 100000";
    BLOCKED = "SELECT a.username, a.domain FROM blocks b JOIN accounts a ON a.id = b.target_id WHERE b.account_id = ?1 ORDER BY b.id LIMIT 100000";
    MUTED = "SELECT a.username, a.domain, m.notifications FROM mutes m JOIN accounts a ON a.id = m.target_id WHERE m.account_id = ?1 ORDER BY m.id LIMIT 100000";
    DOMAINS = "SELECT domain FROM user_domain_blocks WHERE account_id = ?1 ORDER BY id LIMIT 100000";
    LISTED = "SELECT l.title, a.username, a.domain FROM lists l JOIN list_members m ON m.list_id = l.id JOIN accounts a ON a.id = m.account_id \
        WHERE l.account_id = ?1 ORDER BY l.id, m.id LIMIT 100000";
    BOOKMARKED = "SELECT s.uri, a.username, s.id FROM bookmarks b JOIN statuses s ON s.id = b.status_id JOIN accounts a ON a.id = s.account_id \
        WHERE b.account_id = ?1 ORDER BY b.id LIMIT 100000";
}

/// A follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    /// Whom.
    pub username: String,
    /// Their home; `None` is here.
    pub domain: Option<String>,
    /// Boosts are shown.
    pub show_boosts: bool,
    /// Every status is told of.
    pub notify: bool,
    /// Languages wanted, separated by spaces.
    pub languages: String,
}

impl FromRow for Followed {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            username: row.get()?,
            domain: row.get()?,
            show_boosts: row.get()?,
            notify: row.get()?,
            languages: row.get()?,
        })
    }
}

/// Name and home of an account; `None` is here.
pub type Handle = (String, Option<String>);

/// Whom somebody follows, in the order they began; like every list here a hundred thousand at most.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn following(conn: &mut Conn, who: AccountId) -> Result<Vec<Followed>> {
    conn.query(&FOLLOWING, args![who]).await
}

/// Whom somebody blocks.
///
/// # Errors
/// See [`following`].
pub async fn blocked(conn: &mut Conn, who: AccountId) -> Result<Vec<Handle>> {
    conn.query(&BLOCKED, args![who]).await
}

/// Whom somebody mutes, and whether their notifications as well.
///
/// # Errors
/// See [`following`].
pub async fn muted(conn: &mut Conn, who: AccountId) -> Result<Vec<(String, Option<String>, bool)>> {
    conn.query(&MUTED, args![who]).await
}

/// Domains that somebody blocks.
///
/// # Errors
/// See [`following`].
pub async fn domains(conn: &mut Conn, who: AccountId) -> Result<Vec<String>> {
    conn.column(&DOMAINS, args![who]).await
}

/// The members of somebody's lists, with the list's name.
///
/// # Errors
/// See [`following`].
pub async fn listed(
    conn: &mut Conn,
    who: AccountId,
) -> Result<Vec<(String, String, Option<String>)>> {
    conn.query(&LISTED, args![who]).await
}

/// What somebody bookmarked: its id elsewhere, or its author's name and number here.
///
/// # Errors
/// See [`following`].
pub async fn bookmarked(
    conn: &mut Conn,
    who: AccountId,
) -> Result<Vec<(Option<String>, String, StatusId)>> {
    conn.query(&BOOKMARKED, args![who]).await
}

/// How many jobs wait whose key begins so. What stands in the key has no signs of a pattern.
///
/// # Errors
/// See [`following`].
pub async fn waiting(conn: &mut Conn, keys: &str) -> Result<i64> {
    Ok(conn.scalar(&WAITING, args![format!("{keys}%")]).await?.unwrap_or(0))
}
