//! Lists of statuses and of the people around one: ids only, in order.

use domain::status::Visibility;
use domain::{AccountId, ListId, StatusId, TagId, Timestamp};

use crate::engine::{Conn, Result, Value};
use crate::page::{Listed, Page};
use crate::{among_us, args, statements, visible_to, wanted_by};

macro_rules! public {
    () => {
        concat!(
            "SELECT s.id FROM statuses s JOIN accounts a ON a.id = s.account_id WHERE s.visibility = 0 AND s.boost_of_id IS NULL ",
            "AND s.id < ?2 AND s.id > ?3 ",
            "AND (s.in_reply_to_account_id IS NULL OR s.in_reply_to_account_id = s.account_id) ",
            "AND a.silenced_at IS NULL AND a.suspended_at IS NULL ",
            "AND (?5 = false OR s.local = true) AND (?6 = false OR s.local = false) AND (?7 = false OR (s.parts & 1) = 1) AND ",
            among_us!("s", "?1"), " AND ", wanted_by!("s", "?1", "?8")
        )
    };
}

macro_rules! public_local {
    () => {
        concat!(
            "SELECT s.id FROM statuses s JOIN accounts a ON a.id = s.account_id WHERE s.visibility = 0 AND s.boost_of_id IS NULL ",
            "AND s.local = true AND s.id < ?2 AND s.id > ?3 ",
            "AND (s.in_reply_to_account_id IS NULL OR s.in_reply_to_account_id = s.account_id) ",
            "AND a.silenced_at IS NULL AND a.suspended_at IS NULL AND (?5 = false OR (s.parts & 1) = 1) AND ",
            among_us!("s", "?1"), " AND ", wanted_by!("s", "?1", "?6")
        )
    };
}

macro_rules! tag {
    () => {
        concat!(
            "SELECT s.id FROM statuses s JOIN accounts a ON a.id = s.account_id WHERE s.visibility = 0 AND s.boost_of_id IS NULL ",
            "AND s.id < ?2 AND s.id > ?3 AND a.silenced_at IS NULL AND a.suspended_at IS NULL ",
            "AND s.id IN (SELECT x.status_id FROM status_tags x WHERE x.tag_id IN_LIST(?5)) ",
            "AND NOT EXISTS (SELECT 1 FROM status_tags n WHERE n.status_id = s.id AND n.tag_id IN_LIST(?6)) ",
            "AND (SELECT COUNT(*) FROM status_tags l WHERE l.status_id = s.id AND l.tag_id IN_LIST(?7)) = ?8 ",
            "AND (?9 = false OR s.local = true) AND (?10 = false OR s.local = false) AND (?11 = false OR (s.parts & 1) = 1) AND ",
            among_us!("s", "?1"), " AND ", wanted_by!("s", "?1", "?12")
        )
    };
}

macro_rules! account {
    () => {
        concat!(
            "SELECT s.id FROM statuses s LEFT JOIN statuses o ON o.id = s.boost_of_id ",
            "WHERE s.account_id = ?5 AND s.id < ?2 AND s.id > ?3 ",
            "AND (?6 = false OR s.boost_of_id IS NULL) ",
            "AND (?7 = false OR s.in_reply_to_account_id IS NULL OR s.in_reply_to_account_id = s.account_id) ",
            "AND (?8 = false OR (s.boost_of_id IS NULL AND (s.parts & 1) = 1)) ",
            "AND (CAST(?9 AS BIGINT) = 0 OR EXISTS (SELECT 1 FROM status_tags t WHERE t.status_id = s.id AND t.tag_id = ?9)) AND ",
            visible_to!("s", "?1"),
            " AND (s.boost_of_id IS NULL OR (", visible_to!("o", "?1"), " AND ", wanted_by!("o", "?1", "?10"), "))"
        )
    };
}

