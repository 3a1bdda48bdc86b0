//! How jobs come into the queue, and which workers are told.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::Timestamp;
use store::Conn;
use store::jobs::Lane;

use super::{Job, questions};
use crate::{App, AppError, Result};

/// Queues a job in the caller's transaction, to be run at `run_at` or soon after; a question too many that nobody
/// waits for is left out.
pub(crate) async fn enqueue(
    app: &App,
    conn: &mut Conn,
    job: &Job,
    run_at: Timestamp,
) -> Result<()> {
    let row = row(app, job, run_at)?;
    if questions::are_enough(conn, job, &row).await? {
        return Ok(());
    }
    app.jobs_queued.one_more(row.lane);
    Ok(store::jobs::insert(conn, &row, app.now()).await?)
}

/// A job to be queued by a transaction that cannot reach the application.
pub(crate) struct Ready {
    row: store::jobs::New,
    queued: Arc<Queued>,
}

/// Makes a job ready, to be run soon.
pub(crate) fn ready(app: &App, job: &Job) -> Result<Ready> {
    Ok(Ready { row: row(app, job, app.now())?, queued: app.jobs_queued.clone() })
}

impl Ready {
    /// Queues it in the caller's transaction.
    pub(crate) async fn queue(&self, conn: &mut Conn, now: Timestamp) -> Result<()> {
        self.queued.one_more(self.row.lane);
        Ok(store::jobs::insert(conn, &self.row, now).await?)
    }
}

/// How many jobs this process has queued in each lane: what changes while a transaction runs tells
/// which workers it has to wake. Waking them all after every transaction would have each of them
/// look for jobs at every write.
#[derive(Debug, Default)]
pub(crate) struct Queued([AtomicU64; 6]);

impl Queued {
    const LANES: [Lane; 6] =
        [Lane::Quick, Lane::Slow, Lane::Inbox, Lane::Fetch, Lane::Push, Lane::Mail];

    /// A job is queued in this lane, by the transaction that runs.
    pub(crate) fn one_more(&self, lane: Lane) {
        for (number, counted) in self.0.iter().zip(Self::LANES) {
            if counted == lane {
                number.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// The numbers, one a lane.
    pub(crate) fn numbers(&self) -> [u64; 6] {
        self.0.each_ref().map(|number| number.load(Ordering::Relaxed))
    }

    /// The lanes whose numbers differ.
    pub(crate) fn changed(before: [u64; 6], after: [u64; 6]) -> impl Iterator<Item = Lane> {
        let differs = before.into_iter().zip(after).map(|(before, after)| before != after);
        Self::LANES.into_iter().zip(differs).filter(|(_, differs)| *differs).map(|(lane, _)| lane)
    }
}

/// A job as it is stored, for callers that queue it where the application is out of reach.
pub(crate) fn row(app: &App, job: &Job, run_at: Timestamp) -> Result<store::jobs::New> {
    let payload =
        serde_json::to_string(job).map_err(|error| AppError::Internal(error.to_string()))?;
    Ok(store::jobs::New {
        id: app.ids.next(),
        kind: job.kind(),
        payload,
        unique_key: job.unique_key(),
        run_at,
        lane: job.lane(),
        host: job.host(),
    })
}
