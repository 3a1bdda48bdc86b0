//! Whose notifications a person wants, and those that were kept back: one request an account.

use domain::notification::{Policy, Verdict};
use domain::{AccountId, NotificationId, StatusId, Timestamp};

use crate::engine::{Conn, FromRow, Result, Row};
use crate::page::Page;
use crate::{args, statements};

macro_rules! requests {
    () => {
        "SELECT MIN(n.id), n.from_account_id, COUNT(*), MIN(n.created_at), MAX(n.created_at), MAX(n.status_id) \
         FROM notifications n JOIN accounts a ON a.id = n.from_account_id \
         WHERE n.account_id = ?1 AND n.filtered = true AND a.suspended_at IS NULL GROUP BY n.from_account_id \
         HAVING MIN(n.id) < ?2 AND MIN(n.id) > ?3"
    };
}

statements! {
    POLICY = "SELECT not_following, not_followers, new_accounts, private_mentions, limited_accounts \
        FROM notification_policies WHERE account_id = ?1";
    SET_POLICY = "INSERT INTO notification_policies (account_id, not_following, not_followers, new_accounts, private_mentions, \
        limited_accounts) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (account_id) DO UPDATE SET not_following = excluded.not_following, \
        not_followers = excluded.not_followers, new_accounts = excluded.new_accounts, private_mentions = excluded.private_mentions, \
        limited_accounts = excluded.limited_accounts";
    PERMIT = "INSERT INTO notification_permissions (account_id, from_account_id) VALUES (?1, ?2) \
        ON CONFLICT (account_id, from_account_id) DO NOTHING";
    PERMITTED = "SELECT from_account_id FROM notification_permissions WHERE account_id = ?1 AND from_account_id = ?2";
    FOLLOWED_SINCE = "SELECT created_at FROM follows WHERE account_id = ?1 AND target_id = ?2";
    NEWEST = concat!(requests!(), " ORDER BY MIN(n.id) DESC LIMIT ?4");
    OLDEST = concat!(requests!(), " ORDER BY MIN(n.id) ASC LIMIT ?4");
    SUMMARY = "SELECT COUNT(DISTINCT r.from_account_id), COUNT(*) FROM (SELECT n.from_account_id FROM notifications n \
        JOIN accounts a ON a.id = n.from_account_id WHERE n.account_id = ?1 AND n.filtered = true AND a.suspended_at IS NULL LIMIT 1000) r";
    RELEASE = "UPDATE notifications SET filtered = false WHERE account_id = ?1 AND from_account_id IN_LIST(?2) AND filtered = true";
    DROP = "DELETE FROM notifications WHERE account_id = ?1 AND from_account_id IN_LIST(?2) AND filtered = true";
    SENDERS = "SELECT DISTINCT n.from_account_id FROM notifications n WHERE n.account_id = ?1 AND n.id IN_LIST(?2) AND n.filtered = true";
}

/// Notifications of one account that were kept back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// That of the oldest one kept back: stays while the request stays.
    pub id: NotificationId,
    /// Whose they are.
    pub from: AccountId,
    /// How many.
    pub count: i64,
    /// When the first came.
    pub created_at: Timestamp,
    /// When the last came.
    pub updated_at: Timestamp,
    /// The newest status they are about.
    pub last_status: Option<StatusId>,
}

struct PolicyRow(Policy);

impl FromRow for PolicyRow {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        let mut next = || -> Result<Verdict> {
            Ok(Verdict::parse(&row.get::<String>()?).unwrap_or(Verdict::Accept))
        };
        Ok(Self(Policy {
            not_following: next()?,
            not_followers: next()?,
            new_accounts: next()?,
            private_mentions: next()?,
            limited_accounts: next()?,
        }))
    }
}

impl FromRow for Request {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            from: row.get()?,
            count: row.get()?,
            created_at: row.get()?,
            updated_at: row.get()?,
            last_status: row.get()?,
        })
    }
}

/// Somebody's policy.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn policy(conn: &mut Conn, account: AccountId) -> Result<Policy> {
    let row: Option<PolicyRow> = conn.optional(&POLICY, args![account]).await?;
    Ok(row.map_or_else(Policy::default, |row| row.0))
}

/// Writes somebody's policy.
///
/// # Errors
/// See [`policy`].
pub async fn set_policy(conn: &mut Conn, account: AccountId, policy: Policy) -> Result<()> {
    conn.send(
        &SET_POLICY,
        args![
            account,
            policy.not_following.name(),
            policy.not_followers.name(),
            policy.new_accounts.name(),
            policy.private_mentions.name(),
            policy.limited_accounts.name()
        ],
    )
    .await
}

/// Lets an account's notifications through whatever the policy says.
///
/// # Errors
/// See [`policy`].
pub async fn permit(conn: &mut Conn, account: AccountId, from: AccountId) -> Result<()> {
    conn.send(&PERMIT, args![account, from]).await
}

/// Whether an account's notifications are let through whatever the policy says.
///
/// # Errors
/// See [`policy`].
pub async fn is_permitted(conn: &mut Conn, account: AccountId, from: AccountId) -> Result<bool> {
    Ok(conn.scalar::<i64>(&PERMITTED, args![account, from]).await?.is_some())
}

/// Since when `who` follows `whom`.
///
/// # Errors
/// See [`policy`].
pub async fn followed_since(
    conn: &mut Conn,
    who: AccountId,
    whom: AccountId,
) -> Result<Option<Timestamp>> {
    conn.scalar(&FOLLOWED_SINCE, args![who, whom]).await
}

/// A stretch of somebody's requests.
///
/// # Errors
/// See [`policy`].
pub async fn requests(conn: &mut Conn, account: AccountId, page: &Page) -> Result<Vec<Request>> {
    page.rows(conn, (&NEWEST, &OLDEST), account, args![]).await
}

/// The request with this id, if it is this account's.
///
/// # Errors
/// See [`policy`].
pub async fn request(
    conn: &mut Conn,
    account: AccountId,
    id: NotificationId,
) -> Result<Option<Request>> {
    let page = Page {
        below: id.0.saturating_add(1),
        above: id.0.saturating_sub(1),
        limit: 1,
        from_oldest: false,
    };
    Ok(requests(conn, account, &page).await?.into_iter().next())
}

/// How many accounts and notifications wait, counted to a thousand.
///
/// # Errors
/// See [`policy`].
pub async fn summary(conn: &mut Conn, account: AccountId) -> Result<(i64, i64)> {
    Ok(conn.optional(&SUMMARY, args![account]).await?.unwrap_or((0, 0)))
}

/// Whose kept-back notifications these are, of those that are this account's.
///
/// # Errors
/// See [`policy`].
pub async fn senders(
    conn: &mut Conn,
    account: AccountId,
    ids: &[NotificationId],
) -> Result<Vec<AccountId>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    conn.column(&SENDERS, args![account, ids]).await
}

/// Lets in what was kept back of these accounts.
///
/// # Errors
/// See [`policy`].
pub async fn release(conn: &mut Conn, account: AccountId, from: &[AccountId]) -> Result<()> {
    conn.send(&RELEASE, args![account, from]).await
}

/// Removes what was kept back of these accounts.
///
/// # Errors
/// See [`policy`].
pub async fn drop_kept(conn: &mut Conn, account: AccountId, from: &[AccountId]) -> Result<()> {
    conn.send(&DROP, args![account, from]).await
}
