//! Favourites, bookmarks, pins and muted conversations: doing or undoing one twice is harmless.

use std::sync::Arc;

use domain::StatusId;
use domain::notification::NotificationKind;
use domain::status::{Status, Visibility};
use store::statuses::{self, StatusView};
use store::{Conn, notifications};

use crate::access::Me;
use crate::notifications::{Cause, notify};
use crate::{App, AppError, Result, delivery};

/// What can be done with a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Tells its author.
    Favourite,
    /// Kept for oneself.
    Bookmark,
    /// Shown first on one's profile.
    Pin,
    /// No notifications from its conversation.
    Mute,
}

/// The most statuses an account pins.
const PINS: i64 = 5;

/// Marks a status; the answer is the status.
///
/// # Errors
/// [`AppError::NotFound`] for what is hidden or absent, [`AppError::Invalid`] for what cannot be pinned.
pub async fn mark(app: &Arc<App>, me: &Me, id: StatusId, mark: Mark) -> Result<StatusView> {
    let (context, me) = (app.clone(), me.clone());
    let (view, events) = app
        .write(move |conn| {
            Box::pin(async move {
                let (app, who) = (context.as_ref(), me.id());
                let status = original(conn, id, who).await?;
                let mut events = Vec::new();
                match mark {
                    Mark::Favourite => {
                        if statuses::favourite(conn, app.ids.next(), who, status.id).await? {
                            statuses::count(conn, status.id, [0, 0, 1, 0]).await?;
                            delivery::favourited(app, conn, &me.account, &status).await?;
                            events = notify(app, conn, favourited(&status, who)).await?;
                        }
                    }
                    Mark::Bookmark => {
                        statuses::bookmark(conn, app.ids.next(), who, status.id).await?;
                    }
                    Mark::Pin => {
                        check_pin(conn, &status, who).await?;
                        if statuses::pin(conn, app.ids.next(), who, status.id).await? {
                            delivery::pinned(app, conn, &me.account, &status).await?;
                        }
                    }
                    Mark::Mute => {
                        statuses::mute_conversation(conn, who, status.conversation_id).await?;
                    }
                }
                let view = statuses::hydrate_one(conn, status.id, Some(who)).await?;
                Ok::<_, AppError>((view.ok_or(AppError::NotFound)?, events))
            })
        })
        .await?;
    app.publish(events).await;
    Ok(view)
}

/// Takes a mark off; the answer is the status. Without the mark nothing changes.
///
/// # Errors
/// [`AppError::NotFound`] for what is hidden or absent.
pub async fn unmark(app: &Arc<App>, me: &Me, id: StatusId, mark: Mark) -> Result<StatusView> {
    let (context, me) = (app.clone(), me.clone());
    app.write(move |conn| {
        Box::pin(async move {
            let (app, who) = (context.as_ref(), me.id());
            let status = original(conn, id, who).await?;
            match mark {
                Mark::Favourite => {
                    delivery::unfavourited(app, conn, &me.account, &status).await?;
                    if statuses::unfavourite(conn, who, status.id).await? {
                        statuses::count(conn, status.id, [0, 0, -1, 0]).await?;
                        let (kind, to) = (NotificationKind::Favourite, status.account_id);
                        notifications::withdraw(conn, to, who, kind, Some(status.id)).await?;
                    }
                }
                Mark::Bookmark => {
                    statuses::unbookmark(conn, who, status.id).await?;
                }
                Mark::Pin => {
                    if statuses::unpin(conn, who, status.id).await? {
                        delivery::unpinned(app, conn, &me.account, &status).await?;
                    }
                }
                Mark::Mute => {
                    statuses::unmute_conversation(conn, who, status.conversation_id).await?;
                }
            }
            statuses::hydrate_one(conn, status.id, Some(who)).await?.ok_or(AppError::NotFound)
        })
    })
    .await
}

/// The status itself, or what it boosts: marks stand on originals.
async fn original(conn: &mut Conn, id: StatusId, viewer: domain::AccountId) -> Result<Status> {
    let status =
        statuses::visible_by_id(conn, id, Some(viewer)).await?.ok_or(AppError::NotFound)?;
    match status.boost_of {
        Some(original) => statuses::by_id(conn, original).await?.ok_or(AppError::NotFound),
        None => Ok(status),
    }
}

fn favourited(status: &Status, who: domain::AccountId) -> Cause {
    Cause {
        to: status.account_id,
        from: who,
        kind: NotificationKind::Favourite,
        status: Some(status.id),
        report: None,
    }
}

async fn check_pin(conn: &mut Conn, status: &Status, who: domain::AccountId) -> Result<()> {
    if status.account_id != who {
        return Err(AppError::invalid("Someone else's post cannot be pinned"));
    }
    if status.visibility == Visibility::Direct {
        return Err(AppError::invalid(
            "Posts that are only visible to mentioned users cannot be pinned",
        ));
    }
    let pinned = statuses::pinned(conn, who, Some(who)).await?;
    if !pinned.contains(&status.id) && statuses::pin_count(conn, who).await? >= PINS {
        return Err(AppError::invalid("You have already pinned the maximum number of posts"));
    }
    Ok(())
}
