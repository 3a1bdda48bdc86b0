//! What accounts are to each other: follows, requests, blocks, mutes, notes.

use domain::{AccountId, RowId, Timestamp};

use crate::engine::{Conn, FromRow, Result, Row};
use crate::page::{Listed, Page};
use crate::{args, statements};

macro_rules! cursor_list {
    ($table:literal, $from:literal, $to:literal) => {
        concat!(
            "SELECT r.id, r.", $to, " FROM ", $table, " r JOIN accounts a ON a.id = r.", $to,
            " WHERE r.", $from, " = ?1 AND r.id < ?2 AND r.id > ?3 AND a.suspended_at IS NULL \
             AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.account_id = ?5 AND b.target_id = r.", $to, ")"
        )
    };
}

statements! {
    IS_BLOCKING = "SELECT 1 FROM blocks WHERE account_id = ?1 AND target_id = ?2";
    IS_FOLLOWING = "SELECT 1 FROM follows WHERE account_id = ?1 AND target_id = ?2";
    FOLLOW = "INSERT INTO follows (id, account_id, target_id, show_boosts, notify, languages, created_at) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (account_id, target_id) DO NOTHING";
    UPDATE_FOLLOW = "UPDATE follows SET show_boosts = ?3, notify = ?4, languages = ?5 WHERE account_id = ?1 AND target_id = ?2";
    UNFOLLOW = "DELETE FROM follows WHERE account_id = ?1 AND target_id = ?2";
    REQUEST = "INSERT INTO follow_requests (id, account_id, target_id, show_boosts, notify, languages, created_at) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (account_id, target_id) DO UPDATE \
        SET show_boosts = excluded.show_boosts, notify = excluded.notify, languages = excluded.languages";
    TAKE_REQUEST = "DELETE FROM follow_requests WHERE account_id = ?1 AND target_id = ?2 RETURNING show_boosts, notify, languages";
    BLOCK = "INSERT INTO blocks (id, account_id, target_id, created_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (account_id, target_id) DO NOTHING";
    UNBLOCK = "DELETE FROM blocks WHERE account_id = ?1 AND target_id = ?2";
    MUTE = "INSERT INTO mutes (id, account_id, target_id, notifications, expires_at, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
        ON CONFLICT (account_id, target_id) DO UPDATE SET notifications = excluded.notifications, expires_at = excluded.expires_at";
    UNMUTE = "DELETE FROM mutes WHERE account_id = ?1 AND target_id = ?2";
    NOTE = "INSERT INTO account_notes (account_id, target_id, comment) VALUES (?1, ?2, ?3) \
        ON CONFLICT (account_id, target_id) DO UPDATE SET comment = excluded.comment";
    RELATIONS = "SELECT 1, target_id, show_boosts, notify, languages FROM follows WHERE account_id = ?1 AND target_id IN_LIST(?2) \
        UNION ALL SELECT 2, account_id, false, false, '' FROM follows WHERE target_id = ?1 AND account_id IN_LIST(?2) \
        UNION ALL SELECT 3, target_id, show_boosts, notify, languages FROM follow_requests WHERE account_id = ?1 AND target_id IN_LIST(?2) \
        UNION ALL SELECT 4, account_id, false, false, '' FROM follow_requests WHERE target_id = ?1 AND account_id IN_LIST(?2) \
        UNION ALL SELECT 5, target_id, false, false, '' FROM blocks WHERE account_id = ?1 AND target_id IN_LIST(?2) \
        UNION ALL SELECT 6, account_id, false, false, '' FROM blocks WHERE target_id = ?1 AND account_id IN_LIST(?2) \
        UNION ALL SELECT 7, target_id, notifications, false, COALESCE(CAST(expires_at AS TEXT), '') FROM mutes \
            WHERE account_id = ?1 AND target_id IN_LIST(?2) AND (expires_at IS NULL OR expires_at > ?3) \
        UNION ALL SELECT 8, target_id, false, false, comment FROM account_notes WHERE account_id = ?1 AND target_id IN_LIST(?2) \
        UNION ALL SELECT 9, target_id, false, false, '' FROM endorsements WHERE account_id = ?1 AND target_id IN_LIST(?2) \
        UNION ALL SELECT 10, a.id, false, false, '' FROM accounts a JOIN user_domain_blocks u ON u.domain = a.domain \
            WHERE u.account_id = ?1 AND a.id IN_LIST(?2)";
    FOLLOWERS_NEWEST = concat!(cursor_list!("follows", "target_id", "account_id"), " ORDER BY r.id DESC LIMIT ?4");
    FOLLOWERS_OLDEST = concat!(cursor_list!("follows", "target_id", "account_id"), " ORDER BY r.id ASC LIMIT ?4");
    FOLLOWING_NEWEST = concat!(cursor_list!("follows", "account_id", "target_id"), " ORDER BY r.id DESC LIMIT ?4");
    FOLLOWING_OLDEST = concat!(cursor_list!("follows", "account_id", "target_id"), " ORDER BY r.id ASC LIMIT ?4");
    REQUESTS_NEWEST = concat!(cursor_list!("follow_requests", "target_id", "account_id"), " ORDER BY r.id DESC LIMIT ?4");
    REQUESTS_OLDEST = concat!(cursor_list!("follow_requests", "target_id", "account_id"), " ORDER BY r.id ASC LIMIT ?4");
    BLOCKS_NEWEST = concat!(cursor_list!("blocks", "account_id", "target_id"), " ORDER BY r.id DESC LIMIT ?4");
    BLOCKS_OLDEST = concat!(cursor_list!("blocks", "account_id", "target_id"), " ORDER BY r.id ASC LIMIT ?4");
    MUTES_NEWEST = concat!(cursor_list!("mutes", "account_id", "target_id"), " AND (r.expires_at IS NULL OR r.expires_at > ?6) ORDER BY r.id DESC LIMIT ?4");
    MUTES_OLDEST = concat!(cursor_list!("mutes", "account_id", "target_id"), " AND (r.expires_at IS NULL OR r.expires_at > ?6) ORDER BY r.id ASC LIMIT ?4");
    MUTE_ENDS = "SELECT target_id, expires_at FROM mutes WHERE account_id = ?1 AND target_id IN_LIST(?2)";
    LEAVE_LISTS = "DELETE FROM list_members WHERE account_id = ?2 AND list_id IN (SELECT id FROM lists WHERE account_id = ?1)";
    PENDING = "SELECT COUNT(*) FROM follow_requests WHERE target_id = ?1";
    SHUTS_OUT = "SELECT 1 FROM blocks WHERE account_id = ?1 AND target_id = ?2 \
        UNION ALL SELECT 1 FROM user_domain_blocks WHERE account_id = ?1 AND domain IN_LIST(?3)";
}

