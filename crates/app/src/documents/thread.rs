//! A thread that was begun here, as a collection of its statuses (FEP-7888).

use std::sync::Arc;

use activitypub::{Collection, build};
use domain::ConversationId;
use store::{accounts, conversation_uris, statuses};

use super::collections::link;
use super::{Answer, Asked, asker, check_enabled};
use crate::represent::uri;
use crate::{App, AppError, Result};

/// Statuses on a page.
const PAGE: i64 = 60;

/// The thread, or the page of it above an id. One that began elsewhere is that server's to list.
///
/// # Errors
/// As [`super::of_account`].
pub async fn thread(
    app: &Arc<App>,
    asked: Asked<'_>,
    id: ConversationId,
    above: Option<i64>,
) -> Result<Answer> {
    check_enabled(app)?;
    let asker = asker::ask(app, asked).await?;
    let viewer = asker.viewer();
    let (starter, rows) = app
        .read(move |conn| {
            Box::pin(async move {
                let starter = statuses::starter(conn, id, viewer).await?;
                let starter = starter.ok_or(AppError::NotFound)?;
                if conversation_uris::of(conn, id).await?.is_some() {
                    return Err(AppError::NotFound);
                }
                let starter = accounts::by_id(conn, starter).await?.ok_or(AppError::NotFound)?;
                let stretch = (above.unwrap_or(0), PAGE);
                Ok((starter, statuses::thread(conn, id, viewer, stretch).await?))
            })
        })
        .await?;
    super::check_welcome(app, &starter, &asker).await?;
    let address = app.urls.thread(id);
    let target = |above: i64| {
        let above = if above > 0 { format!("min_id={above}&") } else { String::new() };
        uri(&format!("{address}?{above}page=true"))
    };
    let is_full = i64::try_from(rows.len()).unwrap_or(i64::MAX) >= PAGE;
    let next = rows.last().filter(|_| is_full).map(|last| target(last.id.0)).transpose()?;
    let page = Collection {
        id: Some(target(above.unwrap_or(0))?),
        is_page: true,
        part_of: Some(uri(&address)?),
        items: rows.iter().map(|row| link(&app.urls.addressed(row))).collect::<Result<_>>()?,
        next,
        ..Collection::default()
    };
    let collection = match above {
        Some(_) => page,
        None => Collection {
            id: Some(uri(&address)?),
            attributed_to: Some(uri(&app.urls.actor(&starter))?),
            first_page: Some(Box::new(page)),
            ..Collection::default()
        },
    };
    Ok(asker.document(build::collection(&collection)))
}
