//! Notifications.

use domain::notification::{Notification, NotificationKind};
use domain::{AccountId, NotificationId, StatusId};

use crate::engine::{Conn, FromRow, Result, Row, StoreError};
use crate::page::{Listed, Page};
use crate::{args, statements};

macro_rules! columns {
    () => {
        "n.id, n.account_id, n.from_account_id, n.kind, n.status_id, n.report_id, n.group_key, n.filtered, n.created_at"
    };
}

/// Kinds that the caller does not group stand alone.
macro_rules! group_key {
    ($kinds:literal) => {
        concat!(
            "CASE WHEN n.kind IN_LIST(",
            $kinds,
            ") THEN n.group_key ELSE 'ungrouped-' || CAST(n.id AS TEXT) END"
        )
    };
}

macro_rules! wanted {
    () => {
        "FROM notifications n JOIN accounts a ON a.id = n.from_account_id \
         WHERE n.account_id = ?1 AND n.kind IN_LIST(?2) AND (?3 = true OR n.filtered = false) \
         AND (CAST(?4 AS BIGINT) = 0 OR n.from_account_id = ?4) AND a.suspended_at IS NULL"
    };
}

macro_rules! groups {
    () => {
        concat!(
            "SELECT r.group_key, MAX(r.id), MIN(r.id) FROM (SELECT n.id AS id, ",
            group_key!("?5"),
            " AS group_key ",
            wanted!(),
            " AND n.id < ?7 AND n.id > ?8"
        )
    };
}

macro_rules! senders {
    () => {
        "SELECT n.id, n.from_account_id FROM notifications n JOIN accounts a ON a.id = n.from_account_id \
         WHERE n.account_id = ?1 AND n.id < ?2 AND n.id > ?3 AND n.group_key = ?5 AND n.filtered = false AND a.suspended_at IS NULL"
    };
}

macro_rules! list {
    () => {
        "SELECT n.id, n.account_id, n.from_account_id, n.kind, n.status_id, n.report_id, n.group_key, n.filtered, n.created_at \
         FROM notifications n JOIN accounts a ON a.id = n.from_account_id \
         WHERE n.account_id = ?1 AND n.id < ?2 AND n.id > ?3 AND n.kind IN_LIST(?5) AND (?6 = true OR n.filtered = false) \
         AND (CAST(?7 AS BIGINT) = 0 OR n.from_account_id = ?7) AND a.suspended_at IS NULL"
    };
}

statements! {
    INSERT = "INSERT INTO notifications (id, account_id, from_account_id, kind, status_id, report_id, group_key, filtered, created_at) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING";
    NEWEST = concat!(list!(), " ORDER BY n.id DESC LIMIT ?4");
    OLDEST = concat!(list!(), " ORDER BY n.id ASC LIMIT ?4");
    WITHDRAW = "DELETE FROM notifications WHERE account_id = ?1 AND from_account_id = ?2 AND kind = ?3 AND COALESCE(status_id, 0) = ?4";
    WITHDRAW_ALL_FROM = "DELETE FROM notifications WHERE account_id = ?1 AND from_account_id = ?2";
    CLEAR = "DELETE FROM notifications WHERE account_id = ?1";
    DISMISS = "DELETE FROM notifications WHERE account_id = ?1 AND id IN_LIST(?2)";
    DISMISS_GROUP = "DELETE FROM notifications WHERE account_id = ?1 AND group_key = ?2";
    UNREAD = concat!("SELECT COUNT(*) FROM (SELECT n.id ", wanted!(), " AND n.id > COALESCE((SELECT m.last_read_id FROM markers m \
        WHERE m.account_id = ?1 AND m.timeline = 'notifications'), 0) LIMIT ?5) r");
    UNREAD_GROUPS = concat!("SELECT COUNT(DISTINCT r.group_key) FROM (SELECT ", group_key!("?6"), " AS group_key ", wanted!(),
        " AND n.id > COALESCE((SELECT m.last_read_id FROM markers m WHERE m.account_id = ?1 AND m.timeline = 'notifications'), 0) \
        ORDER BY n.id DESC LIMIT ?5) r");
    GROUPS_NEWEST = concat!(groups!(), " ORDER BY n.id DESC LIMIT 2000) r GROUP BY r.group_key ORDER BY MAX(r.id) DESC LIMIT ?6");
    GROUPS_OLDEST = concat!(groups!(), " ORDER BY n.id ASC LIMIT 2000) r GROUP BY r.group_key ORDER BY MAX(r.id) ASC LIMIT ?6");
    BY_IDS = concat!("SELECT ", columns!(), " FROM notifications n WHERE n.account_id = ?1 AND n.id IN_LIST(?2)");
    NEWEST_OF_GROUPS = concat!("SELECT ", columns!(), " FROM (SELECT g.*, ROW_NUMBER() OVER (PARTITION BY g.group_key ORDER BY g.id DESC) AS place \
        FROM notifications g JOIN accounts a ON a.id = g.from_account_id \
        WHERE g.account_id = ?1 AND g.group_key IN_LIST(?2) AND (?3 = true OR g.filtered = false) AND a.suspended_at IS NULL) n \
        WHERE n.place <= 8 ORDER BY n.id DESC");
    GROUP_SIZES = "SELECT n.group_key, COUNT(*) FROM notifications n JOIN accounts a ON a.id = n.from_account_id \
        WHERE n.account_id = ?1 AND n.group_key IN_LIST(?2) AND (?3 = true OR n.filtered = false) AND a.suspended_at IS NULL GROUP BY n.group_key";
    SENDERS_NEWEST = concat!(senders!(), " ORDER BY n.id DESC LIMIT ?4");
    SENDERS_OLDEST = concat!(senders!(), " ORDER BY n.id ASC LIMIT ?4");
    MUTED = "SELECT 1 FROM conversation_mutes WHERE account_id = ?1 AND conversation_id = ?2";
}

