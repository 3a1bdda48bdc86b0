//! What the server says of itself: name, rules, limits, numbers. Numbers are counted at most every
//! five minutes.

mod about;
mod counts;
mod write;

use domain::account::Account;
use store::{accounts, tombstones};

pub use about::{About, PRIVACY, Text, about};
pub use counts::{Cache, Counts, Week, activity, counts};
pub use write::{Banner, Facts, WriteError, Wrong, write};

use crate::{App, AppError, Result};

/// The other servers that are known.
///
/// # Errors
/// [`AppError::Store`].
pub async fn peers(app: &App) -> Result<Vec<String>> {
    app.read(|conn| Box::pin(async move { Ok(store::instance::peers(conn).await?) })).await
}

/// Most names that are completed.
const MOST_PEERS: usize = 10;

/// The names of known servers that begin so; those that nothing goes to are left out.
///
/// # Errors
/// [`AppError::NotFound`] where this server speaks with no others or only with named ones.
pub async fn find_peers(app: &App, beginning: &str) -> Result<Vec<String>> {
    if !app.config.federation.enabled || app.config.federation.allow_list {
        return Err(AppError::NotFound);
    }
    let typed = beginning.trim().trim_start_matches('@');
    if typed.is_empty() || typed.len() > 255 {
        return Ok(Vec::new());
    }
    let wanted = domain::host::normal(typed).unwrap_or_else(|| typed.to_lowercase());
    app.read(move |conn| {
        Box::pin(async move {
            let most = i64::try_from(MOST_PEERS * 4).unwrap_or(i64::MAX);
            let mut found = store::instance::find_peers(conn, &wanted, most).await?;
            let shut = store::domain_rules::suspended_of(conn, &found).await?;
            found.retain(|name| !shut.contains(name));
            found.truncate(MOST_PEERS);
            Ok(found)
        })
    })
    .await
}

/// What a WebFinger resource names here.
#[derive(Clone, Debug, PartialEq)]
pub enum Resolved {
    /// Somebody.
    Account(Box<Account>),
    /// The server itself, which signs requests.
    Instance,
    /// Somebody who was here.
    Gone,
}

/// What a WebFinger resource names: `acct:name@domain` or one of the addresses of the same. Where
/// handles and addresses are on different hosts, both are this server's.
///
/// # Errors
/// [`AppError::NotFound`] when it names nobody here, or this server speaks with no others.
pub async fn resolve(app: &App, resource: &str) -> Result<Resolved> {
    if !app.config.federation.enabled {
        return Err(AppError::NotFound);
    }
    let name = match local_name(app, resource.trim()).ok_or(AppError::NotFound)? {
        Named::Account(name) => name.to_owned(),
        Named::Instance => return Ok(Resolved::Instance),
    };
    let stone = app.urls.tombstone(&name);
    app.read(move |conn| {
        Box::pin(async move {
            match accounts::by_handle(conn, &name, None).await? {
                Some(account) if account.suspended_at.is_some() => Ok(Resolved::Gone),
                Some(account) => Ok(Resolved::Account(Box::new(account))),
                None if tombstones::stands(conn, &stone).await? => Ok(Resolved::Gone),
                None => Err(AppError::NotFound),
            }
        })
    })
    .await
}

enum Named<'r> {
    Account(&'r str),
    Instance,
}

fn local_name<'r>(app: &App, resource: &'r str) -> Option<Named<'r>> {
    if let Some(path) = resource.strip_prefix(app.urls.base.as_str()) {
        if path == "/actor" {
            return Some(Named::Instance);
        }
        let name = path.strip_prefix("/@").or_else(|| path.strip_prefix("/users/"))?;
        return (!name.contains('/')).then_some(Named::Account(name));
    }
    let handle = resource.strip_prefix("acct:").unwrap_or(resource).trim_start_matches('@');
    let (name, domain) = handle.rsplit_once('@')?;
    let web_host = app.urls.base.split_once("://").map_or("", |(_, host)| host);
    let is_own = |host: &str| app.urls.is_here(Some(host)) || host.eq_ignore_ascii_case(web_host);
    if !is_own(domain) {
        return None;
    }
    let is_server = is_own(name) || name.eq_ignore_ascii_case(&app.urls.instance_name());
    Some(if is_server { Named::Instance } else { Named::Account(name) })
}
