//! Changes of a remote status: a newer version makes a version in its history; without a newer
//! version only counts, poll results and quotes move.

use std::sync::Arc;

use activitypub::{Note, Question};
use domain::account::Account;
use domain::status::{Parts, Poll, PollOption, Status};
use domain::{StatusId, Timestamp};
use store::statuses::{self, Edit, StatusView};
use store::{Conn, polls, remote_accounts};

use super::keep::{
    MOST_VOTES, People, counts, insert_poll, language, name, parts, people, quote_policy,
};
use super::quote::{self, Quoted};
use super::{Budget, attach, text};
use crate::jobs::{self, Job};
use crate::statuses::{keep_first_version, keep_version_of};
use crate::uploads::{self, Release};
use crate::{App, AppError, Result};

/// Most versions that are kept of a status of another server, and most letters of all of them: they
/// are shown together.
const MOST_VERSIONS: i64 = 50;
const MOST_LETTERS: i64 = 1_024 * 1_024;

/// Takes over what a note's author says of it now. The note comes from its own origin, or signed by
/// its author; the author that is stored is compared (F02).
pub(crate) async fn update(
    app: &Arc<App>,
    note: Box<Note>,
    author: &Account,
    budget: &mut Budget,
) -> Result<Option<StatusId>> {
    let people = people(app, &note, budget).await?;
    let quoted = quote::find(app, &note, author, budget).await?;
    let (context, author) = (app.clone(), author.clone());
    app.write(move |conn| {
        Box::pin(async move { write(&context, conn, &note, &author, &people, quoted).await })
    })
    .await
}

async fn write(
    app: &App,
    conn: &mut Conn,
    note: &Note,
    author: &Account,
    people: &People,
    quoted: Option<Quoted>,
) -> Result<Option<StatusId>> {
    let Some(known) = statuses::remote::by_uri(conn, note.id.as_str()).await? else {
        return Ok(None);
    };
    if known.account_id != author.id || known.boost_of.is_some() {
        return Err(AppError::Forbidden("This post is somebody else's".into()));
    }
    let Some(status) = statuses::locked(conn, known.id).await? else { return Ok(None) };
    let last = status.edited_at.unwrap_or(status.created_at);
    // A clock that is ahead does not keep later edits out.
    let updated = note.updated.map(|at| at.min(app.now())).filter(|at| *at > last);
    if let Some(updated) = updated {
        apply(app, conn, &status, note, people, updated).await?;
    } else if let Some(question) = &note.poll {
        tally(conn, &status, question).await?;
    }
    if let Some(quoted) = quoted
        && quote::write(app, conn, status.id, &quoted).await?
        && let Some(status) = statuses::by_id(conn, status.id).await?
    {
        let content = text::without_quote_line(&status.content);
        set_content(conn, &status, content).await?;
    }
    counts(conn, status.id, note).await?;
    Ok(Some(status.id))
}

async fn apply(
    app: &App,
    conn: &mut Conn,
    status: &Status,
    note: &Note,
    people: &People,
    updated: Timestamp,
) -> Result<()> {
    let before = statuses::hydrate_one(conn, status.id, None).await?.ok_or(AppError::NotFound)?;
    let (content, spoiler_text) = text::of_note(note);
    let followers = remote_accounts::by_account(conn, status.account_id)
        .await?
        .and_then(|remote| remote.followers_uri);
    keep_first_version(app, conn, &before).await?;
    replace_media(app, conn, &before, note).await?;
    replace_poll(app, conn, status, &before, note).await?;
    let mut now_parts = parts(note, people);
    // A silent mention stays: it keeps the status readable for whom it once named.
    now_parts.0 |= status.parts.0 & Parts::MENTIONS;
    let edit = Edit {
        text: String::new(),
        content,
        sensitive: note.sensitive || !spoiler_text.is_empty(),
        spoiler_text,
        language: language(note),
        parts: now_parts,
        edited_at: Some(updated),
        quote_policy: quote_policy(note, followers.as_deref()),
        format: status.format,
    };
    statuses::update(conn, status.id, &edit).await?;
    let emojis = attach::emojis(app, conn, &note.emojis).await?;
    let url = note.url.as_ref().unwrap_or(&note.id).as_str();
    statuses::remote::set_extras(conn, status.id, Some(url), &emojis).await?;
    statuses::silence_mentions(conn, status.id).await?;
    statuses::clear_tags(conn, status.id).await?;
    name(app, conn, status.id, note, people).await?;
    let after = statuses::hydrate_one(conn, status.id, None).await?.ok_or(AppError::NotFound)?;
    keep_version_of(app, conn, &after, updated).await?;
    statuses::trim_edits(conn, status.id, MOST_VERSIONS, MOST_LETTERS).await?;
    jobs::enqueue(app, conn, &Job::FanOut { status: status.id, edited: true }, app.now()).await
}

async fn replace_media(app: &App, conn: &mut Conn, before: &StatusView, note: &Note) -> Result<()> {
    if attach::are_same(&before.media, &note.attachments) {
        return Ok(());
    }
    let status = &before.status;
    uploads::release(app, conn, status.id, Release::ForGood).await?;
    attach::attach(app, conn, (status.account_id, status.id), &note.attachments).await
}

/// Other choices begin a poll anew; the same ones keep its votes.
async fn replace_poll(
    app: &App,
    conn: &mut Conn,
    status: &Status,
    before: &StatusView,
    note: &Note,
) -> Result<()> {
    match (&before.poll, &note.poll) {
        (Some(old), Some(new)) if has_same_choices(&old.poll, new) => {
            tally(conn, status, new).await
        }
        (None, None) => Ok(()),
        _ => {
            polls::delete(conn, status.id).await?;
            insert_poll(app, conn, status, note).await
        }
    }
}

fn has_same_choices(poll: &Poll, question: &Question) -> bool {
    poll.multiple == question.multiple
        && poll.options.len() == question.options.len()
        && poll
            .options
            .iter()
            .zip(&question.options)
            .all(|(old, (new, _))| old.title == text::line(new, 500))
}

/// Takes over the results of a poll.
async fn tally(conn: &mut Conn, status: &Status, question: &Question) -> Result<()> {
    let Some(poll) = polls::of_statuses(conn, &[status.id]).await?.into_iter().next() else {
        return Ok(());
    };
    if !has_same_choices(&poll, question) {
        return Ok(());
    }
    let Some(mut poll) = polls::for_vote(conn, poll.id).await? else { return Ok(()) };
    poll.options = question
        .options
        .iter()
        .map(|(title, votes)| PollOption {
            title: text::line(title, 500),
            votes: (*votes).clamp(0, MOST_VOTES),
        })
        .collect();
    poll.voters_count = question.voters_count.unwrap_or(poll.voters_count).clamp(0, MOST_VOTES);
    polls::set_counts(conn, &poll).await?;
    let ends = question.closed.or(question.end_time);
    if ends != poll.expires_at {
        polls::reschedule(conn, poll.id, ends, poll.hide_totals).await?;
    }
    Ok(())
}

/// Writes other content of a status, and nothing else.
pub(super) async fn set_content(conn: &mut Conn, status: &Status, content: String) -> Result<()> {
    let edit = Edit {
        text: status.text.clone(),
        content,
        spoiler_text: status.spoiler_text.clone(),
        sensitive: status.sensitive,
        language: status.language.clone(),
        parts: status.parts,
        edited_at: status.edited_at,
        quote_policy: status.quote_policy.clone(),
        format: status.format,
    };
    Ok(statuses::update(conn, status.id, &edit).await?)
}
