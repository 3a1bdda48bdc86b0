//! Leases due jobs and runs them, a few at a time. A job that fails is tried again later; one that
//! fails too often, or takes the process down with it, is set aside with its error (R07).

mod ends;
mod holding;
mod mine;
mod turns;

use std::sync::Arc;
use std::time::Duration;

use domain::time::SECOND;
use domain::{JobId, Timestamp};
use store::jobs::{self, Lane, Leased};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use self::ends::{Done, Ends, finish};
use self::mine::Mine;
use self::turns::Turns;
use super::Job;
use crate::{App, AppError, Result};

/// Jobs run at once, and jobs leased in one go.
fn room(lane: Lane) -> (usize, i64) {
    match lane {
        Lane::Quick => (8, 32),
        Lane::Slow => (2, 2),
        // Leased no faster than there are places: a slow host keeps nothing leased that could run.
        Lane::Inbox => (64, 32),
        // One by one, as soon as there is a place: half of them may be with a host that does not answer.
        Lane::Fetch => (8, 1),
        Lane::Push => (16, 16),
        // Mail services count what comes at once.
        Lane::Mail => (2, 2),
    }
}
/// How often a worker looks for jobs whose process died. Those of this process's predecessor are
/// found at its start.
const SUSPECTS: Duration = Duration::from_secs(60);
/// How long a worker leaves alone what another process is about, in milliseconds.
const ELSEWHERE: i64 = 100;
/// How long a job may run.
const PATIENCE: Duration = Duration::from_secs(540);
/// How often a job may crash, exceed its time or take the process with it before it is set aside (R07).
const CRASHES: i64 = 3;

/// The loop that runs the jobs of one lane until it is told to stop.
pub struct Worker {
    app: Arc<App>,
    stop: CancellationToken,
    lane: Lane,
    turns: Turns,
    mine: Mine,
    ends: Ends,
}

impl Worker {
    /// A worker that stops when `stop` is cancelled, after the jobs it has begun.
    #[must_use]
    pub fn new(app: Arc<App>, stop: CancellationToken, lane: Lane) -> Self {
        let ends = Ends::open(&app);
        Self { app, stop, lane, turns: Turns::default(), mine: Mine::default(), ends }
    }

    /// Runs until stopped. Jobs that take long keep their own places, not those of others: as soon
    /// as there is room for what is leased in one go, or half of the places are free, more jobs are leased.
    pub async fn run(self) {
        let mut running = JoinSet::new();
        // Ends with this worker.
        let mut keeper = JoinSet::new();
        keeper.spawn(holding::keep(self.app.clone(), self.mine.clone()));
        let (at_once, in_one_go) = room(self.lane);
        let in_one_go = usize::try_from(in_one_go).unwrap_or(at_once);
        let busy = at_once.saturating_sub(in_one_go).max(at_once / 2);
        let mut look_for_suspects = Instant::now();
        while !self.stop.is_cancelled() {
            while running.try_join_next().is_some() {}
            if look_for_suspects <= Instant::now() && !self.run_suspect(&mut running).await {
                look_for_suspects = Instant::now() + SUSPECTS;
            }
            match lease(&self.app, self.lane, self.mine.ids()).await {
                Ok((batch, due)) if batch.is_empty() => self.wait(due, &mut running).await,
                Ok((batch, _)) => self.run_batch(batch, &mut running).await,
                Err(error) => {
                    tracing::error!(%error, "jobs cannot be read; trying again");
                    self.pause(Duration::from_secs(1)).await;
                }
            }
            while running.len() > busy && !self.stop.is_cancelled() {
                tokio::select! {
                    _ = running.join_next() => {}
                    () = self.stop.cancelled() => {}
                }
            }
        }
        while running.join_next().await.is_some() {}
    }

    /// Runs one of the jobs that a process was about when it died, alone: if it was the cause, it
    /// takes nobody else's attempts with it (R07). False when there is none.
    async fn run_suspect(&self, running: &mut JoinSet<()>) -> bool {
        match lease_suspect(&self.app, self.lane).await {
            Ok(Some(suspect)) => {
                self.run_alone(suspect, running).await;
                true
            }
            Ok(None) => false,
            Err(error) => {
                tracing::error!(%error, "jobs cannot be read; trying again");
                self.pause(Duration::from_secs(1)).await;
                true
            }
        }
    }

