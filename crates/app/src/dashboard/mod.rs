//! What those who look after the server see and do: room, jobs, deliveries; reports are `moderation`'s. Whether somebody
//! may is asked here, so that no caller can forget it.

mod mail;

use std::collections::HashMap;
use std::sync::Arc;

use domain::account::{Account, Role};
use domain::permission::Permission;
use domain::{AccountId, JobId};
use store::deliveries::WaitingHost;
use store::{accounts, deliveries};

use crate::access::Me;
use crate::{App, AppError, Result};

pub use mail::{MailState, mail};
pub use store::dashboard::{Aside, Room};

/// Accounts shown with what their uploads take.
const ACCOUNTS: i64 = 10;
/// Jobs that failed for good which are shown.
const ASIDE: i64 = 100;
/// Hosts for which something waits which are shown.
const HOSTS: i64 = 100;

/// What takes room.
#[derive(Clone, Debug, Default)]
pub struct Storage {
    /// Own uploads by kind.
    pub own: Vec<Room<String>>,
    /// Cached files of other servers by kind.
    pub cache: Vec<Room<String>>,
    /// The accounts whose uploads take most.
    pub accounts: Vec<(Account, i64)>,
    /// Other servers whose files take most of the cache.
    pub cache_hosts: Vec<Room<String>>,
    /// Accounts elsewhere whose files take most of the cache.
    pub cache_accounts: Vec<(Account, i64)>,
    /// How many bytes the cache may take.
    pub cache_bound: u64,
}

/// What waits and what failed.
#[derive(Clone, Debug, Default)]
pub struct Work {
    /// Waiting jobs by kind.
    pub waiting: Vec<(String, i64)>,
    /// Jobs that failed for good.
    pub aside: Vec<Aside>,
    /// Hosts for which deliveries wait, the fullest first.
    pub hosts: Vec<WaitingHost>,
}

/// Whether this person looks after the server.
///
/// # Errors
/// [`AppError::Forbidden`].
pub fn require(me: &Me, least: Role) -> Result<()> {
    if me.user.role >= least { Ok(()) } else { Err(AppError::not_allowed()) }
}

/// Whether this person's role has a permission.
///
/// # Errors
/// [`AppError::Forbidden`].
pub fn allow(me: &Me, permission: Permission) -> Result<()> {
    if me.user.role.may(permission) { Ok(()) } else { Err(AppError::not_allowed()) }
}

/// What takes room.
///
/// # Errors
/// [`AppError::Forbidden`], [`AppError::Store`].
pub async fn storage(app: &App, me: &Me) -> Result<Storage> {
    require(me, Role::Admin)?;
    let cache_bound = app.config.federation.media_cache_bytes;
    app.read(move |conn| {
        Box::pin(async move {
            let own = store::dashboard::media_kinds(conn).await?;
            let cache = store::dashboard::cache_kinds(conn).await?;
            let rooms = store::dashboard::media_accounts(conn, ACCOUNTS).await?;
            let far = store::dashboard::cache_accounts(conn, ACCOUNTS).await?;
            let ids: Vec<AccountId> = rooms.iter().chain(&far).map(|room| room.of).collect();
            let found = accounts::by_ids(conn, &ids).await?;
            let known: HashMap<AccountId, Account> =
                found.into_iter().map(|account| (account.id, account)).collect();
            let named = |room: Room<AccountId>| Some((known.get(&room.of)?.clone(), room.bytes));
            Ok(Storage {
                own,
                cache,
                accounts: rooms.into_iter().filter_map(named).collect(),
                cache_hosts: store::dashboard::cache_hosts(conn, ACCOUNTS).await?,
                cache_accounts: far.into_iter().filter_map(named).collect(),
                cache_bound,
            })
        })
    })
    .await
}

/// What waits and what failed.
///
/// # Errors
/// [`AppError::Forbidden`], [`AppError::Store`].
pub async fn work(app: &App, me: &Me) -> Result<Work> {
    require(me, Role::Admin)?;
    app.read(move |conn| {
        Box::pin(async move {
            Ok(Work {
                waiting: store::dashboard::waiting_kinds(conn).await?,
                aside: store::dashboard::aside(conn, ASIDE).await?,
                hosts: deliveries::waiting_hosts(conn, HOSTS).await?,
            })
        })
    })
    .await
}

/// Puts a job that failed for good back into its line.
///
/// # Errors
/// [`AppError::Forbidden`], [`AppError::NotFound`].
pub async fn try_again(app: &Arc<App>, me: &Me, id: JobId) -> Result<()> {
    require(me, Role::Admin)?;
    let now = app.now();
    let done = app
        .write(move |conn| {
            Box::pin(
                async move { Ok::<_, AppError>(store::dashboard::again(conn, id, now).await?) },
            )
        })
        .await?;
    // Its lane is not known here; the others find nothing and rest again.
    for bell in
        [&app.jobs_waiting, &app.slow_jobs_waiting, &app.inbox_waiting, &app.fetches_waiting]
    {
        bell.notify_one();
    }
    if done { Ok(()) } else { Err(AppError::NotFound) }
}

/// Forgets a job that failed for good.
///
/// # Errors
/// [`AppError::Forbidden`], [`AppError::NotFound`].
pub async fn discard(app: &App, me: &Me, id: JobId) -> Result<()> {
    require(me, Role::Admin)?;
    let done = app
        .write(move |conn| {
            Box::pin(async move { Ok::<_, AppError>(store::dashboard::discard(conn, id).await?) })
        })
        .await?;
    if done { Ok(()) } else { Err(AppError::NotFound) }
}

/// Tries now what waits for this host.
///
/// # Errors
/// [`AppError::Forbidden`], [`AppError::Invalid`] for what is no host, [`AppError::Store`].
pub async fn deliver_now(app: &Arc<App>, me: &Me, host: &str) -> Result<u64> {
    require(me, Role::Admin)?;
    let host = domain::host::normal(host)
        .ok_or_else(|| AppError::invalid(format!("{host:?} is no name of a server")))?;
    let now = app.now();
    let count = app
        .write(move |conn| {
            Box::pin(
                async move { Ok::<_, AppError>(deliveries::hasten(conn, vec![host], now).await?) },
            )
        })
        .await?;
    app.deliveries_waiting.notify_one();
    Ok(count)
}

/// How many reports wait, up to a hundred.
///
/// # Errors
/// [`AppError::Store`].
pub async fn open_reports(app: &App) -> Result<i64> {
    app.read(|conn| Box::pin(async move { Ok(store::dashboard::open_reports(conn, 100).await?) }))
        .await
}