macro_rules! list {
    () => {
        concat!(
            "SELECT s.id FROM statuses s JOIN list_members lm ON lm.account_id = s.account_id JOIN lists li ON li.id = lm.list_id ",
            "LEFT JOIN statuses o ON o.id = s.boost_of_id ",
            "WHERE lm.list_id = ?5 AND s.id < ?2 AND s.id > ?3 AND s.visibility <= 2 ",
            "AND EXISTS (SELECT 1 FROM follows f WHERE f.account_id = ?1 AND f.target_id = s.account_id ",
            "AND (s.boost_of_id IS NULL OR f.show_boosts = true)) ",
            "AND (s.in_reply_to_account_id IS NULL OR s.in_reply_to_account_id IN (s.account_id, ?1) ",
            "OR (li.replies_policy = 'list' AND EXISTS (SELECT 1 FROM list_members m2 WHERE m2.list_id = ?5 AND m2.account_id = s.in_reply_to_account_id)) ",
            "OR (li.replies_policy = 'followed' AND EXISTS (SELECT 1 FROM follows f2 WHERE f2.account_id = ?1 AND f2.target_id = s.in_reply_to_account_id))) AND ",
            visible_to!("s", "?1"), " AND ", wanted_by!("s", "?1", "?6"),
            " AND (s.boost_of_id IS NULL OR (", visible_to!("o", "?1"), " AND ", wanted_by!("o", "?1", "?6"), "))"
        )
    };
}

macro_rules! favourites {
    () => {
        concat!(
            "SELECT f.id, f.status_id FROM favourites f JOIN statuses s ON s.id = f.status_id \
            WHERE f.account_id = ?1 AND f.id < ?2 AND f.id > ?3 AND ",
            visible_to!("s", "?1")
        )
    };
}

macro_rules! bookmarks {
    () => {
        concat!(
            "SELECT b.id, b.status_id FROM bookmarks b JOIN statuses s ON s.id = b.status_id \
            WHERE b.account_id = ?1 AND b.id < ?2 AND b.id > ?3 AND ",
            visible_to!("s", "?1")
        )
    };
}

macro_rules! favouriters {
    () => {
        "SELECT f.id, f.account_id FROM favourites f JOIN accounts a ON a.id = f.account_id \
         WHERE f.status_id = ?1 AND f.id < ?2 AND f.id > ?3 AND a.suspended_at IS NULL \
         AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.account_id = ?5 AND b.target_id = f.account_id)"
    };
}

macro_rules! quotes {
    () => {
        concat!(
            "SELECT s.id FROM statuses s WHERE s.quote_of_id = ?1 AND s.id < ?2 AND s.id > ?3 AND ",
            visible_to!("s", "?5")
        )
    };
}

macro_rules! boosters {
    () => {
        "SELECT s.id, s.account_id FROM statuses s JOIN accounts a ON a.id = s.account_id \
         WHERE s.boost_of_id = ?1 AND s.id < ?2 AND s.id > ?3 AND s.visibility <= 1 AND a.suspended_at IS NULL \
         AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.account_id = ?5 AND b.target_id = s.account_id)"
    };
}

statements! {
    PUBLIC_NEWEST = concat!(public!(), " ORDER BY s.id DESC LIMIT ?4");
    PUBLIC_OLDEST = concat!(public!(), " ORDER BY s.id ASC LIMIT ?4");
    LOCAL_NEWEST = concat!(public_local!(), " ORDER BY s.id DESC LIMIT ?4");
    LOCAL_OLDEST = concat!(public_local!(), " ORDER BY s.id ASC LIMIT ?4");
    TAG_NEWEST = concat!(tag!(), " ORDER BY s.id DESC LIMIT ?4");
    TAG_OLDEST = concat!(tag!(), " ORDER BY s.id ASC LIMIT ?4");
    ACCOUNT_NEWEST = concat!(account!(), " ORDER BY s.id DESC LIMIT ?4");
    ACCOUNT_OLDEST = concat!(account!(), " ORDER BY s.id ASC LIMIT ?4");
    LIST_NEWEST = concat!(list!(), " ORDER BY s.id DESC LIMIT ?4");
    LIST_OLDEST = concat!(list!(), " ORDER BY s.id ASC LIMIT ?4");
    FAVOURITES_NEWEST = concat!(favourites!(), " ORDER BY f.id DESC LIMIT ?4");
    FAVOURITES_OLDEST = concat!(favourites!(), " ORDER BY f.id ASC LIMIT ?4");
    BOOKMARKS_NEWEST = concat!(bookmarks!(), " ORDER BY b.id DESC LIMIT ?4");
    BOOKMARKS_OLDEST = concat!(bookmarks!(), " ORDER BY b.id ASC LIMIT ?4");
    FAVOURITERS_NEWEST = concat!(favouriters!(), " ORDER BY f.id DESC LIMIT ?4");
    FAVOURITERS_OLDEST = concat!(favouriters!(), " ORDER BY f.id ASC LIMIT ?4");
    BOOSTERS_NEWEST = concat!(boosters!(), " ORDER BY s.id DESC LIMIT ?4");
    BOOSTERS_OLDEST = concat!(boosters!(), " ORDER BY s.id ASC LIMIT ?4");
    QUOTES_NEWEST = concat!(quotes!(), " ORDER BY s.id DESC LIMIT ?4");
    QUOTES_OLDEST = concat!(quotes!(), " ORDER BY s.id ASC LIMIT ?4");
    BOOSTS_OF = "SELECT id, account_id, visibility FROM statuses WHERE boost_of_id = ?1";
    LOCAL_BOOSTS = "SELECT id FROM statuses WHERE boost_of_id = ?1 AND local = true ORDER BY id LIMIT ?2";
    LOCAL_BOOSTERS = "SELECT s.account_id FROM statuses s JOIN users u ON u.account_id = s.account_id WHERE s.boost_of_id = ?1";
    PINNED = concat!("SELECT s.id FROM pins p JOIN statuses s ON s.id = p.status_id WHERE p.account_id = ?1 AND ",
        visible_to!("s", "?2"), " ORDER BY p.id DESC LIMIT 50");
}

