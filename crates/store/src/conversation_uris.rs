//! Threads that other servers began: the key that their statuses name, and the thread here.

use domain::ConversationId;

use crate::engine::{Conn, Result};
use crate::{args, statements};

statements! {
    OF = "SELECT uri FROM conversation_uris WHERE conversation_id = ?1 ORDER BY uri LIMIT 1";
    FIND = "SELECT conversation_id FROM conversation_uris WHERE uri = ?1";
    KEEP = "INSERT INTO conversation_uris (uri, conversation_id) VALUES (?1, ?2) ON CONFLICT (uri) DO NOTHING";
}

/// The key of a thread that began elsewhere.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn of(conn: &mut Conn, id: ConversationId) -> Result<Option<String>> {
    conn.scalar(&OF, args![id]).await
}

/// The thread of this key: the one known, or `fresh`, which is then kept.
///
/// # Errors
/// See [`of`].
pub async fn find_or_keep(
    conn: &mut Conn,
    uri: &str,
    fresh: ConversationId,
) -> Result<ConversationId> {
    conn.execute(&KEEP, args![uri, fresh]).await?;
    Ok(conn.scalar(&FIND, args![uri]).await?.unwrap_or(fresh))
}
