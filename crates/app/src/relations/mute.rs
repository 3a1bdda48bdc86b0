//! Muting: gone from timelines and, unless said otherwise, from notifications, for a while or for good.

use std::sync::Arc;

use domain::AccountId;
use store::relations::{self, Relation};

use super::{relation, target};
use crate::access::Me;
use crate::{App, AppError, Result};

/// Mutes an account, for `seconds` or, with 0, for good.
///
/// # Errors
/// [`AppError::Forbidden`] for oneself, [`AppError::NotFound`].
pub async fn mute(
    app: &Arc<App>,
    me: &Me,
    id: AccountId,
    notifications: bool,
    seconds: i64,
) -> Result<Relation> {
    let (context, who) = (app.clone(), me.id());
    app.write(move |conn| {
        Box::pin(async move {
            target(conn, id).await?;
            if who == id {
                return Err(AppError::not_allowed());
            }
            let now = context.now();
            let ends = (seconds > 0).then(|| now.plus(seconds.saturating_mul(1000)));
            relations::mute(conn, context.ids.next(), (who, id), notifications, ends, now).await?;
            relation(&context, conn, who, id).await
        })
    })
    .await
}

/// Unmutes an account.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn unmute(app: &Arc<App>, me: &Me, id: AccountId) -> Result<Relation> {
    let (context, who) = (app.clone(), me.id());
    app.write(move |conn| {
        Box::pin(async move {
            target(conn, id).await?;
            relations::unmute(conn, who, id).await?;
            relation(&context, conn, who, id).await
        })
    })
    .await
}
