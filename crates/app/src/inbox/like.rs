//! Like, and the reactions that other software sends: both are favourites here
//! (docs/decisions/0004-reactions-are-favourites.md).

use std::sync::Arc;

use activitypub::{Activity, Uri};
use domain::account::Account;
use domain::notification::NotificationKind;
use store::{Conn, activity_ids, notifications, statuses};

use crate::notifications::{Cause, notify};
use crate::remote::local;
use crate::{App, AppError, Result};

pub(super) async fn run(app: &Arc<App>, activity: Activity, actor: &Account) -> Result<()> {
    let Some(id) = activity.object.id().map(|id| id.as_str().to_owned()) else { return Ok(()) };
    let uri = activity.id.map(|id| id.as_str().to_owned());
    let (context, who) = (app.clone(), actor.id);
    let events = app
        .write(move |conn| {
            Box::pin(async move {
                let app = context.as_ref();
                // Favourites of statuses of others are counted by their own servers.
                let Some(status) = local::status_at(app, conn, &id).await? else {
                    return Ok(Vec::new());
                };
                if status.uri.is_some()
                    || status.boost_of.is_some()
                    || statuses::visible_by_id(conn, status.id, Some(who)).await?.is_none()
                {
                    return Ok(Vec::new());
                }
                if !statuses::favourite(conn, app.ids.next(), who, status.id).await? {
                    return Ok(Vec::new());
                }
                statuses::count(conn, status.id, [0, 0, 1, 0]).await?;
                if let Some(uri) = &uri {
                    activity_ids::set_favourite(conn, who, status.id, uri).await?;
                }
                let cause = Cause {
                    to: status.account_id,
                    from: who,
                    kind: NotificationKind::Favourite,
                    status: Some(status.id),
                    report: None,
                };
                notify(app, conn, cause).await
            })
        })
        .await?;
    app.publish(events).await;
    Ok(())
}

/// Takes a favourite back, by the status or by the activity that made it.
pub(super) async fn undo(
    app: &App,
    conn: &mut Conn,
    actor: &Account,
    (activity, object): (Option<&Uri>, Option<&Uri>),
) -> Result<()> {
    let status = match object {
        Some(id) => local::status_at(app, conn, id.as_str()).await?.map(|status| status.id),
        None => match activity {
            Some(id) => activity_ids::favourited(conn, actor.id, id.as_str()).await?,
            None => None,
        },
    };
    let Some(id) = status else { return Ok(()) };
    if statuses::unfavourite(conn, actor.id, id).await?
        && let Some(status) = statuses::by_id(conn, id).await?
    {
        statuses::count(conn, id, [0, 0, -1, 0]).await?;
        let kind = NotificationKind::Favourite;
        notifications::withdraw(conn, status.account_id, actor.id, kind, Some(id)).await?;
    }
    Ok::<_, AppError>(())
}
