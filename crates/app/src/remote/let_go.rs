//! Statuses of other servers that nobody here has to do with go when they are old; they come back when
//! somebody asks for them. Some at a time, so that nobody waits for it.

use std::sync::Arc;

use domain::id::first_id_at;
use domain::time::DAY;
use domain::{StatusId, Timestamp};
use store::{Conn, budget, settings, statuses};

use crate::uploads::{self, Release};
use crate::{App, AppError, Result};

/// Statuses looked at in one transaction.
const AT_ONCE: i64 = 100;
/// Transactions in one run.
const ROUNDS: usize = 20;
/// Pages of an SQLite file given back in one transaction: four megabytes.
const PAGES: u32 = 1_000;
/// How old a status is that comes here late.
const LATE: i64 = 7 * DAY;
/// The setting that says how far the last run came.
const LOOKED_AT: &str = "remote_statuses_looked_at";
/// The setting that counts what went.
const LET_GO: &str = "remote_statuses_let_go";

/// Lets go of some. The answer is how many.
///
/// # Errors
/// [`AppError`] when the database fails.
pub(crate) async fn run(app: &Arc<App>) -> Result<u64> {
    let days = i64::from(app.config.budget.remote_status_days);
    let mut gone = 0;
    if days > 0 {
        let before = app.now().plus(-days * DAY);
        for _ in 0..ROUNDS {
            let context = app.clone();
            let round =
                app.write(move |conn| Box::pin(async move { round(&context, conn, before).await }));
            let (looked_at, went) = round.await?;
            gone += went;
            if looked_at < AT_ONCE {
                break;
            }
        }
    }
    let pages = app
        .write(|conn| Box::pin(async move { Ok::<_, AppError>(conn.give_back(PAGES).await?) }))
        .await?;
    if gone > 0 || pages > 0 {
        tracing::info!(statuses = gone, pages, "old posts of other servers were let go");
    }
    Ok(gone)
}

/// One transaction: how many were looked at, and how many went.
async fn round(app: &App, conn: &mut Conn, before: Timestamp) -> Result<(i64, u64)> {
    let above = settings::get(conn, LOOKED_AT).await?.and_then(|text| text.parse().ok());
    let below = StatusId(first_id_at(before));
    let ids = budget::old(conn, StatusId(above.unwrap_or(0)), below, AT_ONCE).await?;
    let looked_at = i64::try_from(ids.len()).unwrap_or(AT_ONCE);
    // At the end it begins anew: what somebody had to do with may have become free.
    let last = ids.last().filter(|_| looked_at == AT_ONCE).map_or(0, |id| id.0);
    settings::set(conn, LOOKED_AT, &last.to_string()).await?;
    let mut gone = 0;
    for id in budget::untouched(conn, &ids, before).await? {
        uploads::release(app, conn, id, Release::ForGood).await?;
        // Counters stay: what they count has happened.
        if statuses::delete(conn, id).await? {
            gone += 1;
        }
    }
    if gone > 0 {
        let total: u64 =
            settings::get(conn, LET_GO).await?.and_then(|text| text.parse().ok()).unwrap_or(0);
        settings::set(conn, LET_GO, &(total + gone).to_string()).await?;
    }
    Ok((looked_at, gone))
}

/// Notes the arrival of a status that was made long ago: it is kept as long as a new one.
pub(super) async fn arrived(
    app: &App,
    conn: &mut Conn,
    id: StatusId,
    created_at: Timestamp,
) -> Result<()> {
    if app.now().since(created_at) < LATE {
        return Ok(());
    }
    Ok(budget::note_arrival(conn, id, app.now()).await?)
}
