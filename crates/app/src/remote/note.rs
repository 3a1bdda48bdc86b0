//! Statuses of other servers, up to the point where they are kept: asked for, their authors and the
//! statuses they answer found.

use std::sync::Arc;
use std::time::Duration;

use activitypub::{Note, Object, Uri};
use domain::StatusId;
use domain::account::Account;
use store::tombstones;

use super::fetch::{Found, object};
use super::keep::{Arrival, keep, keep_by};
use super::{Budget, Freshness, account, actor, forget, local};
use crate::{App, AppError, Result};

/// Most statuses that are looked up above one.
const ANCESTORS: usize = 40;
/// How long that may take; what is missing then stays so.
const PATIENCE: Duration = Duration::from_secs(10);

/// The status with this id, if it is here.
pub(super) async fn known(app: &Arc<App>, id: &Uri) -> Result<Option<StatusId>> {
    let (context, uri) = (app.clone(), id.as_str().to_owned());
    app.read(move |conn| {
        Box::pin(async move {
            let found = local::status_at(&context, conn, &uri).await?;
            Ok(found.map(|status| status.boost_of.unwrap_or(status.id)))
        })
    })
    .await
}

/// The note with this id, from its own origin. One that is gone there goes here as well (F16).
pub(super) async fn fetch(app: &Arc<App>, id: &Uri, budget: &mut Budget) -> Result<Box<Note>> {
    if local::is_here(app, id) || is_buried(app, id).await? {
        return Err(AppError::NotFound);
    }
    match object(app, id, budget).await? {
        Found::There(Object::Note(note)) => Ok(note),
        Found::There(_) => Err(AppError::NotFound),
        Found::Missing => {
            forget::open_status_at(app, id).await?;
            Err(AppError::NotFound)
        }
        Found::Gone => {
            forget::status_at(app, id).await?;
            Err(AppError::NotFound)
        }
    }
}

async fn is_buried(app: &App, id: &Uri) -> Result<bool> {
    let uri = id.as_str().to_owned();
    app.read(move |conn| Box::pin(async move { Ok(tombstones::stands(conn, &uri).await?) })).await
}

/// The author of a note: of the same origin (F02), known or asked for, and not suspended (F13).
pub(crate) async fn author_of(app: &Arc<App>, note: &Note, budget: &mut Budget) -> Result<Account> {
    if !note.id.same_origin(&note.attributed_to) {
        return Err(AppError::Forbidden("The author is of another origin than the post".into()));
    }
    let author = account(app, &note.attributed_to, Freshness::Any, budget).await?;
    actor::admitted(app, author).await
}

/// Keeps a note that comes from its own origin, after the notes that it answers.
pub(crate) async fn take(
    app: &Arc<App>,
    note: Box<Note>,
    arrival: Arrival,
    budget: &mut Budget,
) -> Result<StatusId> {
    take_above(app, &note, budget).await?;
    keep(app, note, arrival, budget).await
}

/// The same for a caller that knows its author, see [`author_of`].
pub(crate) async fn take_by(
    app: &Arc<App>,
    note: Box<Note>,
    author: Account,
    arrival: Arrival,
    budget: &mut Budget,
) -> Result<StatusId> {
    take_above(app, &note, budget).await?;
    keep_by(app, note, author, arrival, budget).await
}

async fn take_above(app: &Arc<App>, note: &Note, budget: &mut Budget) -> Result<()> {
    let above = tokio::time::timeout(PATIENCE, ancestors(app, note, budget)).await;
    // What the answered ones are lacking is no reason not to keep this one.
    for ancestor in above.unwrap_or_default().into_iter().rev() {
        if let Err(error) = keep(app, ancestor, Arrival::Fetched, budget).await {
            match error {
                AppError::Store(_) | AppError::Internal(_) => return Err(error),
                other => tracing::debug!(error = %other, "an answered post was not taken"),
            }
        }
    }
    Ok(())
}

/// The notes above one that are not here, the nearest first.
async fn ancestors(app: &Arc<App>, note: &Note, budget: &mut Budget) -> Vec<Box<Note>> {
    let mut found: Vec<Box<Note>> = Vec::new();
    let mut next = note.in_reply_to.clone();
    while let Some(id) = next.take() {
        let seen = id == note.id || found.iter().any(|known| known.id == id);
        if seen || found.len() >= ANCESTORS || !matches!(known(app, &id).await, Ok(None)) {
            break;
        }
        let Ok(parent) = fetch(app, &id, budget).await else { break };
        next.clone_from(&parent.in_reply_to);
        found.push(parent);
    }
    found
}

/// Fetches some statuses that are not here yet; what cannot be had is left out.
pub(crate) async fn fetch_many(app: &Arc<App>, ids: &[String]) -> Result<()> {
    let mut budget = Budget::new(super::BUDGET);
    for id in ids.iter().filter_map(|id| Uri::parse(id)) {
        let fetched = Box::pin(super::status(app, &id, &mut budget)).await;
        if let Err(error @ (AppError::Store(_) | AppError::Internal(_))) = fetched {
            return Err(error);
        }
    }
    Ok(())
}
