//! What staff announces to everybody here, who has read it, and what people say to it.

mod publish;
mod react;

use domain::{AccountId, RowId};
use store::{Conn, announcements};

pub(crate) use publish::announce;
pub use publish::{NewAnnouncement, change, end, list, publish, remove, show};
pub use react::{react, unreact};
pub use store::announcements::{Announcement, Reaction};

use crate::{App, AppError, Result};

/// An announcement with what people say to it.
#[derive(Clone, Debug)]
pub struct AnnouncementView {
    /// The announcement.
    pub announcement: Announcement,
    /// Reactions, in the order they first came.
    pub reactions: Vec<Reaction>,
}

/// What is announced now.
///
/// # Errors
/// [`AppError::Store`].
pub async fn current(app: &App, me: AccountId) -> Result<Vec<AnnouncementView>> {
    let now = app.now();
    app.read(move |conn| {
        Box::pin(async move {
            let current = announcements::current(conn, me, now).await?;
            views(conn, current, Some(me)).await
        })
    })
    .await
}

/// One announcement, as somebody sees it; `None` when it is gone or not shown yet.
pub(crate) async fn find(app: &App, me: AccountId, id: RowId) -> Result<Option<AnnouncementView>> {
    let now = app.now();
    app.read(move |conn| {
        Box::pin(async move {
            let found = announcements::one(conn, id, Some(me)).await?;
            let found: Vec<_> = found.into_iter().filter(|one| one.published_at <= now).collect();
            Ok(views(conn, found, Some(me)).await?.into_iter().next())
        })
    })
    .await
}

async fn views(
    conn: &mut Conn,
    found: Vec<Announcement>,
    viewer: Option<AccountId>,
) -> Result<Vec<AnnouncementView>> {
    let ids: Vec<RowId> = found.iter().map(|one| one.id).collect();
    let reactions = announcements::reactions(conn, &ids, viewer).await?;
    let of = |id: RowId| reactions.iter().filter(move |one| one.announcement == id).cloned();
    Ok(found
        .into_iter()
        .map(|announcement| AnnouncementView {
            reactions: of(announcement.id).collect(),
            announcement,
        })
        .collect())
}

/// Notes that one was read.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn dismiss(app: &App, me: AccountId, id: RowId) -> Result<()> {
    let now = app.now();
    app.write(move |conn| {
        Box::pin(async move {
            let there = announcements::dismiss(conn, id, me, now).await?;
            if there { Ok(()) } else { Err(AppError::NotFound) }
        })
    })
    .await
}
