//! Loads what a stream shows for an event, as its own viewer may see it.

use domain::{AccountId, StatusId};
use store::statuses::{self, StatusView};
use store::streams;

use super::{Meaning, Published};
use crate::announcements::AnnouncementView;
use crate::conversations::ConversationView;
use crate::notifications::NotificationView;
use crate::{App, Result, announcements, conversations, notifications};

/// What an event shows to one viewer.
pub enum Loaded {
    /// A status they see in a timeline.
    Status(Box<StatusView>),
    /// A public status they want to see; it is rendered once for all.
    PublicStatus(StatusId),
    /// A notification of theirs.
    Notification(Box<NotificationView>),
    /// A conversation of theirs.
    Conversation(Box<ConversationView>),
    /// An announcement with all its reactions.
    Announcement(Box<AnnouncementView>),
    /// The event says it all.
    Nothing,
}

/// What an event shows to this viewer; `None` when they may not or do not want to see it.
///
/// # Errors
/// [`crate::AppError::Store`].
pub async fn load(
    app: &App,
    published: &Published,
    meaning: Meaning,
    me: AccountId,
) -> Result<Option<Loaded>> {
    match meaning {
        Meaning::Status { id, .. } => {
            if !is_wanted(app, published, id, me).await? {
                return Ok(None);
            }
            app.read(move |conn| {
                Box::pin(async move {
                    let view = statuses::hydrate_one(conn, id, Some(me)).await?;
                    Ok(view.map(|view| Loaded::Status(Box::new(view))))
                })
            })
            .await
        }
        Meaning::PublicStatus { id, .. } => {
            Ok(is_wanted(app, published, id, me).await?.then_some(Loaded::PublicStatus(id)))
        }
        Meaning::Notification(id) => {
            let view = notifications::find(app, me, id).await?;
            Ok(view
                .filter(|view| !view.notification.filtered)
                .map(|view| Loaded::Notification(Box::new(view))))
        }
        Meaning::Conversation(thread) => {
            let view = conversations::of_thread(app, me, thread).await?;
            Ok(view.map(|view| Loaded::Conversation(Box::new(view))))
        }
        Meaning::Announcement(id) | Meaning::Reaction(id) => {
            let view = announcements::find(app, me, id).await?;
            Ok(view.map(|view| Loaded::Announcement(Box::new(view))))
        }
        Meaning::Deleted(_) | Meaning::Merged | Meaning::Filters | Meaning::AnnouncementGone(_) => {
            Ok(Some(Loaded::Nothing))
        }
    }
}

/// Whether this viewer may and wants to see the status of an event: asked once for everybody whose
/// stream is open, since an event may concern them all. Whoever asks has had a stream since before the
/// event, so they are among them.
async fn is_wanted(app: &App, published: &Published, id: StatusId, me: AccountId) -> Result<bool> {
    let find = || async {
        let (viewers, now) = (app.hub.accounts(), app.now());
        let found = app.read(move |conn| {
            Box::pin(async move { streams::wanting(conn, id, &viewers, now).await })
        });
        found.await.map(|those| those.into_iter().collect())
    };
    Ok(published.wanting.get_or_try_init(find).await?.contains(&me))
}

/// A public status as those see it who may: every viewer was asked about before. `None` when it is
/// gone or public no more.
///
/// # Errors
/// [`crate::AppError::Store`].
pub async fn public_view(app: &App, id: StatusId) -> Result<Option<StatusView>> {
    app.read(move |conn| {
        Box::pin(async move {
            let view = statuses::hydrate_one(conn, id, None).await?;
            Ok(view.filter(|view| {
                view.status.visibility.is_open() && view.author.suspended_at.is_none()
            }))
        })
    })
    .await
}
