//! The subscription of a signed-in browser: it belongs to the session and ends with it. Nothing is
//! sealed, because its worker needs no token: it opens pages of the server.

use domain::secret::Secret;
use domain::{AccountId, RowId};
use store::push;

use super::{
    MOST, NewSubscription, Subscription, Wanted, check_endpoint, check_keys, check_policy, to_json,
    view,
};
use crate::{App, AppError, Result};

/// The subscription of this browser, if it has one.
///
/// # Errors
/// [`AppError::Store`].
pub async fn of_browser(
    app: &App,
    me: AccountId,
    session: &Secret,
) -> Result<Option<Subscription>> {
    let session = session.hash();
    let found = app
        .read(move |conn| {
            Box::pin(async move { Ok::<_, AppError>(push::of_session(conn, me, &session).await?) })
        })
        .await?;
    match found {
        Some(row) => view(app, row).await.map(Some),
        None => Ok(None),
    }
}

/// Makes this the subscription of a browser.
///
/// # Errors
/// [`AppError::Invalid`] for an address or keys that cannot be.
pub async fn subscribe_browser(
    app: &App,
    me: AccountId,
    session: &Secret,
    new: NewSubscription,
) -> Result<()> {
    check_endpoint(app, &new.endpoint)?;
    check_keys(&new)?;
    check_policy(&new.wanted.policy)?;
    let id: RowId = app.ids.next();
    let row = push::Subscription {
        id,
        sealed_token: None,
        token_id: None,
        session: Some(session.hash().0),
        account_id: me,
        endpoint: new.endpoint,
        p256dh: new.p256dh,
        auth: new.auth,
        standard: new.standard,
        alerts: to_json(&new.wanted)?,
        policy: new.wanted.policy,
        created_at: app.now(),
    };
    app.write(move |conn| {
        Box::pin(async move { Ok::<_, AppError>(push::replace(conn, &row, MOST).await?) })
    })
    .await
}

/// Changes what a browser wants to hear of.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Invalid`].
pub async fn change_browser(
    app: &App,
    me: AccountId,
    session: &Secret,
    wanted: Wanted,
) -> Result<()> {
    check_policy(&wanted.policy)?;
    let (session, json) = (session.hash(), to_json(&wanted)?);
    app.write(move |conn| {
        Box::pin(async move {
            let there = push::update_session(conn, me, &session, &json, &wanted.policy).await?;
            if there { Ok(()) } else { Err(AppError::NotFound) }
        })
    })
    .await
}

/// Removes the subscription of a browser, if there is one.
///
/// # Errors
/// [`AppError::Store`].
pub async fn unsubscribe_browser(app: &App, me: AccountId, session: &Secret) -> Result<()> {
    let session = session.hash();
    app.write(move |conn| {
        Box::pin(async move { Ok(push::delete_session(conn, me, &session).await.map(|_| ())?) })
    })
    .await
}
