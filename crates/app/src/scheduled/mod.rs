//! Statuses that wait for their time. A job posts each when it has come.

mod draft;

use std::sync::Arc;

use domain::media::Media;
use domain::time::{DAY, MINUTE};
use domain::{AccountId, MediaId, RowId, Timestamp};
use store::scheduled::{self, Scheduled};
use store::{Conn, Page, accounts, media, users};

pub use draft::{Draft, DraftPoll};

use crate::access::Me;
use crate::jobs::{Job, enqueue};
use crate::statuses::{NewStatus, own_media, settle, write_new};
use crate::{App, AppError, Result};

/// How far ahead a time must be.
const SOONEST: i64 = 5 * MINUTE;
/// Most in all.
const MOST: i64 = 300;
/// Most on one day.
const MOST_A_DAY: i64 = 25;

/// Of how many it is asked whether the same request kept them.
const LOOKED_AT: i64 = 40;

/// A scheduled status with its attachments.
#[derive(Clone, Debug)]
pub struct ScheduledView {
    /// Its id.
    pub id: RowId,
    /// When it is to be posted.
    pub at: Timestamp,
    /// What is to be posted.
    pub draft: Draft,
    /// Its attachments, in order.
    pub media: Vec<Media>,
}

/// Keeps a status until `at`. A time that is past is the caller's to post at once.
///
/// # Errors
/// [`AppError::Invalid`] for what could not be posted now either, a time that is too soon, or too
/// many.
pub async fn schedule(
    app: &Arc<App>,
    me: &Me,
    new: NewStatus,
    at: Timestamp,
) -> Result<ScheduledView> {
    check_time(app, at)?;
    // The checks are those of posting; what is kept is the request as given.
    settle(app, me, new.clone())?;
    let draft = Draft::from(new);
    let row = Scheduled {
        id: app.ids.next(),
        account_id: me.id(),
        scheduled_at: at,
        params: to_json(&draft)?,
        media_ids: to_json(&draft.media_ids)?,
    };
    let context = app.clone();
    app.write(move |conn| {
        Box::pin(async move {
            // The same request twice takes turns, and finds what it kept the first time.
            accounts::locked(conn, row.account_id).await?;
            if let Some(earlier) = kept_before(conn, &row, &draft).await? {
                return Ok(earlier);
            }
            own_media(conn, row.account_id, &draft.media_ids).await?;
            check_room(conn, row.account_id, at, row.id).await?;
            scheduled::hold_media(conn, row.account_id, &draft.media_ids, at).await?;
            scheduled::insert(conn, &row).await?;
            enqueue(&context, conn, &Job::PublishScheduled { scheduled: row.id }, at).await?;
            view(conn, row).await
        })
    })
    .await
}

/// What was kept under the same idempotency key, if it still waits.
async fn kept_before(
    conn: &mut Conn,
    row: &Scheduled,
    draft: &Draft,
) -> Result<Option<ScheduledView>> {
    if draft.idempotency_key.is_none() {
        return Ok(None);
    }
    let rows = scheduled::list(conn, row.account_id, &Page::newest(LOOKED_AT)).await?;
    let views = views(conn, row.account_id, rows).await?;
    Ok(views.into_iter().find(|view| view.draft.idempotency_key == draft.idempotency_key))
}

/// Writes one anew: other words, other files, another time.
///
/// # Errors
/// [`AppError::NotFound`], and those of [`schedule`]; then it stays as it is.
pub async fn rewrite(
    app: &Arc<App>,
    me: &Me,
    id: RowId,
    new: NewStatus,
    at: Timestamp,
) -> Result<ScheduledView> {
    check_time(app, at)?;
    settle(app, me, new.clone())?;
    let draft = Draft::from(new);
    let row = Scheduled {
        id,
        account_id: me.id(),
        scheduled_at: at,
        params: to_json(&draft)?,
        media_ids: to_json(&draft.media_ids)?,
    };
    let (context, now) = (app.clone(), app.now());
    app.write(move |conn| {
        Box::pin(async move {
            let owner = row.account_id;
            let former = scheduled::own(conn, owner, id).await?.ok_or(AppError::NotFound)?;
            let former = view(conn, former).await?;
            own_media(conn, owner, &draft.media_ids).await?;
            check_room(conn, owner, at, id).await?;
            scheduled::hold_media(conn, owner, &former.draft.media_ids, now).await?;
            scheduled::delete(conn, owner, id).await?;
            scheduled::insert(conn, &row).await?;
            scheduled::hold_media(conn, owner, &draft.media_ids, at).await?;
            let job = Job::PublishScheduled { scheduled: id };
            job.cancel(conn).await?;
            enqueue(&context, conn, &job, at).await?;
            view(conn, row).await
        })
    })
    .await
}

/// A stretch of what somebody has scheduled.
///
/// # Errors
/// [`AppError::Store`].
pub async fn list(app: &App, me: AccountId, page: Page) -> Result<Vec<ScheduledView>> {
    app.read(move |conn| {
        Box::pin(async move {
            let rows = scheduled::list(conn, me, &page).await?;
            views(conn, me, rows).await
        })
    })
    .await
}

/// One of somebody's own.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn show(app: &App, me: AccountId, id: RowId) -> Result<ScheduledView> {
    app.read(move |conn| {
        Box::pin(async move {
            let row = scheduled::own(conn, me, id).await?.ok_or(AppError::NotFound)?;
            view(conn, row).await
        })
    })
    .await
}

