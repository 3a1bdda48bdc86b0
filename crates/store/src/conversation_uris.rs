//! Names that other servers give to threads: `conversation` and `context`.

use domain::ConversationId;

use crate::engine::{Conn, Result};
use crate::{args, statements};

statements! {
    OF = "SELECT uri FROM conversation_uris WHERE conversation_id = ?1 ORDER BY uri LIMIT 1";
    OF_EACH = "SELECT conversation_id, MIN(uri) FROM conversation_uris WHERE conversation_id IN_LIST(?1) GROUP BY conversation_id";
    FIND = "SELECT conversation_id FROM conversation_uris WHERE uri IN_LIST(?1) ORDER BY conversation_id LIMIT 1";
    PUT = "INSERT INTO conversation_uris (uri, conversation_id) VALUES (?1, ?2) ON CONFLICT (uri) DO NOTHING";
}

/// The thread that one of these names stands for.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn find(conn: &mut Conn, names: &[String]) -> Result<Option<ConversationId>> {
    if names.is_empty() {
        return Ok(None);
    }
    conn.scalar(&FIND, args![names.to_vec()]).await
}

/// Notes names of a thread; one that stands for another already stays so.
///
/// # Errors
/// See [`find`].
pub async fn put(conn: &mut Conn, names: &[String], thread: ConversationId) -> Result<()> {
    for name in names {
        conn.send(&PUT, args![name, thread]).await?;
    }
    Ok(())
}

/// The name of a thread that began elsewhere.
///
/// # Errors
/// See [`find`].
pub async fn of(conn: &mut Conn, thread: ConversationId) -> Result<Option<String>> {
    conn.scalar(&OF, args![thread]).await
}

/// The names of those of these threads that began elsewhere.
///
/// # Errors
/// See [`find`].
pub async fn of_each(
    conn: &mut Conn,
    threads: &[ConversationId],
) -> Result<Vec<(ConversationId, String)>> {
    if threads.is_empty() {
        return Ok(Vec::new());
    }
    conn.query(&OF_EACH, args![threads]).await
}
