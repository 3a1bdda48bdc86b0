//! A poll has closed: its author and everybody who voted is told.

use std::sync::Arc;

use domain::PollId;
use domain::notification::NotificationKind;
use store::{accounts, polls};

use crate::notifications::{Cause, notify};
use crate::{App, Result, delivery};

pub(super) async fn run(app: &Arc<App>, id: PollId) -> Result<()> {
    let context = app.clone();
    let events = app
        .write(move |conn| {
            Box::pin(async move {
                let mut events = Vec::new();
                let Some(poll) = polls::by_id(conn, id).await? else { return Ok(events) };
                // An edit may have moved the end; another job waits for that.
                if !poll.is_expired(context.now()) {
                    return Ok(events);
                }
                let mut told = polls::voters(conn, id).await?;
                told.push(poll.account_id);
                told.sort_unstable();
                told.dedup();
                delivery::poll_counted(&context, conn, &poll).await?;
                for account in accounts::by_ids(conn, &told).await? {
                    if account.is_local() {
                        let cause = Cause {
                            to: account.id,
                            from: poll.account_id,
                            kind: NotificationKind::Poll,
                            status: Some(poll.status_id),
                            report: None,
                        };
                        events.extend(notify(&context, conn, cause).await?);
                    }
                }
                Ok::<_, crate::AppError>(events)
            })
        })
        .await?;
    app.publish(events).await;
    Ok(())
}
