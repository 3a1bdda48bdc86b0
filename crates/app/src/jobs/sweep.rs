//! Removes what has outlived its use, once an hour.

use std::sync::Arc;

use domain::time::{DAY, HOUR};
use store::{access, idempotency, sessions, staff_accounts};

use super::{Job, enqueue};
use crate::{App, Result};

/// How long it is kept where somebody came from.
const ADDRESS_DAYS: i64 = 90;

pub(super) async fn run(app: &Arc<App>) -> Result<()> {
    crate::uploads::sweep_scratch(app).await?;
    crate::remote_files::trim(app).await?;
    crate::remote::let_go_of_old(app).await?;
    crate::statuses::expire_by_rules(app).await?;
    let context = app.clone();
    app.write(move |conn| {
        Box::pin(async move {
            let now = context.now();
            access::sweep_codes(conn, now.plus(-DAY)).await?;
            sessions::sweep(conn, now.plus(-crate::access::SESSION_DAYS * DAY)).await?;
            // Where people came from is kept no longer than a session that is not used (V08).
            staff_accounts::sweep_addresses(conn, now.plus(-ADDRESS_DAYS * DAY)).await?;
            store::shut_out::sweep_networks(conn, now.plus(-30 * DAY)).await?;
            sessions::sweep_links(conn, now.plus(-7 * DAY)).await?;
            // As long as anything about visitors is kept (V08).
            sessions::sweep_browsers(conn, now.plus(-90 * DAY)).await?;
            store::second_factors::sweep_halves(conn, now.plus(-HOUR)).await?;
            store::security_keys::sweep(conn, now.plus(-HOUR)).await?;
            store::invites::sweep(conn, now.plus(-30 * DAY)).await?;
            idempotency::sweep(conn, now.plus(-HOUR)).await?;
            store::received::sweep(conn, now.plus(-30 * DAY)).await?;
            store::tombstones::sweep(conn, now.plus(-365 * DAY)).await?;
            crate::cards::sweep(&context, conn).await?;
            crate::remote_files::sweep(&context, conn).await?;
            crate::delivery::sweep(&context, conn).await?;
            crate::archive::sweep(&context, conn).await?;
            crate::uploads::sweep(&context, conn, now.plus(-DAY)).await?;
            // This job's own row still holds its unique key, so the next one needs another moment.
            store::jobs::cancel(conn, "sweep").await?;
            enqueue(&context, conn, &Job::Sweep, now.plus(HOUR)).await
        })
    })
    .await
}
