//! Making and removing announcements: for the command line.

use domain::event::Event;
use domain::{RowId, Timestamp};
use store::announcements::{self, Announcement};

use crate::{App, AppError, Result};

/// Longest text, in characters.
const LONGEST: usize = 4_000;

/// What is to be announced.
#[derive(Clone, Debug, Default)]
pub struct NewAnnouncement {
    /// Plain text; links, hashtags and custom emoji in it are shown as such.
    pub text: String,
    /// When what it announces begins.
    pub starts_at: Option<Timestamp>,
    /// When that ends; it is not shown any more then.
    pub ends_at: Option<Timestamp>,
    /// Both are whole days.
    pub all_day: bool,
}

/// Announces something to everybody here, at once.
///
/// # Errors
/// [`AppError::Invalid`] for an empty or overlong text and for an end before the beginning.
pub async fn publish(app: &App, new: NewAnnouncement) -> Result<Announcement> {
    let text = new.text.trim();
    if text.is_empty() {
        return Err(AppError::invalid("Text can't be blank"));
    }
    if text.chars().count() > LONGEST {
        return Err(AppError::invalid(format!("Text is longer than {LONGEST} characters")));
    }
    if new.starts_at.zip(new.ends_at).is_some_and(|(start, end)| end < start) {
        return Err(AppError::invalid("Ends at is before it starts"));
    }
    let now = app.now();
    if new.ends_at.is_some_and(|end| end <= now) {
        return Err(AppError::invalid("Ends at is in the past: nobody would see it"));
    }
    let announcement = Announcement {
        id: app.ids.next(),
        text: text.to_owned(),
        starts_at: new.starts_at,
        ends_at: new.ends_at,
        all_day: new.all_day,
        published_at: now,
        updated_at: now,
        read: false,
    };
    let row = announcement.clone();
    app.write(move |conn| {
        Box::pin(async move { Ok::<_, AppError>(announcements::insert(conn, &row).await?) })
    })
    .await?;
    app.publish(vec![Event::Announced { announcement: announcement.id }]).await;
    Ok(announcement)
}

/// What was announced, the newest first.
///
/// # Errors
/// [`AppError::Store`].
pub async fn list(app: &App) -> Result<Vec<Announcement>> {
    app.read(|conn| Box::pin(async move { Ok(announcements::all(conn).await?) })).await
}

/// Removes an announcement; false when there is no such one.
///
/// # Errors
/// [`AppError::Store`].
pub async fn remove(app: &App, id: RowId) -> Result<bool> {
    let found = app
        .write(move |conn| {
            Box::pin(async move { Ok::<_, AppError>(announcements::remove(conn, id).await?) })
        })
        .await?;
    if found {
        app.publish(vec![Event::AnnouncementRemoved { announcement: id }]).await;
    }
    Ok(found)
}
