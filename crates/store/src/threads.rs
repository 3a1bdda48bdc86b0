//! Threads that are spread over servers: when their answers were last looked for, and which answers
//! wait for a status that is not here.

use domain::{AccountId, ConversationId, StatusId, Timestamp};

use crate::engine::{Conn, Result};
use crate::{args, statements};

statements! {
    LOOKED_AT = "SELECT looked_at FROM thread_looks WHERE status_id = ?1";
    CLAIM = "INSERT INTO thread_looks (status_id, looked_at) VALUES (?1, ?2) \
        ON CONFLICT (status_id) DO UPDATE SET looked_at = excluded.looked_at WHERE thread_looks.looked_at <= ?3";
    MISSES = "INSERT INTO missing_parents (status_id, parent_uri) VALUES (?1, ?2) ON CONFLICT (status_id) DO NOTHING";
    WAITING = "SELECT s.id, s.conversation_id FROM missing_parents m JOIN statuses s ON s.id = m.status_id \
        WHERE m.parent_uri = ?1 ORDER BY m.status_id LIMIT ?2";
    ABOVE = "WITH RECURSIVE up (id, parent, depth) AS ( \
        SELECT s.id, s.in_reply_to_id, 0 FROM statuses s WHERE s.id = ?1 \
        UNION ALL SELECT s.id, s.in_reply_to_id, up.depth + 1 FROM statuses s JOIN up ON s.id = up.parent WHERE up.depth < ?2) \
        SELECT id FROM up";
    LINK = "UPDATE statuses SET in_reply_to_id = ?2, in_reply_to_account_id = ?3 WHERE id IN_LIST(?1) AND in_reply_to_id IS NULL";
    FOUND = "DELETE FROM missing_parents WHERE status_id IN_LIST(?1)";
    MOVE = "UPDATE statuses SET conversation_id = ?2 WHERE id IN (WITH RECURSIVE down (id, depth) AS ( \
        SELECT s.id, 0 FROM statuses s WHERE s.id = ?1 \
        UNION ALL SELECT s.id, down.depth + 1 FROM statuses s JOIN down ON s.in_reply_to_id = down.id WHERE down.depth < ?3) \
        SELECT id FROM down LIMIT ?4)";
}

/// Most levels of a thread that are climbed or moved, and most statuses that are moved.
const LEVELS: i64 = 1_000;
const MOST_MOVED: i64 = 4_096;

/// When the answers to a status were last looked for at its server.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn looked_at(conn: &mut Conn, status: StatusId) -> Result<Option<Timestamp>> {
    conn.scalar(&LOOKED_AT, args![status]).await
}

/// Notes that the answers to a status are looked for now. False, and nothing is noted, when that was
/// done after `before`.
///
/// # Errors
/// See [`looked_at`].
pub async fn claim_look(
    conn: &mut Conn,
    status: StatusId,
    now: Timestamp,
    before: Timestamp,
) -> Result<bool> {
    Ok(conn.execute(&CLAIM, args![status, now, before]).await? > 0)
}

/// Notes that a status answers one that is not here.
///
/// # Errors
/// See [`looked_at`].
pub async fn misses(conn: &mut Conn, status: StatusId, parent_uri: &str) -> Result<()> {
    conn.send(&MISSES, args![status, parent_uri]).await
}

/// The statuses that answer the one with this ActivityPub id and came before it, with their threads.
///
/// # Errors
/// See [`looked_at`].
pub async fn waiting(
    conn: &mut Conn,
    uri: &str,
    limit: i64,
) -> Result<Vec<(StatusId, ConversationId)>> {
    conn.query(&WAITING, args![uri, limit]).await
}

/// The statuses above one and itself, whoever may see them.
///
/// # Errors
/// See [`looked_at`].
pub async fn above(conn: &mut Conn, status: StatusId) -> Result<Vec<StatusId>> {
    conn.column(&ABOVE, args![status, LEVELS]).await
}

/// Makes statuses answers to one that has come. The number is how many were none before.
///
/// # Errors
/// See [`looked_at`].
pub async fn link(
    conn: &mut Conn,
    answers: &[StatusId],
    parent: (StatusId, AccountId),
) -> Result<u64> {
    let linked = conn.execute(&LINK, args![answers, parent.0, parent.1]).await?;
    conn.send(&FOUND, args![answers]).await?;
    Ok(linked)
}

/// Brings a status and what is below it into a thread.
///
/// # Errors
/// See [`looked_at`].
pub async fn move_below(conn: &mut Conn, status: StatusId, thread: ConversationId) -> Result<()> {
    conn.send(&MOVE, args![status, thread, LEVELS, MOST_MOVED]).await
}
