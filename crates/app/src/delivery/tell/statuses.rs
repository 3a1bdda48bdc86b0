//! Statuses and what people do with them.

use activitypub::{Activity, Audience, Note, Object, PUBLIC, Uri, Verb};
use domain::account::Account;
use domain::status::{Poll, Status, Visibility};
use domain::{AccountId, RowId, StatusId};
use store::quotes::{self, Quote, State};
use store::{Conn, accounts, deliveries, relation_uris, statuses};

use super::{actor, addressed, own_id, undo};
use crate::delivery::{Plan, Recipients, Sender, plan, send};
use crate::represent::{self, uri};
use crate::{App, AppError, Result};

/// A local account has posted or boosted.
pub(crate) async fn posted(app: &App, conn: &mut Conn, id: StatusId) -> Result<()> {
    let Some((status, author)) = told(conn, id).await? else { return Ok(()) };
    let to = recipients(conn, &status).await?;
    let Some(plan) = plan(app, conn, to).await? else { return Ok(()) };
    let activity = represent::origin(app, conn, id).await?;
    plan.send(app, conn, Sender::Account(author.id), &activity, Some(id)).await
}

/// A local status is another one now: its text, or who may quote it.
pub(crate) async fn edited(app: &App, conn: &mut Conn, id: StatusId) -> Result<()> {
    let Some((status, author)) = told(conn, id).await? else { return Ok(()) };
    let to = Recipients { around: around(&status), ..recipients(conn, &status).await? };
    let Some(plan) = plan(app, conn, to).await? else { return Ok(()) };
    update(app, conn, plan, &author, id).await
}

/// The votes of a local poll, or its end: to those who vote as well.
pub(crate) async fn poll_counted(app: &App, conn: &mut Conn, poll: &Poll) -> Result<()> {
    let Some((status, author)) = told(conn, poll.status_id).await? else { return Ok(()) };
    let mut to = recipients(conn, &status).await?;
    to.shared.extend(store::polls::voters(conn, poll.id).await?);
    let Some(plan) = plan(app, conn, to).await? else { return Ok(()) };
    update(app, conn, plan, &author, status.id).await
}

async fn update(
    app: &App,
    conn: &mut Conn,
    plan: Plan,
    author: &Account,
    id: StatusId,
) -> Result<()> {
    let note = represent::note(app, conn, id).await?;
    let now = app.now();
    let activity = Activity {
        id: Some(uri(&format!("{}#updates/{now}", note.id))?),
        audience: note.audience.clone(),
        published: Some(now),
        ..Activity::new(Verb::Update, note.attributed_to.clone(), Object::Note(Box::new(note)))
    };
    plan.send(app, conn, Sender::Account(author.id), &activity, Some(id)).await
}

/// A local status, or a boost by a local account, is about to be deleted. What still waits about it
/// is taken back first.
pub(crate) async fn deleted(app: &App, conn: &mut Conn, status: &Status) -> Result<()> {
    let Some((status, author)) = told(conn, status.id).await? else { return Ok(()) };
    deliveries::withdraw(conn, status.id).await?;
    let to = Recipients { around: around(&status), ..recipients(conn, &status).await? };
    let Some(plan) = plan(app, conn, to).await? else { return Ok(()) };
    let activity = if status.boost_of.is_some() {
        match represent::origin(app, conn, status.id).await {
            Ok(announce) => undo(announce)?,
            // What it boosts is gone, so nobody shows it.
            Err(AppError::NotFound) => return Ok(()),
            Err(error) => return Err(error),
        }
    } else {
        let id = uri(&app.urls.status_uri(&status, &author))?;
        let audience = farewell_audience(app, conn, &status, &author).await?;
        let gone = Object::Tombstone(id.clone());
        Activity {
            id: Some(uri(&format!("{id}#delete"))?),
            audience,
            ..Activity::new(Verb::Delete, actor(app, &author)?, gone)
        }
    };
    plan.send(app, conn, Sender::Account(author.id), &activity, Some(status.id)).await
}

/// Most boosts that are taken back when their original goes.
const BOOSTS: i64 = 1_000;

/// A status is about to go, and the boosts of it by accounts here with it. Their followers elsewhere
/// may have it from the boost alone, and its own deletion does not reach them.
pub(crate) async fn boosts_ended(app: &App, conn: &mut Conn, original: &Status) -> Result<()> {
    if original.boost_of.is_some() {
        return Ok(());
    }
    for boost in statuses::local_boosts(conn, original.id, BOOSTS).await? {
        if let Some(boost) = statuses::by_id(conn, boost).await? {
            deleted(app, conn, &boost).await?;
        }
    }
    Ok(())
}

