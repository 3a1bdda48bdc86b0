//! Ids of the activities that made a follow, a request, a favourite or a block: other servers name
//! those when they take one back or answer it.

use domain::{AccountId, StatusId};

use crate::engine::{Conn, Result};
use crate::{args, statements};

statements! {
    SET_FOLLOW = "UPDATE follows SET uri = ?3 WHERE account_id = ?1 AND target_id = ?2";
    SET_REQUEST = "UPDATE follow_requests SET uri = ?3 WHERE account_id = ?1 AND target_id = ?2";
    SET_BLOCK = "UPDATE blocks SET uri = ?3 WHERE account_id = ?1 AND target_id = ?2";
    SET_FAVOURITE = "UPDATE favourites SET uri = ?3 WHERE account_id = ?1 AND status_id = ?2";
    FOLLOW = "SELECT target_id FROM follows WHERE account_id = ?1 AND uri = ?2 \
        UNION ALL SELECT target_id FROM follow_requests WHERE account_id = ?1 AND uri = ?2";
    FOLLOWER = "SELECT account_id FROM follow_requests WHERE target_id = ?1 AND uri = ?2 \
        UNION ALL SELECT account_id FROM follows WHERE target_id = ?1 AND uri = ?2";
    BLOCK = "SELECT target_id FROM blocks WHERE account_id = ?1 AND uri = ?2";
    FAVOURITE = "SELECT status_id FROM favourites WHERE account_id = ?1 AND uri = ?2";
    REQUEST_URI = "SELECT uri FROM follow_requests WHERE account_id = ?1 AND target_id = ?2";
    REPORTED = "SELECT 1 FROM reports WHERE account_id = ?1 AND target_id = ?2 AND uri = ?3";
    SET_REPORT = "UPDATE reports SET uri = ?2 WHERE id = ?1";
}

/// Notes the id of a Follow, whether it is a follow by now or still a request.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn set_follow(conn: &mut Conn, who: AccountId, whom: AccountId, uri: &str) -> Result<()> {
    conn.send(&SET_FOLLOW, args![who, whom, uri]).await?;
    conn.send(&SET_REQUEST, args![who, whom, uri]).await
}

/// Whom an account follows, or asks to, by the activity with this id.
///
/// # Errors
/// See [`set_follow`].
pub async fn followed(conn: &mut Conn, who: AccountId, uri: &str) -> Result<Option<AccountId>> {
    conn.scalar(&FOLLOW, args![who, uri]).await
}

/// Who follows an account, or asks to, by the activity with this id.
///
/// # Errors
/// See [`set_follow`].
pub async fn follower(conn: &mut Conn, whom: AccountId, uri: &str) -> Result<Option<AccountId>> {
    conn.scalar(&FOLLOWER, args![whom, uri]).await
}

/// The id of the Follow that a request waits for an answer to.
///
/// # Errors
/// See [`set_follow`].
pub async fn request(
    conn: &mut Conn,
    who: AccountId,
    whom: AccountId,
) -> Result<Option<Option<String>>> {
    conn.scalar(&REQUEST_URI, args![who, whom]).await
}

/// Notes the id of a Block.
///
/// # Errors
/// See [`set_follow`].
pub async fn set_block(conn: &mut Conn, who: AccountId, whom: AccountId, uri: &str) -> Result<()> {
    conn.send(&SET_BLOCK, args![who, whom, uri]).await
}

/// Whom an account blocks by the activity with this id.
///
/// # Errors
/// See [`set_follow`].
pub async fn blocked(conn: &mut Conn, who: AccountId, uri: &str) -> Result<Option<AccountId>> {
    conn.scalar(&BLOCK, args![who, uri]).await
}

/// Notes the id of a Like.
///
/// # Errors
/// See [`set_follow`].
pub async fn set_favourite(
    conn: &mut Conn,
    who: AccountId,
    status: StatusId,
    uri: &str,
) -> Result<()> {
    conn.send(&SET_FAVOURITE, args![who, status, uri]).await
}

/// What an account favourited by the activity with this id.
///
/// # Errors
/// See [`set_follow`].
pub async fn favourited(conn: &mut Conn, who: AccountId, uri: &str) -> Result<Option<StatusId>> {
    conn.scalar(&FAVOURITE, args![who, uri]).await
}

/// Notes the id of a Flag.
///
/// # Errors
/// See [`set_follow`].
pub async fn set_report(conn: &mut Conn, report: i64, uri: &str) -> Result<()> {
    conn.send(&SET_REPORT, args![report, uri]).await
}

/// Whether the Flag with this id was taken.
///
/// # Errors
/// See [`set_follow`].
pub async fn is_reported(
    conn: &mut Conn,
    who: AccountId,
    whom: AccountId,
    uri: &str,
) -> Result<bool> {
    Ok(conn.scalar::<i64>(&REPORTED, args![who, whom, uri]).await?.is_some())
}
