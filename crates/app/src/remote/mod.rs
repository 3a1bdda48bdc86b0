//! What other servers have, fetched and kept: accounts, statuses, threads. Every request is signed
//! by the server's own actor.

mod actor;
mod attach;
mod backfill;
mod budget;
mod collection;
mod crawl;
mod edit;
mod fetch;
pub(crate) mod forget;
mod keep;
mod late;
mod let_go;
pub(crate) mod local;
mod memory;
mod note;
pub(crate) mod policy;
mod quote;
mod refresh;
pub(crate) mod signer;
mod text;
mod webfinger;

use std::sync::Arc;

use activitypub::Uri;
use domain::account::Account;
use domain::time::DAY;
use domain::{AccountId, StatusId, Timestamp};
use store::{Conn, accounts, remote_accounts};

pub(crate) use actor::save_update;
pub(crate) use budget::BUDGET;
pub use budget::Budget;
pub(crate) use collection::items as collection_items;
pub(crate) use edit::update as update_note;
pub(crate) use fetch::{Found, document, object};
pub(crate) use keep::{Arrival, concerns_somebody, free_id, language, may_boost};
pub(crate) use let_go::run as let_go_of_old;
pub use memory::Memory;
pub(crate) use note::{author_of, take, take_by};
pub(crate) use quote::{
    is_stamped as quote_is_stamped, local_quoted, set_state as set_quote_state,
};
pub(crate) use text::of_note;

use crate::jobs::{self, Job};
use crate::{App, AppError, Result};

pub(crate) use signer::{known_signer, signer};

/// How old what is known may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Whatever is known will do; asked for only when nothing is.
    Any,
    /// Asked for anew.
    Now,
}

/// The remote account with this id. One that was not asked for since yesterday is asked for again,
/// later.
///
/// # Errors
/// [`AppError::NotFound`] when there is none, [`AppError::Busy`] when its server cannot be asked,
/// [`AppError::Forbidden`] for a host that this server has nothing to do with.
pub async fn account(
    app: &Arc<App>,
    id: &Uri,
    freshness: Freshness,
    budget: &mut Budget,
) -> Result<Account> {
    if local::is_here(app, id) {
        return Err(AppError::NotFound);
    }
    if freshness == Freshness::Any
        && let Some((account, is_old)) = known(app, id).await?
    {
        if is_old {
            queue(app, Job::RefreshAccount { account: account.id, host: Some(id.host()) }).await?;
        }
        return Ok(account);
    }
    actor::fetch(app, id, budget).await
}

/// The account with this id if it is known, and whether it should be asked for again.
async fn known(app: &App, id: &Uri) -> Result<Option<(Account, bool)>> {
    let (uri, now) = (id.as_str().to_owned(), app.now());
    app.read(move |conn| Box::pin(async move { known_in(conn, &uri, now).await })).await
}

/// The same for a caller that reads already.
pub(crate) async fn known_in(
    conn: &mut Conn,
    uri: &str,
    now: Timestamp,
) -> Result<Option<(Account, bool)>> {
    let Some(account) = accounts::by_uri(conn, uri).await? else { return Ok(None) };
    let remote = remote_accounts::by_account(conn, account.id).await?;
    let is_old = remote.is_none_or(|remote| remote.fetched_at < now.plus(-DAY));
    Ok(Some((account, is_old)))
}

/// Queues a job by itself; see [`jobs::enqueue`].
pub(crate) async fn queue(app: &Arc<App>, job: Job) -> Result<()> {
    let context = app.clone();
    app.write(move |conn| {
        Box::pin(async move { jobs::enqueue(&context, conn, &job, context.now()).await })
    })
    .await
}

/// The account of a handle on another server, by WebFinger.
///
/// # Errors
/// As [`account`].
pub async fn by_handle(app: &Arc<App>, name: &str, domain: &str) -> Result<Account> {
    let domain = domain::host::normal(domain).ok_or(AppError::NotFound)?;
    if app.urls.is_here(Some(&domain)) {
        return Err(AppError::NotFound);
    }
    let (handle, at) = (name.to_owned(), domain.clone());
    let found = app
        .read(move |conn| {
            Box::pin(async move {
                Ok::<_, AppError>(accounts::by_handle(conn, &handle, Some(&at)).await?)
            })
        })
        .await?;
    if let Some(account) = found {
        return Ok(account);
    }
    let mut budget = Budget::new(10);
    let (_, actor) = webfinger::ask(app, name, &domain, &mut budget).await?;
    account(app, &actor, Freshness::Any, &mut budget).await
}

/// The status with this id, with its author and the statuses it answers.
///
/// # Errors
/// As [`account`].
pub async fn status(app: &Arc<App>, id: &Uri, budget: &mut Budget) -> Result<StatusId> {
    if let Some(status) = note::known(app, id).await? {
        return Ok(status);
    }
    let note = note::fetch(app, id, budget).await?;
    take(app, note, Arrival::Fetched, budget).await
}

/// What an address that somebody typed leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// An account.
    Account(AccountId),
    /// A status.
    Status(StatusId),
}

/// What is known here of an address of another server.
///
/// # Errors
/// [`AppError::Store`].
pub async fn known_place(app: &Arc<App>, address: &Uri) -> Result<Option<Place>> {
    if let Some(status) = note::known(app, address).await? {
        return Ok(Some(Place::Status(status)));
    }
    Ok(known(app, address).await?.map(|(account, _)| Place::Account(account.id)))
}

/// Whatever is at an address of another server.
///
/// # Errors
/// As [`account`].
pub async fn place(app: &Arc<App>, address: &Uri) -> Result<Place> {
    let mut budget = Budget::new(BUDGET);
    if let Some(place) = known_place(app, address).await? {
        return Ok(place);
    }
    let Found::There(found) = object(app, address, &mut budget).await? else {
        return Err(AppError::NotFound);
    };
    match found {
        activitypub::Object::Actor(found) => {
            Ok(Place::Account(account(app, &found.id, Freshness::Any, &mut budget).await?.id))
        }
        activitypub::Object::Note(note) => match note::known(app, &note.id).await? {
            Some(status) => Ok(Place::Status(status)),
            None => Ok(Place::Status(take(app, note, Arrival::Fetched, &mut budget).await?)),
        },
        _ => Err(AppError::NotFound),
    }
}

pub(crate) use backfill::run as run_backfill;
pub use crawl::Step;
pub(crate) use crawl::{due as crawl_due, run as run_crawl};
pub(crate) use forget::run as run_forget;
pub(crate) use note::fetch_many as run_fetch_statuses;
pub(crate) use refresh::run as run_refresh;
