//! Timelines: lists of statuses for a viewer, hydrated and ready to render.

use std::time::Duration;

use domain::time::DAY;
use domain::{AccountId, StatusId, Timestamp, id};
use store::Page;
use store::statuses::{self, AccountFilter, PublicFilter, StatusView};
use store::{accounts, home_feed};

use crate::{App, AppError, Result};

/// How far back a feed that is built anew looks.
const LOOK_BACK: i64 = 60 * DAY;
/// How long it waits for posts that are being written; a transaction takes some milliseconds.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// The home timeline. A feed that is not kept up (a new or returning reader) is built first.
///
/// # Errors
/// [`crate::AppError::Store`].
pub async fn home(app: &App, owner: AccountId, page: Page) -> Result<Vec<StatusView>> {
    let now = app.now();
    if let Some(views) = read_home(app, owner, page, now).await? {
        return Ok(views);
    }
    let oldest = StatusId(id::first_id_at(Timestamp((now.0 - LOOK_BACK).max(0))));
    // Two transactions and a wait between: see `home_feed::begin`.
    app.write(move |conn| Box::pin(async move { home_feed::begin(conn, owner).await })).await?;
    app.store.older_writers_end(LONGEST_WAIT).await?;
    app.write(move |conn| Box::pin(async move { home_feed::fill(conn, owner, oldest, now).await }))
        .await?;
    Ok(read_home(app, owner, page, now).await?.unwrap_or_default())
}

/// A stretch of a feed, or `None` when it is not kept up.
async fn read_home(
    app: &App,
    owner: AccountId,
    page: Page,
    now: Timestamp,
) -> Result<Option<Vec<StatusView>>> {
    app.read(move |conn| {
        Box::pin(async move {
            if !home_feed::is_ready(conn, owner).await? {
                return Ok(None);
            }
            let ids = home_feed::read(conn, owner, &page, now).await?;
            Ok(Some(statuses::hydrate(conn, &ids, Some(owner)).await?))
        })
    })
    .await
}

/// The public timeline.
///
/// # Errors
/// [`crate::AppError::Store`].
pub async fn public(
    app: &App,
    filter: PublicFilter,
    viewer: Option<AccountId>,
    page: Page,
) -> Result<Vec<StatusView>> {
    let now = app.now();
    app.read(move |conn| {
        Box::pin(async move {
            let ids = statuses::public(conn, filter, viewer, &page, now).await?;
            Ok(statuses::hydrate(conn, &ids, viewer).await?)
        })
    })
    .await
}

/// What an account's list of statuses shows.
#[derive(Clone, Debug, Default)]
pub struct AccountStatuses {
    /// Only what is pinned, newest pin first; then nothing else counts.
    pub pinned: bool,
    /// Only with this tag.
    pub tag: Option<String>,
    /// No boosts.
    pub exclude_boosts: bool,
    /// No replies to others.
    pub exclude_replies: bool,
    /// Only with attachments.
    pub only_media: bool,
}

/// The statuses of an account that the viewer may see.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such account.
pub async fn account(
    app: &App,
    account: AccountId,
    wanted: AccountStatuses,
    viewer: Option<AccountId>,
    page: Page,
) -> Result<Vec<StatusView>> {
    let now = app.now();
    app.read(move |conn| {
        Box::pin(async move {
            accounts::by_id(conn, account).await?.ok_or(AppError::NotFound)?;
            let ids = if wanted.pinned {
                statuses::pinned(conn, account, viewer).await?
            } else {
                let mut filter = AccountFilter {
                    exclude_boosts: wanted.exclude_boosts,
                    exclude_replies: wanted.exclude_replies,
                    only_media: wanted.only_media,
                    tag: None,
                };
                if let Some(name) = &wanted.tag {
                    let known = match domain::text::fold_tag(name) {
                        Some(name) => statuses::tags_named(conn, &[name]).await?,
                        None => Vec::new(),
                    };
                    let Some(tag) = known.first() else { return Ok(Vec::new()) };
                    filter.tag = Some(tag.id);
                }
                statuses::account(conn, account, filter, viewer, &page, now).await?
            };
            Ok(statuses::hydrate(conn, &ids, viewer).await?)
        })
    })
    .await
}
