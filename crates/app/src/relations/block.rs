//! Blocking: both follows end, and neither sees the other.

use std::sync::Arc;

use domain::AccountId;
use store::relations::{self, Relation};
use store::{home_feed, notifications};

use super::follow::end;
use super::{relation, target};
use crate::access::Me;
use crate::{App, AppError, Result};

/// Blocks an account.
///
/// # Errors
/// [`AppError::Forbidden`] for oneself, [`AppError::NotFound`].
pub async fn block(app: &Arc<App>, me: &Me, id: AccountId) -> Result<Relation> {
    let (context, who) = (app.clone(), me.id());
    app.write(move |conn| {
        Box::pin(async move {
            target(conn, id).await?;
            if who == id {
                return Err(AppError::not_allowed());
            }
            end(conn, who, id).await?;
            end(conn, id, who).await?;
            relations::block(conn, context.ids.next(), who, id, context.now()).await?;
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
    let (context, who) = (app.clone(), me.id());
    app.write(move |conn| {
        Box::pin(async move {
            target(conn, id).await?;
            relations::unblock(conn, who, id).await?;
            relation(&context, conn, who, id).await
        })
    })
    .await
}
