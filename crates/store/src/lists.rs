//! Lists of followed accounts. Every function that takes an id takes the owner too (V05).

use domain::list::{List, RepliesPolicy};
use domain::{AccountId, ListId, RowId};

use crate::engine::{Conn, FromRow, Result, Row};
use crate::page::{Listed, Page};
use crate::{args, statements};

macro_rules! members {
    () => {
        "SELECT m.id, m.account_id FROM list_members m JOIN lists l ON l.id = m.list_id JOIN accounts a ON a.id = m.account_id \
         WHERE m.list_id = ?1 AND m.id < ?2 AND m.id > ?3 AND l.account_id = ?5 AND a.suspended_at IS NULL"
    };
}

statements! {
    OF_ACCOUNT = "SELECT id, account_id, title, replies_policy, exclusive FROM lists WHERE account_id = ?1 ORDER BY id";
    OWN = "SELECT id, account_id, title, replies_policy, exclusive FROM lists WHERE account_id = ?1 AND id = ?2";
    WITH_MEMBER = "SELECT l.id, l.account_id, l.title, l.replies_policy, l.exclusive FROM lists l \
        JOIN list_members m ON m.list_id = l.id WHERE l.account_id = ?1 AND m.account_id = ?2 ORDER BY l.id";
    COUNT = "SELECT COUNT(*) FROM lists WHERE account_id = ?1";
    INSERT = "INSERT INTO lists (id, account_id, title, replies_policy, exclusive) VALUES (?1, ?2, ?3, ?4, ?5)";
    UPDATE = "UPDATE lists SET title = ?3, replies_policy = ?4, exclusive = ?5 WHERE account_id = ?1 AND id = ?2";
    DELETE = "DELETE FROM lists WHERE account_id = ?1 AND id = ?2";
    MEMBERS_NEWEST = concat!(members!(), " ORDER BY m.id DESC LIMIT ?4");
    MEMBERS_OLDEST = concat!(members!(), " ORDER BY m.id ASC LIMIT ?4");
    ADD = "INSERT INTO list_members (id, list_id, account_id) VALUES (?1, ?2, ?3) ON CONFLICT (list_id, account_id) DO NOTHING";
    REMOVE = "DELETE FROM list_members WHERE list_id = ?1 AND account_id IN_LIST(?2)";
}

impl FromRow for List {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            account_id: row.get()?,
            title: row.get()?,
            replies_policy: RepliesPolicy::parse(&row.get::<String>()?).unwrap_or_default(),
            exclusive: row.get()?,
        })
    }
}

/// All lists of an account, oldest first.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn all(conn: &mut Conn, owner: AccountId) -> Result<Vec<List>> {
    conn.query(&OF_ACCOUNT, args![owner]).await
}

/// This list, if it is this account's.
///
/// # Errors
/// See [`all`].
pub async fn own(conn: &mut Conn, owner: AccountId, id: ListId) -> Result<Option<List>> {
    conn.optional(&OWN, args![owner, id]).await
}

/// The lists of `owner` that `member` is in.
///
/// # Errors
/// See [`all`].
pub async fn with_member(
    conn: &mut Conn,
    owner: AccountId,
    member: AccountId,
) -> Result<Vec<List>> {
    conn.query(&WITH_MEMBER, args![owner, member]).await
}

/// How many lists an account has.
///
/// # Errors
/// See [`all`].
pub async fn count(conn: &mut Conn, owner: AccountId) -> Result<i64> {
    Ok(conn.scalar(&COUNT, args![owner]).await?.unwrap_or(0))
}

/// Adds a list.
///
/// # Errors
/// See [`all`].
pub async fn insert(conn: &mut Conn, list: &List) -> Result<()> {
    conn.send(
        &INSERT,
        args![list.id, list.account_id, &list.title, list.replies_policy.name(), list.exclusive],
    )
    .await
}

/// Writes a list.
///
/// # Errors
/// See [`all`].
pub async fn update(conn: &mut Conn, list: &List) -> Result<()> {
    conn.send(
        &UPDATE,
        args![list.account_id, list.id, &list.title, list.replies_policy.name(), list.exclusive],
    )
    .await
}

/// Removes a list; true when it was this account's.
///
/// # Errors
/// See [`all`].
pub async fn delete(conn: &mut Conn, owner: AccountId, id: ListId) -> Result<bool> {
    Ok(conn.execute(&DELETE, args![owner, id]).await? > 0)
}

/// A stretch of the members of a list of this owner.
///
/// # Errors
/// See [`all`].
pub async fn members(
    conn: &mut Conn,
    owner: AccountId,
    list: ListId,
    page: &Page,
) -> Result<Vec<Listed<AccountId>>> {
    page.rows(conn, (&MEMBERS_NEWEST, &MEMBERS_OLDEST), list, args![owner]).await
}

/// Adds a member to a list that the caller has found to be its owner's; false when it is one.
///
/// # Errors
/// See [`all`].
pub async fn add(conn: &mut Conn, row: RowId, list: ListId, member: AccountId) -> Result<bool> {
    Ok(conn.execute(&ADD, args![row, list, member]).await? > 0)
}

/// Removes members from a list that the caller has found to be its owner's.
///
/// # Errors
/// See [`all`].
pub async fn remove(conn: &mut Conn, list: ListId, members: &[AccountId]) -> Result<()> {
    if members.is_empty() {
        return Ok(());
    }
    conn.send(&REMOVE, args![list, members]).await
}
