//! Polls and votes.

use domain::status::{Poll, PollOption};
use domain::{AccountId, PollId, StatusId, Timestamp};

use crate::engine::{Conn, FromRow, Result, Row, StoreError};
use crate::{args, statements};

macro_rules! columns {
    () => {
        "id, status_id, account_id, expires_at, multiple, hide_totals, options, voters_count"
    };
}

statements! {
    INSERT = "INSERT INTO polls (id, status_id, account_id, expires_at, multiple, hide_totals, options, voters_count, created_at) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    OF_STATUSES = concat!("SELECT ", columns!(), " FROM polls WHERE status_id IN_LIST(?1)");
    BY_ID = concat!("SELECT ", columns!(), " FROM polls WHERE id = ?1");
    FOR_VOTE = concat!("SELECT ", columns!(), " FROM polls WHERE id = ?1 FOR_UPDATE");
    VOTES_OF = "SELECT poll_id, choice FROM poll_votes WHERE account_id = ?1 AND poll_id IN_LIST(?2) ORDER BY poll_id, choice";
    VOTE = "INSERT INTO poll_votes (poll_id, account_id, choice, created_at) VALUES (?1, ?2, ?3, ?4)";
    COUNTS = "UPDATE polls SET options = ?2, voters_count = ?3 WHERE id = ?1";
    DELETE = "DELETE FROM polls WHERE status_id = ?1";
    RESCHEDULE = "UPDATE polls SET expires_at = ?2, hide_totals = ?3 WHERE id = ?1";
    VOTERS = "SELECT DISTINCT account_id FROM poll_votes WHERE poll_id = ?1";
}

impl FromRow for Poll {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            status_id: row.get()?,
            account_id: row.get()?,
            expires_at: row.get()?,
            multiple: row.get()?,
            hide_totals: row.get()?,
            options: serde_json::from_str::<Vec<PollOption>>(&row.get::<String>()?)
                .unwrap_or_default(),
            voters_count: row.get()?,
        })
    }
}

fn options_json(poll: &Poll) -> Result<String> {
    serde_json::to_string(&poll.options)
        .map_err(|error| StoreError::Engine { statement: "poll options", cause: error.to_string() })
}

/// Adds a poll.
///
/// # Errors
/// [`StoreError`] of the engine, as for every function here.
pub async fn insert(conn: &mut Conn, poll: &Poll, now: Timestamp) -> Result<()> {
    conn.send(
        &INSERT,
        args![
            poll.id,
            poll.status_id,
            poll.account_id,
            poll.expires_at,
            poll.multiple,
            poll.hide_totals,
            options_json(poll)?,
            poll.voters_count,
            now
        ],
    )
    .await
}

/// The polls of these statuses.
///
/// # Errors
/// See [`insert`].
pub async fn of_statuses(conn: &mut Conn, ids: &[StatusId]) -> Result<Vec<Poll>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    conn.query(&OF_STATUSES, args![ids]).await
}

/// The poll with this id.
///
/// # Errors
/// See [`insert`].
pub async fn by_id(conn: &mut Conn, id: PollId) -> Result<Option<Poll>> {
    conn.optional(&BY_ID, args![id]).await
}

/// The poll with this id, locked until the transaction ends: votes count themselves one by one.
///
/// # Errors
/// See [`insert`].
pub async fn for_vote(conn: &mut Conn, id: PollId) -> Result<Option<Poll>> {
    conn.optional(&FOR_VOTE, args![id]).await
}

/// What an account chose in these polls.
///
/// # Errors
/// See [`insert`].
pub async fn votes_of(
    conn: &mut Conn,
    polls: &[PollId],
    account: AccountId,
) -> Result<Vec<(PollId, i64)>> {
    if polls.is_empty() {
        return Ok(Vec::new());
    }
    conn.query(&VOTES_OF, args![account, polls]).await
}

/// Adds a vote for each choice; the caller writes the counts.
///
/// # Errors
/// [`StoreError::Constraint`] when this account voted so already.
pub async fn vote(
    conn: &mut Conn,
    poll: PollId,
    account: AccountId,
    choices: &[i64],
    now: Timestamp,
) -> Result<()> {
    for choice in choices {
        conn.send(&VOTE, args![poll, account, *choice, now]).await?;
    }
    Ok(())
}

/// Writes the counts of a poll.
///
/// # Errors
/// See [`insert`].
pub async fn set_counts(conn: &mut Conn, poll: &Poll) -> Result<()> {
    conn.send(&COUNTS, args![poll.id, options_json(poll)?, poll.voters_count]).await
}

/// Removes the poll of a status with its votes.
///
/// # Errors
/// See [`insert`].
pub async fn delete(conn: &mut Conn, status: StatusId) -> Result<()> {
    conn.send(&DELETE, args![status]).await
}

/// Moves the end of a poll, keeping its votes.
///
/// # Errors
/// See [`insert`].
pub async fn reschedule(
    conn: &mut Conn,
    id: PollId,
    expires_at: Option<Timestamp>,
    hide_totals: bool,
) -> Result<()> {
    conn.send(&RESCHEDULE, args![id, expires_at, hide_totals]).await
}

/// Everyone who voted.
///
/// # Errors
/// See [`insert`].
pub async fn voters(conn: &mut Conn, id: PollId) -> Result<Vec<AccountId>> {
    conn.column(&VOTERS, args![id]).await
}
