//! Looking for accounts, letting in who waits, lifting what was done, and deleting for good.

use std::sync::Arc;

use domain::AccountId;
use domain::event::Event;
use store::staff_accounts::{self, StaffFilter};
use store::{Conn, Page};

use super::check_rank;
use super::view::{StaffView, view, views};
use crate::access::{self, Me};
use crate::{App, AppError, Result};

/// The accounts that fit, newest first.
///
/// # Errors
/// [`AppError::Store`].
pub async fn list(app: &App, filter: StaffFilter, page: Page) -> Result<Vec<StaffView>> {
    app.read(move |conn| {
        Box::pin(async move {
            let ids = staff_accounts::find(conn, &filter, &page).await?;
            views(conn, &ids).await
        })
    })
    .await
}

/// One account.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn show(app: &App, id: AccountId) -> Result<StaffView> {
    app.read(move |conn| Box::pin(async move { view(conn, id).await })).await
}

/// Lets somebody in who waits for approval.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Forbidden`] for who does not wait.
pub async fn approve(app: &Arc<App>, staff: &Me, id: AccountId) -> Result<StaffView> {
    let (context, staff) = (app.clone(), staff.clone());
    let (view, events) = app
        .write(move |conn| {
            Box::pin(async move {
                let waiting = waiting(conn, &staff, id).await?;
                let events = match &waiting.user {
                    Some(user) => access::let_in(&context, conn, user).await?,
                    None => Vec::new(),
                };
                Ok::<_, AppError>((view(conn, id).await?, events))
            })
        })
        .await?;
    app.publish(events).await;
    Ok(view)
}

/// Turns somebody down who waits for approval: the account is gone then. The answer is what it was.
///
/// # Errors
/// See [`approve`].
pub async fn reject(app: &Arc<App>, staff: &Me, id: AccountId) -> Result<StaffView> {
    let staff = staff.clone();
    let view =
        app.read(move |conn| Box::pin(async move { waiting(conn, &staff, id).await })).await?;
    crate::accounts::delete(app, id).await?;
    Ok(view)
}

async fn waiting(conn: &mut Conn, staff: &Me, id: AccountId) -> Result<StaffView> {
    let view = view(conn, id).await?;
    check_rank(staff, view.user.as_ref())?;
    if view.user.as_ref().is_none_or(|user| user.approved) {
        return Err(AppError::not_allowed());
    }
    Ok(view)
}

/// What is lifted from an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lift {
    /// Sign-in works again.
    Disabled,
    /// Media are shown as their authors mark them.
    Sensitized,
    /// It is shown to everybody again.
    Silenced,
    /// It is back.
    Suspended,
}

/// Lifts something; what is not there is as good as lifted.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Forbidden`] for an equal or better role.
pub async fn lift(app: &Arc<App>, staff: &Me, id: AccountId, what: Lift) -> Result<StaffView> {
    let (context, staff) = (app.clone(), staff.clone());
    let view = app
        .write(move |conn| {
            Box::pin(async move {
                let found = view(conn, id).await?;
                check_rank(&staff, found.user.as_ref())?;
                match what {
                    Lift::Disabled => staff_accounts::set_disabled(conn, id, false).await?,
                    Lift::Sensitized => staff_accounts::set_sensitized(conn, id, None).await?,
                    Lift::Silenced => staff_accounts::set_silenced(conn, id, None).await?,
                    Lift::Suspended if found.account.suspended_at.is_some() => {
                        let account = &found.account;
                        crate::accounts::set_suspended(&context, conn, account, false).await?;
                    }
                    Lift::Suspended => return Err(AppError::not_allowed()),
                }
                view(conn, id).await
            })
        })
        .await?;
    app.publish(vec![Event::AccessChanged { account: id }]).await;
    Ok(view)
}

/// Deletes a suspended account with all that is its, for good. The answer is what it was.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Forbidden`] when it is not suspended or of an equal or better role.
pub async fn delete(app: &Arc<App>, staff: &Me, id: AccountId) -> Result<StaffView> {
    let staff = staff.clone();
    let view = app
        .read(move |conn| {
            Box::pin(async move {
                let found = view(conn, id).await?;
                check_rank(&staff, found.user.as_ref())?;
                if found.account.suspended_at.is_none() {
                    return Err(AppError::not_allowed());
                }
                Ok(found)
            })
        })
        .await?;
    crate::accounts::delete(app, id).await?;
    Ok(view)
}
