//! Search: accounts, hashtags and statuses that the searcher may see, and addresses of things here.

mod elsewhere;
mod posts;

use std::sync::Arc;

use activitypub::Uri;
use domain::account::Account;
use domain::status::Status;
use domain::text::{fold_tag, index_words, plain};
use domain::{AccountId, StatusId};
use store::search::{self, AccountQuery, Slice};
use store::statuses::{self, StatusView};
use store::{Conn, accounts};

use crate::tags::TagView;
use crate::{App, AppError, Result, tags};

/// Longest query looked at, in characters.
const LONGEST: usize = 500;

/// What somebody searches for.
#[derive(Clone, Debug)]
pub struct Query {
    /// As typed.
    pub text: String,
    /// Look for accounts.
    pub accounts: bool,
    /// Look for hashtags.
    pub tags: bool,
    /// Look for statuses.
    pub statuses: bool,
    /// Ask other servers for what an address or a handle of theirs leads to.
    pub resolve: bool,
    /// Only accounts that the searcher follows.
    pub following: bool,
    /// Only statuses of this account.
    pub by: Option<AccountId>,
    /// Only statuses below this id.
    pub below: i64,
    /// Only statuses above this id.
    pub above: i64,
    /// How many of each at most.
    pub limit: i64,
    /// After so many.
    pub offset: i64,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Accounts.
    pub accounts: Vec<Account>,
    /// Hashtags.
    pub tags: Vec<TagView>,
    /// Statuses, newest first.
    pub statuses: Vec<StatusView>,
}

/// Makes a status findable by its words; called when it is new and when it was edited.
pub(crate) async fn index(conn: &mut Conn, status: &Status) -> Result<()> {
    if status.boost_of.is_some() {
        return Ok(());
    }
    let text = if status.text.is_empty() { plain(&status.content) } else { status.text.clone() };
    let words = index_words(&format!("{} {text}", status.spoiler_text));
    Ok(search::index(conn, status.id, &words).await?)
}

/// Makes all statuses of a database findable, after it was copied from the other engine, which keeps
/// words in another form. The answer is how many there are.
///
/// # Errors
/// [`store::StoreError`].
pub async fn index_all(store: &store::Store) -> Result<u64> {
    /// Statuses in one transaction.
    const SLICE: i64 = 500;
    let (mut after, mut count) = (domain::StatusId(0), 0);
    loop {
        let last = store
            .write(move |conn| {
                Box::pin(async move {
                    let slice = store::statuses::slice(conn, after, SLICE).await?;
                    for status in &slice {
                        index(conn, status).await?;
                    }
                    Ok::<_, AppError>(slice.last().map(|last| (last.id, slice.len() as u64)))
                })
            })
            .await?;
        let Some((last, indexed)) = last else { return Ok(count) };
        (after, count) = (last, count + indexed);
    }
}

/// Searches. Statuses are only for people: nobody finds none.
///
/// # Errors
/// [`crate::AppError::Store`].
pub async fn search(app: &Arc<App>, searcher: Option<AccountId>, query: Query) -> Result<Found> {
    let text: String = query.text.trim().chars().take(LONGEST).collect();
    if text.is_empty() {
        return Ok(Found::default());
    }
    if let Some(place) = place(app, &text) {
        return find_place(app, searcher, &query, place).await;
    }
    if let Some(address) = address(&text) {
        return elsewhere::find(app, searcher, &query, address).await;
    }
    if query.resolve && query.accounts && searcher.is_some() && query.offset == 0 {
        elsewhere::resolve_handle(app, &text).await?;
    }
    let slice = Slice { limit: query.limit, offset: query.offset };
    let now = app.now();
    let account_query = account_query(app, &text, query.following);
    let context = app.clone();
    app.read(move |conn| {
        Box::pin(async move {
            let mut found = Found::default();
            if query.accounts
                && let Some(wanted) = account_query
            {
                let ids = search::accounts(conn, searcher, &wanted, slice).await?;
                found.accounts = accounts::in_order(conn, &ids).await?;
            }
            if query.tags
                && let Some(name) = fold_tag(&text)
            {
                let rows = search::tags(conn, &name, slice).await?;
                found.tags = tags::views(&context, conn, rows, searcher).await?;
            }
            if query.statuses
                && let Some(me) = searcher
            {
                let asked = (&query, text.as_str());
                let ids = posts::find(&context, conn, me, asked, slice, now).await?;
                found.statuses = statuses::hydrate(conn, &ids, searcher).await?;
            }
            Ok(found)
        })
    })
    .await
}

