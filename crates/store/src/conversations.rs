//! Conversations: one row for each local participant, thread and set of other participants, with
//! the newest direct status.

use domain::{AccountId, ConversationId, RowId, StatusId};

use crate::engine::{Conn, FromRow, Result, Row};
use crate::page::Page;
use crate::{args, statements, visible_to};

macro_rules! list {
    () => {
        "SELECT c.id, c.conversation_id, c.participants, c.last_status_id, c.unread FROM account_conversations c \
         WHERE c.account_id = ?1 AND c.last_status_id < ?2 AND c.last_status_id > ?3"
    };
}

statements! {
    RECORD = "INSERT INTO account_conversations (id, account_id, conversation_id, participants, last_status_id, unread) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (account_id, conversation_id, participants) DO UPDATE \
        SET last_status_id = excluded.last_status_id, unread = excluded.unread \
        WHERE account_conversations.last_status_id < excluded.last_status_id";
    NEWEST = concat!(list!(), " ORDER BY c.last_status_id DESC LIMIT ?4");
    OLDEST = concat!(list!(), " ORDER BY c.last_status_id ASC LIMIT ?4");
    OWN = "SELECT c.id, c.conversation_id, c.participants, c.last_status_id, c.unread FROM account_conversations c \
        WHERE c.account_id = ?1 AND c.id = ?2";
    OF_THREAD = "SELECT c.id, c.conversation_id, c.participants, c.last_status_id, c.unread FROM account_conversations c \
        WHERE c.account_id = ?1 AND c.conversation_id = ?2 ORDER BY c.last_status_id DESC LIMIT 1";
    MARK = "UPDATE account_conversations SET unread = ?3 WHERE account_id = ?1 AND id = ?2";
    DELETE = "DELETE FROM account_conversations WHERE account_id = ?1 AND id = ?2";
    STEP_BACK = concat!("UPDATE account_conversations SET last_status_id = COALESCE((SELECT MAX(s.id) FROM statuses s \
        WHERE s.conversation_id = account_conversations.conversation_id AND s.visibility = 3 AND s.id <> ?1 AND ",
        visible_to!("s", "account_conversations.account_id"), "), 0) WHERE last_status_id = ?1");
    EMPTY = "DELETE FROM account_conversations WHERE last_status_id = 0";
    LAST = "SELECT conversation_id FROM statuses WHERE id = ?1 AND visibility = 3";
}

/// A conversation as one participant has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// The row's id, which is what clients see.
    pub id: RowId,
    /// The thread.
    pub thread: ConversationId,
    /// Everybody in it but the owner.
    pub participants: Vec<AccountId>,
    /// The newest direct status.
    pub last_status: StatusId,
    /// Something came that the owner has not marked as read.
    pub unread: bool,
}

impl FromRow for Conversation {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            thread: row.get()?,
            participants: row
                .get::<String>()?
                .split(',')
                .filter_map(|id| id.parse().ok())
                .collect(),
            last_status: row.get()?,
            unread: row.get()?,
        })
    }
}

/// Notes a direct status in its owner's conversation with these participants; true when it is the
/// newest there.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn record(conn: &mut Conn, owner: AccountId, new: &Conversation) -> Result<bool> {
    let mut participants = new.participants.clone();
    participants.sort_unstable();
    participants.dedup();
    let key: Vec<String> = participants.iter().map(AccountId::to_string).collect();
    let changed = conn
        .execute(
            &RECORD,
            args![new.id, owner, new.thread, key.join(","), new.last_status, new.unread],
        )
        .await?;
    Ok(changed > 0)
}

/// A stretch of somebody's conversations; the cursor is the newest status.
///
/// # Errors
/// See [`record`].
pub async fn list(conn: &mut Conn, owner: AccountId, page: &Page) -> Result<Vec<Conversation>> {
    page.rows(conn, (&NEWEST, &OLDEST), owner, args![]).await
}

/// The conversation with this id, if it is this account's.
///
/// # Errors
/// See [`record`].
pub async fn own(conn: &mut Conn, owner: AccountId, id: RowId) -> Result<Option<Conversation>> {
    conn.optional(&OWN, args![owner, id]).await
}

/// Somebody's conversation in a thread that moved last.
///
/// # Errors
/// See [`record`].
pub async fn of_thread(
    conn: &mut Conn,
    owner: AccountId,
    thread: ConversationId,
) -> Result<Option<Conversation>> {
    conn.optional(&OF_THREAD, args![owner, thread]).await
}

/// Marks a conversation as read or unread; true when there is one.
///
/// # Errors
/// See [`record`].
pub async fn mark(conn: &mut Conn, owner: AccountId, id: RowId, unread: bool) -> Result<bool> {
    Ok(conn.execute(&MARK, args![owner, id, unread]).await? > 0)
}

/// Removes a conversation from its owner's list; true when there was one.
///
/// # Errors
/// See [`record`].
pub async fn delete(conn: &mut Conn, owner: AccountId, id: RowId) -> Result<bool> {
    Ok(conn.execute(&DELETE, args![owner, id]).await? > 0)
}

/// Before a status goes: conversations that end with it step back to the one before, or go too.
///
/// # Errors
/// See [`record`].
pub(crate) async fn forget_status(conn: &mut Conn, status: StatusId) -> Result<()> {
    if conn.scalar::<i64>(&LAST, args![status]).await?.is_none() {
        return Ok(());
    }
    conn.send(&STEP_BACK, args![status]).await?;
    conn.send(&EMPTY, args![]).await
}
