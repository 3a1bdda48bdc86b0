//! Hashtags that somebody shows on their profile.

use std::sync::Arc;

use domain::time::DAY;
use domain::{AccountId, RowId, StatusId, TagId, id};
use store::tags::{self, FeaturedTag};
use store::{accounts, statuses};

use super::{TagView, fold, unknown, view_one, views};
use crate::{App, AppError, Result};

/// Most tags on a profile.
pub const MOST: i64 = 10;

/// The tags on a profile.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such account.
pub async fn featured(app: &App, account: AccountId) -> Result<Vec<FeaturedTag>> {
    app.read(move |conn| {
        Box::pin(async move {
            let account = accounts::by_id(conn, account).await?.ok_or(AppError::NotFound)?;
            if account.suspended_at.is_some() {
                return Ok(Vec::new());
            }
            Ok(tags::featured(conn, account.id).await?)
        })
    })
    .await
}

/// Puts a tag on one's profile.
///
/// # Errors
/// [`AppError::Invalid`] for no tag name, one that is there, or one too many.
pub async fn feature(app: &Arc<App>, me: AccountId, name: &str) -> Result<FeaturedTag> {
    let (folded, spelling) = fold(name).map_err(|_| AppError::invalid("Tag is invalid"))?;
    let context = app.clone();
    app.write(move |conn| {
        Box::pin(async move {
            let new = (context.ids.next(), folded, spelling);
            let tag = statuses::tag_ids(conn, &[new], context.now()).await?.pop();
            let tag = tag.ok_or(AppError::NotFound)?;
            if tags::featured_count(conn, me).await? >= MOST {
                return Err(AppError::invalid(
                    "You have already featured the maximum number of hashtags",
                ));
            }
            if !tags::feature(conn, context.ids.next(), me, tag.id, context.now()).await? {
                return Err(AppError::invalid("Tag has already been taken"));
            }
            tags::featured_one(conn, me, tag.id).await?.ok_or(AppError::NotFound)
        })
    })
    .await
}

/// Takes an entry off one's profile.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn unfeature(app: &App, me: AccountId, entry: RowId) -> Result<()> {
    app.write(move |conn| {
        Box::pin(async move {
            let gone = tags::unfeature(conn, me, entry).await?;
            if gone { Ok(()) } else { Err(AppError::NotFound) }
        })
    })
    .await
}

/// Puts a tag on one's profile; it may be there already.
///
/// # Errors
/// [`AppError::NotFound`] for no tag, [`AppError::Invalid`] for one too many.
pub async fn feature_named(app: &Arc<App>, me: AccountId, name: &str) -> Result<TagView> {
    let wanted = Named::read(name)?;
    let context = app.clone();
    app.write(move |conn| {
        Box::pin(async move {
            let tag = match wanted {
                Named::Id(id) => tags::by_ids(conn, &[id]).await?.pop(),
                Named::Name(folded, spelling) => {
                    let new = (context.ids.next(), folded, spelling);
                    statuses::tag_ids(conn, &[new], context.now()).await?.pop()
                }
            };
            let tag = tag.ok_or(AppError::NotFound)?;
            let is_new = tags::featured_one(conn, me, tag.id).await?.is_none();
            if is_new && tags::featured_count(conn, me).await? >= MOST {
                return Err(AppError::invalid(
                    "You have already featured the maximum number of hashtags",
                ));
            }
            tags::feature(conn, context.ids.next(), me, tag.id, context.now()).await?;
            view_one(&context, conn, tag, Some(me)).await
        })
    })
    .await
}

/// Takes a tag off one's profile, if it is there.
///
/// # Errors
/// [`AppError::NotFound`] for no tag.
pub async fn unfeature_named(app: &Arc<App>, me: AccountId, name: &str) -> Result<TagView> {
    let wanted = Named::read(name)?;
    let context = app.clone();
    app.write(move |conn| {
        Box::pin(async move {
            let tag = match &wanted {
                Named::Id(id) => tags::by_ids(conn, &[*id]).await?.pop(),
                Named::Name(folded, _) => {
                    statuses::tags_named(conn, std::slice::from_ref(folded)).await?.pop()
                }
            };
            let Some(tag) = tag else {
                return match wanted {
                    Named::Id(_) => Err(AppError::NotFound),
                    Named::Name(name, spelling) => Ok(unknown(&context, name, spelling, Some(me))),
                };
            };
            tags::unfeature_tag(conn, me, tag.id).await?;
            view_one(&context, conn, tag, Some(me)).await
        })
    })
    .await
}

/// A tag as a path names it. Mastodon documents an id and reads a name; clients send either. Digits alone
/// are no tag's name, so both can be told apart.
enum Named {
    Id(TagId),
    Name(String, String),
}

impl Named {
    fn read(text: &str) -> Result<Self> {
        match text.parse() {
            Ok(id) => Ok(Self::Id(id)),
            Err(_) => fold(text).map(|(folded, spelling)| Self::Name(folded, spelling)),
        }
    }
}

/// The tags that somebody used most of late and does not feature.
///
/// # Errors
/// [`AppError::Store`].
pub async fn suggestions(app: &Arc<App>, me: AccountId) -> Result<Vec<TagView>> {
    let context = app.clone();
    app.read(move |conn| {
        Box::pin(async move {
            let after = StatusId(id::first_id_at(context.now().plus(-90 * DAY)));
            let tags = tags::most_used(conn, me, after).await?;
            views(&context, conn, tags, Some(me)).await
        })
    })
    .await
}
