//! Following hashtags: their public statuses come to the home feed.

use std::sync::Arc;

use domain::AccountId;
use domain::TagId;
use store::{Listed, Page, statuses, tags};

use super::{TagView, fold, unknown, view_one, views};
use crate::{App, AppError, Result};

/// Most tags that somebody may follow.
const MOST: i64 = 1000;

/// Follows a tag, which may be one that nobody has used yet.
///
/// # Errors
/// [`AppError::NotFound`] when that is no tag name.
pub async fn follow(app: &Arc<App>, me: AccountId, name: &str) -> Result<TagView> {
    let (folded, spelling) = fold(name)?;
    let context = app.clone();
    app.write(move |conn| {
        Box::pin(async move {
            if tags::follow_count(conn, me).await? >= MOST {
                return Err(AppError::invalid("You cannot follow more hashtags"));
            }
            let new = (context.ids.next(), folded, spelling);
            let tag = statuses::tag_ids(conn, &[new], context.now()).await?.pop();
            let tag = tag.ok_or(AppError::NotFound)?;
            tags::follow(conn, context.ids.next(), me, tag.id).await?;
            view_one(&context, conn, tag, Some(me)).await
        })
    })
    .await
}

/// Unfollows a tag.
///
/// # Errors
/// [`AppError::NotFound`] when that is no tag name.
pub async fn unfollow(app: &Arc<App>, me: AccountId, name: &str) -> Result<TagView> {
    let (folded, spelling) = fold(name)?;
    let context = app.clone();
    app.write(move |conn| {
        Box::pin(async move {
            let known = statuses::tags_named(conn, std::slice::from_ref(&folded)).await?.pop();
            let Some(tag) = known else {
                return Ok(unknown(&context, folded, spelling, Some(me)));
            };
            tags::unfollow(conn, me, tag.id).await?;
            view_one(&context, conn, tag, Some(me)).await
        })
    })
    .await
}

/// A stretch of the tags that somebody follows.
///
/// # Errors
/// [`AppError::Store`].
pub async fn followed(app: &Arc<App>, me: AccountId, page: Page) -> Result<Vec<Listed<TagView>>> {
    let context = app.clone();
    app.read(move |conn| {
        Box::pin(async move {
            let rows = tags::followed(conn, me, &page).await?;
            let ids: Vec<TagId> = rows.iter().map(|row| row.item).collect();
            let tags = tags::by_ids(conn, &ids).await?;
            let views = views(&context, conn, tags, Some(me)).await?;
            // Rows and views stand in the same order: a followed tag is never removed.
            Ok(rows
                .into_iter()
                .zip(views)
                .map(|(row, view)| Listed { cursor: row.cursor, item: view })
                .collect())
        })
    })
    .await
}
