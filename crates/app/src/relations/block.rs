//! Blocking: both follows end, and neither sees the other.

use std::sync::Arc;

use domain::AccountId;
use store::relations::{self, Relation};
use store::{home_feed, notifications};

use super::follow::{dismiss, leave};
use super::{relation, target};
use crate::access::Me;
use crate::{App, AppError, Result, delivery};

/// Blocks an account.
///
/// # Errors
/// [`AppError::Forbidden`] for oneself, [`AppError::NotFound`].
pub async fn block(app: &Arc<App>, me: &Me, id: AccountId) -> Result<Relation> {
    let (context, me) = (app.clone(), me.clone());
    app.write(move |conn| {
        Box::pin(async move {
            let who = me.id();
            let account = target(conn, id).await?;
            if who == id {
                return Err(AppError::not_allowed());
            }
            leave(&context, conn, &me.account, &account).await?;
            dismiss(&context, conn, &me.account, &account).await?;
            if relations::block(conn, context.ids.next(), who, id, context.now()).await? {
                delivery::blocked(&context, conn, &me.account, &account).await?;
            }
            home_feed::remove_account(conn, who, id).await?;
            notifications::withdraw_all_from(conn, who, id).await?;
            relation(&context, conn, who, id).await
        })
    })
    .await
}

/// Unblocks an account.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn unblock(app: &Arc<App>, me: &Me, id: AccountId) -> Result<Relation> {
    let (context, me) = (app.clone(), me.clone());
    app.write(move |conn| {
        Box::pin(async move {
            let who = me.id();
            let account = target(conn, id).await?;
            delivery::unblocked(&context, conn, &me.account, &account).await?;
            relations::unblock(conn, who, id).await?;
            relation(&context, conn, who, id).await
        })
    })
    .await
}
