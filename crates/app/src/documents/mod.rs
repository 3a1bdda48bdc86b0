//! What other servers may read: actors, statuses and collections as ActivityPub documents. Who asks
//! is told by the signature of the request; what that account may see is the store's one rule about
//! it (V01, V04). What is hidden looks like what is not there (V02).

mod asker;
mod collections;
mod quote;
mod status;
mod thread;

use std::sync::Arc;

use activitypub::{Uri, build};
use domain::StatusId;
use domain::account::Account;
use http::{HeaderMap, Method};
use store::{Page, accounts, relations, tombstones};

use crate::represent::{self, uri};
use crate::{App, AppError, Result};
use asker::Asker;

pub use collections::PAGE;
pub use thread::thread;

/// A request, as it arrived.
#[derive(Clone, Copy)]
pub struct Asked<'r> {
    /// Its method.
    pub method: &'r Method,
    /// Path and query, as on the wire.
    pub path_and_query: &'r str,
    /// Its headers.
    pub headers: &'r HeaderMap,
}

/// What is asked for of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The account itself.
    Actor,
    /// What it has posted; a page, or what tells of the pages.
    Outbox(Option<Page>),
    /// Who follows it.
    Followers(Option<Page>),
    /// Whom it follows.
    Following(Option<Page>),
    /// Its pinned statuses.
    Featured,
    /// Its featured hashtags.
    Tags,
    /// Its followers on the asker's host (FEP-8fcf).
    FollowersThere,
    /// A status.
    Status(StatusId),
    /// The activity that a status began with.
    Activity(StatusId),
    /// The answers to a status.
    Replies(StatusId, Option<RepliesPage>),
    /// How many like a status.
    Likes(StatusId),
    /// How many boosted it.
    Shares(StatusId),
    /// Its permission for this status to quote one of its own (FEP-044f).
    QuoteStamp(StatusId),
}

/// A page of answers: the author's own come first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RepliesPage {
    /// Those of others.
    pub others: bool,
    /// Above this id.
    pub above: i64,
}

/// What is sent back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// JSON. `is_open`: everybody gets the same, so that it may be kept for a moment.
    Document {
        /// The text.
        body: String,
        /// The same for everybody.
        is_open: bool,
    },
    /// It is there instead.
    Redirect(String),
    /// It was here; a tombstone.
    Gone(String),
}

/// The server's own actor. It needs no signature: two servers that both demand one would wait for
/// each other for ever.
///
/// # Errors
/// [`AppError::NotFound`] while this server speaks with no others, [`AppError::Store`].
pub async fn instance_actor(app: &App) -> Result<Answer> {
    check_enabled(app)?;
    let body = build::actor(&represent::instance_actor(app).await?);
    Ok(Answer::Document { body, is_open: true })
}

/// Something of a local account.
///
/// # Errors
/// [`AppError::NotFound`] when it is absent or not for the asker, [`AppError::Unauthorized`] when a
/// signature is needed, [`AppError::Forbidden`] for a suspended account or a blocked domain.
pub async fn of_account(
    app: &Arc<App>,
    asked: Asked<'_>,
    name: &str,
    wanted: Wanted,
) -> Result<Answer> {
    check_enabled(app)?;
    let asker = asker::ask(app, asked).await?;
    let account = match find(app, name).await? {
        Found::There(account) => *account,
        Found::Gone(id) => return Ok(Answer::Gone(build::tombstone(&id))),
    };
    if wanted == Wanted::Actor {
        // Even who is blocked must be able to check the signature of what tells of the block, and
        // everybody that of what tells of a suspension.
        let body = build::actor(&represent::actor(app, &account).await?);
        return Ok(asker.document(body));
    }
    if account.suspended_at.is_some() {
        return Err(AppError::Forbidden("This account is suspended".into()));
    }
    check_welcome(app, &account, &asker).await?;
    match wanted {
        Wanted::Actor => Err(AppError::NotFound),
        Wanted::Outbox(page) => collections::outbox(app, account, &asker, page).await,
        Wanted::Followers(page) => {
            collections::circle(app, account, &asker, relations::Circle::Followers, page).await
        }
        Wanted::Following(page) => {
            collections::circle(app, account, &asker, relations::Circle::Following, page).await
        }
        Wanted::Featured => collections::featured(app, account, &asker).await,
        Wanted::Tags => collections::tags(app, account, &asker).await,
        Wanted::FollowersThere => collections::followers_there(app, account, &asker).await,
        Wanted::Status(id) => status::note(app, account, &asker, id).await,
        Wanted::Activity(id) => status::activity(app, account, &asker, id).await,
        Wanted::Replies(id, page) => status::replies(app, account, &asker, id, page).await,
        Wanted::QuoteStamp(id) => quote::stamp(app, account, &asker, id).await,
        Wanted::Likes(id) => status::count(app, account, &asker, id, status::Counted::Likes).await,
        Wanted::Shares(id) => {
            status::count(app, account, &asker, id, status::Counted::Shares).await
        }
    }
}

/// Without other servers there is nothing for them to read.
fn check_enabled(app: &App) -> Result<()> {
    if app.config.federation.enabled { Ok(()) } else { Err(AppError::NotFound) }
}

enum Found {
    There(Box<Account>),
    Gone(Uri),
}

async fn find(app: &Arc<App>, name: &str) -> Result<Found> {
    let id = uri(&app.urls.tombstone(name))?;
    let (name, stone) = (name.to_owned(), id.to_string());
    let (account, is_gone) = app
        .read(move |conn| {
            Box::pin(async move {
                let account = accounts::by_handle(conn, &name, None).await?;
                let is_gone = account.is_none() && tombstones::stands(conn, &stone).await?;
                Ok::<_, AppError>((account, is_gone))
            })
        })
        .await?;
    match account {
        Some(account) => Ok(Found::There(Box::new(account))),
        None if is_gone => Ok(Found::Gone(id)),
        None => Err(AppError::NotFound),
    }
}

/// Whom the account blocks, or whose domain, sees nothing of it.
async fn check_welcome(app: &Arc<App>, account: &Account, asker: &Asker) -> Result<()> {
    let Some(signer) = &asker.account else { return Ok(()) };
    let (owner, whom, names) = (account.id, signer.id, asker.names());
    let is_shut_out = app
        .read(move |conn| {
            Box::pin(async move {
                Ok::<_, AppError>(relations::shuts_out(conn, owner, whom, &names).await?)
            })
        })
        .await?;
    if is_shut_out { Err(AppError::NotFound) } else { Ok(()) }
}
