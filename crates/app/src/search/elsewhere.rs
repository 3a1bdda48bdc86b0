//! Searching for something of another server by its address or handle. Only people may make this
//! server ask others.

use std::sync::Arc;
use std::time::Duration;

use activitypub::Uri;
use domain::AccountId;
use store::{accounts, statuses};

use super::{Found, Query};
use crate::remote::{self, Place};
use crate::{App, AppError, Result};

/// How long somebody waits for another server.
const PATIENCE: Duration = Duration::from_secs(15);

/// What an address of another server leads to, if the searcher may see it.
pub(super) async fn find(
    app: &Arc<App>,
    searcher: Option<AccountId>,
    query: &Query,
    address: Uri,
) -> Result<Found> {
    let place = if query.resolve && searcher.is_some() {
        let asked = tokio::time::timeout(PATIENCE, remote::place(app, &address)).await;
        quietly(asked.unwrap_or(Err(AppError::NotFound)))?
    } else {
        remote::known_place(app, &address).await?
    };
    let (want_accounts, want_statuses) = (query.accounts, query.statuses);
    app.read(move |conn| {
        Box::pin(async move {
            let mut found = Found::default();
            match place {
                Some(Place::Account(id)) if want_accounts => {
                    found.accounts = accounts::in_order(conn, &[id]).await?;
                }
                Some(Place::Status(id)) if want_statuses => {
                    if statuses::visible_by_id(conn, id, searcher).await?.is_some() {
                        found.statuses = statuses::hydrate(conn, &[id], searcher).await?;
                    }
                }
                Some(Place::Account(_) | Place::Status(_)) | None => {}
            }
            Ok(found)
        })
    })
    .await
}

/// Makes the account of a whole handle known, if it is one of another server.
pub(super) async fn resolve_handle(app: &Arc<App>, text: &str) -> Result<()> {
    let text = text.trim().strip_prefix("acct:").unwrap_or(text).trim_start_matches('@');
    let Some((name, domain)) = text.split_once('@') else { return Ok(()) };
    let is_name =
        !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "_.-".contains(c));
    let is_domain = domain.contains(['.', ':']) && domain::host::normal(domain).is_some();
    if !is_name || !is_domain || app.urls.is_here(Some(domain)) {
        return Ok(());
    }
    let asked = tokio::time::timeout(PATIENCE, remote::by_handle(app, name, domain)).await;
    quietly(asked.unwrap_or(Err(AppError::NotFound))).map(|_| ())
}

/// What cannot be had is not found; only troubles of this server are told.
fn quietly<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error @ (AppError::Store(_) | AppError::Internal(_))) => Err(error),
        Err(_) => Ok(None),
    }
}
