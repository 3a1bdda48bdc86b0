//! Making, changing and ending announcements: for staff and the command line. Callers ask whether
//! somebody may.

use domain::event::Event;
use domain::time::DAY;
use domain::{RowId, Timestamp};
use store::Conn;
use store::announcements::{self, Announcement};

use crate::jobs::{Job, enqueue};
use crate::{App, AppError, Result};

/// Longest text, in characters.
const LONGEST: usize = 4_000;
/// How far ahead one may be written.
const FARTHEST: i64 = 2 * 366 * DAY;

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
    /// From when it is shown; `None` and what is past are now.
    pub publish_at: Option<Timestamp>,
}

/// Announces something to everybody here, at once or when its time comes.
///
/// # Errors
/// [`AppError::Invalid`] for an empty or overlong text and for times that do not fit together.
pub async fn publish(app: &std::sync::Arc<App>, new: NewAnnouncement) -> Result<Announcement> {
    check(app, &new)?;
    let now = app.now();
    let announcement = Announcement {
        id: app.ids.next(),
        text: new.text.trim().to_owned(),
        starts_at: new.starts_at,
        ends_at: new.ends_at,
        all_day: new.all_day,
        published_at: new.publish_at.unwrap_or(now).max(now),
        updated_at: now,
        read: false,
    };
    let (context, row) = (app.clone(), announcement.clone());
    app.write(move |conn| {
        Box::pin(async move {
            announcements::insert(conn, &row).await?;
            tell_in_time(&context, conn, &row, now).await
        })
    })
    .await?;
    if announcement.published_at <= now {
        app.publish(vec![Event::Announced { announcement: announcement.id }]).await;
    }
    Ok(announcement)
}

/// Writes an announcement anew. What is shown already stays shown since when it was, and everybody has
/// it to read again.
///
/// # Errors
/// [`AppError::NotFound`], and those of [`publish`].
pub async fn change(
    app: &std::sync::Arc<App>,
    id: RowId,
    new: NewAnnouncement,
) -> Result<Announcement> {
    check(app, &new)?;
    let (context, now) = (app.clone(), app.now());
    let changed = app
        .write(move |conn| {
            Box::pin(async move {
                let former = announcements::one(conn, id, None).await?.ok_or(AppError::NotFound)?;
                let is_shown = former.published_at <= now;
                let wanted = new.publish_at.unwrap_or(now).max(now);
                let row = Announcement {
                    text: new.text.trim().to_owned(),
                    starts_at: new.starts_at,
                    ends_at: new.ends_at,
                    all_day: new.all_day,
                    published_at: if is_shown { former.published_at } else { wanted },
                    updated_at: now,
                    ..former
                };
                announcements::update(conn, &row).await?;
                Job::Announce { announcement: id }.cancel(conn).await?;
                tell_in_time(&context, conn, &row, now).await?;
                Ok::<_, AppError>(row)
            })
        })
        .await?;
    if changed.published_at <= now {
        app.publish(vec![Event::Announced { announcement: id }]).await;
    }
    Ok(changed)
}

/// Ends an announcement now: it is not shown any more, but staff still finds it.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn end(app: &App, id: RowId) -> Result<()> {
    let now = app.now();
    app.write(move |conn| {
        Box::pin(async move {
            let former = announcements::one(conn, id, None).await?.ok_or(AppError::NotFound)?;
            let starts_at = former.starts_at.filter(|start| *start <= now);
            let row = Announcement { starts_at, ends_at: Some(now), updated_at: now, ..former };
            announcements::update(conn, &row).await?;
            Job::Announce { announcement: id }.cancel(conn).await
        })
    })
    .await?;
    app.publish(vec![Event::AnnouncementRemoved { announcement: id }]).await;
    Ok(())
}

/// A scheduled one is told to streams by a job when its time has come.
async fn tell_in_time(
    app: &App,
    conn: &mut Conn,
    row: &Announcement,
    now: Timestamp,
) -> Result<()> {
    if row.published_at <= now {
        return Ok(());
    }
    enqueue(app, conn, &Job::Announce { announcement: row.id }, row.published_at).await
}

/// The job: its time has come, or it was changed meanwhile and another one waits.
pub(crate) async fn announce(app: &App, id: RowId) -> Result<()> {
    let found = show(app, id).await?;
    if found.is_some_and(|one| one.published_at <= app.now()) {
        app.publish(vec![Event::Announced { announcement: id }]).await;
    }
    Ok(())
}

fn check(app: &App, new: &NewAnnouncement) -> Result<()> {
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
    if new.publish_at.zip(new.ends_at).is_some_and(|(publish, end)| end <= publish) {
        return Err(AppError::invalid("Ends at is before it is published"));
    }
    let ahead = |time: Option<Timestamp>| time.is_some_and(|time| time.since(now) > FARTHEST);
    if ahead(new.publish_at) {
        return Err(AppError::invalid("Published at is more than two years ahead"));
    }
    Ok(())
}

/// What was announced, the newest first.
///
/// # Errors
/// [`AppError::Store`].
pub async fn list(app: &App) -> Result<Vec<Announcement>> {
    app.read(|conn| Box::pin(async move { Ok(announcements::all(conn).await?) })).await
}

/// One announcement, shown or not.
///
/// # Errors
/// [`AppError::Store`].
pub async fn show(app: &App, id: RowId) -> Result<Option<Announcement>> {
    app.read(move |conn| Box::pin(async move { Ok(announcements::one(conn, id, None).await?) }))
        .await
}

/// Removes an announcement; false when there is no such one.
///
/// # Errors
/// [`AppError::Store`].
pub async fn remove(app: &App, id: RowId) -> Result<bool> {
    let found = app
        .write(move |conn| {
            Box::pin(async move {
                Job::Announce { announcement: id }.cancel(conn).await?;
                Ok::<_, AppError>(announcements::remove(conn, id).await?)
            })
        })
        .await?;
    if found {
        app.publish(vec![Event::AnnouncementRemoved { announcement: id }]).await;
    }
    Ok(found)
}
