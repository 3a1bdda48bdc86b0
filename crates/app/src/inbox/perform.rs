//! Does what was received, when its turn comes. What is refused now is dropped: its sender was
//! thanked already. What may work later is tried again.

use std::sync::Arc;

use activitypub::{Activity, Object, Verb, parse};
use domain::account::Account;
use store::{received, remote_accounts};

use super::{
    Received, accept, announce, block, collection, create, delete, flag, follow, forward, like,
    moved, quote_request, undo, update,
};
use crate::remote::{BUDGET, Budget, Freshness, account, policy};
use crate::{App, AppError, Result};

/// Runs the job.
pub(crate) async fn perform(app: &Arc<App>, job: &Received) -> Result<()> {
    let outcome = run(app, job).await;
    match outcome {
        Ok(()) => {}
        Err(
            error @ (AppError::Busy(_)
            | AppError::Store(_)
            | AppError::Internal(_)
            | AppError::Conflict(_)),
        ) => return Err(error),
        Err(error) => tracing::debug!(host = %job.host, %error, "an activity was dropped"),
    }
    let (hash, now) = (job.hash.clone(), app.now());
    app.write(move |conn| {
        Box::pin(async move { Ok(received::claim(conn, &hash, now).await.map(|_| ())?) })
    })
    .await
}

async fn run(app: &Arc<App>, job: &Received) -> Result<()> {
    let hash = job.hash.clone();
    let done = app
        .read(move |conn| {
            Box::pin(async move { Ok::<_, AppError>(received::is_known(conn, &hash).await?) })
        })
        .await?;
    if done {
        return Ok(());
    }
    let activity = parse::activity(job.body.as_bytes())
        .map_err(|error| AppError::BadRequest(error.to_string()))?;
    let mut budget = Budget::new(BUDGET);
    if job.is_forwarded {
        return forwarded(app, &activity, &mut budget).await;
    }
    let Some(actor) = actor(app, &activity).await? else { return Ok(()) };
    forward::if_reply(app, &activity, job).await?;
    dispatch(app, activity, &actor, &mut budget).await
}

/// The actor, whose signature was checked at the door; by now it may be gone or suspended (F13).
async fn actor(app: &Arc<App>, activity: &Activity) -> Result<Option<Account>> {
    let (context, uri) = (app.clone(), activity.actor.as_str().to_owned());
    app.read(move |conn| {
        Box::pin(async move {
            let Some(actor) = remote_accounts::by_uri(conn, &uri).await? else { return Ok(None) };
            policy::check_account(&context, conn, &actor).await?;
            Ok(Some(actor))
        })
    })
    .await
}

async fn dispatch(
    app: &Arc<App>,
    activity: Activity,
    actor: &Account,
    budget: &mut Budget,
) -> Result<()> {
    match activity.verb {
        Verb::Create => create::run(app, activity, actor, budget).await,
        Verb::Update => update::run(app, activity, actor, budget).await,
        Verb::Delete => delete::run(app, activity, actor).await,
        Verb::Announce => announce::run(app, activity, actor, budget).await,
        Verb::Like | Verb::EmojiReact => like::run(app, activity, actor).await,
        Verb::Follow => follow::run(app, activity, actor).await,
        Verb::Accept => accept::run(app, activity, actor, true, budget).await,
        Verb::Reject => accept::run(app, activity, actor, false, budget).await,
        Verb::Undo => undo::run(app, activity, actor).await,
        Verb::Add => collection::run(app, activity, actor, true, budget).await,
        Verb::Remove => collection::run(app, activity, actor, false, budget).await,
        Verb::Block => block::run(app, activity, actor).await,
        Verb::Flag => flag::run(app, activity, actor).await,
        Verb::Move => moved::run(app, activity, actor, budget).await,
        Verb::QuoteRequest => quote_request::run(app, activity, actor, budget).await,
        Verb::Other(_) => Ok(()),
    }
}

/// Something that another server passed on: its origin is asked, and only that is believed (F10).
async fn forwarded(app: &Arc<App>, activity: &Activity, budget: &mut Budget) -> Result<()> {
    let Some(id) = activity.object.id().cloned() else { return Ok(()) };
    let author = account(app, &activity.actor, Freshness::Any, budget).await?;
    match activity.verb {
        Verb::Create | Verb::Update => {
            if let Some(note) = update::fresh(app, &id, budget).await? {
                update::apply(app, note, &author, budget).await?;
            }
            Ok(())
        }
        // A 404 or 410 removes it, anything else leaves it.
        Verb::Delete if matches!(activity.object, Object::Link(_) | Object::Tombstone(_)) => {
            update::fresh(app, &id, budget).await.map(|_| ())
        }
        _ => Ok(()),
    }
}