/// How somebody follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowOptions {
    /// Shows boosts in the home feed.
    pub show_boosts: bool,
    /// Is told of every status.
    pub notify: bool,
    /// Languages wanted; none is all.
    pub languages: Vec<String>,
}

impl Default for FollowOptions {
    fn default() -> Self {
        Self { show_boosts: true, notify: false, languages: Vec::new() }
    }
}

/// What the viewer and another account are to each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Relation {
    /// The viewer follows, and how.
    pub following: Option<FollowOptions>,
    /// Follows the viewer.
    pub followed_by: bool,
    /// The viewer asked to follow, and how.
    pub requested: Option<FollowOptions>,
    /// Asked to follow the viewer.
    pub requested_by: bool,
    /// The viewer blocks.
    pub blocking: bool,
    /// Blocks the viewer.
    pub blocked_by: bool,
    /// The viewer mutes; true when notifications as well.
    pub muting: Option<bool>,
    /// When that ends.
    pub muting_until: Option<Timestamp>,
    /// The viewer's private note.
    pub note: String,
    /// The viewer shows it on their profile.
    pub endorsed: bool,
    /// The viewer blocks its whole domain.
    pub domain_blocking: bool,
}

struct RelationRow {
    kind: i64,
    account: AccountId,
    first: bool,
    second: bool,
    text: String,
}

impl FromRow for RelationRow {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            kind: row.get()?,
            account: row.get()?,
            first: row.get()?,
            second: row.get()?,
            text: row.get()?,
        })
    }
}

impl FromRow for FollowOptions {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            show_boosts: row.get()?,
            notify: row.get()?,
            languages: languages(&row.get::<String>()?),
        })
    }
}

fn languages(text: &str) -> Vec<String> {
    text.split(' ').filter(|code| !code.is_empty()).map(str::to_owned).collect()
}

