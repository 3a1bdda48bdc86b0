//! Follow: at once, or a request where somebody here decides; no where they have decided already.

use std::sync::Arc;

use activitypub::{Activity, Uri};
use domain::account::Account;
use domain::event::Event;
use domain::notification::NotificationKind;
use store::relations::{FollowOptions, relations};
use store::{Conn, activity_ids, remote_accounts};

use crate::delivery;
use crate::notifications::{Cause, notify};
use crate::relations::establish;
use crate::remote::local;
use crate::{App, Result};

pub(super) async fn run(app: &Arc<App>, activity: Activity, actor: &Account) -> Result<()> {
    let (context, actor) = (app.clone(), actor.clone());
    let events = app
        .write(move |conn| Box::pin(async move { write(&context, conn, &activity, &actor).await }))
        .await?;
    app.publish(events).await;
    Ok(())
}

async fn write(
    app: &App,
    conn: &mut Conn,
    activity: &Activity,
    actor: &Account,
) -> Result<Vec<Event>> {
    let Some(id) = activity.object.id() else { return Ok(Vec::new()) };
    let Some(target) = local::local_account(app, conn, id.as_str()).await? else {
        return Ok(Vec::new());
    };
    let found = relations(conn, target.id, &[actor.id], app.now()).await?;
    let Some((_, relation)) = found.into_iter().next() else { return Ok(Vec::new()) };
    let uri = activity.id.as_ref().map(Uri::as_str);
    let has_moved = target.moved_to.is_some();
    if relation.blocking || relation.domain_blocking || has_moved {
        delivery::rejected(app, conn, &target, actor, uri).await?;
        return Ok(Vec::new());
    }
    if relation.followed_by {
        // The other side has forgotten, or has not heard the first answer.
        remember(conn, actor, &target, uri).await?;
        delivery::accepted(app, conn, &target, actor, uri).await?;
        return Ok(Vec::new());
    }
    let needs_approval = target.locked || actor.silenced_at.is_some();
    let options = FollowOptions::default();
    let kind = if needs_approval {
        let pair = (actor.id, target.id);
        store::relations::request(conn, app.ids.next(), pair, &options, app.now()).await?;
        NotificationKind::FollowRequest
    } else {
        establish(app, conn, actor.id, target.id, &options).await?;
        delivery::accepted(app, conn, &target, actor, uri).await?;
        NotificationKind::Follow
    };
    remember(conn, actor, &target, uri).await?;
    let cause = Cause { to: target.id, from: actor.id, kind, status: None, report: None };
    notify(app, conn, cause).await
}

async fn remember(conn: &mut Conn, who: &Account, whom: &Account, uri: Option<&str>) -> Result<()> {
    match uri {
        Some(uri) => Ok(activity_ids::set_follow(conn, who.id, whom.id, uri).await?),
        None => Ok(()),
    }
}

/// Whether a remote account's older posts are worth asking for: its first follower here has come.
pub(super) async fn is_first(conn: &mut Conn, account: domain::AccountId) -> Result<bool> {
    Ok(remote_accounts::by_account(conn, account)
        .await?
        .is_some_and(|remote| remote.backfilled_at.is_none()))
}
