//! Polls: looking at one, voting.

use std::sync::Arc;

use domain::PollId;
use domain::status::Poll;
use domain::time::MINUTE;
use store::statuses::{self, PollView};
use store::{Conn, accounts, polls};

use crate::access::Me;
use crate::jobs::{self, Job};
use crate::{App, AppError, Result, delivery};

/// How long votes are gathered before others hear the counts, as long as Mastodon does.
const TALLY: i64 = 3 * MINUTE;

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
    let (now, context, me) = (app.now(), app.clone(), me.clone());
    app.write(move |conn| {
        Box::pin(async move {
            let (app, who) = (context.as_ref(), me.id());
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
            delivery::voted(app, conn, &me.account, &poll, &chosen).await?;
            tally_later(app, conn, &poll).await?;
            Ok(PollView { poll, own_votes: Some(chosen) })
        })
    })
    .await
}

/// Others hear the counts of a local poll a while after somebody voted, all votes of that while at
/// once. Also called when a vote comes in from elsewhere.
pub(crate) async fn tally_later(app: &App, conn: &mut Conn, poll: &Poll) -> Result<()> {
    let author = accounts::by_id(conn, poll.account_id).await?;
    if author.is_none_or(|author| !author.is_local()) {
        return Ok(());
    }
    jobs::enqueue(app, conn, &Job::TellPoll { poll: poll.id }, app.now().plus(TALLY)).await
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
