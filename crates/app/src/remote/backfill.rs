//! What a newly followed account posted before: the newest of its outbox and what it has pinned,
//! without telling anybody; the feeds of its followers here get them.

use std::sync::Arc;

use activitypub::{Object, Uri, Verb};
use domain::AccountId;
use domain::time::HOUR;
use store::{accounts, home_feed, relations, remote_accounts};

use super::refresh::{pins, place};
use super::{Arrival, Budget, collection, take};
use crate::accounts::links;
use crate::{App, AppError, Result};

/// Most statuses.
const RECENT: usize = 20;
/// Requests for all of it.
const BUDGET: u32 = 60;
/// Most followers here whose feeds get them at once.
const FOLLOWERS: i64 = 1_000;

/// Runs the job.
pub(crate) async fn run(app: &Arc<App>, id: AccountId) -> Result<()> {
    let now = app.now();
    let is_due = app
        .write(move |conn| {
            Box::pin(async move {
                Ok::<_, AppError>(
                    remote_accounts::claim_backfill(conn, id, now, now.plus(-HOUR)).await?,
                )
            })
        })
        .await?;
    let Some((uri, remote)) = place(app, id).await?.filter(|_| is_due) else { return Ok(()) };
    let mut budget = Budget::new(BUDGET);
    if let Some(outbox) = remote.outbox.as_deref().and_then(Uri::parse) {
        recent(app, &uri, &outbox, &mut budget).await?;
    }
    let account = app
        .read(move |conn| {
            Box::pin(async move { Ok::<_, AppError>(accounts::by_id(conn, id).await?) })
        })
        .await?;
    if let Some(account) = account {
        pins(app, &account, &mut budget).await?;
        let context = app.clone();
        app.write(move |conn| {
            Box::pin(async move { links::queue(&context, conn, &account).await })
        })
        .await?;
    }
    merge(app, id).await
}

async fn recent(app: &Arc<App>, actor: &Uri, outbox: &Uri, budget: &mut Budget) -> Result<()> {
    let items = match collection::items(app, outbox, RECENT, budget).await {
        Err(AppError::Busy(_)) => return Ok(()),
        other => other?,
    };
    // Oldest first, so that answers find what they answer.
    for item in items.into_iter().rev() {
        let Object::Activity(activity) = item else { continue };
        if activity.verb != Verb::Create || activity.actor != *actor {
            continue;
        }
        let taken = match activity.object {
            // It stands in a document of its author's own origin.
            Object::Note(note) if note.attributed_to == *actor && note.id.same_origin(actor) => {
                take(app, note, Arrival::Fetched, budget).await
            }
            Object::Link(id) if id.same_origin(actor) => super::status(app, &id, budget).await,
            _ => continue,
        };
        if let Err(error @ (AppError::Store(_) | AppError::Internal(_))) = taken {
            return Err(error);
        }
    }
    Ok(())
}

async fn merge(app: &Arc<App>, id: AccountId) -> Result<()> {
    app.write(move |conn| {
        Box::pin(async move {
            for follower in remote_accounts::local_followers(conn, id, FOLLOWERS).await? {
                let found =
                    relations::relations(conn, follower, &[id], domain::Timestamp(0)).await?;
                let options = found.into_iter().find_map(|(_, relation)| relation.following);
                if let Some(options) = options
                    && home_feed::is_built(conn, follower).await?
                {
                    home_feed::merge_account(conn, follower, id, options.show_boosts).await?;
                }
            }
            Ok(())
        })
    })
    .await
}
