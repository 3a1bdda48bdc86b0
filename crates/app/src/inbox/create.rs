//! Create: a new status, if it is of interest to anybody here, or a vote.

use std::sync::Arc;

use activitypub::{Activity, Note, Object};
use domain::account::Account;

use super::vote;
use crate::remote::{Arrival, Budget, Found, author_of, concerns_somebody, object, take_by};
use crate::{App, AppError, Result};

pub(super) async fn run(
    app: &Arc<App>,
    activity: Activity,
    actor: &Account,
    budget: &mut Budget,
) -> Result<()> {
    let note = match activity.object {
        Object::Note(note) => note,
        Object::Link(id) if id.same_origin(&activity.actor) => {
            match object(app, &id, budget).await? {
                Found::There(Object::Note(note)) => note,
                _ => return Ok(()),
            }
        }
        _ => return Ok(()),
    };
    if note.attributed_to != activity.actor || !note.id.same_origin(&activity.actor) {
        return Err(AppError::Forbidden("The post is not by its sender".into()));
    }
    if vote::is_vote(&note) {
        return vote::run(app, &note, actor).await;
    }
    publish_by(app, note, actor, budget).await
}

/// Keeps a note and brings it to whom it concerns.
pub(super) async fn publish(app: &Arc<App>, note: Box<Note>, budget: &mut Budget) -> Result<()> {
    let author = author_of(app, &note, budget).await?;
    publish_by(app, note, &author, budget).await
}

/// The same for a caller that knows that it is this author's.
async fn publish_by(
    app: &Arc<App>,
    note: Box<Note>,
    author: &Account,
    budget: &mut Budget,
) -> Result<()> {
    let author = author.clone();
    let (context, candidate, id) = (app.clone(), note.clone(), author.id);
    let is_wanted = app
        .read(move |conn| {
            Box::pin(async move { concerns_somebody(&context, conn, &candidate, id).await })
        })
        .await?;
    if !is_wanted {
        return Ok(());
    }
    let replies: Vec<String> = note
        .replies
        .iter()
        .flat_map(|replies| &replies.items)
        .filter(|id| id.same_origin(&note.id))
        .take(5)
        .map(|id| id.as_str().to_owned())
        .collect();
    take_by(app, note, author, Arrival::Received, budget).await?;
    if !replies.is_empty() {
        let job = crate::jobs::Job::FetchStatuses { ids: replies };
        crate::remote::queue(app, job).await?;
    }
    Ok(())
}