/// Whether `who` blocks `whom`.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn is_blocking(conn: &mut Conn, who: AccountId, whom: AccountId) -> Result<bool> {
    Ok(conn.scalar::<i64>(&IS_BLOCKING, args![who, whom]).await?.is_some())
}

/// Whether `who` wants nothing of this account: it is blocked, or its whole domain is, of which
/// these are the names (see [`domain::host::covering`]).
///
/// # Errors
/// See [`is_blocking`].
pub async fn shuts_out(
    conn: &mut Conn,
    who: AccountId,
    whom: AccountId,
    names: &[String],
) -> Result<bool> {
    Ok(conn.scalar::<i64>(&SHUTS_OUT, args![who, whom, names]).await?.is_some())
}

/// Whether `who` follows `whom`.
///
/// # Errors
/// See [`is_blocking`].
pub async fn is_following(conn: &mut Conn, who: AccountId, whom: AccountId) -> Result<bool> {
    Ok(conn.scalar::<i64>(&IS_FOLLOWING, args![who, whom]).await?.is_some())
}

/// Follows; true when that is new. The counters are the caller's.
///
/// # Errors
/// See [`is_blocking`].
pub async fn follow(
    conn: &mut Conn,
    row: RowId,
    (who, whom): (AccountId, AccountId),
    options: &FollowOptions,
    now: Timestamp,
) -> Result<bool> {
    let languages = options.languages.join(" ");
    let added = conn
        .execute(
            &FOLLOW,
            args![row, who, whom, options.show_boosts, options.notify, languages, now],
        )
        .await?;
    Ok(added > 0)
}

/// Changes how somebody follows.
///
/// # Errors
/// See [`is_blocking`].
pub async fn update_follow(
    conn: &mut Conn,
    who: AccountId,
    whom: AccountId,
    options: &FollowOptions,
) -> Result<()> {
    let languages = options.languages.join(" ");
    conn.send(&UPDATE_FOLLOW, args![who, whom, options.show_boosts, options.notify, languages])
        .await
}

/// Unfollows; true when there was a follow. The counters are the caller's.
///
/// # Errors
/// See [`is_blocking`].
pub async fn unfollow(conn: &mut Conn, who: AccountId, whom: AccountId) -> Result<bool> {
    Ok(conn.execute(&UNFOLLOW, args![who, whom]).await? > 0)
}

/// Asks to follow.
///
/// # Errors
/// See [`is_blocking`].
pub async fn request(
    conn: &mut Conn,
    row: RowId,
    (who, whom): (AccountId, AccountId),
    options: &FollowOptions,
    now: Timestamp,
) -> Result<()> {
    let languages = options.languages.join(" ");
    conn.send(&REQUEST, args![row, who, whom, options.show_boosts, options.notify, languages, now])
        .await
}

/// Takes a follow request away and says how it was asked.
///
/// # Errors
/// See [`is_blocking`].
pub async fn take_request(
    conn: &mut Conn,
    who: AccountId,
    whom: AccountId,
) -> Result<Option<FollowOptions>> {
    conn.optional(&TAKE_REQUEST, args![who, whom]).await
}

/// How many ask to follow this account.
///
/// # Errors
/// See [`is_blocking`].
pub async fn pending_requests(conn: &mut Conn, whom: AccountId) -> Result<i64> {
    Ok(conn.scalar(&PENDING, args![whom]).await?.unwrap_or(0))
}

/// Blocks; true when that is new.
///
/// # Errors
/// See [`is_blocking`].
pub async fn block(
    conn: &mut Conn,
    row: RowId,
    who: AccountId,
    whom: AccountId,
    now: Timestamp,
) -> Result<bool> {
    Ok(conn.execute(&BLOCK, args![row, who, whom, now]).await? > 0)
}

/// Unblocks.
///
/// # Errors
/// See [`is_blocking`].
pub async fn unblock(conn: &mut Conn, who: AccountId, whom: AccountId) -> Result<bool> {
    Ok(conn.execute(&UNBLOCK, args![who, whom]).await? > 0)
}