    async fn run_alone(&self, suspect: Leased, running: &mut JoinSet<()>) {
        while running.join_next().await.is_some() {}
        self.begin(vec![suspect], running).await;
        while running.join_next().await.is_some() {}
    }

    async fn run_batch(&self, mut batch: Vec<Leased>, running: &mut JoinSet<()>) {
        // Such a job comes by itself.
        match batch.pop() {
            Some(suspect) if suspect.is_suspect => self.run_alone(suspect, running).await,
            last => {
                batch.extend(last);
                self.begin(batch, running).await;
            }
        }
    }

    async fn begin(&self, batch: Vec<Leased>, running: &mut JoinSet<()>) {
        let (at_once, _) = room(self.lane);
        // All of them at once: those that have no place yet are leased as well.
        let batch: Vec<_> = batch.into_iter().map(|job| (self.mine.take(&job), job)).collect();
        for (place, job) in batch {
            while running.len() >= at_once && !self.stop.is_cancelled() {
                tokio::select! {
                    _ = running.join_next() => {}
                    () = self.stop.cancelled() => {}
                }
            }
            if self.stop.is_cancelled() {
                give_back(&self.app, job.id).await;
                continue;
            }
            let (app, ends) = (self.app.clone(), self.ends.clone());
            // Only what others send comes in an order that matters.
            let turn = if self.lane == Lane::Inbox { self.turns.next(&job) } else { None };
            running.spawn(async move {
                if let Some(turn) = &turn {
                    turn.comes().await;
                }
                perform(&app, job, &ends).await;
                drop(place);
            });
        }
    }

    /// Sleeps until a transaction rings, the next job is due, or a while has passed: another
    /// process may have queued something.
    async fn wait(&self, due: Option<Timestamp>, running: &mut JoinSet<()>) {
        let pause = due.map_or(SECOND, |due| due.since(self.app.now()).clamp(1, SECOND));
        let pause = self.pause(Duration::from_millis(pause.unsigned_abs()));
        tokio::select! {
            () = pause => {}
            // Its place may have been what kept others waiting.
            Some(_) = running.join_next() => {}
        }
    }

    async fn pause(&self, time: Duration) {
        tokio::select! {
            () = self.stop.cancelled() => {}
            () = self.app.bell(self.lane).notified() => {}
            () = tokio::time::sleep(time) => {}
        }
    }
}

/// Runs every job that is due now, and those they cause, one after the other: for tests and the
/// command line.
///
/// # Errors
/// The first error of a job.
pub async fn run_all(app: &Arc<App>) -> Result<usize> {
    let mut done = 0;
    loop {
        let mut batch = lease(app, Lane::Quick, Vec::new()).await?.0;
        for lane in [Lane::Slow, Lane::Inbox, Lane::Fetch, Lane::Push, Lane::Mail] {
            batch.extend(lease(app, lane, Vec::new()).await?.0);
        }
        if batch.is_empty() {
            return Ok(done);
        }
        for leased in batch {
            let job = understand(&leased)?;
            job.run(app).await?;
            finish(app, vec![Done::of(leased.id, &job)]).await?;
            done += 1;
        }
    }
}

async fn lease_suspect(app: &App, lane: Lane) -> Result<Option<Leased>> {
    let now = app.now();
    let until = holding::until(now);
    let found = app
        .store
        .write(move |conn| {
            Box::pin(async move { jobs::lease_suspect(conn, now, until, lane).await })
        })
        .await?;
    Ok(found)
}

/// Leases jobs that are due, for a worker that is about `mine`. Beside them, when to look again.
async fn lease(
    app: &App,
    lane: Lane,
    mine: Vec<JobId>,
) -> Result<(Vec<Leased>, Option<Timestamp>)> {
    let now = app.now();
    let (_, limit) = room(lane);
    let is_about_some = !mine.is_empty();
    let due =
        app.read(move |conn| Box::pin(async move { jobs::next_due(conn, lane).await })).await?;
    // A look costs less than a write transaction that finds nothing.
    if due.is_none_or(|due| due > now) {
        return Ok((Vec::new(), due));
    }
    let leased = app
        .store
        .write(move |conn| {
            Box::pin(async move {
                conn.may_be_redone();
                let until = holding::until(now);
                let leased = jobs::lease(conn, now, until, limit, lane, &mine).await?;
                if !leased.is_empty() {
                    return Ok::<_, AppError>(leased);
                }
                // Then it is one whose process died that is due.
                Ok(jobs::lease_suspect(conn, now, until, lane).await?.into_iter().collect())
            })
        })
        .await?;
    // Those that are due are another process's to do, or will be free when it has done others. Or this one is about
    // jobs that keep them back, whose end it sees.
    let pause = if lane == Lane::Fetch && is_about_some { SECOND } else { ELSEWHERE };
    let due = if leased.is_empty() { Some(now.plus(pause)) } else { due };
    Ok((leased, due))
}