/// Accounts alone, as an `@` in a text is completed.
///
/// # Errors
/// [`crate::AppError::Store`].
pub async fn accounts(
    app: &Arc<App>,
    searcher: AccountId,
    text: String,
    (following, resolve): (bool, bool),
    (limit, offset): (i64, i64),
) -> Result<Vec<Account>> {
    let query = Query {
        text,
        accounts: true,
        tags: false,
        statuses: false,
        resolve,
        following,
        by: None,
        below: i64::MAX,
        above: 0,
        limit,
        offset,
    };
    Ok(search(app, Some(searcher), query).await?.accounts)
}

/// The text as an address of another server.
fn address(text: &str) -> Option<Uri> {
    text.starts_with("http").then(|| Uri::parse(text)).flatten()
}

/// `name`, `@name`, `name@dom…`: what to look for; `None` when nothing is left of it.
fn account_query(app: &App, text: &str, following: bool) -> Option<AccountQuery> {
    let text = text.strip_prefix('@').unwrap_or(text).to_lowercase();
    let (name, domain) = match text.split_once('@') {
        Some((name, domain)) if app.urls.is_here(Some(domain)) => (name, None),
        Some((name, domain)) => (name, Some(domain.to_owned())),
        None => (text.as_str(), None),
    };
    (!name.is_empty()).then(|| AccountQuery { name: name.to_owned(), domain, following })
}

/// Something of this server that an address leads to.
enum Place {
    Account(String),
    Status(StatusId),
}

/// What an address of this server leads to: `/@name`, `/@name/ID`, `/users/name`,
/// `/users/name/statuses/ID`.
fn place(app: &App, text: &str) -> Option<Place> {
    let path = text.strip_prefix(app.urls.base.as_str())?.strip_prefix('/')?;
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let status = |id: &str| id.parse().ok().map(|id| Place::Status(StatusId(id)));
    match parts.as_slice() {
        ["users", name] => Some(Place::Account((*name).to_owned())),
        ["users", _, "statuses", id] => status(id),
        [name] => name.strip_prefix('@').map(|name| Place::Account(name.to_owned())),
        [name, id] if name.starts_with('@') => status(id),
        _ => None,
    }
}

/// The status of this server whose page or document is at this address.
pub(crate) fn status_of(app: &App, address: &str) -> Option<StatusId> {
    match place(app, address) {
        Some(Place::Status(id)) => Some(id),
        Some(Place::Account(_)) | None => None,
    }
}

async fn find_place(
    app: &App,
    searcher: Option<AccountId>,
    query: &Query,
    place: Place,
) -> Result<Found> {
    let (want_accounts, want_statuses) = (query.accounts, query.statuses);
    app.read(move |conn| {
        Box::pin(async move {
            let mut found = Found::default();
            match place {
                Place::Account(name) if want_accounts => {
                    let account = accounts::by_handle(conn, &name, None).await?;
                    found.accounts = account
                        .into_iter()
                        .filter(|account| account.suspended_at.is_none())
                        .collect();
                }
                Place::Status(id) if want_statuses => {
                    if statuses::visible_by_id(conn, id, searcher).await?.is_some() {
                        found.statuses = statuses::hydrate(conn, &[id], searcher).await?;
                    }
                }
                Place::Account(_) | Place::Status(_) => {}
            }
            Ok(found)
        })
    })
    .await
}
