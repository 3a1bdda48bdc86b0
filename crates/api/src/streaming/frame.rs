//! What goes to a streaming client for an event: its name and its payload, both text.

use std::sync::Arc;

use app::stream::{Channel, Loaded, Meaning, NOTIFICATIONS, Published, load, public_view};
use domain::StatusId;
use domain::event::Event;
use serde::Serialize;

use super::Listener;
use crate::entity::{Announcement, Conversation, Notification, Reaction, Render, Status};
use crate::{ApiError, Shared};

/// One thing to send.
pub(super) struct Frame {
    /// Mastodon's name of the event.
    pub event: &'static str,
    /// Its payload; some events have none.
    pub payload: Option<Arc<str>>,
}

/// What a channel sends its listener for an event; `None` when it does not concern them.
pub(super) async fn frame(
    app: &Shared,
    listener: &Listener,
    channel: &Channel,
    published: &Published,
) -> Option<Frame> {
    let meaning = channel.meaning(&published.event, listener.me)?;
    if meaning.needs_notifications() && !listener.scopes.allow(NOTIFICATIONS) {
        return None;
    }
    match build(app, listener, meaning, published).await {
        Ok(frame) => frame,
        Err(error) => {
            // The stream goes on; the client finds what it missed in its timelines.
            tracing::warn!(?error, "an event was not sent to a stream");
            None
        }
    }
}

async fn build(
    app: &Shared,
    listener: &Listener,
    meaning: Meaning,
    published: &Published,
) -> Result<Option<Frame>, ApiError> {
    let Some(loaded) = load(app, published, meaning, listener.me).await? else { return Ok(None) };
    let me = listener.me;
    let payload: Option<Arc<str>> = match loaded {
        Loaded::Status(view) => text(&Status::render(&view, Some(me), &Render::new(app))),
        Loaded::PublicStatus(id) => {
            let shared = published.payload.get_or_try_init(|| public_payload(app, id)).await?;
            if shared.is_none() {
                return Ok(None);
            }
            shared.clone()
        }
        Loaded::Notification(view) => text(&Notification::render(&view, me, &Render::new(app))),
        Loaded::Conversation(view) => text(&Conversation::render(&view, me, &Render::new(app))),
        Loaded::Announcement(view) => match &published.event {
            Event::AnnouncementReacted { name, .. } => text(&Reaction::streamed(&view, name)),
            _ => text(&Announcement::render(&view, &Render::new(app))),
        },
        Loaded::Nothing => match meaning {
            Meaning::Deleted(id) => Some(id.to_string().into()),
            Meaning::AnnouncementGone(id) => Some(id.to_string().into()),
            Meaning::Merged => Some("1".into()),
            _ => None,
        },
    };
    Ok(Some(Frame { event: name(meaning), payload }))
}

async fn public_payload(app: &Shared, id: StatusId) -> Result<Option<Arc<str>>, ApiError> {
    let view = public_view(app, id).await?;
    Ok(view.and_then(|view| text(&Status::render(&view, None, &Render::new(app)))))
}

fn text(entity: &impl Serialize) -> Option<Arc<str>> {
    serde_json::to_string(entity).ok().map(Into::into)
}

fn name(meaning: Meaning) -> &'static str {
    match meaning {
        Meaning::Status { edited: true, .. } | Meaning::PublicStatus { edited: true, .. } => {
            "status.update"
        }
        Meaning::Status { .. } | Meaning::PublicStatus { .. } => "update",
        Meaning::Deleted(_) => "delete",
        Meaning::Notification(_) => "notification",
        Meaning::Merged => "notifications_merged",
        Meaning::Filters => "filters_changed",
        Meaning::Conversation(_) => "conversation",
        Meaning::Announcement(_) => "announcement",
        Meaning::Reaction(_) => "announcement.reaction",
        Meaning::AnnouncementGone(_) => "announcement.delete",
    }
}