impl FromRow for Notification {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            account_id: row.get()?,
            from_account_id: row.get()?,
            kind: {
                let name: String = row.get()?;
                NotificationKind::parse(&name).ok_or_else(|| StoreError::Shape {
                    statement: "notifications",
                    column: 3,
                    problem: format!("unknown kind {name}"),
                })?
            },
            status_id: row.get()?,
            report_id: row.get()?,
            group_key: row.get()?,
            filtered: row.get()?,
            created_at: row.get()?,
        })
    }
}

/// Adds a notification; false when the same one is there already.
///
/// # Errors
/// [`StoreError`] of the engine, as for every function here.
pub async fn insert(conn: &mut Conn, new: &Notification) -> Result<bool> {
    let added = conn
        .execute(
            &INSERT,
            args![
                new.id,
                new.account_id,
                new.from_account_id,
                new.kind.name(),
                new.status_id,
                new.report_id,
                &new.group_key,
                new.filtered,
                new.created_at
            ],
        )
        .await?;
    Ok(added > 0)
}

/// What a list of notifications shows.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Only these kinds.
    pub kinds: Vec<NotificationKind>,
    /// Those kept out by policy as well.
    pub include_filtered: bool,
    /// Only from this account.
    pub from: Option<AccountId>,
}

impl Default for Filter {
    fn default() -> Self {
        Self { kinds: NotificationKind::ALL.to_vec(), include_filtered: false, from: None }
    }
}

/// A stretch of somebody's notifications.
///
/// # Errors
/// See [`insert`].
pub async fn list(
    conn: &mut Conn,
    account: AccountId,
    filter: &Filter,
    page: &Page,
) -> Result<Vec<Notification>> {
    let kinds: Vec<String> = filter.kinds.iter().map(|kind| kind.name().to_owned()).collect();
    page.rows(
        conn,
        (&NEWEST, &OLDEST),
        account,
        args![kinds, filter.include_filtered, filter.from.map_or(0, |id| id.0)],
    )
    .await
}

/// The notification with this id, if it is this account's.
///
/// # Errors
/// See [`insert`].
pub async fn own(
    conn: &mut Conn,
    account: AccountId,
    id: NotificationId,
) -> Result<Option<Notification>> {
    let page = Page {
        below: id.0.saturating_add(1),
        above: id.0.saturating_sub(1),
        limit: 1,
        from_oldest: false,
    };
    let filter = Filter { include_filtered: true, ..Filter::default() };
    Ok(list(conn, account, &filter, &page).await?.into_iter().next())
}

/// Removes the notification of something that was taken back.
///
/// # Errors
/// See [`insert`].
pub async fn withdraw(
    conn: &mut Conn,
    account: AccountId,
    from: AccountId,
    kind: NotificationKind,
    status: Option<StatusId>,
) -> Result<()> {
    conn.send(&WITHDRAW, args![account, from, kind.name(), status.map_or(0, |id| id.0)]).await
}

/// Removes everything an account caused for another, after a block.
///
/// # Errors
/// See [`insert`].
pub async fn withdraw_all_from(conn: &mut Conn, account: AccountId, from: AccountId) -> Result<()> {
    conn.send(&WITHDRAW_ALL_FROM, args![account, from]).await
}

/// Whether an account has muted a conversation.
///
/// # Errors
/// See [`insert`].
pub async fn conversation_is_muted(
    conn: &mut Conn,
    account: AccountId,
    conversation: domain::ConversationId,
) -> Result<bool> {
    Ok(conn.scalar::<i64>(&MUTED, args![account, conversation]).await?.is_some())
}

