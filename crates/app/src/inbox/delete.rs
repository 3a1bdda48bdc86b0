//! Delete: a status, an account, or the permission for a quote, by its owner only. What is not here
//! yet leaves a tombstone, so that a late Create does not bring it (F16).

use std::sync::Arc;

use activitypub::Activity;
use domain::account::Account;
use store::quotes::{self, State};
use store::{statuses, tombstones};

use crate::delivery;
use crate::remote::{forget, set_quote_state};
use crate::{App, AppError, Result};

pub(super) async fn run(app: &Arc<App>, activity: Activity, actor: &Account) -> Result<()> {
    let Some(id) = activity.object.id().cloned() else { return Ok(()) };
    if !id.same_origin(&activity.actor) {
        return Err(AppError::Forbidden("It is somebody else's".into()));
    }
    let (context, actor) = (app.clone(), actor.clone());
    let events = app
        .write(move |conn| {
            Box::pin(async move {
                let app = context.as_ref();
                if actor.uri.as_deref() == Some(id.as_str()) {
                    forget::account(app, conn, &actor).await?;
                    return Ok(Vec::new());
                }
                if let Some(status) = statuses::remote::by_uri(conn, id.as_str()).await? {
                    if status.account_id != actor.id {
                        return Err(AppError::Forbidden("It is somebody else's".into()));
                    }
                    return forget::status(app, conn, &status).await;
                }
                if let Some(quote) = quotes::by_stamp(conn, actor.id, id.as_str()).await? {
                    let status = quote.status;
                    set_quote_state(conn, quote, State::Revoked).await?;
                    delivery::edited(app, conn, status).await?;
                    return Ok(Vec::new());
                }
                tombstones::put(conn, id.as_str(), app.now()).await?;
                Ok::<_, AppError>(Vec::new())
            })
        })
        .await?;
    app.publish(events).await;
    Ok(())
}
