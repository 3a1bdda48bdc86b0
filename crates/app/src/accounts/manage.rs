//! What the command line and staff do with accounts.

use std::sync::Arc;

use domain::AccountId;
use domain::account::{Account, User};
use domain::event::Event;
use store::{Conn, accounts, tombstones, users};

use crate::access::end_all;
use crate::jobs::{Job, enqueue};
use crate::{App, AppError, Result, delivery, uploads};

/// The local account with this name.
///
/// # Errors
/// [`AppError::Store`].
pub async fn local_by_name(app: &App, name: &str) -> Result<Option<Account>> {
    let name = name.trim_start_matches('@').to_owned();
    app.read(move |conn| Box::pin(async move { Ok(accounts::by_handle(conn, &name, None).await?) }))
        .await
}

/// Every local account with its user, oldest first.
///
/// # Errors
/// [`AppError::Store`].
pub async fn local(app: &App) -> Result<Vec<(Account, User)>> {
    app.read(|conn| {
        Box::pin(async move {
            let mut users = users::all(conn).await?;
            let accounts = accounts::local(conn).await?;
            Ok(accounts
                .into_iter()
                .filter_map(|account| {
                    let at = users.iter().position(|user| user.account_id == account.id)?;
                    Some((account, users.swap_remove(at)))
                })
                .collect())
        })
    })
    .await
}

/// Suspends an account (its tokens end, nothing of it is shown) or lifts that. One of another server
/// loses its follows from and to here as well.
///
/// # Errors
/// [`AppError::NotFound`] when there is none.
pub async fn suspend(app: &Arc<App>, id: AccountId, suspended: bool) -> Result<()> {
    let context = app.clone();
    app.write(move |conn| {
        Box::pin(async move {
            let account = accounts::by_id(conn, id).await?.ok_or(AppError::NotFound)?;
            set_suspended(&context, conn, &account, suspended).await
        })
    })
    .await?;
    app.publish(vec![Event::AccessChanged { account: id }]).await;
    Ok(())
}

/// The same in the caller's transaction; the caller publishes [`Event::AccessChanged`] after it.
pub(crate) async fn set_suspended(
    app: &App,
    conn: &mut Conn,
    account: &Account,
    suspended: bool,
) -> Result<()> {
    let (id, now) = (account.id, app.now());
    accounts::set_suspended(conn, id, suspended.then_some(now)).await?;
    if account.is_local() {
        crate::shut_out::follow_suspension(app, conn, id, suspended).await?;
    }
    if suspended && account.is_local() {
        end_all(conn, id, now).await?;
        // Nothing more goes out but the news that it is suspended.
        store::outgoing::withdraw(conn, id).await?;
    } else if suspended {
        crate::domain_rules::cut_off(app, conn, &[id]).await?;
    }
    enqueue(app, conn, &Job::TellProfile { account: id }, now).await
}

/// Removes an account and everything of it.
///
/// # Errors
/// [`AppError::NotFound`] when there is none.
pub async fn delete(app: &Arc<App>, id: AccountId) -> Result<()> {
    let context = app.clone();
    app.write(move |conn| {
        Box::pin(async move {
            let account = accounts::by_id(conn, id).await?.ok_or(AppError::NotFound)?;
            let media = store::media::of_account(conn, id).await?;
            let mut files: Vec<String> = media.iter().flat_map(uploads::keys_of).collect();
            files.extend(account.avatar.iter().chain(&account.header).cloned());
            let archives = store::archives::of_account(conn, id).await?;
            files.extend(archives.into_iter().filter_map(|archive| archive.file_key));
            uploads::remove_later(&context, conn, files).await?;
            delivery::deleted_account(&context, conn, &account).await?;
            if !accounts::delete(conn, id).await? {
                return Err(AppError::NotFound);
            }
            if account.is_local() {
                let stone = context.urls.tombstone(&account.username);
                tombstones::put(conn, &stone, context.now()).await?;
            }
            Ok(())
        })
    })
    .await?;
    app.publish(vec![Event::AccessChanged { account: id }]).await;
    Ok(())
}
