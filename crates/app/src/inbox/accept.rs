//! Accept and Reject of what somebody here has asked for: a follow exists only by the yes of the
//! followed to a request that waits (F14); a no takes even a follow away.

use std::sync::Arc;

use activitypub::{Activity, Object, Uri, Verb};
use domain::account::Account;
use domain::{AccountId, StatusId};
use store::quotes::{self, State};
use store::{Conn, activity_ids, relations, statuses};

use super::follow::is_first;
use crate::delivery;
use crate::jobs::{self, Job};
use crate::relations::{end, establish};
use crate::remote::{Budget, local, quote_is_stamped, set_quote_state};
use crate::{App, AppError, Result};

pub(super) async fn run(
    app: &Arc<App>,
    activity: Activity,
    actor: &Account,
    is_yes: bool,
    budget: &mut Budget,
) -> Result<()> {
    if let Object::Activity(asked) = &activity.object
        && asked.verb == Verb::QuoteRequest
    {
        return quote(app, &activity, asked, actor, is_yes, budget).await;
    }
    let (context, actor) = (app.clone(), actor.clone());
    app.write(move |conn| {
        Box::pin(async move {
            let app = context.as_ref();
            let Some(who) = follower(app, conn, &activity.object, &actor).await? else {
                return Ok(());
            };
            if !is_yes {
                end(conn, who, actor.id).await?;
                return Ok(());
            }
            // Whoever takes the follow back later names the activity that asked for it.
            let uri = activity_ids::request(conn, who, actor.id).await?.flatten();
            let Some(options) = relations::take_request(conn, who, actor.id).await? else {
                return Ok(());
            };
            establish(app, conn, who, actor.id, &options).await?;
            if let Some(uri) = uri {
                activity_ids::set_follow(conn, who, actor.id, &uri).await?;
            }
            if is_first(conn, actor.id).await? {
                let host = actor.uri.as_deref().and_then(crate::cards::host_of);
                let job = Job::Backfill { account: actor.id, host };
                jobs::enqueue(app, conn, &job, app.now()).await?;
            }
            Ok::<_, AppError>(())
        })
    })
    .await
}

/// Who here asked to follow the actor: by the id of the Follow, or by the one that is repeated.
async fn follower(
    app: &App,
    conn: &mut Conn,
    object: &Object,
    actor: &Account,
) -> Result<Option<AccountId>> {
    if let Some(id) = object.id()
        && let Some(who) = activity_ids::follower(conn, actor.id, id.as_str()).await?
    {
        return Ok(Some(who));
    }
    let Object::Activity(asked) = object else { return Ok(None) };
    let of_actor = asked.object.id().map(Uri::as_str) == actor.uri.as_deref();
    if asked.verb != Verb::Follow || !of_actor {
        return Ok(None);
    }
    let who = local::local_account(app, conn, asked.actor.as_str()).await?;
    Ok(who.map(|account| account.id))
}

/// The answer to a quote by somebody here. A yes carries a stamp, which is looked at where it is.
async fn quote(
    app: &Arc<App>,
    activity: &Activity,
    asked: &Activity,
    actor: &Account,
    is_yes: bool,
    budget: &mut Budget,
) -> Result<()> {
    let Some(quoting) = asked.instrument.as_ref().and_then(Object::id).cloned() else {
        return Ok(());
    };
    let Some(quoted) = asked.object.id().cloned() else { return Ok(()) };
    let stamp = activity.result.clone().filter(|_| is_yes);
    if is_yes {
        let Some(stamp) = &stamp else { return Ok(()) };
        if !quote_is_stamped(app, stamp, &quoting, &quoted, actor, budget).await? {
            return Ok(());
        }
    }
    let (context, actor) = (app.clone(), actor.id);
    app.write(move |conn| {
        Box::pin(async move {
            let app = context.as_ref();
            let Some(status) = local::status_at(app, conn, quoting.as_str()).await? else {
                return Ok(());
            };
            let Some(mut quote) = quotes::of(conn, status.id).await? else { return Ok(()) };
            let of_actor = match quote.quoted {
                Some(quoted) => is_by(conn, quoted, actor).await?,
                None => false,
            };
            if status.uri.is_some() || quote.quoted_uri != quoted.as_str() || !of_actor {
                return Ok(());
            }
            let state = if is_yes { State::Accepted } else { State::Rejected };
            // A no to what was allowed before takes the permission back.
            let state = match (quote.state, state) {
                (State::Accepted | State::Revoked, State::Rejected) => State::Revoked,
                _ => state,
            };
            quote.stamp = stamp.map(|stamp| stamp.as_str().to_owned());
            set_quote_state(conn, quote, state).await?;
            // Those who have the post learn where the stamp is, or that there is none.
            delivery::edited(app, conn, status.id).await
        })
    })
    .await
}

async fn is_by(conn: &mut Conn, status: StatusId, account: AccountId) -> Result<bool> {
    Ok(statuses::by_id(conn, status).await?.is_some_and(|status| status.account_id == account))
}
