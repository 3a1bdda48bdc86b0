//! Reactions to announcements: an emoji, or the shortcode of one of this server.

use domain::event::Event;
use domain::text::emoji::is_emoji;
use domain::{AccountId, RowId};
use store::announcements;

use crate::{App, AppError, Result};

/// Most different reactions to one announcement.
const MOST: usize = 8;

/// Adds a reaction. The same one twice is one.
///
/// # Errors
/// [`AppError::NotFound`] for an announcement that is not shown, [`AppError::Invalid`] for what is no
/// emoji and for the ninth different one.
pub async fn react(app: &App, me: AccountId, id: RowId, name: &str) -> Result<()> {
    if !is_emoji(name) && !app.emojis.get().0.contains_key(name) {
        return Err(AppError::invalid("Name is not a recognized emoji"));
    }
    let (now, text) = (app.now(), name.to_owned());
    let is_new = app
        .write(move |conn| {
            Box::pin(async move {
                let found = announcements::one(conn, id, Some(me)).await?;
                found.filter(|one| one.published_at <= now).ok_or(AppError::NotFound)?;
                let there = announcements::reactions(conn, &[id], Some(me)).await?;
                if there.len() >= MOST && !there.iter().any(|one| one.name == text) {
                    return Err(AppError::invalid("Limit of different reactions reached"));
                }
                Ok(announcements::react(conn, id, me, &text, now).await?)
            })
        })
        .await?;
    if is_new {
        tell(app, id, name).await;
    }
    Ok(())
}

/// Takes a reaction back.
///
/// # Errors
/// [`AppError::NotFound`] when there was none.
pub async fn unreact(app: &App, me: AccountId, id: RowId, name: &str) -> Result<()> {
    let text = name.to_owned();
    let found = app
        .write(move |conn| {
            Box::pin(async move {
                Ok::<_, AppError>(announcements::unreact(conn, id, me, &text).await?)
            })
        })
        .await?;
    if !found {
        return Err(AppError::NotFound);
    }
    tell(app, id, name).await;
    Ok(())
}

async fn tell(app: &App, announcement: RowId, name: &str) {
    app.publish(vec![Event::AnnouncementReacted { announcement, name: name.to_owned() }]).await;
}