fn understand(leased: &Leased) -> Result<Job> {
    serde_json::from_str(&leased.payload).map_err(|error| {
        AppError::Internal(format!("a job of kind {} cannot be read: {error}", leased.kind))
    })
}

async fn perform(app: &Arc<App>, leased: Leased, ends: &Ends) {
    let outcome = match understand(&leased) {
        Ok(job) if leased.attempts > job.attempts() || is_deadly(&leased) => {
            Err((true, AppError::Internal("it took the process down or was never finished".into())))
        }
        Ok(job) => {
            #[cfg(test)]
            tests::interfere(&leased).await;
            match run_guarded(app, &job).await {
                Ok(()) => Ok(job),
                Err(end) => {
                    let most =
                        if end.is_crash { CRASHES.min(job.attempts()) } else { job.attempts() };
                    Err((leased.attempts >= most, end.error))
                }
            }
        }
        Err(error) => Err((true, error)),
    };
    let noted = match outcome {
        Ok(job) => ends.note(Done::of(leased.id, &job)).await,
        Err((last, error)) => note_failure(app, &leased, last, &error).await,
    };
    if let Err(error) = noted {
        tracing::error!(job = %leased.kind, %error, "the end of a job was not noted; it will run again");
    }
}

/// Whether it has been begun as often as it may without anybody seeing its end.
fn is_deadly(leased: &Leased) -> bool {
    leased.is_suspect && leased.attempts > CRASHES
}

/// How a job ended badly.
struct BadEnd {
    error: AppError,
    /// By a panic or by running out of time.
    is_crash: bool,
}

/// Runs a job in a task of its own, so that a panic is only its own.
async fn run_guarded(app: &Arc<App>, job: &Job) -> Result<(), BadEnd> {
    let (context, job) = (app.clone(), job.clone());
    let task = tokio::spawn(async move { tokio::time::timeout(PATIENCE, job.run(&context)).await });
    let crash = |text: &str| BadEnd { error: AppError::Internal(text.into()), is_crash: true };
    match task.await {
        Ok(Ok(result)) => result.map_err(|error| BadEnd { error, is_crash: false }),
        Ok(Err(_)) => Err(crash("it took too long")),
        Err(_) => Err(crash("it panicked")),
    }
}

async fn give_back(app: &App, id: JobId) {
    let given =
        app.store.write(move |conn| Box::pin(async move { jobs::release(conn, id).await })).await;
    if let Err(error) = given {
        tracing::warn!(%error, "a job was not given back; it runs when its lease ends");
    }
}

async fn note_failure(app: &App, leased: &Leased, last: bool, error: &AppError) -> Result<()> {
    let (id, text) = (leased.id, error.to_string());
    if last {
        tracing::error!(job = %leased.kind, %error, "a job failed for good and is set aside");
    } else {
        tracing::warn!(job = %leased.kind, attempt = leased.attempts, %error, "a job failed and will run again");
    }
    let mut noise = [0_u8; 1];
    app.random.fill(&mut noise);
    // 10 s, 40 s, 90 s, …, and up to a quarter more, so that failures do not come back together.
    let base = 10 * SECOND * leased.attempts * leased.attempts;
    let at = app.now().plus(base + base * i64::from(noise[0]) / 1024);
    app.store
        .write(move |conn| {
            Box::pin(async move {
                if last {
                    jobs::set_aside(conn, id, &text).await
                } else {
                    jobs::retry(conn, id, at, &text).await
                }
            })
        })
        .await?;
    Ok(())
}

#[cfg(test)]
pub(super) mod tests;
