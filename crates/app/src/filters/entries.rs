//! Single keywords and statuses of a filter.

use std::sync::Arc;

use domain::filter::{FilterKeyword, FilterStatus};
use domain::{AccountId, FilterId, RowId, StatusId};
use store::{filters, statuses};

use super::{changed, check_keyword, check_room, own};
use crate::{App, AppError, Result};

/// A keyword of this account.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn keyword(app: &App, owner: AccountId, id: RowId) -> Result<FilterKeyword> {
    let filter = super::of_keyword(app, owner, id).await?;
    filter.keywords.into_iter().find(|keyword| keyword.id == id).ok_or(AppError::NotFound)
}

/// Adds a keyword to a filter.
///
/// # Errors
/// [`AppError::Invalid`], [`AppError::NotFound`].
pub async fn add_keyword(
    app: &Arc<App>,
    owner: AccountId,
    filter: FilterId,
    word: &str,
    whole_word: bool,
) -> Result<FilterKeyword> {
    let new = FilterKeyword { id: app.ids.next(), keyword: check_keyword(word)?, whole_word };
    let added = app
        .write(move |conn| {
            Box::pin(async move {
                own(conn, owner, filter).await?;
                check_room(conn, owner, 0, 1).await?;
                filters::add_keyword(conn, filter, &new).await?;
                Ok::<_, AppError>(new)
            })
        })
        .await?;
    changed(app, owner).await;
    Ok(added)
}

/// Changes a keyword; what is `None` stays.
///
/// # Errors
/// [`AppError::Invalid`], [`AppError::NotFound`].
pub async fn change_keyword(
    app: &Arc<App>,
    owner: AccountId,
    id: RowId,
    word: Option<String>,
    whole_word: Option<bool>,
) -> Result<FilterKeyword> {
    let word = word.as_deref().map(check_keyword).transpose()?;
    let written = app
        .write(move |conn| {
            Box::pin(async move {
                let filter =
                    filters::of_keyword(conn, owner, id).await?.ok_or(AppError::NotFound)?;
                let known = filter.keywords.into_iter().find(|keyword| keyword.id == id);
                let mut keyword = known.ok_or(AppError::NotFound)?;
                keyword.keyword = word.unwrap_or(keyword.keyword);
                keyword.whole_word = whole_word.unwrap_or(keyword.whole_word);
                filters::update_keyword(conn, filter.id, &keyword).await?;
                Ok::<_, AppError>(keyword)
            })
        })
        .await?;
    changed(app, owner).await;
    Ok(written)
}

/// Removes a keyword.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn remove_keyword(app: &App, owner: AccountId, id: RowId) -> Result<()> {
    app.write(move |conn| {
        Box::pin(async move {
            let filter = filters::of_keyword(conn, owner, id).await?.ok_or(AppError::NotFound)?;
            filters::delete_keyword(conn, filter.id, id).await?;
            Ok::<_, AppError>(())
        })
    })
    .await?;
    changed(app, owner).await;
    Ok(())
}

/// An entry for a status in a filter of this account.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn status_entry(app: &App, owner: AccountId, id: RowId) -> Result<FilterStatus> {
    app.read(move |conn| {
        Box::pin(async move {
            let filter = filters::of_status_entry(conn, owner, id).await?;
            filter
                .and_then(|filter| filter.statuses.into_iter().find(|entry| entry.id == id))
                .ok_or(AppError::NotFound)
        })
    })
    .await
}

/// Adds a status that the owner may see to a filter.
///
/// # Errors
/// [`AppError::Invalid`] when it is there already, [`AppError::NotFound`].
pub async fn add_status(
    app: &Arc<App>,
    owner: AccountId,
    filter: FilterId,
    status: StatusId,
) -> Result<FilterStatus> {
    let new = FilterStatus { id: app.ids.next(), status_id: status };
    let added = app
        .write(move |conn| {
            Box::pin(async move {
                own(conn, owner, filter).await?;
                statuses::visible_by_id(conn, status, Some(owner))
                    .await?
                    .ok_or(AppError::NotFound)?;
                if !filters::add_status(conn, filter, &new).await? {
                    return Err(AppError::invalid("Status has already been taken"));
                }
                Ok(new)
            })
        })
        .await?;
    changed(app, owner).await;
    Ok(added)
}

/// Removes an entry for a status.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn remove_status(app: &App, owner: AccountId, id: RowId) -> Result<()> {
    app.write(move |conn| {
        Box::pin(async move {
            let filter =
                filters::of_status_entry(conn, owner, id).await?.ok_or(AppError::NotFound)?;
            filters::delete_status(conn, filter.id, id).await?;
            Ok::<_, AppError>(())
        })
    })
    .await?;
    changed(app, owner).await;
    Ok(())
}
