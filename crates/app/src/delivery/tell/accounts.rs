//! Accounts as such: a changed profile, a move, an end, a report.

use std::sync::Arc;

use activitypub::{Activity, Actor, Audience, Object, PUBLIC, Verb};
use domain::account::Account;
use domain::{AccountId, StatusId};
use store::actor_keys::LocalKey;
use store::outgoing::LastKey;
use store::{Conn, accounts, actor_keys, outgoing, statuses};

use super::{actor, own_id};
use crate::delivery::{Recipients, Sender, farewell, plan, send};
use crate::jobs::{self, Job};
use crate::represent::{self, uri};
use crate::{App, AppError, Result};

/// Tells the followers how a local account looks now: a job, so that several edits are one.
pub(crate) async fn profile_changed(app: &Arc<App>, id: AccountId) -> Result<()> {
    let found = app
        .read(move |conn| {
            Box::pin(async move { Ok::<_, AppError>(accounts::by_id(conn, id).await?) })
        })
        .await?;
    let Some(account) = found.filter(Account::is_local) else { return Ok(()) };
    let described = represent::actor(app, &account).await?;
    let context = app.clone();
    app.write(move |conn| {
        Box::pin(async move {
            let app = context.as_ref();
            let job = Job::TellProfile { account: id };
            // Whatever changes from here on is told of by another job.
            job.cancel(conn).await?;
            if accounts::by_id(conn, id).await?.is_some_and(|now| now != account) {
                return jobs::enqueue(app, conn, &job, app.now()).await;
            }
            let activity = update(app, &account, described)?;
            let to = Recipients { followers_of: Some(id), ..Recipients::default() };
            send(app, conn, Sender::Account(id), &activity, to, None).await
        })
    })
    .await
}

fn update(app: &App, account: &Account, described: Actor) -> Result<Activity> {
    Ok(Activity {
        id: Some(own_id(app, account, &format!("updates/{}", app.now()))?),
        audience: Audience { to: vec![PUBLIC.to_owned()], cc: Vec::new() },
        ..Activity::new(Verb::Update, described.id.clone(), Object::Actor(Box::new(described)))
    })
}

/// A local account has another key. Who knows the old one believes only what that one signs: it goes
/// with the activity.
pub(crate) async fn key_changed(
    app: &App,
    conn: &mut Conn,
    account: &Account,
    described: Actor,
    old: LocalKey,
) -> Result<()> {
    let to = Recipients { followers_of: Some(account.id), ..Recipients::default() };
    let Some(plan) = plan(app, conn, to).await? else { return Ok(()) };
    let activity = update(app, account, described)?;
    let key = LastKey { key_id: old.key_id, private: old.private };
    farewell(app, conn, plan, &activity, key).await
}

/// A local account is about to be deleted with all that it said. Its key signs once more after it is
/// gone: the key goes with the activity (decision 0005).
pub(crate) async fn deleted_account(app: &App, conn: &mut Conn, account: &Account) -> Result<()> {
    if !account.is_local() {
        return Ok(());
    }
    outgoing::withdraw(conn, account.id).await?;
    // Without a key it never said anything.
    let Some(key) = actor_keys::local(conn, account.id).await? else { return Ok(()) };
    let to = Recipients { followers_of: Some(account.id), ..Recipients::default() };
    let Some(plan) = plan(app, conn, to).await? else { return Ok(()) };
    let id = actor(app, account)?;
    let activity = Activity {
        id: Some(uri(&format!("{id}#delete"))?),
        audience: Audience { to: vec![PUBLIC.to_owned()], cc: Vec::new() },
        ..Activity::new(Verb::Delete, id.clone(), Object::Link(id))
    };
    let key = LastKey { key_id: key.key_id, private: key.private };
    farewell(app, conn, plan, &activity, key).await
}

/// A local account has moved.
pub(crate) async fn moved(
    app: &App,
    conn: &mut Conn,
    account: &Account,
    target: &Account,
) -> Result<()> {
    let id = actor(app, account)?;
    let activity = Activity {
        id: Some(own_id(app, account, &format!("moves/{}", app.now()))?),
        target: Some(actor(app, target)?),
        audience: Audience { to: vec![format!("{id}/followers")], cc: Vec::new() },
        ..Activity::new(Verb::Move, id.clone(), Object::Link(id))
    };
    let to = Recipients { followers_of: Some(account.id), ..Recipients::default() };
    send(app, conn, Sender::Account(account.id), &activity, to, None).await
}

/// A report of a remote account is passed on to its server. Who reported is not told: the server
/// itself reports.
pub(crate) async fn reported(
    app: &App,
    conn: &mut Conn,
    report: i64,
    target: &Account,
    evidence: &[StatusId],
    comment: &str,
) -> Result<()> {
    if target.is_local() {
        return Ok(());
    }
    let me = uri(&app.urls.instance_actor())?;
    let reported = actor(app, target)?;
    let mut objects = vec![reported.clone()];
    for view in statuses::hydrate(conn, evidence, None).await? {
        objects.push(uri(&app.urls.status_uri(&view.status, &view.author))?);
    }
    let activity = Activity {
        id: Some(uri(&format!("{me}#flags/{report}"))?),
        objects,
        content: Some(comment.to_owned()),
        ..Activity::new(Verb::Flag, me, Object::Link(reported))
    };
    let to = Recipients { personal: vec![target.id], ..Recipients::default() };
    send(app, conn, Sender::Instance, &activity, to, None).await
}
