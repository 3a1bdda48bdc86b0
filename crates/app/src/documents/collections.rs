//! Collections of an account. Counts are for everybody; who follows whom is listed only when the
//! account shows it.

use std::sync::Arc;

use activitypub::{Collection, HashtagTag, Object, Uri, build, featured_tags};
use domain::account::Account;
use domain::{AccountId, StatusId};
use store::relations::{self, Circle};
use store::statuses::{self, AccountFilter};
use store::{Listed, Page, deliveries};

use super::{Answer, Asker};
use crate::represent::{self, uri};
use crate::{App, AppError, Result};

/// Activities on a page of an outbox.
pub const PAGE: i64 = 20;
/// Accounts on a page of followers.
const PEOPLE: i64 = 12;

/// What an account has posted.
pub(super) async fn outbox(
    app: &Arc<App>,
    account: Account,
    asker: &Asker,
    page: Option<Page>,
) -> Result<Answer> {
    let id = format!("{}/outbox", app.urls.actor(&account));
    let Some(page) = page else {
        let collection = Collection {
            total: Some(account.statuses_count),
            first: Some(uri(&format!("{id}?page=true"))?),
            last: Some(uri(&format!("{id}?min_id=0&page=true"))?),
            ..ordered(&id)?
        };
        return Ok(asker.document(build::collection(&collection)));
    };
    let page = Page { limit: PAGE, ..page };
    let (context, author, viewer) = (app.clone(), account.id, asker.viewer());
    let activities = app
        .read(move |conn| {
            Box::pin(async move {
                let now = context.now();
                let filter = AccountFilter::default();
                let ids = statuses::account(conn, author, filter, viewer, &page, now).await?;
                represent::origins(&context, conn, &ids, author).await
            })
        })
        .await?;
    let cursors: Vec<i64> = activities.iter().map(|(id, _)| id.0).collect();
    let items = activities.into_iter().map(|(_, activity)| Object::Activity(Box::new(activity)));
    paged(&id, &page, &cursors, items.collect()).map(|page| asker.document(page))
}

/// Followers or followed accounts.
pub(super) async fn circle(
    app: &Arc<App>,
    account: Account,
    asker: &Asker,
    which: Circle,
    page: Option<Page>,
) -> Result<Answer> {
    let (tail, total) = match which {
        Circle::Following => ("following", account.following_count),
        Circle::Followers | Circle::Requests | Circle::Blocks | Circle::Mutes => {
            ("followers", account.followers_count)
        }
    };
    let id = format!("{}/{tail}", app.urls.actor(&account));
    let Some(page) = page else {
        let first = (!account.hide_collections).then(|| uri(&format!("{id}?page=true")));
        let collection =
            Collection { total: Some(total), first: first.transpose()?, ..ordered(&id)? };
        return Ok(asker.document(build::collection(&collection)));
    };
    if account.hide_collections {
        return Err(AppError::NotFound);
    }
    let page = Page { limit: PEOPLE, ..page };
    let (owner, now) = (account.id, app.now());
    let rows = app
        .read(move |conn| {
            Box::pin(async move {
                let rows = relations::circle(conn, owner, which, None, &page, now).await?;
                crate::statuses::with_accounts(conn, rows).await
            })
        })
        .await?;
    let cursors: Vec<i64> = rows.iter().map(|row| row.cursor).collect();
    let items = rows.iter().map(|Listed { item, .. }| link(&app.urls.actor(item)));
    paged(&id, &page, &cursors, items.collect::<Result<_>>()?).map(|page| asker.document(page))
}

/// Pinned statuses, whole.
pub(super) async fn featured(app: &Arc<App>, account: Account, asker: &Asker) -> Result<Answer> {
    let id = format!("{}/collections/featured", app.urls.actor(&account));
    let (context, viewer) = (app.clone(), asker.viewer());
    let notes = app
        .read(move |conn| {
            Box::pin(async move {
                let ids: Vec<StatusId> = statuses::pinned(conn, account.id, viewer).await?;
                represent::notes(&context, conn, &ids, account.id).await
            })
        })
        .await?;
    let collection = Collection {
        total: Some(i64::try_from(notes.len()).unwrap_or(i64::MAX)),
        items: notes.into_iter().map(|note| Object::Note(Box::new(note))).collect(),
        ..ordered(&id)?
    };
    Ok(asker.document(build::collection(&collection)))
}

/// Featured hashtags.
pub(super) async fn tags(app: &Arc<App>, account: Account, asker: &Asker) -> Result<Answer> {
    let id = uri(&format!("{}/collections/tags", app.urls.actor(&account)))?;
    let owner = account.id;
    let featured = crate::tags::featured(app, owner).await?;
    let tags: Vec<HashtagTag> = featured
        .into_iter()
        .map(|entry| HashtagTag {
            href: Uri::parse(&format!(
                "{}/tagged/{}",
                app.urls.local_profile(&account.username),
                entry.tag.name
            )),
            name: entry.tag.display_name,
        })
        .collect();
    Ok(asker.document(featured_tags(&id, &tags)))
}

/// The followers on the asker's host, for whoever asks from there (FEP-8fcf).
pub(super) async fn followers_there(
    app: &Arc<App>,
    account: Account,
    asker: &Asker,
) -> Result<Answer> {
    let host = asker.host().ok_or_else(|| {
        AppError::Unauthorized("The signature tells whose followers are meant".into())
    })?;
    let id = format!("{}/followers_synchronization", app.urls.actor(&account));
    let owner: AccountId = account.id;
    let followers = app
        .read(move |conn| {
            Box::pin(async move {
                let found = deliveries::followers_at(conn, owner, vec![host]).await?;
                Ok::<_, AppError>(found)
            })
        })
        .await?;
    let collection = Collection {
        items: followers.iter().map(|(_, follower)| link(follower)).collect::<Result<_>>()?,
        ..ordered(&id)?
    };
    Ok(asker.document(build::collection(&collection)))
}

pub(super) fn link(id: &str) -> Result<Object> {
    Ok(Object::Link(uri(id)?))
}

fn ordered(id: &str) -> Result<Collection> {
    Ok(Collection { id: Some(uri(id)?), is_ordered: true, ..Collection::default() })
}

/// A page with links to the ones beside it: `cursors` are those of its items, newest first.
fn paged(id: &str, page: &Page, cursors: &[i64], items: Vec<Object>) -> Result<String> {
    let is_full = i64::try_from(cursors.len()).unwrap_or(i64::MAX) >= page.limit;
    let next = cursors.last().filter(|_| is_full || page.from_oldest);
    let next = next.map(|last| uri(&format!("{id}?max_id={last}&page=true")));
    let prev = cursors.first().map(|first| uri(&format!("{id}?min_id={first}&page=true")));
    let own = match (page.from_oldest, page.above, page.below) {
        (true, above, _) => format!("{id}?min_id={above}&page=true"),
        (false, _, i64::MAX) => format!("{id}?page=true"),
        (false, _, below) => format!("{id}?max_id={below}&page=true"),
    };
    Ok(build::collection(&Collection {
        id: Some(uri(&own)?),
        is_ordered: true,
        is_page: true,
        items,
        next: next.transpose()?,
        prev: prev.transpose()?,
        part_of: Some(uri(id)?),
        ..Collection::default()
    }))
}
