//! Deleting a status: gone with everything that hangs on it; its media stay for a while, so that a
//! client can write it anew.

use std::sync::Arc;

use domain::event::Event;
use domain::status::{Status, Visibility};
use domain::{AccountId, StatusId};
use store::statuses::{self, StatusView};
use store::{Conn, accounts, home_feed, tombstones};

use crate::access::Me;
use crate::uploads::{self, Release};
use crate::{App, AppError, Result, delivery};

/// Deletes one's own status. The answer is what it was.
///
/// # Errors
/// [`AppError::NotFound`] when it is absent or somebody else's.
pub async fn delete(app: &Arc<App>, me: &Me, id: StatusId, release: Release) -> Result<StatusView> {
    let (context, author) = (app.clone(), me.id());
    let stone = app.urls.local_status(&me.account.username, id);
    // Page and document of the status, and the page that shows it.
    let paths = app.urls.shown_at(&me.account.username, id);
    let (view, events) = app
        .write(move |conn| {
            Box::pin(async move {
                let status = statuses::locked(conn, id).await?.ok_or(AppError::NotFound)?;
                if status.account_id != author {
                    return Err(AppError::NotFound);
                }
                // One's own boost of something that has become hidden goes, but shows nothing.
                let view = statuses::hydrate_one(conn, id, Some(author)).await?;
                delivery::boosts_ended(&context, conn, &status).await?;
                delivery::deleted(&context, conn, &status).await?;
                uploads::release(&context, conn, id, release).await?;
                let events = remove(conn, &status).await?;
                // What few could see leaves no trace: a tombstone would tell that it was there (V02).
                if status.visibility.is_open() && !status.local_only && status.boost_of.is_none() {
                    tombstones::put(conn, &stone, context.now()).await?;
                }
                Ok::<_, AppError>((view, events))
            })
        })
        .await?;
    let was_open = |status: &Status| {
        status.visibility.is_open() && !status.local_only && status.boost_of.is_none()
    };
    if view.as_ref().is_some_and(|view| was_open(&view.status)) {
        paths.into_iter().for_each(|path| app.gone.note(path));
    }
    app.publish(events).await;
    view.ok_or(AppError::NotFound)
}

/// Removes a status with its boosts and puts the counters right.
///
/// # Errors
/// [`AppError::NotFound`] when somebody else was faster: then the counters are right already.
pub(crate) async fn remove(conn: &mut Conn, status: &Status) -> Result<Vec<Event>> {
    let boosts = statuses::boosts_of(conn, status.id).await?;
    let mut events = vec![farewell(conn, status.id, status.account_id, status.visibility).await?];
    for (boost, booster, visibility) in &boosts {
        events.push(farewell(conn, *boost, *booster, *visibility).await?);
    }
    if !statuses::delete(conn, status.id).await? {
        return Err(AppError::NotFound);
    }
    for (_, booster, _) in boosts {
        accounts::count_status(conn, booster, -1, None).await?;
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
    Ok(events)
}

/// Who is told that a status is gone: everybody who listens, if everybody could see it; otherwise
/// its author, those it mentions, and for a private one the author's followers here.
async fn farewell(
    conn: &mut Conn,
    status: StatusId,
    author: AccountId,
    visibility: Visibility,
) -> Result<Event> {
    if visibility.is_open() {
        return Ok(Event::StatusDeleted { status, only: None });
    }
    let mut only = statuses::mentioned(conn, status).await?;
    only.push(author);
    if visibility == Visibility::Private {
        let followers = home_feed::audience(conn, author, None).await?;
        only.extend(followers.into_iter().map(|follower| follower.account));
    }
    Ok(Event::StatusDeleted { status, only: Some(only) })
}
