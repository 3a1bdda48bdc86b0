//! Hashtags: how much they are used, who follows them, who features them.

use domain::status::Tag;
use domain::{AccountId, RowId, StatusId, TagId, Timestamp};

use crate::engine::{Conn, FromRow, Result, Row};
use crate::page::{Listed, Page};
use crate::{args, statements};

macro_rules! followed {
    () => {
        "SELECT f.id, f.tag_id FROM tag_follows f WHERE f.account_id = ?1 AND f.id < ?2 AND f.id > ?3"
    };
}

macro_rules! featured {
    () => {
        "SELECT f.id, t.id, t.name, t.display_name, COUNT(s.id), MAX(s.created_at) FROM featured_tags f JOIN tags t ON t.id = f.tag_id \
         LEFT JOIN status_tags st ON st.tag_id = f.tag_id \
         LEFT JOIN statuses s ON s.id = st.status_id AND s.account_id = f.account_id AND s.visibility <= 1 \
         WHERE f.account_id = ?1"
    };
}

statements! {
    BY_IDS = "SELECT id, name, display_name FROM tags WHERE id IN_LIST(?1)";
    HISTORY = "SELECT st.tag_id, s.created_at / 86400000, COUNT(*), COUNT(DISTINCT s.account_id) FROM status_tags st \
        JOIN statuses s ON s.id = st.status_id JOIN accounts a ON a.id = s.account_id \
        WHERE st.tag_id IN_LIST(?1) AND st.status_id > ?2 AND s.visibility = 0 AND a.suspended_at IS NULL \
        GROUP BY st.tag_id, s.created_at / 86400000";
    FOLLOW = "INSERT INTO tag_follows (id, account_id, tag_id) VALUES (?1, ?2, ?3) ON CONFLICT (account_id, tag_id) DO NOTHING";
    UNFOLLOW = "DELETE FROM tag_follows WHERE account_id = ?1 AND tag_id = ?2";
    FOLLOWED_NEWEST = concat!(followed!(), " ORDER BY f.id DESC LIMIT ?4");
    FOLLOWED_OLDEST = concat!(followed!(), " ORDER BY f.id ASC LIMIT ?4");
    FOLLOW_COUNT = "SELECT COUNT(*) FROM tag_follows WHERE account_id = ?1";
    MARKS = "SELECT 1, tag_id FROM tag_follows WHERE account_id = ?1 AND tag_id IN_LIST(?2) \
        UNION ALL SELECT 2, tag_id FROM featured_tags WHERE account_id = ?1 AND tag_id IN_LIST(?2)";
    LEAVE_HOME = "DELETE FROM home_feed WHERE owner_id = ?1 AND status_id IN (SELECT st.status_id FROM status_tags st \
        JOIN statuses s ON s.id = st.status_id WHERE st.tag_id = ?2 AND s.account_id <> ?1 \
        AND NOT EXISTS (SELECT 1 FROM follows f WHERE f.account_id = ?1 AND f.target_id = s.account_id) \
        AND NOT EXISTS (SELECT 1 FROM status_tags o JOIN tag_follows tf ON tf.tag_id = o.tag_id \
        WHERE o.status_id = s.id AND tf.account_id = ?1 AND tf.tag_id <> ?2))";
    FEATURE = "INSERT INTO featured_tags (id, account_id, tag_id, created_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (account_id, tag_id) DO NOTHING";
    UNFEATURE = "DELETE FROM featured_tags WHERE account_id = ?1 AND id = ?2";
    UNFEATURE_TAG = "DELETE FROM featured_tags WHERE account_id = ?1 AND tag_id = ?2";
    FEATURED_COUNT = "SELECT COUNT(*) FROM featured_tags WHERE account_id = ?1";
    FEATURED = concat!(featured!(), " GROUP BY f.id, t.id, t.name, t.display_name ORDER BY f.id");
    FEATURED_ONE = concat!(featured!(), " AND f.tag_id = ?2 GROUP BY f.id, t.id, t.name, t.display_name");
    USED = "SELECT t.id, t.name, t.display_name FROM tags t JOIN (SELECT st.tag_id AS tag_id, COUNT(*) AS uses FROM statuses s \
        JOIN status_tags st ON st.status_id = s.id WHERE s.account_id = ?1 AND s.id > ?2 AND s.visibility <= 1 GROUP BY st.tag_id) u ON u.tag_id = t.id \
        WHERE NOT EXISTS (SELECT 1 FROM featured_tags f WHERE f.account_id = ?1 AND f.tag_id = t.id) ORDER BY u.uses DESC, t.id LIMIT 10";
}

/// How much a tag was used on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayOfTag {
    /// Which tag.
    pub tag: TagId,
    /// Days since 1970-01-01.
    pub day: i64,
    /// Public statuses.
    pub uses: i64,
    /// Their authors.
    pub accounts: i64,
}

impl FromRow for DayOfTag {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self { tag: row.get()?, day: row.get()?, uses: row.get()?, accounts: row.get()? })
    }
}

