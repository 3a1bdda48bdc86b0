//! Home feeds: one row a status and owner, written by the fan-out job, capped, and filtered when
//! read. An owner without a feed gets one built from what they follow.

use domain::{AccountId, StatusId, TagId, Timestamp};

use crate::engine::{Conn, Result};
use crate::page::Page;
use crate::{args, statements, visible_to, wanted_by};

/// How many rows a feed keeps.
pub const LENGTH: i64 = 800;

macro_rules! home {
    () => {
        concat!(
            "SELECT s.id FROM home_feed h JOIN statuses s ON s.id = h.status_id LEFT JOIN statuses o ON o.id = s.boost_of_id ",
            "WHERE h.owner_id = ?1 AND h.status_id < ?2 AND h.status_id > ?3 AND ",
            visible_to!("s", "?1"), " AND ", wanted_by!("s", "?1", "?5"),
            " AND (s.boost_of_id IS NULL OR (", visible_to!("o", "?1"), " AND ", wanted_by!("o", "?1", "?5"), "))"
        )
    };
}

statements! {
    NEWEST = concat!(home!(), " ORDER BY h.status_id DESC LIMIT ?4");
    OLDEST = concat!(home!(), " ORDER BY h.status_id ASC LIMIT ?4");
    PUT = "INSERT INTO home_feed (owner_id, status_id) VALUES (?1, ?2) ON CONFLICT (owner_id, status_id) DO NOTHING";
    RECENT_COPY = "SELECT COUNT(*) FROM (SELECT h.status_id FROM home_feed h WHERE h.owner_id = ?1 ORDER BY h.status_id DESC LIMIT 40) r \
        JOIN statuses s ON s.id = r.status_id WHERE s.boost_of_id = ?2 OR s.id = ?2";
    BUILT = "SELECT COUNT(*) FROM home_feed_state WHERE owner_id = ?1";
    READY = "SELECT COUNT(*) FROM home_feed_state WHERE owner_id = ?1 AND built_at > 0";
    MARK = "INSERT INTO home_feed_state (owner_id, built_at) VALUES (?1, ?2) ON CONFLICT (owner_id) DO UPDATE SET built_at = excluded.built_at";
    FORGET = "DELETE FROM home_feed_state WHERE owner_id = ?1";
    TRIM = "DELETE FROM home_feed WHERE owner_id = ?1 AND status_id <= \
        (SELECT status_id FROM home_feed WHERE owner_id = ?1 ORDER BY status_id DESC LIMIT 1 OFFSET ?2)";
    EMPTY = "DELETE FROM home_feed WHERE owner_id = ?1";
    BUILD = "INSERT INTO home_feed (owner_id, status_id) SELECT CAST(?1 AS BIGINT), s.id FROM statuses s \
         WHERE (s.account_id = ?1 OR EXISTS (SELECT 1 FROM follows f WHERE f.account_id = ?1 AND f.target_id = s.account_id \
         AND (s.boost_of_id IS NULL OR f.show_boosts = true) \
         AND NOT EXISTS (SELECT 1 FROM list_members lm JOIN lists l ON l.id = lm.list_id WHERE lm.account_id = s.account_id AND l.account_id = ?1 AND l.exclusive = true))) \
         AND (s.in_reply_to_account_id IS NULL OR s.account_id = ?1 OR s.in_reply_to_account_id IN (s.account_id, ?1) \
         OR EXISTS (SELECT 1 FROM follows g WHERE g.account_id = ?1 AND g.target_id = s.in_reply_to_account_id)) \
         AND s.id > ?2 AND (s.visibility <= 2 OR s.account_id = ?1 OR EXISTS (SELECT 1 FROM mentions m WHERE m.status_id = s.id AND m.account_id = ?1)) \
         ORDER BY s.id DESC LIMIT ?3 ON CONFLICT (owner_id, status_id) DO NOTHING";
    OWNERS = "SELECT h.owner_id, CASE WHEN COALESCE(u.last_seen_at, 0) < ?1 AND h.built_at < ?1 THEN true ELSE false END \
        FROM home_feed_state h JOIN users u ON u.account_id = h.owner_id";
    BUILD_TAGS = "INSERT INTO home_feed (owner_id, status_id) SELECT CAST(?1 AS BIGINT), s.id FROM statuses s \
        WHERE s.visibility = 0 AND s.boost_of_id IS NULL AND s.id IN (SELECT st.status_id FROM status_tags st \
        JOIN tag_follows tf ON tf.tag_id = st.tag_id WHERE tf.account_id = ?1 AND st.status_id > ?2) \
        ORDER BY s.id DESC LIMIT ?3 ON CONFLICT (owner_id, status_id) DO NOTHING";
    MERGE_ACCOUNT = "INSERT INTO home_feed (owner_id, status_id) SELECT CAST(?1 AS BIGINT), s.id FROM statuses s \
        WHERE s.account_id = ?2 AND s.visibility <= 2 AND (?4 = true OR s.boost_of_id IS NULL) \
        AND (s.in_reply_to_account_id IS NULL OR s.in_reply_to_account_id IN (s.account_id, ?1) \
        OR EXISTS (SELECT 1 FROM follows g WHERE g.account_id = ?1 AND g.target_id = s.in_reply_to_account_id)) \
        ORDER BY s.id DESC LIMIT ?3 ON CONFLICT (owner_id, status_id) DO NOTHING";
    REMOVE_ACCOUNT = "DELETE FROM home_feed WHERE owner_id = ?1 AND status_id IN \
        (SELECT h.status_id FROM home_feed h JOIN statuses s ON s.id = h.status_id LEFT JOIN statuses o ON o.id = s.boost_of_id \
        WHERE h.owner_id = ?1 AND (s.account_id = ?2 OR o.account_id = ?2))";
    AUDIENCE = "SELECT f.account_id, f.show_boosts, f.notify, f.languages, \
        CASE WHEN CAST(?2 AS BIGINT) = 0 THEN false ELSE EXISTS (SELECT 1 FROM follows g WHERE g.account_id = f.account_id AND g.target_id = ?2) END, \
        u.last_seen_at, CASE WHEN h.owner_id IS NULL THEN false ELSE true END \
        FROM follows f JOIN users u ON u.account_id = f.account_id LEFT JOIN home_feed_state h ON h.owner_id = f.account_id WHERE f.target_id = ?1 \
        AND NOT EXISTS (SELECT 1 FROM list_members lm JOIN lists l ON l.id = lm.list_id \
        WHERE lm.account_id = ?1 AND l.account_id = f.account_id AND l.exclusive = true)";
    TAG_AUDIENCE = "SELECT DISTINCT tf.account_id FROM tag_follows tf JOIN users u ON u.account_id = tf.account_id WHERE tf.tag_id IN_LIST(?1)";
    LISTS_OF = "SELECT l.id, l.account_id FROM list_members lm JOIN lists l ON l.id = lm.list_id \
        JOIN follows f ON f.account_id = l.account_id AND f.target_id = lm.account_id \
        WHERE lm.account_id = ?1 AND (CAST(?2 AS BIGINT) = 0 OR CAST(?2 AS BIGINT) IN (?1, l.account_id) \
        OR (l.replies_policy = 'list' AND EXISTS (SELECT 1 FROM list_members m WHERE m.list_id = l.id AND m.account_id = ?2)) \
        OR (l.replies_policy = 'followed' AND EXISTS (SELECT 1 FROM follows g WHERE g.account_id = l.account_id AND g.target_id = ?2)))";
}

