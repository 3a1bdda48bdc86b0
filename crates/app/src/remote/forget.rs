//! What is gone at its origin is gone here: text, history, media; a tombstone keeps it from coming
//! back (F16).

use std::sync::Arc;

use activitypub::Uri;
use domain::account::Account;
use domain::event::Event;
use domain::status::Status;
use domain::{AccountId, StatusId};
use store::{Conn, accounts, remote_accounts, statuses, tombstones};

use crate::jobs::{self, Job};
use crate::uploads::{self, Release};
use crate::{App, AppError, Result, delivery};

/// Statuses removed in one transaction.
const AT_ONCE: i64 = 100;

/// Removes a remote status.
pub(crate) async fn status(app: &App, conn: &mut Conn, status: &Status) -> Result<Vec<Event>> {
    if let Some(uri) = &status.uri {
        tombstones::put(conn, uri, app.now()).await?;
    }
    delivery::boosts_ended(app, conn, status).await?;
    uploads::release(app, conn, status.id, Release::ForGood).await?;
    crate::statuses::remove(conn, status).await
}

/// Removes the remote status with this id, which its origin says is gone.
pub(crate) async fn status_at(app: &Arc<App>, id: &Uri) -> Result<()> {
    remove_at(app, id, false).await
}

/// The same if everybody may see it. Others are hidden at their origin from whoever may not, this
/// server's own actor too, so that not finding them is no word of their author (F02).
pub(crate) async fn open_status_at(app: &Arc<App>, id: &Uri) -> Result<()> {
    remove_at(app, id, true).await
}

async fn remove_at(app: &Arc<App>, id: &Uri, only_open: bool) -> Result<()> {
    let (context, uri) = (app.clone(), id.as_str().to_owned());
    let events = app
        .write(move |conn| {
            Box::pin(async move {
                let found = statuses::remote::by_uri(conn, &uri).await?;
                match found {
                    Some(found) if !only_open || found.visibility.is_open() => {
                        status(&context, conn, &found).await
                    }
                    _ => Ok(Vec::new()),
                }
            })
        })
        .await?;
    app.publish(events).await;
    Ok(())
}

/// Removes the remote account with this id, which its origin says is gone.
pub(crate) async fn account_at(app: &Arc<App>, id: &Uri) -> Result<()> {
    let (context, uri) = (app.clone(), id.as_str().to_owned());
    app.write(move |conn| {
        Box::pin(async move {
            match accounts::by_uri(conn, &uri).await? {
                Some(found) => account(&context, conn, &found).await,
                None => Ok(()),
            }
        })
    })
    .await
}

/// Hides a remote account at once and queues the removal of all that is its.
pub(crate) async fn account(app: &App, conn: &mut Conn, account: &Account) -> Result<()> {
    if account.is_local() {
        return Ok(());
    }
    if let Some(uri) = &account.uri {
        tombstones::put(conn, uri, app.now()).await?;
    }
    accounts::set_suspended(conn, account.id, Some(app.now())).await?;
    jobs::enqueue(app, conn, &Job::ForgetAccount { account: account.id }, app.now()).await
}

/// Removes a remote account in the caller's transaction: its handle is somebody else's now.
pub(super) async fn account_now(app: &App, conn: &mut Conn, account: &Account) -> Result<()> {
    let media = store::media::of_account(conn, account.id).await?;
    let files = media.iter().flat_map(uploads::keys_of).collect();
    uploads::remove_later(app, conn, files).await?;
    end_follows(conn, account.id).await?;
    accounts::delete(conn, account.id).await?;
    Ok(())
}

/// Runs the job: some statuses at a time, the account itself last.
pub(crate) async fn run(app: &Arc<App>, id: AccountId) -> Result<()> {
    loop {
        let context = app.clone();
        let (is_done, events) = app
            .write(move |conn| {
                Box::pin(async move {
                    let app = context.as_ref();
                    let Some(account) = accounts::by_id(conn, id).await? else {
                        return Ok::<_, AppError>((true, Vec::new()));
                    };
                    if account.is_local() || account.suspended_at.is_none() {
                        return Ok((true, Vec::new()));
                    }
                    let batch =
                        statuses::remote::of_account(conn, id, StatusId(0), AT_ONCE).await?;
                    if batch.is_empty() {
                        account_now(app, conn, &account).await?;
                        return Ok((true, Vec::new()));
                    }
                    let mut events = Vec::new();
                    for status_id in batch {
                        if let Some(found) = statuses::by_id(conn, status_id).await? {
                            events.extend(status(app, conn, &found).await?);
                        }
                    }
                    Ok((false, events))
                })
            })
            .await?;
        app.publish(events).await;
        if is_done {
            return Ok(());
        }
    }
}

/// Takes an account out of the counters of those it follows and who follow it.
async fn end_follows(conn: &mut Conn, id: AccountId) -> Result<()> {
    remote_accounts::uncount(conn, id).await?;
    Ok(())
}