async fn farewell_audience(
    app: &App,
    conn: &mut Conn,
    status: &Status,
    author: &Account,
) -> Result<Audience> {
    if status.visibility.is_open() {
        return Ok(Audience { to: vec![PUBLIC.to_owned()], cc: Vec::new() });
    }
    let mentioned = statuses::mentioned(conn, status.id).await?;
    let mentioned = accounts::by_ids(conn, &mentioned).await?;
    let named = mentioned.iter().map(|account| app.urls.actor(account)).collect();
    Ok(represent::audience(&app.urls, author, status.visibility, named))
}

/// The status with its author, if that is a local account that may speak, and others may hear it.
async fn told(conn: &mut Conn, id: StatusId) -> Result<Option<(Status, Account)>> {
    let Some(status) = statuses::by_id(conn, id).await? else { return Ok(None) };
    if status.local_only {
        return Ok(None);
    }
    let author = accounts::by_id(conn, status.account_id).await?;
    let author = author.filter(|author| author.is_local() && author.suspended_at.is_none());
    Ok(author.map(|author| (status, author)))
}

/// Whom a status is for, elsewhere.
async fn recipients(conn: &mut Conn, status: &Status) -> Result<Recipients> {
    let mut shared = statuses::mentioned(conn, status.id).await?;
    if status.visibility.is_open() {
        // Of others, who is answered may not see it unless named.
        shared.extend(status.in_reply_to_account);
    }
    if let Some(original) = status.boost_of
        && let Some(original) = statuses::by_id(conn, original).await?
    {
        shared.push(original.account_id);
    }
    let followers_of = (status.visibility != Visibility::Direct).then_some(status.account_id);
    Ok(Recipients { shared, followers_of, ..Recipients::default() })
}

fn around(status: &Status) -> Option<StatusId> {
    status.visibility.is_open().then_some(status.id)
}

/// A local account has favourited a status.
pub(crate) async fn favourited(
    app: &App,
    conn: &mut Conn,
    me: &Account,
    status: &Status,
) -> Result<()> {
    match like(app, conn, me, status).await? {
        Some(like) => to_author(app, conn, me, &like, status.account_id).await,
        None => Ok(()),
    }
}

/// A local account is about to take a favourite back.
pub(crate) async fn unfavourited(
    app: &App,
    conn: &mut Conn,
    me: &Account,
    status: &Status,
) -> Result<()> {
    match like(app, conn, me, status).await? {
        Some(like) => to_author(app, conn, me, &undo(like)?, status.account_id).await,
        None => Ok(()),
    }
}

async fn like(
    app: &App,
    conn: &mut Conn,
    me: &Account,
    status: &Status,
) -> Result<Option<Activity>> {
    let Some(author) = remote_author(conn, status.account_id).await? else { return Ok(None) };
    let Some(row) = relation_uris::favourite(conn, me.id, status.id).await? else {
        return Ok(None);
    };
    let object = uri(&app.urls.status_uri(status, &author))?;
    let like = Activity::new(Verb::Like, actor(app, me)?, Object::Link(object));
    let id = own_id(app, me, &format!("likes/{row}"))?;
    Ok(Some(addressed(like, id, &actor(app, &author)?)))
}

async fn remote_author(conn: &mut Conn, id: AccountId) -> Result<Option<Account>> {
    Ok(accounts::by_id(conn, id).await?.filter(|account| !account.is_local()))
}

async fn to_author(
    app: &App,
    conn: &mut Conn,
    me: &Account,
    activity: &Activity,
    author: AccountId,
) -> Result<()> {
    let to = Recipients { personal: vec![author], ..Recipients::default() };
    send(app, conn, Sender::Account(me.id), activity, to, None).await
}

/// A local account has pinned a status of its own.
pub(crate) async fn pinned(
    app: &App,
    conn: &mut Conn,
    me: &Account,
    status: &Status,
) -> Result<()> {
    featured(app, conn, me, status, Verb::Add).await
}

/// A local account no longer pins a status.
pub(crate) async fn unpinned(
    app: &App,
    conn: &mut Conn,
    me: &Account,
    status: &Status,
) -> Result<()> {
    featured(app, conn, me, status, Verb::Remove).await
}

