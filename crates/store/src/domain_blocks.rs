//! Whole servers that somebody wants nothing from.

use domain::{AccountId, RowId};

use crate::engine::{Conn, Result};
use crate::page::{Listed, Page};
use crate::{args, statements};

macro_rules! list {
    () => {
        "SELECT id, domain FROM user_domain_blocks WHERE account_id = ?1 AND id < ?2 AND id > ?3"
    };
}

statements! {
    NEWEST = concat!(list!(), " ORDER BY id DESC LIMIT ?4");
    OLDEST = concat!(list!(), " ORDER BY id ASC LIMIT ?4");
    BLOCK = "INSERT INTO user_domain_blocks (id, account_id, domain) VALUES (?1, ?2, ?3) ON CONFLICT (account_id, domain) DO NOTHING";
    UNBLOCK = "DELETE FROM user_domain_blocks WHERE account_id = ?1 AND domain = ?2";
    COUNTS = "SELECT (SELECT COUNT(*) FROM follows f JOIN accounts a ON a.id = f.target_id WHERE f.account_id = ?1 AND a.domain = ?2), \
        (SELECT COUNT(*) FROM follows f JOIN accounts a ON a.id = f.account_id WHERE f.target_id = ?1 AND a.domain = ?2)";
    COUNT_FOLLOWED = "UPDATE accounts SET followers_count = followers_count - 1 WHERE domain = ?2 \
        AND id IN (SELECT target_id FROM follows WHERE account_id = ?1)";
    COUNT_FOLLOWERS = "UPDATE accounts SET following_count = following_count - 1 WHERE domain = ?2 \
        AND id IN (SELECT account_id FROM follows WHERE target_id = ?1)";
    COUNT_OWN = "UPDATE accounts SET following_count = following_count - ?2, followers_count = followers_count - ?3 WHERE id = ?1";
    UNFOLLOW = "DELETE FROM follows WHERE account_id = ?1 AND target_id IN (SELECT id FROM accounts WHERE domain = ?2)";
    UNFOLLOWED = "DELETE FROM follows WHERE target_id = ?1 AND account_id IN (SELECT id FROM accounts WHERE domain = ?2)";
    WITHDRAW = "DELETE FROM follow_requests WHERE (account_id = ?1 AND target_id IN (SELECT id FROM accounts WHERE domain = ?2)) \
        OR (target_id = ?1 AND account_id IN (SELECT id FROM accounts WHERE domain = ?2))";
    CIRCLE = "SELECT f.target_id FROM follows f JOIN accounts a ON a.id = f.target_id WHERE f.account_id = ?1 AND a.domain = ?2 \
        UNION SELECT f.account_id FROM follows f JOIN accounts a ON a.id = f.account_id WHERE f.target_id = ?1 AND a.domain = ?2 \
        UNION SELECT r.target_id FROM follow_requests r JOIN accounts a ON a.id = r.target_id WHERE r.account_id = ?1 AND a.domain = ?2 \
        UNION SELECT r.account_id FROM follow_requests r JOIN accounts a ON a.id = r.account_id WHERE r.target_id = ?1 AND a.domain = ?2 \
        ORDER BY 1 LIMIT ?3";
    LEAVE_LISTS = "DELETE FROM list_members WHERE list_id IN (SELECT id FROM lists WHERE account_id = ?1) \
        AND account_id IN (SELECT id FROM accounts WHERE domain = ?2)";
}

/// A stretch of the domains that an account blocks.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn list(conn: &mut Conn, account: AccountId, page: &Page) -> Result<Vec<Listed<String>>> {
    page.rows(conn, (&NEWEST, &OLDEST), account, args![]).await
}

/// How many accounts of a domain an account follows, and how many follow it.
///
/// # Errors
/// See [`list`].
pub async fn counts(conn: &mut Conn, account: AccountId, domain: &str) -> Result<(i64, i64)> {
    Ok(conn.optional(&COUNTS, args![account, domain]).await?.unwrap_or((0, 0)))
}

/// Accounts of a domain that follow an account or are followed by it, or asked to be, at most so many.
///
/// # Errors
/// See [`list`].
pub async fn circle(
    conn: &mut Conn,
    account: AccountId,
    domain: &str,
    most: i64,
) -> Result<Vec<AccountId>> {
    conn.column(&CIRCLE, args![account, domain, most]).await
}

/// Blocks a domain and ends every follow between the account and it.
///
/// # Errors
/// See [`list`].
pub async fn block(conn: &mut Conn, row: RowId, account: AccountId, domain: &str) -> Result<()> {
    conn.send(&BLOCK, args![row, account, domain]).await?;
    let (following, followers) = counts(conn, account, domain).await?;
    conn.send(&COUNT_FOLLOWED, args![account, domain]).await?;
    conn.send(&COUNT_FOLLOWERS, args![account, domain]).await?;
    conn.send(&COUNT_OWN, args![account, following, followers]).await?;
    for statement in [&UNFOLLOW, &UNFOLLOWED, &WITHDRAW, &LEAVE_LISTS] {
        conn.send(statement, args![account, domain]).await?;
    }
    Ok(())
}

/// Unblocks a domain.
///
/// # Errors
/// See [`list`].
pub async fn unblock(conn: &mut Conn, account: AccountId, domain: &str) -> Result<bool> {
    Ok(conn.execute(&UNBLOCK, args![account, domain]).await? > 0)
}