/// A tag on somebody's profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeaturedTag {
    /// The id of this entry.
    pub id: RowId,
    /// The tag.
    pub tag: Tag,
    /// Open statuses of the account with it.
    pub statuses_count: i64,
    /// When the last of them was made.
    pub last_status_at: Option<Timestamp>,
}

impl FromRow for FeaturedTag {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            tag: Tag { id: row.get()?, name: row.get()?, display_name: row.get()? },
            statuses_count: row.get()?,
            last_status_at: row.get()?,
        })
    }
}

/// The tags with these ids, in their order.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn by_ids(conn: &mut Conn, ids: &[TagId]) -> Result<Vec<Tag>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut found: Vec<Tag> = conn.query(&BY_IDS, args![ids]).await?;
    found.sort_by_key(|tag| ids.iter().position(|id| *id == tag.id));
    Ok(found)
}

/// How much these tags were used on each day since the status `after`.
///
/// # Errors
/// See [`by_ids`].
pub async fn history(conn: &mut Conn, ids: &[TagId], after: StatusId) -> Result<Vec<DayOfTag>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    conn.query(&HISTORY, args![ids, after]).await
}

/// Which of these tags an account follows, and which it features.
///
/// # Errors
/// See [`by_ids`].
pub async fn marks(
    conn: &mut Conn,
    account: AccountId,
    ids: &[TagId],
) -> Result<(Vec<TagId>, Vec<TagId>)> {
    if ids.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let rows: Vec<(i64, TagId)> = conn.query(&MARKS, args![account, ids]).await?;
    let of = |kind: i64| rows.iter().filter(|row| row.0 == kind).map(|row| row.1).collect();
    Ok((of(1), of(2)))
}

/// Follows a tag.
///
/// # Errors
/// See [`by_ids`].
pub async fn follow(conn: &mut Conn, row: RowId, account: AccountId, tag: TagId) -> Result<bool> {
    Ok(conn.execute(&FOLLOW, args![row, account, tag]).await? > 0)
}

/// How many tags an account follows.
///
/// # Errors
/// See [`by_ids`].
pub async fn follow_count(conn: &mut Conn, account: AccountId) -> Result<i64> {
    Ok(conn.scalar(&FOLLOW_COUNT, args![account]).await?.unwrap_or(0))
}

/// Unfollows a tag, and takes what came by it alone out of the home feed.
///
/// # Errors
/// See [`by_ids`].
pub async fn unfollow(conn: &mut Conn, account: AccountId, tag: TagId) -> Result<bool> {
    let followed = conn.execute(&UNFOLLOW, args![account, tag]).await? > 0;
    if followed {
        conn.send(&LEAVE_HOME, args![account, tag]).await?;
    }
    Ok(followed)
}

/// A stretch of the tags that an account follows.
///
/// # Errors
/// See [`by_ids`].
pub async fn followed(
    conn: &mut Conn,
    account: AccountId,
    page: &Page,
) -> Result<Vec<Listed<TagId>>> {
    page.rows(conn, (&FOLLOWED_NEWEST, &FOLLOWED_OLDEST), account, args![]).await
}

/// Puts a tag on a profile; false when it is there already.
///
/// # Errors
/// See [`by_ids`].
pub async fn feature(
    conn: &mut Conn,
    row: RowId,
    account: AccountId,
    tag: TagId,
    now: Timestamp,
) -> Result<bool> {
    Ok(conn.execute(&FEATURE, args![row, account, tag, now]).await? > 0)
}

/// Takes an entry off this account's profile.
///
/// # Errors
/// See [`by_ids`].
pub async fn unfeature(conn: &mut Conn, account: AccountId, row: RowId) -> Result<bool> {
    Ok(conn.execute(&UNFEATURE, args![account, row]).await? > 0)
}

/// Takes a tag off this account's profile.
///
/// # Errors
/// See [`by_ids`].
pub async fn unfeature_tag(conn: &mut Conn, account: AccountId, tag: TagId) -> Result<bool> {
    Ok(conn.execute(&UNFEATURE_TAG, args![account, tag]).await? > 0)
}

/// How many tags a profile has.
///
/// # Errors
/// See [`by_ids`].
pub async fn featured_count(conn: &mut Conn, account: AccountId) -> Result<i64> {
    Ok(conn.scalar(&FEATURED_COUNT, args![account]).await?.unwrap_or(0))
}

/// The tags on a profile, oldest first.
///
/// # Errors
/// See [`by_ids`].
pub async fn featured(conn: &mut Conn, account: AccountId) -> Result<Vec<FeaturedTag>> {
    conn.query(&FEATURED, args![account]).await
}

/// The entry of this tag on a profile.
///
/// # Errors
/// See [`by_ids`].
pub async fn featured_one(
    conn: &mut Conn,
    account: AccountId,
    tag: TagId,
) -> Result<Option<FeaturedTag>> {
    conn.optional(&FEATURED_ONE, args![account, tag]).await
}

/// The tags that an account used most since the status `after` and does not feature.
///
/// # Errors
/// See [`by_ids`].
pub async fn most_used(conn: &mut Conn, account: AccountId, after: StatusId) -> Result<Vec<Tag>> {
    conn.query(&USED, args![account, after]).await
}
