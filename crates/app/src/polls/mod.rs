//! Polls: looking at one, voting.

use std::sync::Arc;

use domain::PollId;
use domain::status::Poll;
use store::statuses::{self, PollView};
use store::{Conn, polls};

use crate::access::Me;
use crate::{App, AppError, Result};

/// A poll whose status the viewer may see.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn show(app: &App, id: PollId, viewer: Option<domain::AccountId>) -> Result<PollView> {
    app.read(move |conn| {
        Box::pin(async move {
            let poll = visible(conn, id, viewer).await?;
            let own_votes = match viewer {
                Some(viewer) => Some(choices(conn, id, viewer).await?),
                None => None,
            };
            Ok(PollView { poll, own_votes })
        })
    })
    .await
}

async fn visible(conn: &mut Conn, id: PollId, viewer: Option<domain::AccountId>) -> Result<Poll> {
    let poll = polls::by_id(conn, id).await?.ok_or(AppError::NotFound)?;
    statuses::visible_by_id(conn, poll.status_id, viewer).await?.ok_or(AppError::NotFound)?;
    Ok(poll)
}

async fn choices(conn: &mut Conn, id: PollId, who: domain::AccountId) -> Result<Vec<i64>> {
    Ok(polls::votes_of(conn, &[id], who).await?.into_iter().map(|(_, choice)| choice).collect())
}

/// Votes, once.
///
/// # Errors
/// [`AppError::Invalid`] for one's own poll, one that has ended, a second vote, or an answer that
/// is not there; [`AppError::NotFound`] when it is hidden or absent.
pub async fn vote(app: &Arc<App>, me: &Me, id: PollId, mut chosen: Vec<i64>) -> Result<PollView> {
    chosen.sort_unstable();
    chosen.dedup();
    let (now, who) = (app.now(), me.id());
    app.write(move |conn| {
        Box::pin(async move {
            visible(conn, id, Some(who)).await?;
            let mut poll = polls::for_vote(conn, id).await?.ok_or(AppError::NotFound)?;
            check(&poll, who, &chosen, now)?;
            if !choices(conn, id, who).await?.is_empty() {
                return Err(AppError::invalid("You have already voted on this poll"));
            }
            polls::vote(conn, id, who, &chosen, now).await?;
            for choice in &chosen {
                if let Some(option) =
                    usize::try_from(*choice).ok().and_then(|at| poll.options.get_mut(at))
                {
                    option.votes += 1;
                }
            }
            poll.voters_count += 1;
            polls::set_counts(conn, &poll).await?;
            Ok(PollView { poll, own_votes: Some(chosen) })
        })
    })
    .await
}

fn check(
    poll: &Poll,
    who: domain::AccountId,
    chosen: &[i64],
    now: domain::Timestamp,
) -> Result<()> {
    if poll.account_id == who {
        return Err(AppError::invalid("You can't vote in your own polls"));
    }
    if poll.is_expired(now) {
        return Err(AppError::invalid("The poll has already ended"));
    }
    let known = |choice: &i64| usize::try_from(*choice).is_ok_and(|at| at < poll.options.len());
    if chosen.is_empty() || !chosen.iter().all(known) {
        return Err(AppError::invalid("The chosen vote option does not exist"));
    }
    if !poll.multiple && chosen.len() > 1 {
        return Err(AppError::invalid("Only one option can be chosen"));
    }
    Ok(())
}
