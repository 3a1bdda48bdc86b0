//! Notifications.

use domain::notification::{Notification, NotificationKind};
use domain::{AccountId, NotificationId, StatusId};

use crate::engine::{Conn, FromRow, Result, Row, StoreError};
use crate::page::Page;
use crate::{args, statements};

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
    conn.execute(&WITHDRAW, args![account, from, kind.name(), status.map_or(0, |id| id.0)])
        .await
        .map(|_| ())
}

/// Removes everything an account caused for another, after a block.
///
/// # Errors
/// See [`insert`].
pub async fn withdraw_all_from(conn: &mut Conn, account: AccountId, from: AccountId) -> Result<()> {
    conn.execute(&WITHDRAW_ALL_FROM, args![account, from]).await.map(|_| ())
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
