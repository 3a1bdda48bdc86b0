//! Update: a changed status or profile, by its owner only (F02).

use std::sync::Arc;

use activitypub::{Activity, Note, Object, Uri};
use domain::account::Account;
use domain::time::DAY;
use store::{statuses, tombstones};

use super::create;
use crate::remote::{self, Budget, Found, forget, object};
use crate::{App, AppError, Result};

pub(super) async fn run(
    app: &Arc<App>,
    activity: Activity,
    actor: &Account,
    budget: &mut Budget,
) -> Result<()> {
    match activity.object {
        Object::Actor(changed) => {
            if changed.id != activity.actor {
                return Err(AppError::Forbidden("The profile is somebody else's".into()));
            }
            remote::save_update(app, actor, *changed, budget).await.map(|_| ())
        }
        Object::Note(note) => {
            if note.attributed_to != activity.actor || !note.id.same_origin(&activity.actor) {
                return Err(AppError::Forbidden("The post is not by its sender".into()));
            }
            apply(app, note, actor, budget).await
        }
        Object::Link(id) if id == activity.actor => {
            let fresh = remote::account(app, &id, remote::Freshness::Now, budget).await;
            fresh.map(|_| ())
        }
        Object::Link(id) if id.same_origin(&activity.actor) => {
            match fresh(app, &id, budget).await? {
                Some(note) if note.attributed_to == activity.actor => {
                    apply(app, note, actor, budget).await
                }
                _ => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

/// Takes over what a note says now. One that was never here is treated as new for a day.
pub(super) async fn apply(
    app: &Arc<App>,
    note: Box<Note>,
    author: &Account,
    budget: &mut Budget,
) -> Result<()> {
    if author.uri.as_deref() != Some(note.attributed_to.as_str())
        || !note.id.same_origin(&note.attributed_to)
    {
        return Err(AppError::Forbidden("The post is somebody else's".into()));
    }
    let uri = note.id.as_str().to_owned();
    let (is_known, is_buried) = app
        .read(move |conn| {
            Box::pin(async move {
                let known = statuses::remote::by_uri(conn, &uri).await?.is_some();
                Ok::<_, AppError>((known, tombstones::stands(conn, &uri).await?))
            })
        })
        .await?;
    if is_buried {
        return Ok(());
    }
    if is_known {
        return remote::update_note(app, note, author, budget).await.map(|_| ());
    }
    let is_new = note.published.is_some_and(|at| app.now().since(at) < DAY);
    if is_new { create::publish(app, note, budget).await } else { Ok(()) }
}

/// What the origin of a status says of it now; when that is that it is gone, it goes here as well.
pub(super) async fn fresh(
    app: &Arc<App>,
    id: &Uri,
    budget: &mut Budget,
) -> Result<Option<Box<Note>>> {
    match object(app, id, budget).await? {
        Found::There(Object::Note(note)) if note.id == *id => Ok(Some(note)),
        Found::There(_) => Ok(None),
        Found::Missing => {
            forget::open_status_at(app, id).await?;
            Ok(None)
        }
        Found::Gone => {
            forget::status_at(app, id).await?;
            Ok(None)
        }
    }
}
