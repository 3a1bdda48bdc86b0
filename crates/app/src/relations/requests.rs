//! Follow requests to a locked account.

use std::sync::Arc;

use domain::AccountId;
use domain::notification::NotificationKind;
use store::relations::{self, Relation};
use store::{activity_ids, notifications};

use super::follow::establish;
use super::{relation, target};
use crate::access::Me;
use crate::{App, AppError, Result, delivery};

/// Lets somebody follow who asked to.
///
/// # Errors
/// [`AppError::NotFound`] when they did not ask.
pub async fn authorize(app: &Arc<App>, me: &Me, from: AccountId) -> Result<Relation> {
    answer(app, me, from, true).await
}

/// Turns a request down.
///
/// # Errors
/// [`AppError::NotFound`] when there is none.
pub async fn reject(app: &Arc<App>, me: &Me, from: AccountId) -> Result<Relation> {
    answer(app, me, from, false).await
}

async fn answer(app: &Arc<App>, me: &Me, from: AccountId, accept: bool) -> Result<Relation> {
    let (context, me) = (app.clone(), me.clone());
    let (after, events) = app
        .write(move |conn| {
            Box::pin(async move {
                let (app, who) = (context.as_ref(), me.id());
                let id = activity_ids::request(conn, from, who).await?.flatten();
                let options =
                    relations::take_request(conn, from, who).await?.ok_or(AppError::NotFound)?;
                notifications::withdraw(conn, who, from, NotificationKind::FollowRequest, None)
                    .await?;
                let mut events = Vec::new();
                if accept {
                    establish(app, conn, from, who, &options).await?;
                    if let Some(id) = &id {
                        activity_ids::set_follow(conn, from, who, id).await?;
                    }
                    let cause = crate::notifications::Cause {
                        to: who,
                        from,
                        kind: NotificationKind::Follow,
                        status: None,
                        report: None,
                    };
                    events = crate::notifications::notify(app, conn, cause).await?;
                }
                let follower = target(conn, from).await?;
                if accept {
                    delivery::accepted(app, conn, &me.account, &follower, id.as_deref()).await?;
                } else {
                    delivery::rejected(app, conn, &me.account, &follower, id.as_deref()).await?;
                }
                Ok::<_, AppError>((relation(app, conn, who, from).await?, events))
            })
        })
        .await?;
    app.publish(events).await;
    Ok(after)
}
