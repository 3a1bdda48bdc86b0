//! What the ids of activities that local accounts made are made of: the rows of their relations, and
//! the ids that these were given. See [`crate::activity_ids`] for those that others made.

use domain::{AccountId, RowId, StatusId};

use crate::engine::{Conn, Result};
use crate::{args, statements};

statements! {
    REQUEST = "SELECT id, uri FROM follow_requests WHERE account_id = ?1 AND target_id = ?2";
    FOLLOW = "SELECT id, uri FROM follows WHERE account_id = ?1 AND target_id = ?2";
    FAVOURITE = "SELECT id FROM favourites WHERE account_id = ?1 AND status_id = ?2";
    BLOCK = "SELECT id FROM blocks WHERE account_id = ?1 AND target_id = ?2";
}

/// The row of a follow request and its id.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
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
/// See [`request`].
pub async fn follow(
    conn: &mut Conn,
    who: AccountId,
    whom: AccountId,
) -> Result<Option<(RowId, Option<String>)>> {
    conn.optional(&FOLLOW, args![who, whom]).await
}

/// The row of a favourite.
///
/// # Errors
/// See [`request`].
pub async fn favourite(conn: &mut Conn, who: AccountId, status: StatusId) -> Result<Option<RowId>> {
    conn.scalar(&FAVOURITE, args![who, status]).await
}

/// The row of a block.
///
/// # Errors
/// See [`request`].
pub async fn block(conn: &mut Conn, who: AccountId, whom: AccountId) -> Result<Option<RowId>> {
    conn.scalar(&BLOCK, args![who, whom]).await
}
