//! An account goes elsewhere, or has other names there. The other side must name this one back
//! before anybody believes a move, so aliases come first.

use std::sync::Arc;

use activitypub::Uri;
use domain::account::Account;
use domain::time::DAY;
use domain::{AccountId, Timestamp};
use store::{accounts, aliases, remote_accounts};

use crate::jobs::{Job, enqueue};
use crate::remote::{self, Budget, Freshness};
use crate::{App, AppError, Result, delivery};

/// Between two moves, as Mastodon has it.
const REST: i64 = 30 * DAY;
/// Most aliases that others read (Mastodon takes 256).
const ALIASES: usize = 256;

/// The other ids of a local account.
///
/// # Errors
/// [`AppError::Store`].
pub async fn other_names(app: &App, account: AccountId) -> Result<Vec<String>> {
    app.read(move |conn| Box::pin(async move { Ok(aliases::of(conn, account).await?) })).await
}

/// Says that the account of this handle is the same person; the answer is its id.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such account, [`AppError::Invalid`] for oneself and for
/// too many, [`AppError::Busy`] when its server cannot be asked.
pub async fn add_alias(app: &Arc<App>, account: &Account, handle: &str) -> Result<String> {
    let other = find(app, handle).await?;
    if other.id == account.id {
        return Err(AppError::invalid("Alias is the account itself"));
    }
    let (id, uri, context) = (account.id, app.urls.actor(&other), app.clone());
    app.write(move |conn| {
        Box::pin(async move {
            if aliases::of(conn, id).await?.len() >= ALIASES {
                return Err(AppError::invalid(format!("Only {ALIASES} aliases")));
            }
            aliases::add(conn, id, &uri).await?;
            enqueue(&context, conn, &Job::TellProfile { account: id }, context.now()).await?;
            Ok(uri)
        })
    })
    .await
}

/// Takes that back, by handle or by id. False when it was not said.
///
/// # Errors
/// As [`add_alias`].
pub async fn remove_alias(app: &Arc<App>, account: &Account, name: &str) -> Result<bool> {
    let uri = match Uri::parse(name) {
        Some(uri) => uri.to_string(),
        None => app.urls.actor(&find(app, name).await?),
    };
    let (id, context) = (account.id, app.clone());
    app.write(move |conn| {
        Box::pin(async move {
            let was_there = aliases::remove(conn, id, &uri).await?;
            if was_there {
                enqueue(&context, conn, &Job::TellProfile { account: id }, context.now()).await?;
            }
            Ok(was_there)
        })
    })
    .await
}

/// Moves a local account to the account of this handle: its followers are told to follow that one.
/// The posts stay.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such account, [`AppError::Invalid`] when that does not
/// name this one among its aliases or the last move is not long ago, [`AppError::Busy`] when its
/// server cannot be asked.
pub async fn move_to(app: &Arc<App>, account: &Account, handle: &str) -> Result<Account> {
    let target = find(app, handle).await?;
    check(app, account, &target).await?;
    let (context, old, new) = (app.clone(), account.id, target.clone());
    app.write(move |conn| {
        Box::pin(async move {
            let (app, now) = (context.as_ref(), context.now());
            let account = accounts::locked(conn, old).await?.ok_or(AppError::NotFound)?;
            check_rest(remote_accounts::moved_at(conn, old).await?, now)?;
            remote_accounts::set_moved(conn, old, Some(new.id), Some(now)).await?;
            delivery::moved(app, conn, &account, &new).await?;
            enqueue(app, conn, &Job::TellProfile { account: old }, now).await?;
            enqueue(app, conn, &Job::MoveFollowers { from: old, to: new.id }, now).await
        })
    })
    .await?;
    Ok(target)
}

/// The account of a handle, known or asked for.
async fn find(app: &Arc<App>, handle: &str) -> Result<Account> {
    let handle = handle.trim_start_matches('@');
    let (name, domain) = match handle.split_once('@') {
        Some((name, domain)) => (name.to_owned(), Some(domain.to_owned())),
        None => (handle.to_owned(), None),
    };
    match domain {
        Some(domain) if !app.urls.is_here(Some(&domain)) => {
            remote::by_handle(app, &name, &domain).await
        }
        _ => super::local_by_name(app, &name).await?.ok_or(AppError::NotFound),
    }
}

/// The target must say that it is the same person, asked anew (F15).
async fn check(app: &Arc<App>, account: &Account, target: &Account) -> Result<()> {
    if target.id == account.id {
        return Err(AppError::invalid("Target is the account itself"));
    }
    let me = app.urls.actor(account);
    let id = target.id;
    let says_so = if target.is_local() {
        other_names(app, id).await?.contains(&me)
    } else {
        let uri = crate::represent::uri(&app.urls.actor(target))?;
        remote::account(app, &uri, Freshness::Now, &mut Budget::new(10)).await?;
        let known = app
            .read(move |conn| {
                Box::pin(
                    async move { Ok::<_, AppError>(remote_accounts::by_account(conn, id).await?) },
                )
            })
            .await?;
        known.is_some_and(|known| known.also_known_as.contains(&me))
    };
    if says_so {
        return Ok(());
    }
    Err(AppError::invalid(format!(
        "Target does not name {me} among its aliases; add it there first"
    )))
}

fn check_rest(last: Option<Timestamp>, now: Timestamp) -> Result<()> {
    match last {
        Some(last) if now.since(last) < REST => {
            Err(AppError::invalid("Target can be changed only once in 30 days"))
        }
        _ => Ok(()),
    }
}
