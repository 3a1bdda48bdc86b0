//! What staff says of hashtags.

use std::sync::Arc;

use domain::{AccountId, TagId};
use store::Page;
use store::staff_tags::{self, StaffTag};

use crate::tags::TagView;
use crate::{App, AppError, Result};

/// What staff changes about a hashtag; `None` leaves as it is.
#[derive(Clone, Debug, Default)]
pub struct TagChange {
    /// Another spelling of the same name.
    pub display_name: Option<String>,
    /// Whether people here may post with it.
    pub usable: Option<bool>,
    /// Whether it is found by search.
    pub listable: Option<bool>,
    /// Whether it could trend.
    pub trendable: Option<bool>,
}

/// All hashtags with how they are used, the newest first.
///
/// # Errors
/// [`AppError::Store`].
pub async fn tags(
    app: &Arc<App>,
    staff: AccountId,
    page: Page,
) -> Result<Vec<(StaffTag, TagView)>> {
    let context = app.clone();
    app.read(move |conn| {
        Box::pin(async move {
            let rows = staff_tags::page(conn, &page).await?;
            let tags = rows.iter().map(|row| row.tag.clone()).collect();
            let views = crate::tags::views(&context, conn, tags, Some(staff)).await?;
            Ok(rows.into_iter().zip(views).collect())
        })
    })
    .await
}

/// One hashtag.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn tag(app: &Arc<App>, staff: AccountId, id: TagId) -> Result<(StaffTag, TagView)> {
    let context = app.clone();
    app.read(move |conn| {
        Box::pin(async move {
            let row = staff_tags::one(conn, id).await?.ok_or(AppError::NotFound)?;
            let tags = vec![row.tag.clone()];
            let view = crate::tags::views(&context, conn, tags, Some(staff)).await?.pop();
            Ok((row, view.ok_or(AppError::NotFound)?))
        })
    })
    .await
}

/// Changes one.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Invalid`] for a spelling of another name.
pub async fn change_tag(
    app: &Arc<App>,
    staff: AccountId,
    id: TagId,
    change: TagChange,
) -> Result<(StaffTag, TagView)> {
    let now = app.now();
    app.write(move |conn| {
        Box::pin(async move {
            let mut row = staff_tags::one(conn, id).await?.ok_or(AppError::NotFound)?;
            if let Some(spelling) = change.display_name.filter(|name| !name.is_empty()) {
                let folded = domain::text::fold_tag(&spelling);
                if folded.as_deref() != Some(row.tag.name.as_str()) {
                    return Err(AppError::invalid(
                        "Display name is not a spelling of this hashtag",
                    ));
                }
                row.tag.display_name = spelling;
            }
            row.usable = change.usable.unwrap_or(row.usable);
            row.listable = change.listable.unwrap_or(row.listable);
            row.trendable = change.trendable.unwrap_or(row.trendable);
            row.reviewed_at = Some(now);
            Ok(staff_tags::update(conn, &row).await?)
        })
    })
    .await?;
    tag(app, staff, id).await
}
