//! Statuses of other servers, by the ids they have there.

use domain::account::ForeignEmoji;
use domain::status::Status;
use domain::{AccountId, ConversationId, StatusId};

use super::row::columns;
use crate::engine::{Conn, Result};
use crate::{args, statements};

statements! {
    BY_URI = concat!("SELECT ", columns!(), " FROM statuses WHERE uri = ?1");
    BY_URIS = "SELECT id, uri FROM statuses WHERE uri IN_LIST(?1)";
    IS_TAKEN = "SELECT 1 FROM statuses WHERE id = ?1";
    SET_EXTRAS = "UPDATE statuses SET url = ?2, emojis = ?3 WHERE id = ?1";
    SET_COUNTS = "UPDATE statuses SET boosts_count = COALESCE(CAST(?2 AS BIGINT), boosts_count), \
        favourites_count = COALESCE(CAST(?3 AS BIGINT), favourites_count) WHERE id = ?1";
    SET_QUOTE = "UPDATE statuses SET quote_of_id = ?2 WHERE id = ?1";
    SILENT_MENTION = "INSERT INTO mentions (status_id, account_id, silent) VALUES (?1, ?2, true) ON CONFLICT (status_id, account_id) DO NOTHING";
    OF_ACCOUNT = "SELECT id FROM statuses WHERE account_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3";
    CONVERSATION = "SELECT id FROM statuses WHERE conversation_id = ?1 ORDER BY id LIMIT 1";
}

/// The status with this ActivityPub id.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn by_uri(conn: &mut Conn, uri: &str) -> Result<Option<Status>> {
    conn.optional(&BY_URI, args![uri]).await
}

/// Those of these ActivityPub ids that are known.
///
/// # Errors
/// See [`by_uri`].
pub async fn by_uris(conn: &mut Conn, uris: &[String]) -> Result<Vec<(StatusId, String)>> {
    if uris.is_empty() {
        return Ok(Vec::new());
    }
    conn.query(&BY_URIS, args![uris.to_vec()]).await
}

/// Whether there is a status with this id.
///
/// # Errors
/// See [`by_uri`].
pub async fn is_taken(conn: &mut Conn, id: StatusId) -> Result<bool> {
    Ok(conn.scalar::<i64>(&IS_TAKEN, args![id]).await?.is_some())
}

/// Writes page and emoji of a remote status, after an edit.
///
/// # Errors
/// See [`by_uri`].
pub async fn set_extras(
    conn: &mut Conn,
    id: StatusId,
    url: Option<&str>,
    emojis: &[ForeignEmoji],
) -> Result<()> {
    let emojis = crate::emojis::foreign_to_json(emojis)?;
    conn.send(&SET_EXTRAS, args![id, url.map(str::to_owned), emojis]).await
}

/// Writes how many boosts and favourites a status's server says it has; `None` leaves a number.
///
/// # Errors
/// See [`by_uri`].
pub async fn set_counts(
    conn: &mut Conn,
    id: StatusId,
    boosts: Option<i64>,
    favourites: Option<i64>,
) -> Result<()> {
    conn.send(&SET_COUNTS, args![id, boosts, favourites]).await
}

/// Shows or hides what a status quotes.
///
/// # Errors
/// See [`by_uri`].
pub async fn set_quote(conn: &mut Conn, id: StatusId, quoted: Option<StatusId>) -> Result<()> {
    conn.send(&SET_QUOTE, args![id, quoted]).await
}

/// Lets an account see a status that is addressed to it without naming it.
///
/// # Errors
/// See [`by_uri`].
pub async fn add_silent_mention(conn: &mut Conn, id: StatusId, account: AccountId) -> Result<()> {
    conn.send(&SILENT_MENTION, args![id, account]).await
}

/// Statuses of an account above this id, oldest first.
///
/// # Errors
/// See [`by_uri`].
pub async fn of_account(
    conn: &mut Conn,
    account: AccountId,
    above: StatusId,
    limit: i64,
) -> Result<Vec<StatusId>> {
    conn.column(&OF_ACCOUNT, args![account, above, limit]).await
}

/// The first status of a thread, if the thread has any.
///
/// # Errors
/// See [`by_uri`].
pub async fn first_of(conn: &mut Conn, thread: ConversationId) -> Result<Option<StatusId>> {
    conn.scalar(&CONVERSATION, args![thread]).await
}