/// A stretch of somebody's home feed.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn read(
    conn: &mut Conn,
    owner: AccountId,
    page: &Page,
    now: Timestamp,
) -> Result<Vec<StatusId>> {
    let rows: Vec<(StatusId,)> = page.rows(conn, (&NEWEST, &OLDEST), owner, args![now]).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Puts a status into somebody's feed, unless it is there.
///
/// # Errors
/// See [`read`].
pub async fn put(conn: &mut Conn, owner: AccountId, status: StatusId) -> Result<()> {
    conn.send(&PUT, args![owner, status]).await
}

/// Whether a status, or a boost of it, stands among the newest 40 rows of a feed.
///
/// # Errors
/// See [`read`].
pub async fn has_recent_copy(
    conn: &mut Conn,
    owner: AccountId,
    original: StatusId,
) -> Result<bool> {
    Ok(conn.scalar::<i64>(&RECENT_COPY, args![owner, original]).await?.unwrap_or(0) > 0)
}

/// Whether this owner's feed is kept up: new statuses go into it.
///
/// # Errors
/// See [`read`].
pub async fn is_built(conn: &mut Conn, owner: AccountId) -> Result<bool> {
    Ok(conn.scalar::<i64>(&BUILT, args![owner]).await?.unwrap_or(0) > 0)
}

/// Whether this owner's feed has been filled and can be read.
///
/// # Errors
/// See [`read`].
pub async fn is_ready(conn: &mut Conn, owner: AccountId) -> Result<bool> {
    Ok(conn.scalar::<i64>(&READY, args![owner]).await?.unwrap_or(0) > 0)
}

/// Begins to keep up a feed, empty: who writes a status or a follow and asks afterwards whether there is a
/// feed, is told so from the commit on. What is older comes by [`fill`], in a later transaction, when
/// [`crate::Store::older_writers_end`] has waited for those who asked too early: so none falls between.
///
/// # Errors
/// See [`read`].
pub async fn begin(conn: &mut Conn, owner: AccountId) -> Result<()> {
    conn.send(&EMPTY, args![owner]).await?;
    conn.send(&MARK, args![owner, 0_i64]).await?;
    Ok(())
}

/// Fills a feed that was begun from what its owner follows, looking back to `oldest`.
///
/// # Errors
/// See [`read`].
pub async fn fill(
    conn: &mut Conn,
    owner: AccountId,
    oldest: StatusId,
    now: Timestamp,
) -> Result<()> {
    conn.send(&BUILD, args![owner, oldest, LENGTH / 2]).await?;
    conn.send(&BUILD_TAGS, args![owner, oldest, LENGTH / 8]).await?;
    conn.send(&MARK, args![owner, now]).await?;
    Ok(())
}

/// Stops keeping up somebody's feed.
///
/// # Errors
/// See [`read`].
pub async fn forget(conn: &mut Conn, owner: AccountId) -> Result<()> {
    conn.send(&EMPTY, args![owner]).await?;
    conn.send(&FORGET, args![owner]).await
}

/// Everybody whose feed is kept up, and whether they were away since `away`.
///
/// # Errors
/// See [`read`].
pub async fn owners(conn: &mut Conn, away: Timestamp) -> Result<Vec<(AccountId, bool)>> {
    conn.query(&OWNERS, args![away]).await
}

/// Drops what is beyond [`LENGTH`].
///
/// # Errors
/// See [`read`].
pub async fn trim(conn: &mut Conn, owner: AccountId) -> Result<()> {
    conn.send(&TRIM, args![owner, LENGTH]).await
}

/// Merges the newest statuses of an account into a feed, after a follow.
///
/// # Errors
/// See [`read`].
pub async fn merge_account(
    conn: &mut Conn,
    owner: AccountId,
    account: AccountId,
    boosts: bool,
) -> Result<()> {
    conn.send(&MERGE_ACCOUNT, args![owner, account, 100_i64, boosts]).await
}

/// Takes an account's statuses out of a feed, after an unfollow, mute or block.
///
/// # Errors
/// See [`read`].
pub async fn remove_account(conn: &mut Conn, owner: AccountId, account: AccountId) -> Result<()> {
    conn.send(&REMOVE_ACCOUNT, args![owner, account]).await
}

/// A local follower of an author, with what the home feed rule asks.
#[derive(Clone, Debug)]
pub struct Follower {
    /// Who follows.
    pub account: AccountId,
    /// Wants boosts.
    pub show_boosts: bool,
    /// Wants to be told of each status.
    pub notify: bool,
    /// Languages wanted, JSON list; empty for all.
    pub languages: String,
    /// Follows the account that is answered.
    pub follows_answered: bool,
    /// When they were last here.
    pub last_seen_at: Option<Timestamp>,
    /// Their home feed is kept up.
    pub has_feed: bool,
}

impl crate::FromRow for Follower {
    fn from_row(row: &mut crate::Row<'_>) -> Result<Self> {
        Ok(Self {
            account: row.get()?,
            show_boosts: row.get()?,
            notify: row.get()?,
            languages: row.get()?,
            follows_answered: row.get()?,
            last_seen_at: row.get()?,
            has_feed: row.get()?,
        })
    }
}

/// The local followers of an author, for a status that answers `answered`.
///
/// # Errors
/// See [`read`].
pub async fn audience(
    conn: &mut Conn,
    author: AccountId,
    answered: Option<AccountId>,
) -> Result<Vec<Follower>> {
    conn.query(&AUDIENCE, args![author, answered.map_or(0, |id| id.0)]).await
}

/// Local users who follow one of these tags.
///
/// # Errors
/// See [`read`].
pub async fn tag_audience(conn: &mut Conn, tags: &[TagId]) -> Result<Vec<AccountId>> {
    if tags.is_empty() {
        return Ok(Vec::new());
    }
    conn.column(&TAG_AUDIENCE, args![tags]).await
}

/// The lists, with their owners, that show a status of this author that answers `answered`.
///
/// # Errors
/// See [`read`].
pub async fn lists_of(
    conn: &mut Conn,
    author: AccountId,
    answered: Option<AccountId>,
) -> Result<Vec<(domain::ListId, AccountId)>> {
    conn.query(&LISTS_OF, args![author, answered.map_or(0, |id| id.0)]).await
}
