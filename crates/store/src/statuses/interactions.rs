//! Favourites, bookmarks, pins, muted conversations. Doing a thing twice is harmless: the answer
//! says whether it changed anything, so that counters move once.

use domain::{AccountId, ConversationId, RowId, StatusId};

use crate::engine::{Conn, Result};
use crate::{args, statements};

statements! {
    FAVOURITE = "INSERT INTO favourites (id, account_id, status_id) VALUES (?1, ?2, ?3) ON CONFLICT (status_id, account_id) DO NOTHING";
    UNFAVOURITE = "DELETE FROM favourites WHERE account_id = ?1 AND status_id = ?2";
    BOOKMARK = "INSERT INTO bookmarks (id, account_id, status_id) VALUES (?1, ?2, ?3) ON CONFLICT (status_id, account_id) DO NOTHING";
    UNBOOKMARK = "DELETE FROM bookmarks WHERE account_id = ?1 AND status_id = ?2";
    PIN = "INSERT INTO pins (id, account_id, status_id) VALUES (?1, ?2, ?3) ON CONFLICT (status_id, account_id) DO NOTHING";
    UNPIN = "DELETE FROM pins WHERE account_id = ?1 AND status_id = ?2";
    PIN_COUNT = "SELECT COUNT(*) FROM pins WHERE account_id = ?1";
    MUTE = "INSERT INTO conversation_mutes (account_id, conversation_id) VALUES (?1, ?2) ON CONFLICT (account_id, conversation_id) DO NOTHING";
    UNMUTE = "DELETE FROM conversation_mutes WHERE account_id = ?1 AND conversation_id = ?2";
    BOOST_BY = "SELECT id FROM statuses WHERE boost_of_id = ?1 AND account_id = ?2 ORDER BY id LIMIT 1";
}

/// Favourites a status.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn favourite(
    conn: &mut Conn,
    row: RowId,
    who: AccountId,
    status: StatusId,
) -> Result<bool> {
    Ok(conn.execute(&FAVOURITE, args![row, who, status]).await? > 0)
}

/// Takes a favourite back.
///
/// # Errors
/// See [`favourite`].
pub async fn unfavourite(conn: &mut Conn, who: AccountId, status: StatusId) -> Result<bool> {
    Ok(conn.execute(&UNFAVOURITE, args![who, status]).await? > 0)
}

/// Bookmarks a status.
///
/// # Errors
/// See [`favourite`].
pub async fn bookmark(
    conn: &mut Conn,
    row: RowId,
    who: AccountId,
    status: StatusId,
) -> Result<bool> {
    Ok(conn.execute(&BOOKMARK, args![row, who, status]).await? > 0)
}

/// Removes a bookmark.
///
/// # Errors
/// See [`favourite`].
pub async fn unbookmark(conn: &mut Conn, who: AccountId, status: StatusId) -> Result<bool> {
    Ok(conn.execute(&UNBOOKMARK, args![who, status]).await? > 0)
}

/// Pins a status to its author's profile.
///
/// # Errors
/// See [`favourite`].
pub async fn pin(conn: &mut Conn, row: RowId, who: AccountId, status: StatusId) -> Result<bool> {
    Ok(conn.execute(&PIN, args![row, who, status]).await? > 0)
}

/// Unpins a status.
///
/// # Errors
/// See [`favourite`].
pub async fn unpin(conn: &mut Conn, who: AccountId, status: StatusId) -> Result<bool> {
    Ok(conn.execute(&UNPIN, args![who, status]).await? > 0)
}

/// How many statuses an account has pinned.
///
/// # Errors
/// See [`favourite`].
pub async fn pin_count(conn: &mut Conn, who: AccountId) -> Result<i64> {
    Ok(conn.scalar(&PIN_COUNT, args![who]).await?.unwrap_or(0))
}

/// Mutes a conversation: no notifications from it.
///
/// # Errors
/// See [`favourite`].
pub async fn mute_conversation(
    conn: &mut Conn,
    who: AccountId,
    conversation: ConversationId,
) -> Result<bool> {
    Ok(conn.execute(&MUTE, args![who, conversation]).await? > 0)
}

/// Unmutes a conversation.
///
/// # Errors
/// See [`favourite`].
pub async fn unmute_conversation(
    conn: &mut Conn,
    who: AccountId,
    conversation: ConversationId,
) -> Result<bool> {
    Ok(conn.execute(&UNMUTE, args![who, conversation]).await? > 0)
}

/// An account's boost of a status.
///
/// # Errors
/// See [`favourite`].
pub async fn boost_by(
    conn: &mut Conn,
    who: AccountId,
    status: StatusId,
) -> Result<Option<StatusId>> {
    conn.scalar(&BOOST_BY, args![status, who]).await
}
