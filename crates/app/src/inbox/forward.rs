//! A public answer to a public status of somebody here is passed on to the servers of their
//! followers, unchanged: they know the thread from here and may not follow its author. So is what is
//! said of it later.

use std::sync::Arc;

use activitypub::{Activity, Object, Verb};
use domain::AccountId;
use store::{Conn, accounts, statuses};

use super::Received;
use crate::delivery;
use crate::remote::local;
use crate::{App, Result};

/// Queues the passing on, before anything is done: a deletion takes away what tells the thread. Done
/// twice, receivers know it by its id.
pub(super) async fn to_followers(app: &Arc<App>, job: &Received, author: AccountId) -> Result<()> {
    let (context, body, host) = (app.clone(), job.body.clone(), job.host.clone());
    app.write(move |conn| {
        Box::pin(async move { delivery::forward(&context, conn, body, author, &host).await })
    })
    .await
}

/// Whose status here is answered, openly. That the followers are addressed as well is not asked, as
/// Mastodon does not: hardly any server does it.
pub(super) async fn answered_author(
    app: &App,
    conn: &mut Conn,
    activity: &Activity,
) -> Result<Option<AccountId>> {
    if !matches!(activity.verb, Verb::Create | Verb::Update | Verb::Delete) {
        return Ok(None);
    }
    let (parent, is_open) = match &activity.object {
        Object::Note(note) => {
            let is_open = note.audience.visibility(None).is_open();
            match &note.in_reply_to {
                Some(parent) => (local::status_at(app, conn, parent.as_str()).await?, is_open),
                None => (None, false),
            }
        }
        Object::Tombstone(id) | Object::Link(id) => {
            match statuses::remote::by_uri(conn, id.as_str()).await? {
                Some(status) => match status.in_reply_to {
                    Some(parent) => {
                        (statuses::by_id(conn, parent).await?, status.visibility.is_open())
                    }
                    None => (None, false),
                },
                None => (None, false),
            }
        }
        _ => (None, false),
    };
    let Some(parent) = parent.filter(|parent| parent.uri.is_none() && parent.visibility.is_open())
    else {
        return Ok(None);
    };
    let author = accounts::by_id(conn, parent.account_id).await?;
    Ok(author.filter(|author| is_open && author.is_local()).map(|author| author.id))
}