fn viewer_value(viewer: Option<AccountId>) -> i64 {
    viewer.map_or(0, |id| id.0)
}

/// What a public timeline leaves out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PublicFilter {
    /// Only this server's.
    pub local: bool,
    /// Only other servers'.
    pub remote: bool,
    /// Only with attachments.
    pub only_media: bool,
}

/// The public timeline.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn public(
    conn: &mut Conn,
    filter: PublicFilter,
    viewer: Option<AccountId>,
    page: &Page,
    now: Timestamp,
) -> Result<Vec<StatusId>> {
    let viewer = viewer_value(viewer);
    let rows: Vec<(StatusId,)> = if filter.local {
        page.rows(conn, (&LOCAL_NEWEST, &LOCAL_OLDEST), viewer, args![filter.only_media, now])
            .await?
    } else {
        let more: &[Value] = args![filter.local, filter.remote, filter.only_media, now];
        page.rows(conn, (&PUBLIC_NEWEST, &PUBLIC_OLDEST), viewer, more).await?
    };
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// What a hashtag timeline shows.
#[derive(Clone, Debug, Default)]
pub struct TagFilter {
    /// Carries one of these.
    pub any: Vec<TagId>,
    /// Carries all of these.
    pub all: Vec<TagId>,
    /// Carries none of these.
    pub none: Vec<TagId>,
    /// As for the public timeline.
    pub public: PublicFilter,
}

/// A hashtag timeline.
///
/// # Errors
/// See [`public`].
pub async fn tag(
    conn: &mut Conn,
    filter: &TagFilter,
    viewer: Option<AccountId>,
    page: &Page,
    now: Timestamp,
) -> Result<Vec<StatusId>> {
    let more: &[Value] = args![
        &filter.any,
        &filter.none,
        &filter.all,
        i64::try_from(filter.all.len()).unwrap_or(i64::MAX),
        filter.public.local,
        filter.public.remote,
        filter.public.only_media,
        now
    ];
    let rows: Vec<(StatusId,)> =
        page.rows(conn, (&TAG_NEWEST, &TAG_OLDEST), viewer_value(viewer), more).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// What an account's list of statuses leaves out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountFilter {
    /// Boosts.
    pub exclude_boosts: bool,
    /// Replies to others.
    pub exclude_replies: bool,
    /// Everything without attachments.
    pub only_media: bool,
    /// Everything without this tag.
    pub tag: Option<TagId>,
}

/// The statuses of an account that the viewer may see.
///
/// # Errors
/// See [`public`].
pub async fn account(
    conn: &mut Conn,
    account: AccountId,
    filter: AccountFilter,
    viewer: Option<AccountId>,
    page: &Page,
    now: Timestamp,
) -> Result<Vec<StatusId>> {
    let more: &[Value] = args![
        account,
        filter.exclude_boosts,
        filter.exclude_replies,
        filter.only_media,
        filter.tag.map_or(0, |id| id.0),
        now
    ];
    let rows: Vec<(StatusId,)> =
        page.rows(conn, (&ACCOUNT_NEWEST, &ACCOUNT_OLDEST), viewer_value(viewer), more).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// The pinned statuses of an account that the viewer may see, newest pin first.
///
/// # Errors
/// See [`public`].
pub async fn pinned(
    conn: &mut Conn,
    account: AccountId,
    viewer: Option<AccountId>,
) -> Result<Vec<StatusId>> {
    conn.column(&PINNED, args![account, viewer_value(viewer)]).await
}

/// The timeline of a list, for its owner.
///
/// # Errors
/// See [`public`].
pub async fn list(
    conn: &mut Conn,
    list: ListId,
    owner: AccountId,
    page: &Page,
    now: Timestamp,
) -> Result<Vec<StatusId>> {
    let rows: Vec<(StatusId,)> =
        page.rows(conn, (&LIST_NEWEST, &LIST_OLDEST), owner, args![list, now]).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// What an account favourited, newest favourite first.
///
/// # Errors
/// See [`public`].
pub async fn favourites(
    conn: &mut Conn,
    who: AccountId,
    page: &Page,
) -> Result<Vec<Listed<StatusId>>> {
    page.rows(conn, (&FAVOURITES_NEWEST, &FAVOURITES_OLDEST), who, args![]).await
}

/// What an account bookmarked, newest bookmark first.
///
/// # Errors
/// See [`public`].
pub async fn bookmarks(
    conn: &mut Conn,
    who: AccountId,
    page: &Page,
) -> Result<Vec<Listed<StatusId>>> {
    page.rows(conn, (&BOOKMARKS_NEWEST, &BOOKMARKS_OLDEST), who, args![]).await
}

/// Who favourited a status, without those the viewer blocks.
///
/// # Errors
/// See [`public`].
pub async fn favouriters(
    conn: &mut Conn,
    status: StatusId,
    viewer: Option<AccountId>,
    page: &Page,
) -> Result<Vec<Listed<AccountId>>> {
    page.rows(conn, (&FAVOURITERS_NEWEST, &FAVOURITERS_OLDEST), status, args![viewer_value(viewer)])
        .await
}

/// Who boosted a status for all to see, without those the viewer blocks.
///
/// # Errors
/// See [`public`].
pub async fn boosters(
    conn: &mut Conn,
    status: StatusId,
    viewer: Option<AccountId>,
    page: &Page,
) -> Result<Vec<Listed<AccountId>>> {
    page.rows(conn, (&BOOSTERS_NEWEST, &BOOSTERS_OLDEST), status, args![viewer_value(viewer)]).await
}

/// The users of this server who boosted a status.
///
/// # Errors
/// See [`public`].
pub async fn local_boosters(conn: &mut Conn, status: StatusId) -> Result<Vec<AccountId>> {
    conn.column(&LOCAL_BOOSTERS, args![status]).await
}

/// Boosts of a status that were made here, oldest first.
///
/// # Errors
/// See [`public`].
pub async fn local_boosts(conn: &mut Conn, status: StatusId, limit: i64) -> Result<Vec<StatusId>> {
    conn.column(&LOCAL_BOOSTS, args![status, limit]).await
}

/// The boosts of a status, who made them and for whom.
///
/// # Errors
/// See [`public`].
pub async fn boosts_of(
    conn: &mut Conn,
    status: StatusId,
) -> Result<Vec<(StatusId, AccountId, Visibility)>> {
    conn.query(&BOOSTS_OF, args![status]).await
}

/// The statuses that quote one, as far as the viewer may see them.
///
/// # Errors
/// See [`public`].
pub async fn quotes(
    conn: &mut Conn,
    status: StatusId,
    viewer: Option<AccountId>,
    page: &Page,
) -> Result<Vec<StatusId>> {
    let rows: Vec<(StatusId,)> = page
        .rows(conn, (&QUOTES_NEWEST, &QUOTES_OLDEST), status, args![viewer_value(viewer)])
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}
