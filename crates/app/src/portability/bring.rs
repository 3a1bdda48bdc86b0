//! One line of a table that somebody brings.

use std::sync::Arc;

use activitypub::Uri;
use domain::account::Account;
use domain::{AccountId, ListId, StatusId};
use store::{accounts, users};

use super::Kind;
use crate::access::Me;
use crate::relations::FollowChanges;
use crate::remote::{self, Budget};
use crate::statuses::Mark;
use crate::{App, AppError, Result, domain_blocks, lists, relations, statuses};

/// Does what the line says. What cannot be is passed over: its account is gone, blocks, or never was.
///
/// # Errors
/// [`AppError`] of the database, or of a server that may answer later: the job is tried again.
pub(crate) async fn run(
    app: &Arc<App>,
    account: AccountId,
    kind: Kind,
    cells: &[String],
) -> Result<()> {
    let Some(me) = person(app, account).await? else { return Ok(()) };
    match line(app, &me, kind, cells).await {
        Err(error @ (AppError::Store(_) | AppError::Internal(_) | AppError::Busy(_))) => Err(error),
        Err(error) => {
            tracing::debug!(?kind, %error, "a line that somebody brought was passed over");
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

async fn person(app: &App, id: AccountId) -> Result<Option<Me>> {
    app.read(move |conn| {
        Box::pin(async move {
            let account = accounts::by_id(conn, id).await?;
            let account = account.filter(|account| account.suspended_at.is_none());
            let user = users::by_account(conn, id).await?.filter(|user| !user.disabled);
            Ok(account.zip(user).map(|(account, user)| Me { account, user }))
        })
    })
    .await
}

async fn line(app: &Arc<App>, me: &Me, kind: Kind, cells: &[String]) -> Result<()> {
    let cell = |place: usize| cells.get(place).map_or("", String::as_str);
    let flag = |place: usize| match cell(place).to_lowercase().as_str() {
        "true" | "t" | "1" => Some(true),
        "false" | "f" | "0" => Some(false),
        _ => None,
    };
    match kind {
        Kind::Following => {
            let languages = cell(3).split([',', ' ']).filter(|code| !code.is_empty());
            let languages: Vec<String> = languages.map(str::to_owned).collect();
            let changes = FollowChanges {
                show_boosts: flag(1),
                notify: flag(2),
                languages: (!languages.is_empty()).then_some(languages),
            };
            let whom = named(app, cell(0)).await?;
            relations::follow(app, me, whom.id, changes).await?;
        }
        Kind::Blocking => {
            let whom = named(app, cell(0)).await?;
            relations::block(app, me, whom.id).await?;
        }
        Kind::Muting => {
            let whom = named(app, cell(0)).await?;
            relations::mute(app, me, whom.id, flag(1).unwrap_or(true), 0).await?;
        }
        Kind::DomainBlocking => domain_blocks::block(app, me, cell(0)).await?,
        Kind::Lists => {
            let member = named(app, cell(1)).await?;
            // Only who is followed can be in a list.
            if member.id != me.id() {
                relations::follow(app, me, member.id, FollowChanges::default()).await?;
            }
            let list = list_called(app, me, cell(0)).await?;
            lists::add(app, me.id(), list, vec![member.id]).await?;
        }
        Kind::Bookmarks => {
            let status = status_at(app, cell(0)).await?;
            statuses::mark(app, me, status, Mark::Bookmark).await?;
        }
    }
    Ok(())
}

/// The account of a handle, asked for where it is not known.
async fn named(app: &Arc<App>, handle: &str) -> Result<Account> {
    let handle = handle.trim_start_matches('@');
    match handle.split_once('@') {
        Some((name, home)) if !app.urls.is_here(Some(home)) => {
            remote::by_handle(app, name, home).await
        }
        _ => crate::accounts::by_acct(app, handle).await,
    }
}

async fn list_called(app: &App, me: &Me, title: &str) -> Result<ListId> {
    let mine = lists::all(app, me.id()).await?;
    if let Some(list) = mine.into_iter().find(|list| list.title == title) {
        return Ok(list.id);
    }
    let changes = lists::Changes { title: Some(title.to_owned()), ..lists::Changes::default() };
    Ok(lists::create(app, me.id(), changes).await?.id)
}

async fn status_at(app: &Arc<App>, address: &str) -> Result<StatusId> {
    if let Some(id) = crate::search::status_of(app, address) {
        return Ok(id);
    }
    let uri = Uri::parse(address).ok_or(AppError::NotFound)?;
    remote::status(app, &uri, &mut Budget::new(10)).await
}
