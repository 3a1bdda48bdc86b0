//! A profile asked for anew: what it says, its numbers, its pinned statuses.

use std::sync::Arc;

use activitypub::{Object, Uri};
use domain::account::Account;
use domain::{AccountId, StatusId};
use store::remote_accounts::{self, RemoteAccount};
use store::{accounts, statuses};

use super::{Budget, Freshness, account, collection};
use crate::{App, AppError, Result};

/// Requests for one profile.
const BUDGET: u32 = 40;
/// Most pinned statuses that are kept.
const PINS: usize = 10;

/// Runs the job.
pub(crate) async fn run(app: &Arc<App>, id: AccountId) -> Result<()> {
    let mut budget = Budget::new(BUDGET);
    let Some((uri, _)) = place(app, id).await? else { return Ok(()) };
    let account = match account(app, &uri, Freshness::Now, &mut budget).await {
        Ok(account) => account,
        // Gone, refused or resting: nothing to do, or not now.
        Err(AppError::NotFound | AppError::Forbidden(_) | AppError::Busy(_)) => return Ok(()),
        Err(error) => return Err(error),
    };
    numbers(app, &account, &mut budget).await?;
    pins(app, &account, &mut budget).await
}

/// Where an account is, and its remote side; none for a local or an unknown one.
pub(super) async fn place(app: &App, id: AccountId) -> Result<Option<(Uri, RemoteAccount)>> {
    app.read(move |conn| {
        Box::pin(async move {
            let account = accounts::by_id(conn, id).await?;
            let uri = account.and_then(|account| account.uri).as_deref().and_then(Uri::parse);
            let remote = remote_accounts::by_account(conn, id).await?;
            Ok(uri.zip(remote))
        })
    })
    .await
}

async fn numbers(app: &Arc<App>, account: &Account, budget: &mut Budget) -> Result<()> {
    let Some((_, remote)) = place(app, account.id).await? else { return Ok(()) };
    let mut totals = [None; 3];
    let places = [&remote.followers_uri, &remote.following_uri, &remote.outbox];
    for (total, place) in totals.iter_mut().zip(places) {
        if let Some(place) = place {
            *total = match collection::total(app, place, budget).await {
                Err(AppError::Busy(_)) => None,
                other => other?,
            };
        }
    }
    let id = account.id;
    app.write(move |conn| {
        Box::pin(async move { Ok(remote_accounts::set_counters(conn, id, totals).await?) })
    })
    .await
}

/// Takes over the pinned statuses of an account.
pub(super) async fn pins(app: &Arc<App>, account: &Account, budget: &mut Budget) -> Result<()> {
    let Some((uri, remote)) = place(app, account.id).await? else { return Ok(()) };
    let Some(featured) = remote.featured_uri.as_deref().and_then(Uri::parse) else {
        return Ok(());
    };
    let items = match collection::items(app, &featured, PINS, budget).await {
        Err(AppError::Busy(_)) => return Ok(()),
        other => other?,
    };
    let mut pinned: Vec<StatusId> = Vec::new();
    for item in items {
        let Some(id) = item.id().filter(|id| id.same_origin(&uri)).cloned() else { continue };
        let found = match item {
            Object::Note(note) if note.attributed_to == uri => {
                match super::note::known(app, &id).await? {
                    Some(known) => Ok(known),
                    None => super::take(app, note, super::Arrival::Fetched, budget).await,
                }
            }
            _ => super::status(app, &id, budget).await,
        };
        match found {
            Ok(status) => pinned.push(status),
            Err(error @ (AppError::Store(_) | AppError::Internal(_))) => return Err(error),
            Err(_) => {}
        }
    }
    set_pins(app, account.id, pinned).await
}

async fn set_pins(app: &Arc<App>, account: AccountId, wanted: Vec<StatusId>) -> Result<()> {
    let context = app.clone();
    app.write(move |conn| {
        Box::pin(async move {
            for old in statuses::pinned(conn, account, None).await? {
                if !wanted.contains(&old) {
                    statuses::unpin(conn, account, old).await?;
                }
            }
            // The first of the collection is shown first: the newest pin is.
            for status in wanted.iter().rev() {
                let own = statuses::by_id(conn, *status)
                    .await?
                    .is_some_and(|status| status.account_id == account);
                if own {
                    statuses::pin(conn, context.ids.next(), account, *status).await?;
                }
            }
            Ok(())
        })
    })
    .await
}
