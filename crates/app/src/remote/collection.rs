//! Collections of other servers: a few pages at most, never one twice (P04).

use std::sync::Arc;

use activitypub::{Collection, Object, Uri, parse};

use super::Budget;
use super::fetch::{Found, document};
use crate::{App, AppError, Result};

/// Most pages of one collection.
const PAGES: usize = 10;

/// The first items of a collection, at most so many, from its own origin only.
pub(crate) async fn items(
    app: &Arc<App>,
    id: &Uri,
    most: usize,
    budget: &mut Budget,
) -> Result<Vec<Object>> {
    let mut found = Vec::new();
    let mut seen: Vec<Uri> = Vec::new();
    let mut next = Some(id.clone());
    while let Some(address) = next.take() {
        if seen.len() >= PAGES || seen.contains(&address) || !address.same_origin(id) {
            break;
        }
        seen.push(address.clone());
        let Some(mut page) = read(app, &address, budget).await? else { break };
        found.append(&mut page.items);
        next = page.next.take();
        if let Some(mut first) = page.first_page.take() {
            found.append(&mut first.items);
            next = first.next.take();
        } else if found.is_empty() && next.is_none() {
            next = page.first.take();
        }
        if found.len() >= most {
            break;
        }
    }
    found.truncate(most);
    Ok(found)
}

/// How many items a collection says it has.
pub(super) async fn total(app: &Arc<App>, id: &str, budget: &mut Budget) -> Result<Option<i64>> {
    let Some(id) = Uri::parse(id) else { return Ok(None) };
    let found = read(app, &id, budget).await?;
    Ok(found
        .and_then(|found| found.total)
        .filter(|total| (0..=i64::from(i32::MAX)).contains(total)))
}

async fn read(app: &Arc<App>, id: &Uri, budget: &mut Budget) -> Result<Option<Collection>> {
    match document(app, id, budget).await {
        Ok(Found::There(document)) if document.url.same_origin(id) => {
            Ok(parse::collection(&document.body).ok())
        }
        Err(error @ (AppError::Store(_) | AppError::Internal(_) | AppError::Busy(_))) => Err(error),
        Ok(_) | Err(_) => Ok(None),
    }
}
