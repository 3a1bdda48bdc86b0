//! A public answer to a status of somebody here that is addressed to their followers is passed on to
//! those followers' servers, unchanged: they know the thread from here and may not follow its
//! author. So is what is said of it later.

use std::sync::Arc;

use activitypub::{Activity, Audience, Object, PUBLIC, Verb};
use domain::AccountId;
use store::{Conn, accounts, statuses};

use super::Received;
use crate::delivery;
use crate::remote::local::{self, Here};
use crate::{App, Result};

/// Queues the passing on, before anything is done: a deletion takes away what tells the thread. Done
/// twice, receivers know it by its id.
pub(super) async fn if_reply(app: &Arc<App>, activity: &Activity, job: &Received) -> Result<()> {
    if !matches!(activity.verb, Verb::Create | Verb::Update | Verb::Delete) {
        return Ok(());
    }
    let (context, activity) = (app.clone(), activity.clone());
    let (body, host) = (job.body.clone(), job.host.clone());
    app.write(move |conn| {
        Box::pin(async move {
            let app = context.as_ref();
            match answered_author(app, conn, &activity).await? {
                Some(author) => delivery::forward(app, conn, body, author, &host).await,
                None => Ok(()),
            }
        })
    })
    .await
}

/// Whose status here is answered, openly and with their followers addressed.
async fn answered_author(
    app: &App,
    conn: &mut Conn,
    activity: &Activity,
) -> Result<Option<AccountId>> {
    let parent = match &activity.object {
        Object::Note(note) => match &note.in_reply_to {
            Some(parent) => local::status_at(app, conn, parent.as_str()).await?,
            None => None,
        },
        Object::Tombstone(id) | Object::Link(id) => {
            match statuses::remote::by_uri(conn, id.as_str()).await? {
                Some(status) => match status.in_reply_to {
                    Some(parent) => statuses::by_id(conn, parent).await?,
                    None => None,
                },
                None => None,
            }
        }
        _ => None,
    };
    let Some(parent) = parent.filter(|parent| parent.uri.is_none()) else { return Ok(None) };
    let Some(author) = accounts::by_id(conn, parent.account_id).await? else { return Ok(None) };
    let of_note = match &activity.object {
        Object::Note(note) => Some(&note.audience),
        _ => None,
    };
    let audiences = || of_note.into_iter().chain([&activity.audience]);
    let is_open = audiences().any(|audience| addresses(audience, PUBLIC));
    let to_followers = audiences().flat_map(Audience::all).any(|id| {
        matches!(local::here(app, id), Some(Here::Followers(name))
            if name.eq_ignore_ascii_case(&author.username))
    });
    Ok((is_open && to_followers && author.is_local()).then_some(author.id))
}

fn addresses(audience: &Audience, id: &str) -> bool {
    audience.all().any(|entry| entry == id)
}