/// Removes all of somebody's notifications.
///
/// # Errors
/// See [`insert`].
pub async fn clear(conn: &mut Conn, account: AccountId) -> Result<()> {
    conn.send(&CLEAR, args![account]).await
}

/// Removes some of somebody's notifications.
///
/// # Errors
/// See [`insert`].
pub async fn dismiss(conn: &mut Conn, account: AccountId, ids: &[NotificationId]) -> Result<()> {
    conn.send(&DISMISS, args![account, ids]).await
}

/// Removes a group of somebody's notifications.
///
/// # Errors
/// See [`insert`].
pub async fn dismiss_group(conn: &mut Conn, account: AccountId, key: &str) -> Result<()> {
    conn.send(&DISMISS_GROUP, args![account, key]).await
}

fn names(kinds: &[NotificationKind]) -> Vec<String> {
    kinds.iter().map(|kind| kind.name().to_owned()).collect()
}

/// How many notifications are newer than the marker, counted to `most`.
///
/// # Errors
/// See [`insert`].
pub async fn unread(
    conn: &mut Conn,
    account: AccountId,
    filter: &Filter,
    most: i64,
) -> Result<i64> {
    let from = filter.from.map_or(0, |id| id.0);
    let args = args![account, names(&filter.kinds), filter.include_filtered, from, most];
    Ok(conn.scalar(&UNREAD, args).await?.unwrap_or(0))
}

/// How many groups hold notifications newer than the marker, looking at the newest `most`.
///
/// # Errors
/// See [`insert`].
pub async fn unread_groups(
    conn: &mut Conn,
    account: AccountId,
    filter: &Filter,
    grouped: &[NotificationKind],
    most: i64,
) -> Result<i64> {
    let from = filter.from.map_or(0, |id| id.0);
    let kinds = names(&filter.kinds);
    let args = args![account, kinds, filter.include_filtered, from, most, names(grouped)];
    Ok(conn.scalar(&UNREAD_GROUPS, args).await?.unwrap_or(0))
}

/// A group as it stands on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What its members share; `ungrouped-ID` for one that stands alone.
    pub key: String,
    /// The newest member on the page.
    pub newest: NotificationId,
    /// The oldest member on the page.
    pub oldest: NotificationId,
}

impl FromRow for Group {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self { key: row.get()?, newest: row.get()?, oldest: row.get()? })
    }
}

/// A stretch of somebody's notifications, one entry a group, by its newest member. Kinds that are
/// not in `grouped` stand alone. Looks at no more than two thousand rows.
///
/// # Errors
/// See [`insert`].
pub async fn groups(
    conn: &mut Conn,
    account: AccountId,
    filter: &Filter,
    grouped: &[NotificationKind],
    page: &Page,
) -> Result<Vec<Group>> {
    let args = args![
        account,
        names(&filter.kinds),
        filter.include_filtered,
        filter.from.map_or(0, |id| id.0),
        names(grouped),
        page.limit,
        page.below,
        page.above
    ];
    let statement = if page.from_oldest { &GROUPS_OLDEST } else { &GROUPS_NEWEST };
    let mut found: Vec<Group> = conn.query(statement, args).await?;
    found.sort_by_key(|group| std::cmp::Reverse(group.newest));
    Ok(found)
}

/// Somebody's notifications with these ids.
///
/// # Errors
/// See [`insert`].
pub async fn by_ids(
    conn: &mut Conn,
    account: AccountId,
    ids: &[NotificationId],
) -> Result<Vec<Notification>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    conn.query(&BY_IDS, args![account, ids]).await
}

/// The newest eight members of each of these groups, newest first, and how many each group has.
///
/// # Errors
/// See [`insert`].
pub async fn members(
    conn: &mut Conn,
    account: AccountId,
    keys: &[String],
    include_filtered: bool,
) -> Result<(Vec<Notification>, Vec<(String, i64)>)> {
    if keys.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let newest = conn.query(&NEWEST_OF_GROUPS, args![account, keys, include_filtered]).await?;
    let sizes = conn.query(&GROUP_SIZES, args![account, keys, include_filtered]).await?;
    Ok((newest, sizes))
}

/// A stretch of the accounts behind a group, newest notification first.
///
/// # Errors
/// See [`insert`].
pub async fn senders(
    conn: &mut Conn,
    account: AccountId,
    key: &str,
    page: &Page,
) -> Result<Vec<Listed<AccountId>>> {
    page.rows(conn, (&SENDERS_NEWEST, &SENDERS_OLDEST), account, args![key]).await
}
