//! Follows, answers to them, blocks. All go to the personal inbox of whom they concern.

use activitypub::{Activity, Object, Uri, Verb};
use domain::RowId;
use domain::account::Account;
use store::{Conn, activity_ids, relation_uris};

use super::{actor, addressed, own_id, undo};
use crate::delivery::{Recipients, Sender, send};
use crate::{App, Result};

/// A local account asks to follow a remote one. Nothing is said twice while the request waits.
pub(crate) async fn follow_requested(
    app: &App,
    conn: &mut Conn,
    me: &Account,
    target: &Account,
) -> Result<()> {
    let Some((row, None)) = relation_uris::request(conn, me.id, target.id).await? else {
        return Ok(());
    };
    let id = own_id(app, me, &format!("follows/{row}"))?;
    activity_ids::set_follow(conn, me.id, target.id, id.as_str()).await?;
    let follow = follow(app, me, target, Some(id))?;
    to_one(app, conn, me, follow, target).await
}

/// The id of the follow or request of a local account to a remote one, before it ends.
pub(crate) async fn withdrawn_follow(
    app: &App,
    conn: &mut Conn,
    me: &Account,
    target: &Account,
) -> Result<Option<Uri>> {
    if target.is_local() {
        return Ok(None);
    }
    let found = match relation_uris::follow(conn, me.id, target.id).await? {
        Some(follow) => Some(follow),
        None => relation_uris::request(conn, me.id, target.id).await?,
    };
    let Some((row, id)) = found else { return Ok(None) };
    let made = own_id(app, me, &format!("follows/{row}"))?;
    Ok(Some(id.and_then(|id| Uri::parse(&id)).unwrap_or(made)))
}

/// A local account follows a remote one no longer; `id` is what [`withdrawn_follow`] found.
pub(crate) async fn unfollowed(
    app: &App,
    conn: &mut Conn,
    me: &Account,
    target: &Account,
    id: Option<Uri>,
) -> Result<()> {
    let Some(id) = id else { return Ok(()) };
    let undo = undo(follow(app, me, target, Some(id))?)?;
    to_one(app, conn, me, undo, target).await
}

/// A local account does not follow a remote one that takes it for a follower; `row` makes the id of the follow that
/// never was.
pub(crate) async fn never_followed(
    app: &App,
    conn: &mut Conn,
    me: &Account,
    target: &Account,
    row: RowId,
) -> Result<()> {
    let id = own_id(app, me, &format!("follows/{row}"))?;
    unfollowed(app, conn, me, target, Some(id)).await
}

/// A local account lets a remote one follow; `id` is that of its Follow.
pub(crate) async fn accepted(
    app: &App,
    conn: &mut Conn,
    me: &Account,
    follower: &Account,
    id: Option<&str>,
) -> Result<()> {
    answer(app, conn, me, follower, id, Verb::Accept).await
}

/// A local account does not let a remote one follow, or no longer.
pub(crate) async fn rejected(
    app: &App,
    conn: &mut Conn,
    me: &Account,
    follower: &Account,
    id: Option<&str>,
) -> Result<()> {
    answer(app, conn, me, follower, id, Verb::Reject).await
}

async fn answer(
    app: &App,
    conn: &mut Conn,
    me: &Account,
    follower: &Account,
    follow_id: Option<&str>,
    verb: Verb,
) -> Result<()> {
    if follower.is_local() {
        return Ok(());
    }
    let kind = if verb == Verb::Accept { "accepts" } else { "rejects" };
    let row: RowId = app.ids.next();
    let id = own_id(app, me, &format!("{kind}/follows/{row}"))?;
    let follow = follow(app, follower, me, follow_id.and_then(Uri::parse))?;
    let answer = Activity::new(verb, actor(app, me)?, Object::Activity(Box::new(follow)));
    let answer = addressed(answer, id, &actor(app, follower)?);
    to_one(app, conn, me, answer, follower).await
}

/// A local account blocks a remote one.
pub(crate) async fn blocked(
    app: &App,
    conn: &mut Conn,
    me: &Account,
    target: &Account,
) -> Result<()> {
    match block(app, conn, me, target).await? {
        Some(block) => to_one(app, conn, me, block, target).await,
        None => Ok(()),
    }
}

/// A local account is about to lift its block of a remote one.
pub(crate) async fn unblocked(
    app: &App,
    conn: &mut Conn,
    me: &Account,
    target: &Account,
) -> Result<()> {
    match block(app, conn, me, target).await? {
        Some(block) => to_one(app, conn, me, undo(block)?, target).await,
        None => Ok(()),
    }
}

async fn block(
    app: &App,
    conn: &mut Conn,
    me: &Account,
    target: &Account,
) -> Result<Option<Activity>> {
    if target.is_local() {
        return Ok(None);
    }
    let Some(row) = relation_uris::block(conn, me.id, target.id).await? else { return Ok(None) };
    let blocked = actor(app, target)?;
    let block = Activity::new(Verb::Block, actor(app, me)?, Object::Link(blocked.clone()));
    Ok(Some(addressed(block, own_id(app, me, &format!("blocks/{row}"))?, &blocked)))
}

fn follow(app: &App, who: &Account, whom: &Account, id: Option<Uri>) -> Result<Activity> {
    let target = actor(app, whom)?;
    let mut follow = Activity::new(Verb::Follow, actor(app, who)?, Object::Link(target.clone()));
    follow.audience.to = vec![target.to_string()];
    follow.id = id;
    Ok(follow)
}

async fn to_one(
    app: &App,
    conn: &mut Conn,
    me: &Account,
    activity: Activity,
    target: &Account,
) -> Result<()> {
    let to = Recipients { personal: vec![target.id], ..Recipients::default() };
    send(app, conn, Sender::Account(me.id), &activity, to, None).await
}
