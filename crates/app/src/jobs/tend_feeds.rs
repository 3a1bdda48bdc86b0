//! Keeps home feeds at their length, and gives up those of people who stay away: they are built
//! anew when their owner returns. Once an hour.

use std::sync::Arc;

use domain::time::{DAY, HOUR};
use store::home_feed;

use super::{Job, enqueue};
use crate::{App, AppError, Result};

/// Absent for this long, an owner has no feed.
pub(super) const QUIET: i64 = 30 * DAY;

pub(super) async fn run(app: &Arc<App>) -> Result<()> {
    let away = app.now().plus(-QUIET);
    let owners =
        app.read(move |conn| Box::pin(async move { home_feed::owners(conn, away).await })).await?;
    for (owner, is_away) in owners {
        // One short transaction an owner: posting goes on in between.
        app.store
            .write(move |conn| {
                Box::pin(async move {
                    if is_away {
                        home_feed::forget(conn, owner).await
                    } else {
                        home_feed::trim(conn, owner).await
                    }
                })
            })
            .await?;
    }
    let context = app.clone();
    app.write(move |conn| {
        Box::pin(async move {
            // This job's own row still holds its unique key.
            store::jobs::cancel(conn, "tend_feeds").await?;
            enqueue(&context, conn, &Job::TendFeeds, context.now().plus(HOUR)).await?;
            Ok::<_, AppError>(())
        })
    })
    .await
}
