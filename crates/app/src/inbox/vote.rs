//! Votes in polls of this server: a note with a name and nothing else that answers the poll.

use std::sync::Arc;

use activitypub::Note;
use domain::account::Account;
use store::{polls, statuses};

use crate::remote::local;
use crate::{App, AppError, Result};

/// Whether a note is a vote.
pub(super) fn is_vote(note: &Note) -> bool {
    note.name.is_some()
        && note.in_reply_to.is_some()
        && note.content.as_deref().unwrap_or_default().is_empty()
        && note.attachments.is_empty()
        && note.kind == activitypub::NoteKind::Note
}

pub(super) async fn run(app: &Arc<App>, note: &Note, actor: &Account) -> Result<()> {
    let (Some(choice), Some(question)) = (note.name.clone(), &note.in_reply_to) else {
        return Ok(());
    };
    let (context, question, voter) = (app.clone(), question.as_str().to_owned(), actor.id);
    app.write(move |conn| {
        Box::pin(async move {
            let app = context.as_ref();
            let Some(status) = local::status_at(app, conn, &question).await? else {
                return Ok(());
            };
            if status.uri.is_some()
                || statuses::visible_by_id(conn, status.id, Some(voter)).await?.is_none()
            {
                return Ok(());
            }
            let Some(poll) = polls::of_statuses(conn, &[status.id]).await?.into_iter().next()
            else {
                return Ok(());
            };
            let Some(mut poll) = polls::for_vote(conn, poll.id).await? else { return Ok(()) };
            let at = poll.options.iter().position(|option| option.title == choice);
            let (Some(at), false) = (at, poll.is_expired(app.now())) else { return Ok(()) };
            let before = polls::votes_of(conn, &[poll.id], voter).await?;
            let number = i64::try_from(at).unwrap_or(i64::MAX);
            let is_repeated = before.iter().any(|(_, chosen)| *chosen == number);
            if is_repeated || (!poll.multiple && !before.is_empty()) {
                return Ok(());
            }
            polls::vote(conn, poll.id, voter, &[number], app.now()).await?;
            if let Some(option) = poll.options.get_mut(at) {
                option.votes += 1;
            }
            if before.is_empty() {
                poll.voters_count += 1;
            }
            polls::set_counts(conn, &poll).await?;
            crate::polls::tally_later(app, conn, &poll).await?;
            Ok::<_, AppError>(())
        })
    })
    .await
}