/// Mutes, or changes a mute.
///
/// # Errors
/// See [`is_blocking`].
pub async fn mute(
    conn: &mut Conn,
    row: RowId,
    (who, whom): (AccountId, AccountId),
    notifications: bool,
    expires_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<()> {
    conn.send(&MUTE, args![row, who, whom, notifications, expires_at, now]).await
}

/// Unmutes.
///
/// # Errors
/// See [`is_blocking`].
pub async fn unmute(conn: &mut Conn, who: AccountId, whom: AccountId) -> Result<bool> {
    Ok(conn.execute(&UNMUTE, args![who, whom]).await? > 0)
}

/// Writes a private note about an account.
///
/// # Errors
/// See [`is_blocking`].
pub async fn set_note(
    conn: &mut Conn,
    who: AccountId,
    whom: AccountId,
    comment: &str,
) -> Result<()> {
    conn.send(&NOTE, args![who, whom, comment]).await
}

/// Takes an account out of the lists of another, after an unfollow.
///
/// # Errors
/// See [`is_blocking`].
pub async fn leave_lists(conn: &mut Conn, owner: AccountId, member: AccountId) -> Result<()> {
    conn.send(&LEAVE_LISTS, args![owner, member]).await
}

/// What the viewer is to each of these accounts, in their order.
///
/// # Errors
/// See [`is_blocking`].
pub async fn relations(
    conn: &mut Conn,
    viewer: AccountId,
    others: &[AccountId],
    now: Timestamp,
) -> Result<Vec<(AccountId, Relation)>> {
    let mut found: Vec<(AccountId, Relation)> =
        others.iter().map(|id| (*id, Relation::default())).collect();
    if others.is_empty() {
        return Ok(found);
    }
    for row in conn.query::<RelationRow>(&RELATIONS, args![viewer, others, now]).await? {
        for (_, relation) in found.iter_mut().filter(|(id, _)| *id == row.account) {
            apply(relation, &row);
        }
    }
    Ok(found)
}

fn apply(relation: &mut Relation, row: &RelationRow) {
    let options = || FollowOptions {
        show_boosts: row.first,
        notify: row.second,
        languages: languages(&row.text),
    };
    match row.kind {
        1 => relation.following = Some(options()),
        2 => relation.followed_by = true,
        3 => relation.requested = Some(options()),
        4 => relation.requested_by = true,
        5 => relation.blocking = true,
        6 => relation.blocked_by = true,
        7 => {
            relation.muting = Some(row.first);
            relation.muting_until = row.text.parse().ok().map(Timestamp);
        }
        8 => relation.note.clone_from(&row.text),
        9 => relation.endorsed = true,
        _ => relation.domain_blocking = true,
    }
}

/// A list of accounts that stand in a relation to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Circle {
    /// Who follows it.
    Followers,
    /// Whom it follows.
    Following,
    /// Who asks to follow it.
    Requests,
    /// Whom it blocks.
    Blocks,
    /// Whom it mutes.
    Mutes,
}

/// A stretch of such a list, without those the viewer blocks (except in the list of blocks).
///
/// # Errors
/// See [`is_blocking`].
pub async fn circle(
    conn: &mut Conn,
    of: AccountId,
    which: Circle,
    viewer: Option<AccountId>,
    page: &Page,
    now: Timestamp,
) -> Result<Vec<Listed<AccountId>>> {
    let viewer = viewer.map_or(0, |id| id.0);
    match which {
        Circle::Followers => {
            page.rows(conn, (&FOLLOWERS_NEWEST, &FOLLOWERS_OLDEST), of, args![viewer]).await
        }
        Circle::Following => {
            page.rows(conn, (&FOLLOWING_NEWEST, &FOLLOWING_OLDEST), of, args![viewer]).await
        }
        Circle::Requests => {
            page.rows(conn, (&REQUESTS_NEWEST, &REQUESTS_OLDEST), of, args![viewer]).await
        }
        Circle::Blocks => page.rows(conn, (&BLOCKS_NEWEST, &BLOCKS_OLDEST), of, args![0_i64]).await,
        Circle::Mutes => {
            page.rows(conn, (&MUTES_NEWEST, &MUTES_OLDEST), of, args![0_i64, now]).await
        }
    }
}

/// When the mutes of these accounts end.
///
/// # Errors
/// See [`is_blocking`].
pub async fn mute_ends(
    conn: &mut Conn,
    who: AccountId,
    whom: &[AccountId],
) -> Result<Vec<(AccountId, Option<Timestamp>)>> {
    if whom.is_empty() {
        return Ok(Vec::new());
    }
    conn.query(&MUTE_ENDS, args![who, whom]).await
}
