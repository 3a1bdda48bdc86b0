//! A status and what hangs on it.

use std::sync::Arc;

use activitypub::{Collection, build};
use domain::StatusId;
use domain::account::Account;
use domain::status::Status;
use store::statuses::{self, Addressed, Answering};
use store::{Conn, tombstones};

use super::collections::link;
use super::{Answer, Asker, RepliesPage};
use crate::represent::{self, uri};
use crate::{App, AppError, Result};

/// Answers on a page.
const PAGE: i64 = 60;

/// The status itself. A boost is none: who asks for it is sent to what it boosts, if that is here.
pub(super) async fn note(
    app: &Arc<App>,
    account: Account,
    asker: &Asker,
    id: StatusId,
) -> Result<Answer> {
    let (context, viewer) = (app.clone(), asker.viewer());
    let stone = app.urls.local_status(&account.username, id);
    let author = account.id;
    let found = app
        .read(move |conn| {
            Box::pin(async move {
                let status = statuses::visible_by_id(conn, id, viewer).await?;
                let Some(status) = status.filter(|status| status.account_id == author) else {
                    let is_gone = tombstones::stands(conn, &stone).await?;
                    return if is_gone { Ok(Seen::Gone(stone)) } else { Err(AppError::NotFound) };
                };
                let Some(original) = status.boost_of else {
                    let note = represent::note(&context, conn, id).await?;
                    return Ok(Seen::Note(build::note(&note)));
                };
                let note = represent::note(&context, conn, original).await?;
                Ok(Seen::Elsewhere(note.id.to_string()))
            })
        })
        .await?;
    match found {
        Seen::Note(body) => Ok(asker.document(body)),
        Seen::Elsewhere(address) => Ok(Answer::Redirect(address)),
        Seen::Gone(id) => Ok(Answer::Gone(build::tombstone(&uri(&id)?))),
    }
}

enum Seen {
    Note(String),
    Elsewhere(String),
    Gone(String),
}

/// What the status began with.
pub(super) async fn activity(
    app: &Arc<App>,
    account: Account,
    asker: &Asker,
    id: StatusId,
) -> Result<Answer> {
    let (context, viewer) = (app.clone(), asker.viewer());
    let activity = app
        .read(move |conn| {
            Box::pin(async move {
                visible(conn, &account, viewer, id).await?;
                represent::origin(&context, conn, id).await
            })
        })
        .await?;
    Ok(asker.document(build::activity(&activity)))
}

/// Which number of a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counted {
    Likes,
    Shares,
}

/// How many like or boosted the status; never who.
pub(super) async fn count(
    app: &Arc<App>,
    account: Account,
    asker: &Asker,
    id: StatusId,
    counted: Counted,
) -> Result<Answer> {
    let address = app.urls.local_status(&account.username, id);
    let viewer = asker.viewer();
    let status = app
        .read(move |conn| Box::pin(async move { original(conn, &account, viewer, id).await }))
        .await?;
    let (tail, total) = match counted {
        Counted::Likes => ("likes", status.favourites_count),
        Counted::Shares => ("shares", status.boosts_count),
    };
    let collection = Collection {
        id: Some(uri(&format!("{address}/{tail}"))?),
        total: Some(total),
        ..Collection::default()
    };
    Ok(asker.document(build::collection(&collection)))
}

/// The answers that the asker may see: the author's own on the first pages, then those of others.
pub(super) async fn replies(
    app: &Arc<App>,
    account: Account,
    asker: &Asker,
    id: StatusId,
    page: Option<RepliesPage>,
) -> Result<Answer> {
    let (author, viewer) = (account.id, asker.viewer());
    let address = format!("{}/replies", app.urls.local_status(&account.username, id));
    let wanted = page.unwrap_or_default();
    let answering = if wanted.others { Answering::Others } else { Answering::Author };
    let rows = app
        .read(move |conn| {
            Box::pin(async move {
                original(conn, &account, viewer, id).await?;
                let stretch = (wanted.above, PAGE);
                let rows =
                    statuses::replies(conn, (id, author), answering, viewer, stretch).await?;
                Ok::<_, AppError>(rows)
            })
        })
        .await?;
    let shown = listed(app, &address, wanted, &rows)?;
    let collection = match page {
        Some(_) => shown,
        None => Collection {
            id: Some(uri(&address)?),
            first_page: Some(Box::new(shown)),
            ..Collection::default()
        },
    };
    Ok(asker.document(build::collection(&collection)))
}

fn listed(app: &App, address: &str, wanted: RepliesPage, rows: &[Addressed]) -> Result<Collection> {
    let target = |page: RepliesPage| {
        let others = if page.others { "only_other_accounts=true&" } else { "" };
        let above = if page.above > 0 { format!("min_id={}&", page.above) } else { String::new() };
        uri(&format!("{address}?{above}{others}page=true"))
    };
    let is_full = i64::try_from(rows.len()).unwrap_or(i64::MAX) >= PAGE;
    let next = match rows.last().filter(|_| is_full) {
        Some(last) => Some(target(RepliesPage { above: last.id.0, ..wanted })?),
        None if !wanted.others => Some(target(RepliesPage { others: true, above: 0 })?),
        None => None,
    };
    Ok(Collection {
        id: Some(target(wanted)?),
        is_page: true,
        part_of: Some(uri(address)?),
        items: rows.iter().map(|row| link(&app.urls.addressed(row))).collect::<Result<_>>()?,
        next,
        ..Collection::default()
    })
}

/// The viewer behind an asker, as the store knows one.
type Viewer = Option<domain::AccountId>;

/// A status or boost of this account, if the viewer may see it.
async fn visible(
    conn: &mut Conn,
    account: &Account,
    viewer: Viewer,
    id: StatusId,
) -> Result<Status> {
    let status = statuses::visible_by_id(conn, id, viewer).await?;
    status.filter(|status| status.account_id == account.id).ok_or(AppError::NotFound)
}

/// The same, and no boost.
async fn original(
    conn: &mut Conn,
    account: &Account,
    viewer: Viewer,
    id: StatusId,
) -> Result<Status> {
    let status = visible(conn, account, viewer, id).await?;
    if status.boost_of.is_some() { Err(AppError::NotFound) } else { Ok(status) }
}
