//! Undo: takes back a follow, a favourite, a boost, a block or a yes of the same actor. The activity
//! comes inline or by its id.

use std::sync::Arc;

use activitypub::{Activity, Object, Uri, Verb};
use domain::account::Account;
use domain::event::Event;
use store::{Conn, activity_ids, relations, statuses, tombstones};

use super::{announce, like};
use crate::relations::end;
use crate::remote::local;
use crate::{App, AppError, Result};

pub(super) async fn run(app: &Arc<App>, activity: Activity, actor: &Account) -> Result<()> {
    if let Object::Activity(inner) = &activity.object
        && inner.actor != activity.actor
    {
        return Err(AppError::Forbidden("It is somebody else's".into()));
    }
    let (context, actor) = (app.clone(), actor.clone());
    let events = app
        .write(move |conn| {
            Box::pin(async move {
                match &activity.object {
                    Object::Activity(inner) => inline(&context, conn, inner, &actor).await,
                    Object::Link(id) => by_id(&context, conn, id, &actor).await,
                    _ => Ok(Vec::new()),
                }
            })
        })
        .await?;
    app.publish(events).await;
    Ok(())
}

async fn inline(
    app: &App,
    conn: &mut Conn,
    inner: &Activity,
    actor: &Account,
) -> Result<Vec<Event>> {
    let object = inner.object.id();
    match inner.verb {
        Verb::Follow => {
            if let Some(id) = object
                && let Some(target) = local::local_account(app, conn, id.as_str()).await?
            {
                end(conn, actor.id, target.id).await?;
            }
        }
        Verb::Block => {
            if let Some(id) = object
                && let Some(target) = local::local_account(app, conn, id.as_str()).await?
            {
                relations::unblock(conn, actor.id, target.id).await?;
            }
        }
        Verb::Like | Verb::EmojiReact => {
            like::undo(app, conn, actor, (inner.id.as_ref(), object)).await?;
        }
        Verb::Announce => return unboost(app, conn, inner, actor).await,
        Verb::Accept => {
            // The follow it allowed ends.
            if let Object::Activity(asked) = &inner.object
                && asked.verb == Verb::Follow
                && let Some(who) = local::local_account(app, conn, asked.actor.as_str()).await?
            {
                end(conn, who.id, actor.id).await?;
            }
        }
        _ => {}
    }
    Ok(Vec::new())
}

async fn unboost(
    app: &App,
    conn: &mut Conn,
    inner: &Activity,
    actor: &Account,
) -> Result<Vec<Event>> {
    if let Some(id) = inner.id.as_ref().filter(|id| id.same_origin(&inner.actor)) {
        // An Announce that comes late stays away.
        tombstones::put(conn, id.as_str(), app.now()).await?;
        if let Some(boost) = statuses::remote::by_uri(conn, id.as_str()).await? {
            return announce::undo(conn, actor, &boost).await;
        }
    }
    let Some(id) = inner.object.id() else { return Ok(Vec::new()) };
    let Some(original) = local::status_at(app, conn, id.as_str()).await? else {
        return Ok(Vec::new());
    };
    match statuses::boost_by(conn, actor.id, original.id).await? {
        Some(boost) => match statuses::by_id(conn, boost).await? {
            Some(boost) => announce::undo(conn, actor, &boost).await,
            None => Ok(Vec::new()),
        },
        None => Ok(Vec::new()),
    }
}

async fn by_id(app: &App, conn: &mut Conn, id: &Uri, actor: &Account) -> Result<Vec<Event>> {
    if let Some(whom) = activity_ids::followed(conn, actor.id, id.as_str()).await? {
        end(conn, actor.id, whom).await?;
    } else if let Some(whom) = activity_ids::blocked(conn, actor.id, id.as_str()).await? {
        relations::unblock(conn, actor.id, whom).await?;
    } else if let Some(boost) = statuses::remote::by_uri(conn, id.as_str()).await? {
        return announce::undo(conn, actor, &boost).await;
    } else {
        like::undo(app, conn, actor, (Some(id), None)).await?;
    }
    Ok(Vec::new())
}
