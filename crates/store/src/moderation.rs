//! What staff's rules do to remote accounts, many at a time.

use domain::{AccountId, Timestamp};

use crate::engine::{Conn, Result};
use crate::{args, statements};

statements! {
    ACCOUNTS_OF = "SELECT a.id, r.host FROM accounts a LEFT JOIN remote_accounts r ON r.account_id = a.id \
        WHERE a.domain IS NOT NULL AND a.id > ?2 AND (a.domain = ?1 OR a.domain LIKE ?3 ESCAPE '!' OR a.domain LIKE ?4 ESCAPE '!' \
        OR a.domain LIKE ?5 ESCAPE '!' OR r.host = ?1 OR r.host LIKE ?3 ESCAPE '!' OR r.host LIKE ?4 ESCAPE '!' \
        OR r.host LIKE ?5 ESCAPE '!') ORDER BY a.id LIMIT ?6";
    SET_LIMITS = "UPDATE accounts SET suspended_at = ?2, silenced_at = ?3 WHERE id = ?1";
    COUNT_FOLLOWED = "UPDATE accounts SET followers_count = followers_count - \
        (SELECT COUNT(*) FROM follows f WHERE f.target_id = accounts.id AND f.account_id IN_LIST(?1)) \
        WHERE id IN (SELECT target_id FROM follows WHERE account_id IN_LIST(?1))";
    COUNT_FOLLOWING = "UPDATE accounts SET following_count = following_count - \
        (SELECT COUNT(*) FROM follows f WHERE f.account_id = accounts.id AND f.target_id IN_LIST(?1)) \
        WHERE id IN (SELECT account_id FROM follows WHERE target_id IN_LIST(?1))";
    COUNT_OWN = "UPDATE accounts SET following_count = following_count - (SELECT COUNT(*) FROM follows f WHERE f.account_id = accounts.id), \
        followers_count = followers_count - (SELECT COUNT(*) FROM follows f WHERE f.target_id = accounts.id) WHERE id IN_LIST(?1)";
    END_FOLLOWS = "DELETE FROM follows WHERE account_id IN_LIST(?1) OR target_id IN_LIST(?1)";
    END_REQUESTS = "DELETE FROM follow_requests WHERE account_id IN_LIST(?1) OR target_id IN_LIST(?1)";
    LEAVE_LISTS = "DELETE FROM list_members WHERE account_id IN_LIST(?1)";
    FILES = "UPDATE remote_files SET cached_at = NULL, bytes = 0 WHERE cached_at IS NOT NULL AND key IN \
        (SELECT avatar FROM accounts WHERE id IN_LIST(?1) UNION SELECT header FROM accounts WHERE id IN_LIST(?1) \
        UNION SELECT file_key FROM media WHERE account_id IN_LIST(?1) UNION SELECT preview_key FROM media WHERE account_id IN_LIST(?1)) \
        RETURNING key";
}

/// Remote accounts above an id whose handle or id is on this domain, on a port of it, or below it,
/// with the host of the id.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn accounts_of(
    conn: &mut Conn,
    domain: &str,
    above: AccountId,
    limit: i64,
) -> Result<Vec<(AccountId, Option<String>)>> {
    let plain = domain.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    conn.query(
        &ACCOUNTS_OF,
        args![
            domain,
            above,
            format!("%.{plain}"),
            format!("{plain}:%"),
            format!("%.{plain}:%"),
            limit
        ],
    )
    .await
}

/// Suspends and limits an account, or lifts either.
///
/// # Errors
/// See [`accounts_of`].
pub async fn set_limits(
    conn: &mut Conn,
    id: AccountId,
    suspended_at: Option<Timestamp>,
    silenced_at: Option<Timestamp>,
) -> Result<()> {
    conn.send(&SET_LIMITS, args![id, suspended_at, silenced_at]).await
}

/// Ends every follow and request from and to these accounts; the counters of both sides follow.
///
/// # Errors
/// See [`accounts_of`].
pub async fn end_follows(conn: &mut Conn, ids: &[AccountId]) -> Result<()> {
    let steps =
        [&COUNT_FOLLOWED, &COUNT_FOLLOWING, &COUNT_OWN, &END_FOLLOWS, &END_REQUESTS, &LEAVE_LISTS];
    for statement in steps {
        conn.send(statement, args![ids]).await?;
    }
    Ok(())
}

/// Notes that the copies of these accounts' pictures and attachments are gone; their keys are the
/// answer.
///
/// # Errors
/// See [`accounts_of`].
pub async fn drop_files(conn: &mut Conn, ids: &[AccountId]) -> Result<Vec<String>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    conn.column(&FILES, args![ids]).await
}
