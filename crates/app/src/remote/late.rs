//! Answers that were here before what they answer: they find each other when it comes.

use activitypub::{Note, Uri};
use domain::status::Status;
use domain::{ConversationId, StatusId};
use store::{Conn, statuses, threads};

use super::local;
use crate::{App, Result};

/// Most answers that are linked when a status comes.
const MOST: i64 = 100;

/// The answers that wait for a note, with their threads.
pub(super) async fn waiting(
    conn: &mut Conn,
    note: &Note,
) -> Result<Vec<(StatusId, ConversationId)>> {
    Ok(threads::waiting(conn, note.id.as_str(), MOST).await?)
}

/// Notes what a status answers when that is not here.
pub(super) async fn note_missing(
    app: &App,
    conn: &mut Conn,
    status: &Status,
    parent: Option<&Uri>,
) -> Result<()> {
    let Some(parent) = parent.filter(|_| status.in_reply_to.is_none()) else { return Ok(()) };
    if status.uri.as_deref() == Some(parent.as_str()) || local::is_here(app, parent) {
        return Ok(());
    }
    Ok(threads::misses(conn, status.id, parent.as_str()).await?)
}

/// Makes those that waited for a status answers to it, in its thread.
pub(super) async fn link(
    conn: &mut Conn,
    parent: &Status,
    waiting: &[(StatusId, ConversationId)],
) -> Result<()> {
    if waiting.is_empty() {
        return Ok(());
    }
    // Two that say they answer each other must not make a ring.
    let above = threads::above(conn, parent.id).await?;
    let answers: Vec<StatusId> =
        waiting.iter().map(|(id, _)| *id).filter(|id| !above.contains(id)).collect();
    let linked = threads::link(conn, &answers, (parent.id, parent.account_id)).await?;
    statuses::count(conn, parent.id, [i64::try_from(linked).unwrap_or(0), 0, 0, 0]).await?;
    for (answer, thread) in waiting {
        if *thread != parent.conversation_id && answers.contains(answer) {
            threads::move_below(conn, *answer, parent.conversation_id).await?;
        }
    }
    Ok(())
}

/// The same for whatever waits for a status that is here already.
pub(super) async fn link_to(conn: &mut Conn, parent: &Status) -> Result<()> {
    let Some(uri) = &parent.uri else { return Ok(()) };
    let waiting = threads::waiting(conn, uri, MOST).await?;
    link(conn, parent, &waiting).await
}