async fn featured(
    app: &App,
    conn: &mut Conn,
    me: &Account,
    status: &Status,
    verb: Verb,
) -> Result<()> {
    if status.local_only {
        return Ok(());
    }
    let to = Recipients { followers_of: Some(me.id), ..Recipients::default() };
    let Some(plan) = plan(app, conn, to).await? else { return Ok(()) };
    let (kind, row) = (if verb == Verb::Add { "add" } else { "remove" }, app.ids.next::<RowId>());
    let note = uri(&app.urls.status_uri(status, me))?;
    let me_id = actor(app, me)?;
    let activity = Activity {
        id: Some(own_id(app, me, &format!("pins/{row}/{kind}"))?),
        target: Some(uri(&format!("{me_id}/collections/featured"))?),
        audience: represent::audience(&app.urls, me, status.visibility, Vec::new()),
        ..Activity::new(verb, me_id, Object::Link(note))
    };
    plan.send(app, conn, Sender::Account(me.id), &activity, None).await
}

/// A local account has voted in a poll of a remote one: a note for each choice, to its author only.
pub(crate) async fn voted(
    app: &App,
    conn: &mut Conn,
    me: &Account,
    poll: &Poll,
    chosen: &[i64],
) -> Result<()> {
    let Some(author) = remote_author(conn, poll.account_id).await? else { return Ok(()) };
    let Some(status) = statuses::by_id(conn, poll.status_id).await? else { return Ok(()) };
    let (me_id, author_id) = (actor(app, me)?, actor(app, &author)?);
    let question = uri(&app.urls.status_uri(&status, &author))?;
    for choice in chosen {
        let option = usize::try_from(*choice).ok().and_then(|at| poll.options.get(at));
        let Some(option) = option else { continue };
        let id = own_id(app, me, &format!("votes/{}/{choice}", poll.id))?;
        let audience = Audience { to: vec![author_id.to_string()], cc: Vec::new() };
        let note = Note {
            name: Some(option.title.clone()),
            in_reply_to: Some(question.clone()),
            published: Some(app.now()),
            audience: audience.clone(),
            ..Note::new(id.clone(), me_id.clone())
        };
        let activity = Activity {
            id: Some(uri(&format!("{id}/activity"))?),
            audience,
            ..Activity::new(Verb::Create, me_id.clone(), Object::Note(Box::new(note)))
        };
        to_author(app, conn, me, &activity, poll.account_id).await?;
    }
    Ok(())
}

/// A local status quotes one of a remote account: its author is asked, and until then the quote is
/// not shown (FEP-044f). Called after the status stands, before it is told of.
pub(crate) async fn quote_requested(
    app: &App,
    conn: &mut Conn,
    me: &Account,
    status: StatusId,
    quoted: &Status,
) -> Result<()> {
    let Some(author) = remote_author(conn, quoted.account_id).await? else { return Ok(()) };
    let quoted_uri = uri(&app.urls.status_uri(quoted, &author))?;
    let request: Uri = own_id(app, me, &format!("quote_requests/{status}"))?;
    let quote = Quote {
        status,
        quoted_uri: quoted_uri.to_string(),
        quoted: Some(quoted.id),
        state: State::Pending,
        stamp: None,
        request: Some(request.to_string()),
        created_at: app.now(),
    };
    quotes::put(conn, &quote).await?;
    let note = represent::note(app, conn, status).await?;
    let activity = Activity {
        instrument: Some(Object::Note(Box::new(note))),
        ..Activity::new(Verb::QuoteRequest, actor(app, me)?, Object::Link(quoted_uri))
    };
    let activity = addressed(activity, request, &actor(app, &author)?);
    to_author(app, conn, me, &activity, quoted.account_id).await
}

/// A local account has taken back that somebody quotes it: to them, and to whom both may be shown.
pub(crate) async fn quote_revoked(
    app: &App,
    conn: &mut Conn,
    me: &Account,
    quoting_author: AccountId,
    stamp: &str,
) -> Result<()> {
    let to = Recipients {
        personal: vec![quoting_author],
        followers_of: Some(me.id),
        ..Recipients::default()
    };
    let stamp = uri(stamp)?;
    let activity = Activity {
        id: Some(uri(&format!("{stamp}#delete"))?),
        audience: Audience { to: vec![PUBLIC.to_owned()], cc: Vec::new() },
        ..Activity::new(Verb::Delete, actor(app, me)?, Object::Link(stamp))
    };
    send(app, conn, Sender::Account(me.id), &activity, to, None).await
}
