//! Deleting a status: gone with everything that hangs on it; its media stay for a while, so that a
//! client can write it anew.

use std::sync::Arc;

use domain::event::Event;
use domain::{AccountId, StatusId};
use store::statuses::{self, StatusView};
use store::{Conn, accounts};

use crate::access::Me;
use crate::uploads::{self, Release};
use crate::{App, AppError, Result};

/// Deletes one's own status. The answer is what it was.
///
/// # Errors
/// [`AppError::NotFound`] when it is absent or somebody else's.
pub async fn delete(app: &Arc<App>, me: &Me, id: StatusId, with_media: bool) -> Result<StatusView> {
    let (context, author) = (app.clone(), me.id());
    let (view, events) = app
        .write(move |conn| {
            Box::pin(async move {
                let view = statuses::hydrate_one(conn, id, Some(author))
                    .await?
                    .ok_or(AppError::NotFound)?;
                if view.status.account_id != author {
                    return Err(AppError::NotFound);
                }
                let fate = if with_media { Release::ForGood } else { Release::ForRedraft };
                uploads::release(&context, conn, id, fate).await?;
                let events = remove(conn, &view).await?;
                Ok::<_, AppError>((view, events))
            })
        })
        .await?;
    app.publish(events).await;
    Ok(view)
}

/// Removes a status with its boosts and puts the counters right.
pub(crate) async fn remove(conn: &mut Conn, view: &StatusView) -> Result<Vec<Event>> {
    let status = &view.status;
    let boosts: Vec<(StatusId, AccountId)> = statuses::boosts_of(conn, status.id).await?;
    let mut events = vec![Event::StatusDeleted { status: status.id }];
    for (boost, booster) in boosts {
        accounts::count_status(conn, booster, -1, None).await?;
        events.push(Event::StatusDeleted { status: boost });
    }
    if let Some(parent) = status.in_reply_to {
        statuses::count(conn, parent, [-1, 0, 0, 0]).await?;
    }
    if let Some(original) = status.boost_of {
        statuses::count(conn, original, [0, -1, 0, 0]).await?;
    }
    if let Some(quoted) = status.quote_of {
        statuses::count(conn, quoted, [0, 0, 0, -1]).await?;
    }
    accounts::count_status(conn, status.account_id, -1, None).await?;
    statuses::delete(conn, status.id).await?;
    Ok(events)
}
