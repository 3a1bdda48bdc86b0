//! Add and Remove: pinned statuses of the actor.

use std::sync::Arc;

use activitypub::{Activity, Uri};
use domain::account::Account;
use store::{remote_accounts, statuses};

use crate::remote::{self, Budget};
use crate::{App, AppError, Result};

pub(super) async fn run(
    app: &Arc<App>,
    activity: Activity,
    actor: &Account,
    is_added: bool,
    budget: &mut Budget,
) -> Result<()> {
    let Some(id) = activity.object.id().cloned() else { return Ok(()) };
    let who = actor.id;
    let remote = app
        .read(move |conn| {
            Box::pin(
                async move { Ok::<_, AppError>(remote_accounts::by_account(conn, who).await?) },
            )
        })
        .await?;
    let featured = remote.and_then(|remote| remote.featured_uri);
    if featured.is_none()
        || featured.as_deref() != activity.target.as_ref().map(Uri::as_str)
        || !id.same_origin(&activity.actor)
    {
        return Ok(());
    }
    if is_added {
        // It may be older than anything that was sent here.
        Box::pin(remote::status(app, &id, budget)).await?;
    }
    let context = app.clone();
    app.write(move |conn| {
        Box::pin(async move {
            let found = statuses::remote::by_uri(conn, id.as_str()).await?;
            let Some(status) = found.filter(|status| status.account_id == who) else {
                return Ok(());
            };
            if is_added {
                statuses::pin(conn, context.ids.next(), who, status.id).await?;
            } else {
                statuses::unpin(conn, who, status.id).await?;
            }
            Ok::<_, AppError>(())
        })
    })
    .await
}
