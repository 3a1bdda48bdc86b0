//! Move: an account goes elsewhere, and its followers here follow it there. Only when the other
//! account, asked for now, names the old one as its own (F15), and once in seven days.

use std::sync::Arc;

use activitypub::{Activity, Uri};
use domain::AccountId;
use domain::account::Account;
use domain::time::DAY;
use store::{accounts, relations, remote_accounts};

use crate::delivery;
use crate::jobs::{self, Job};
use crate::relations::{begin, leave};
use crate::remote::{self, Budget, Freshness, local};
use crate::{App, AppError, Result};

/// How long an account stays where it went.
const REST: i64 = 7 * DAY;
/// Followers moved in one transaction.
const AT_ONCE: i64 = 50;

pub(super) async fn run(
    app: &Arc<App>,
    activity: Activity,
    actor: &Account,
    budget: &mut Budget,
) -> Result<()> {
    let Some(target) = activity.target.clone() else { return Ok(()) };
    if activity.object.id() != Some(&activity.actor) || target == activity.actor {
        return Ok(());
    }
    if !names_back(app, &target, &activity.actor, budget).await? {
        return Ok(());
    }
    let (context, old) = (app.clone(), actor.id);
    app.write(move |conn| {
        Box::pin(async move {
            let app = context.as_ref();
            let Some(new) = local::account_at(app, conn, target.as_str()).await? else {
                return Ok(());
            };
            let last = remote_accounts::moved_at(conn, old).await?;
            if last.is_some_and(|last| app.now().since(last) < REST) || new.moved_to.is_some() {
                return Ok(());
            }
            remote_accounts::set_moved(conn, old, Some(new.id), Some(app.now())).await?;
            let job = Job::MoveFollowers { from: old, to: new.id };
            jobs::enqueue(app, conn, &job, app.now()).await
        })
    })
    .await
}

/// Whether the new account names the old one. One of this server has its aliases in the database.
async fn names_back(app: &Arc<App>, target: &Uri, old: &Uri, budget: &mut Budget) -> Result<bool> {
    if local::is_here(app, target) {
        let (context, target, old) =
            (app.clone(), target.as_str().to_owned(), old.as_str().to_owned());
        return app
            .read(move |conn| {
                Box::pin(async move {
                    match local::local_account(&context, conn, &target).await? {
                        Some(account) => {
                            Ok(remote_accounts::has_alias(conn, account.id, &old).await?)
                        }
                        None => Ok(false),
                    }
                })
            })
            .await;
    }
    let account = remote::account(app, target, Freshness::Now, budget).await?;
    let old = old.as_str().to_owned();
    app.read(move |conn| {
        Box::pin(async move {
            let remote = remote_accounts::by_account(conn, account.id).await?;
            Ok(remote.is_some_and(|remote| remote.also_known_as.contains(&old)))
        })
    })
    .await
}

/// Runs the job: each follower here asks to follow the new account, as it followed the old one.
pub(crate) async fn follow_again(app: &Arc<App>, from: AccountId, to: AccountId) -> Result<()> {
    loop {
        let context = app.clone();
        let (moved, events) = app
            .write(move |conn| {
                Box::pin(async move {
                    let app = context.as_ref();
                    let mut events = Vec::new();
                    let new = accounts::by_id(conn, to).await?;
                    let old = accounts::by_id(conn, from).await?;
                    let Some((new, old)) = new.zip(old) else {
                        return Ok::<_, AppError>((0, events));
                    };
                    let batch = remote_accounts::local_followers(conn, from, AT_ONCE).await?;
                    for follower in &batch {
                        let found =
                            relations::relations(conn, *follower, &[from, to], app.now()).await?;
                        let before = found.iter().find(|(id, _)| *id == from);
                        let options = before.and_then(|(_, relation)| relation.following.clone());
                        let is_free = found.iter().any(|(id, relation)| {
                            *id == to
                                && relation.following.is_none()
                                && relation.requested.is_none()
                                && !relation.blocking
                                && !relation.blocked_by
                                && !relation.domain_blocking
                        });
                        let Some(me) = accounts::by_id(conn, *follower).await? else { continue };
                        if is_free && *follower != to && new.suspended_at.is_none() {
                            let options = options.unwrap_or_default();
                            let needs_approval = new.locked || !new.is_local();
                            let pair = (*follower, to);
                            events.extend(begin(app, conn, pair, needs_approval, &options).await?);
                            if !new.is_local() {
                                delivery::follow_requested(app, conn, &me, &new).await?;
                            }
                        }
                        leave(app, conn, &me, &old).await?;
                    }
                    Ok((batch.len(), events))
                })
            })
            .await?;
        app.publish(events).await;
        if moved == 0 {
            return Ok(());
        }
    }
}
