//! The ActivityPub ids of follows, requests, favourites and blocks: those that local accounts gave
//! out, and those that other servers will name when they answer or undo.

use domain::{AccountId, RowId, StatusId};

use crate::engine::{Conn, Result};
use crate::{args, statements};

statements! {
    NAME_REQUEST = "UPDATE follow_requests SET uri = COALESCE(uri, ?3) WHERE account_id = ?1 AND target_id = ?2 RETURNING uri";
    REQUEST = "SELECT id, uri FROM follow_requests WHERE account_id = ?1 AND target_id = ?2";
    FOLLOW = "SELECT id, uri FROM follows WHERE account_id = ?1 AND target_id = ?2";
    NAME_FOLLOW = "UPDATE follows SET uri = ?3 WHERE account_id = ?1 AND target_id = ?2";
    FAVOURITE = "SELECT id FROM favourites WHERE account_id = ?1 AND status_id = ?2";
    BLOCK = "SELECT id FROM blocks WHERE account_id = ?1 AND target_id = ?2";
}

/// Gives a follow request an id unless it has one; the answer is what it has now.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn name_request(
    conn: &mut Conn,
    who: AccountId,
    whom: AccountId,
    uri: &str,
) -> Result<Option<String>> {
    Ok(conn.scalar::<Option<String>>(&NAME_REQUEST, args![who, whom, uri]).await?.flatten())
}

/// The row of a follow request and its id.
///
/// # Errors
/// See [`name_request`].
pub async fn request(
    conn: &mut Conn,
    who: AccountId,
    whom: AccountId,
) -> Result<Option<(RowId, Option<String>)>> {
    conn.optional(&REQUEST, args![who, whom]).await
}

/// The row of a follow and its id.
///
/// # Errors
/// See [`name_request`].
pub async fn follow(
    conn: &mut Conn,
    who: AccountId,
    whom: AccountId,
) -> Result<Option<(RowId, Option<String>)>> {
    conn.optional(&FOLLOW, args![who, whom]).await
}

/// Keeps the id that a follow was asked for with.
///
/// # Errors
/// See [`name_request`].
pub async fn name_follow(
    conn: &mut Conn,
    who: AccountId,
    whom: AccountId,
    uri: Option<String>,
) -> Result<()> {
    conn.execute(&NAME_FOLLOW, args![who, whom, uri]).await.map(|_| ())
}

/// The row of a favourite.
///
/// # Errors
/// See [`name_request`].
pub async fn favourite(
    conn: &mut Conn,
    who: AccountId,
    status: StatusId,
) -> Result<Option<RowId>> {
    conn.scalar(&FAVOURITE, args![who, status]).await
}

/// The row of a block.
///
/// # Errors
/// See [`name_request`].
pub async fn block(conn: &mut Conn, who: AccountId, whom: AccountId) -> Result<Option<RowId>> {
    conn.scalar(&BLOCK, args![who, whom]).await
}
