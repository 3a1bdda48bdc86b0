//! Whether a note may show what it says it quotes: only when the quoted author's side says so
//! (F15, FEP-044f).

use std::sync::Arc;

use activitypub::{Note, Object, Uri};
use domain::StatusId;
use domain::account::Account;
use store::quotes::{self, Quote, State};
use store::{Conn, accounts, statuses};

use super::fetch::{Found, object};
use super::{Budget, local};
use crate::{App, AppError, Result};

/// What a note quotes, as far as it could be found out.
#[derive(Clone, Debug)]
pub(super) struct Quoted {
    /// The id of what is quoted.
    pub uri: String,
    /// That, when it is here.
    pub status: Option<StatusId>,
    /// The stamp that was read at the quoted author's side.
    pub stamp: Option<String>,
    /// It may be shown.
    pub is_confirmed: bool,
}

/// Finds what a note quotes, and asks for the quoted author's permission where the note names one.
pub(super) async fn find(
    app: &Arc<App>,
    note: &Note,
    author: &Account,
    budget: &mut Budget,
) -> Result<Option<Quoted>> {
    let Some(uri) = &note.quote else { return Ok(None) };
    let mut quoted =
        Quoted { uri: uri.as_str().to_owned(), status: None, stamp: None, is_confirmed: false };
    quoted.status = match super::note::known(app, uri).await? {
        Some(known) => Some(known),
        None => fetch(app, uri, budget).await?,
    };
    let Some(status) = quoted.status else { return Ok(Some(quoted)) };
    let Some((their_author, is_open)) = author_of(app, status).await? else {
        return Ok(Some(quoted));
    };
    if their_author.id == author.id {
        quoted.is_confirmed = true;
        return Ok(Some(quoted));
    }
    if let Some(stamp) = note.quote_authorization.as_ref().filter(|_| is_open)
        && !their_author.is_local()
        && is_stamped(app, stamp, &note.id, uri, &their_author, budget).await?
    {
        quoted.stamp = Some(stamp.as_str().to_owned());
        quoted.is_confirmed = true;
    }
    Ok(Some(quoted))
}

/// One step only: what a quoted note quotes is not asked for.
async fn fetch(app: &Arc<App>, uri: &Uri, budget: &mut Budget) -> Result<Option<StatusId>> {
    let fetched = async {
        let mut note = super::note::fetch(app, uri, budget).await?;
        note.quote = None;
        Box::pin(super::keep::keep(app, note, super::Arrival::Fetched, budget)).await
    };
    match fetched.await {
        Ok(status) => Ok(Some(status)),
        Err(error @ (AppError::Store(_) | AppError::Internal(_))) => Err(error),
        Err(_) => Ok(None),
    }
}

async fn author_of(app: &Arc<App>, status: StatusId) -> Result<Option<(Account, bool)>> {
    app.read(move |conn| {
        Box::pin(async move {
            let Some(status) = statuses::by_id(conn, status).await? else { return Ok(None) };
            let author = accounts::by_id(conn, status.account_id).await?;
            Ok(author.map(|author| (author, status.visibility.is_open())))
        })
    })
    .await
}

/// Whether a stamp, read at its own address, is the quoted author's and names both statuses.
pub(crate) async fn is_stamped(
    app: &App,
    stamp: &Uri,
    quoting: &Uri,
    quoted: &Uri,
    author: &Account,
    budget: &mut Budget,
) -> Result<bool> {
    let Some(author) = author.uri.as_deref().and_then(Uri::parse) else { return Ok(false) };
    if !stamp.same_origin(&author) {
        return Ok(false);
    }
    match object(app, stamp, budget).await {
        Ok(Found::There(Object::QuoteStamp(found))) => Ok(found.attributed_to == author
            && found.interacting_object == *quoting
            && found.interaction_target == *quoted),
        Err(error @ (AppError::Store(_) | AppError::Internal(_))) => Err(error),
        Ok(_) | Err(_) => Ok(false),
    }
}

/// Writes what a status quotes, and shows it once that is confirmed. A confirmation that this server
/// has given for a quote of one of its own stays.
pub(super) async fn write(
    app: &App,
    conn: &mut Conn,
    status: StatusId,
    quoted: &Quoted,
) -> Result<bool> {
    let before = quotes::of(conn, status).await?;
    let same = before.as_ref().filter(|before| before.quoted_uri == quoted.uri);
    let state = match same {
        Some(before) if before.state != State::Pending => before.state,
        _ if quoted.is_confirmed => State::Accepted,
        _ => State::Pending,
    };
    let shown_before = before.as_ref().filter(|before| before.state == State::Accepted);
    let shown_before = shown_before.and_then(|before| before.quoted);
    let new = Quote {
        status,
        quoted_uri: quoted.uri.clone(),
        quoted: quoted.status,
        state,
        stamp: quoted.stamp.clone().or_else(|| same.and_then(|before| before.stamp.clone())),
        request: same.and_then(|before| before.request.clone()),
        created_at: before.as_ref().map_or_else(|| app.now(), |before| before.created_at),
    };
    quotes::put(conn, &new).await?;
    let is_shown = state == State::Accepted && quoted.status.is_some();
    let shown = quoted.status.filter(|_| is_shown);
    statuses::remote::set_quote(conn, status, shown).await?;
    if shown != shown_before {
        for (status, change) in [(shown_before, -1), (shown, 1)] {
            if let Some(status) = status {
                statuses::count(conn, status, [0, 0, 0, change]).await?;
            }
        }
    }
    Ok(is_shown)
}

/// Notes how far a quote is, and shows and counts it if and only if it is confirmed.
pub(crate) async fn set_state(conn: &mut Conn, mut quote: Quote, state: State) -> Result<()> {
    let was_shown = quote.state == State::Accepted;
    quote.state = state;
    quotes::put(conn, &quote).await?;
    let is_shown = state == State::Accepted;
    statuses::remote::set_quote(conn, quote.status, quote.quoted.filter(|_| is_shown)).await?;
    if let Some(quoted) = quote.quoted.filter(|_| is_shown != was_shown) {
        let change = if is_shown { 1 } else { -1 };
        statuses::count(conn, quoted, [0, 0, 0, change]).await?;
    }
    Ok(())
}

/// The quoted status of a local author, when an id leads to one.
pub(crate) async fn local_quoted(
    app: &App,
    conn: &mut Conn,
    id: &str,
) -> Result<Option<(domain::status::Status, Account)>> {
    let Some(status) = local::status_at(app, conn, id).await? else { return Ok(None) };
    let author = accounts::by_id(conn, status.account_id).await?;
    Ok(author.filter(Account::is_local).map(|author| (status, author)))
}
