//! What ids lead to: things of this server, whose ids follow from names and numbers, and things of
//! others that are known here.

use activitypub::Uri;
use domain::StatusId;
use domain::account::Account;
use domain::status::Status;
use store::{Conn, accounts, statuses};

use crate::{App, Result};

/// Something of this server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Here {
    /// The account of this name.
    Account(String),
    /// The followers of the account of this name.
    Followers(String),
    /// A status of the account of this name.
    Status(String, StatusId),
    /// Something else.
    Other,
}

/// What an id of this server leads to; `None` for an id of another one.
pub(crate) fn here(app: &App, id: &str) -> Option<Here> {
    let path = id.strip_prefix(app.urls.base.as_str())?;
    if !path.is_empty() && !path.starts_with(['/', '?', '#']) {
        return None;
    }
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    Some(match parts.as_slice() {
        ["users", name] if !name.is_empty() => Here::Account((*name).to_owned()),
        ["users", name, "followers"] => Here::Followers((*name).to_owned()),
        ["users", name, "statuses", number] => match number.parse() {
            Ok(number) => Here::Status((*name).to_owned(), StatusId(number)),
            Err(_) => Here::Other,
        },
        _ => Here::Other,
    })
}

/// The account with this id, local or known.
pub(crate) async fn account_at(app: &App, conn: &mut Conn, id: &str) -> Result<Option<Account>> {
    match here(app, id) {
        Some(Here::Account(name)) => Ok(accounts::by_handle(conn, &name, None).await?),
        Some(_) => Ok(None),
        None => Ok(accounts::by_uri(conn, id).await?),
    }
}

/// The local account with this id.
pub(crate) async fn local_account(app: &App, conn: &mut Conn, id: &str) -> Result<Option<Account>> {
    match here(app, id) {
        Some(Here::Account(name)) => Ok(accounts::by_handle(conn, &name, None)
            .await?
            .filter(|account| account.suspended_at.is_none())),
        _ => Ok(None),
    }
}

/// The status with this id, local or known.
pub(crate) async fn status_at(app: &App, conn: &mut Conn, id: &str) -> Result<Option<Status>> {
    let Some(here) = here(app, id) else { return Ok(statuses::remote::by_uri(conn, id).await?) };
    let Here::Status(name, number) = here else { return Ok(None) };
    let Some(status) = statuses::by_id(conn, number).await? else { return Ok(None) };
    let author = accounts::by_id(conn, status.account_id).await?;
    let is_theirs = author
        .is_some_and(|author| author.is_local() && author.username.eq_ignore_ascii_case(&name));
    Ok(Some(status).filter(|status| is_theirs && status.uri.is_none()))
}

/// Whether an id belongs to this server.
pub(crate) fn is_here(app: &App, id: &Uri) -> bool {
    here(app, id.as_str()).is_some() || id.host() == app.urls.domain
}
