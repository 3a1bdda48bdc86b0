//! Does what was received, when its turn comes. What is refused now is dropped: its sender was
//! thanked already. What may work later is tried again.

use std::sync::Arc;

use activitypub::{Activity, Object, Verb, parse};
use domain::AccountId;
use domain::account::Account;
use store::received;

use super::{
    Received, accept, announce, block, collection, create, delete, flag, follow, forward, like,
    moved, quote_request, undo, update,
};
use crate::jobs::Job;
use crate::remote::{self, BUDGET, Budget, Freshness, account, policy};
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
    Ok(())
}

async fn run(app: &Arc<App>, job: &Received) -> Result<()> {
    let activity = Arc::new(
        parse::activity(job.body.as_bytes())
            .map_err(|error| AppError::BadRequest(error.to_string()))?,
    );
    let Some(before) = look(app, job, &activity).await? else { return Ok(()) };
    let mut budget = Budget::new(BUDGET);
    if job.is_forwarded {
        return forwarded(app, &activity, &mut budget).await;
    }
    let Some(actor) = before.actor else { return Ok(()) };
    if let Some(author) = before.answered {
        forward::to_followers(app, job, author).await?;
    }
    if before.is_old && activity.verb == Verb::Create {
        let host = Some(activity.actor.host());
        remote::queue(app, Job::RefreshAccount { account: actor.id, host }).await?;
    }
    dispatch(app, Arc::unwrap_or_clone(activity), &actor, &mut budget).await
}

/// What is known here before an activity is done.
struct Look {
    /// Its actor, whose signature was checked at the door.
    actor: Option<Account>,
    /// The actor should be asked for again.
    is_old: bool,
    /// Who is answered by it, see [`forward`].
    answered: Option<AccountId>,
}

/// Looks everything up that must be known, in one go; nothing when the activity was done before. By
/// now its actor may be gone or suspended (F13).
async fn look(app: &Arc<App>, job: &Received, activity: &Arc<Activity>) -> Result<Option<Look>> {
    let (context, activity) = (app.clone(), activity.clone());
    let (hash, is_forwarded) = (job.hash.clone(), job.is_forwarded);
    app.read(move |conn| {
        Box::pin(async move {
            let app = context.as_ref();
            if received::is_known(conn, &hash).await? {
                return Ok(None);
            }
            let nobody = Look { actor: None, is_old: false, answered: None };
            if is_forwarded {
                return Ok(Some(nobody));
            }
            let known = remote::known_in(conn, activity.actor.as_str(), app.now()).await?;
            let Some((actor, is_old)) = known else { return Ok(Some(nobody)) };
            policy::check_account(app, conn, &actor).await?;
            let answered = forward::answered_author(app, conn, &activity).await?;
            Ok(Some(Look { actor: Some(actor), is_old, answered }))
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
