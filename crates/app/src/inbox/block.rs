//! Block: both follows end, and nobody sees the other any more.

use std::sync::Arc;

use activitypub::Activity;
use domain::account::Account;
use store::{activity_ids, home_feed, notifications, relations};

use crate::relations::end;
use crate::remote::local;
use crate::{App, AppError, Result};

pub(super) async fn run(app: &Arc<App>, activity: Activity, actor: &Account) -> Result<()> {
    let (context, who) = (app.clone(), actor.id);
    app.write(move |conn| {
        Box::pin(async move {
            let app = context.as_ref();
            let Some(id) = activity.object.id() else { return Ok(()) };
            let Some(target) = local::local_account(app, conn, id.as_str()).await? else {
                return Ok(());
            };
            end(conn, who, target.id).await?;
            end(conn, target.id, who).await?;
            relations::block(conn, app.ids.next(), who, target.id, app.now()).await?;
            if let Some(id) = &activity.id {
                activity_ids::set_block(conn, who, target.id, id.as_str()).await?;
            }
            home_feed::remove_account(conn, target.id, who).await?;
            notifications::withdraw_all_from(conn, target.id, who).await?;
            Ok::<_, AppError>(())
        })
    })
    .await
}