/// Moves one to another time.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Invalid`].
pub async fn move_to(
    app: &Arc<App>,
    me: AccountId,
    id: RowId,
    at: Timestamp,
) -> Result<ScheduledView> {
    let context = app.clone();
    app.write(move |conn| {
        Box::pin(async move {
            let mut row = scheduled::own(conn, me, id).await?.ok_or(AppError::NotFound)?;
            check_time(&context, at)?;
            check_room(conn, me, at, id).await?;
            scheduled::move_to(conn, me, id, at).await?;
            let job = Job::PublishScheduled { scheduled: id };
            job.cancel(conn).await?;
            enqueue(&context, conn, &job, at).await?;
            row.scheduled_at = at;
            let view = view(conn, row).await?;
            scheduled::hold_media(conn, me, &view.draft.media_ids, at).await?;
            Ok(view)
        })
    })
    .await
}

/// Gives one up.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn cancel(app: &App, me: AccountId, id: RowId) -> Result<()> {
    let now = app.now();
    app.write(move |conn| {
        Box::pin(async move {
            let row = scheduled::own(conn, me, id).await?.ok_or(AppError::NotFound)?;
            let view = view(conn, row).await?;
            scheduled::hold_media(conn, me, &view.draft.media_ids, now).await?;
            scheduled::delete(conn, me, id).await?;
            Job::PublishScheduled { scheduled: id }.cancel(conn).await
        })
    })
    .await
}

/// Posts the one whose time has come, in one transaction with its removal: running twice posts
/// once. What can no longer be posted (its media are gone, its author may not act) is given up.
pub(crate) async fn publish(app: &Arc<App>, id: RowId) -> Result<()> {
    let context = app.clone();
    let posted =
        app.write(move |conn| Box::pin(async move { post_due(&context, conn, id).await })).await;
    match posted {
        Err(error @ (AppError::Invalid(_) | AppError::Unprocessable(_) | AppError::NotFound)) => {
            tracing::info!(%id, %error, "a scheduled status can no longer be posted and is given up");
            let now = app.now();
            app.write(move |conn| {
                Box::pin(async move {
                    Ok::<_, AppError>(scheduled::take_due(conn, id, now).await.map(|_| ())?)
                })
            })
            .await
        }
        other => other,
    }
}

async fn post_due(app: &Arc<App>, conn: &mut Conn, id: RowId) -> Result<()> {
    let Some(row) = scheduled::take_due(conn, id, app.now()).await? else { return Ok(()) };
    let account = accounts::by_id(conn, row.account_id).await?.ok_or(AppError::NotFound)?;
    let user = users::by_account(conn, row.account_id).await?.ok_or(AppError::NotFound)?;
    if user.disabled || account.suspended_at.is_some() {
        return Ok(());
    }
    let me = Me { account, user };
    let draft: Draft =
        serde_json::from_str(&row.params).map_err(|error| AppError::Internal(error.to_string()))?;
    let new = settle(app, &me, draft.into())?;
    write_new(app, conn, &me, &new, app.ids.next()).await
}

fn check_time(app: &App, at: Timestamp) -> Result<()> {
    let now = app.now();
    if at.since(now) < SOONEST {
        return Err(AppError::invalid("Scheduled at The scheduled date must be in the future"));
    }
    if at.since(now) > 10 * 366 * DAY {
        return Err(AppError::invalid("Scheduled at The scheduled date is too far ahead"));
    }
    Ok(())
}

async fn check_room(conn: &mut Conn, me: AccountId, at: Timestamp, except: RowId) -> Result<()> {
    let day = (at.midnight(), at.midnight().plus(DAY));
    let (all, that_day) = scheduled::counts(conn, me, day, except).await?;
    if all >= MOST {
        return Err(AppError::invalid(format!(
            "You have exceeded the limit of {MOST} scheduled posts"
        )));
    }
    if that_day >= MOST_A_DAY {
        return Err(AppError::invalid(format!(
            "You have exceeded the limit of {MOST_A_DAY} scheduled posts for that day"
        )));
    }
    Ok(())
}

async fn view(conn: &mut Conn, row: Scheduled) -> Result<ScheduledView> {
    let owner = row.account_id;
    views(conn, owner, vec![row]).await?.pop().ok_or(AppError::NotFound)
}

/// All their attachments in one query.
async fn views(
    conn: &mut Conn,
    owner: AccountId,
    rows: Vec<Scheduled>,
) -> Result<Vec<ScheduledView>> {
    let mut drafts = Vec::with_capacity(rows.len());
    for row in rows {
        let draft: Draft = serde_json::from_str(&row.params)
            .map_err(|error| AppError::Internal(error.to_string()))?;
        drafts.push((row, draft));
    }
    let ids: Vec<MediaId> =
        drafts.iter().flat_map(|(_, draft)| draft.media_ids.iter().copied()).collect();
    let found = media::own(conn, owner, &ids).await?;
    Ok(drafts
        .into_iter()
        .map(|(row, draft)| {
            let media = draft
                .media_ids
                .iter()
                .filter_map(|id| found.iter().find(|media| media.id == *id).cloned())
                .collect();
            ScheduledView { id: row.id, at: row.scheduled_at, draft, media }
        })
        .collect())
}

fn to_json<T: serde::Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| AppError::Internal(error.to_string()))
}
