//! What other servers list of a status: its answers, and the thread it stands in. Only addresses go
//! out, oldest first, and only of what the viewer may see.

use domain::{AccountId, ConversationId, StatusId};

use crate::engine::{Conn, FromRow, Result, Row};
use crate::{args, statements, visible_to};

statements! {
    REPLIES = concat!("SELECT s.id, s.uri, a.username FROM statuses s JOIN accounts a ON a.id = s.account_id \
        WHERE s.in_reply_to_id = ?1 AND (s.account_id = ?3) = ?4 AND s.id > ?5 AND ", visible_to!("s", "?2"),
        " ORDER BY s.id LIMIT ?6");
    THREAD = concat!("SELECT s.id, s.uri, a.username FROM statuses s JOIN accounts a ON a.id = s.account_id \
        WHERE s.conversation_id = ?1 AND s.boost_of_id IS NULL AND s.id > ?3 AND ", visible_to!("s", "?2"),
        " ORDER BY s.id LIMIT ?4");
    ADDRESSED = "SELECT s.id, s.uri, a.username FROM statuses s JOIN accounts a ON a.id = s.account_id WHERE s.id IN_LIST(?1)";
    ROOT = concat!("SELECT s.account_id FROM statuses s WHERE s.conversation_id = ?1 AND s.in_reply_to_id IS NULL \
        AND s.local = true AND s.boost_of_id IS NULL AND ", visible_to!("s", "?2"), " ORDER BY s.id LIMIT 1");
}

/// What the address of a status is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addressed {
    /// Its id here.
    pub id: StatusId,
    /// Its ActivityPub id, if it is another server's.
    pub uri: Option<String>,
    /// Its author's name.
    pub username: String,
}

impl FromRow for Addressed {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self { id: row.get()?, uri: row.get()?, username: row.get()? })
    }
}

/// Whose answers are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answering {
    /// The author's own.
    Author,
    /// Everybody else's.
    Others,
}

/// Answers to a status of `author` above an id.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn replies(
    conn: &mut Conn,
    (status, author): (StatusId, AccountId),
    answering: Answering,
    viewer: Option<AccountId>,
    (above, limit): (i64, i64),
) -> Result<Vec<Addressed>> {
    let own = answering == Answering::Author;
    let viewer = viewer.map_or(0, |id| id.0);
    conn.query(&REPLIES, args![status, viewer, author, own, above, limit]).await
}

/// The statuses of a thread above an id.
///
/// # Errors
/// See [`replies`].
pub async fn thread(
    conn: &mut Conn,
    thread: ConversationId,
    viewer: Option<AccountId>,
    (above, limit): (i64, i64),
) -> Result<Vec<Addressed>> {
    conn.query(&THREAD, args![thread, viewer.map_or(0, |id| id.0), above, limit]).await
}

/// Who began a thread, if that was somebody here with something that the viewer may see.
///
/// # Errors
/// See [`replies`].
pub async fn starter(
    conn: &mut Conn,
    thread: ConversationId,
    viewer: Option<AccountId>,
) -> Result<Option<AccountId>> {
    conn.scalar(&ROOT, args![thread, viewer.map_or(0, |id| id.0)]).await
}

/// What the addresses of these statuses are made of, whoever may see them.
///
/// # Errors
/// See [`replies`].
pub async fn addressed(conn: &mut Conn, ids: &[StatusId]) -> Result<Vec<Addressed>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    conn.query(&ADDRESSED, args![ids]).await
}
