//! The job queue: rows written in the transaction that causes the work, leased by a worker, gone
//! when done, set aside after repeated failures (R06, R07).

use domain::{JobId, Timestamp};

use crate::engine::{Conn, FromRow, Result, Row};
use crate::{args, statements};

statements! {
    INSERT = "INSERT INTO jobs (id, kind, payload, unique_key, run_at, attempts, leased_until, set_aside, created_at, lane, host) \
        VALUES (?1, ?2, ?3, ?4, ?5, 0, 0, false, ?6, ?7, ?8) ON CONFLICT DO NOTHING";
    LEASE = "UPDATE jobs SET leased_until = ?2, attempts = attempts + 1 \
        WHERE set_aside = false AND leased_until <= ?1 AND id IN \
        (SELECT id FROM jobs WHERE set_aside = false AND run_at <= ?1 AND leased_until <= ?1 \
        AND lane = ?4 AND (attempts = 0 OR last_error IS NOT NULL) ORDER BY run_at, id LIMIT ?3) \
        RETURNING id, kind, payload, attempts, false";
    // Two processes that lease at once would not see what the other one takes.
    LEASE_ALONE = "SELECT CASE WHEN UNTIL_COMMIT(?1) THEN 1 ELSE 0 END";
    LEASE_FAIRLY = "UPDATE jobs SET leased_until = ?2, attempts = attempts + 1 \
        WHERE set_aside = false AND leased_until <= ?1 AND id IN (WITH d AS \
        (SELECT id, run_at, COALESCE(host, '') AS host, leased_until, attempts, last_error FROM jobs \
        WHERE set_aside = false AND run_at <= ?1 AND lane = ?4 ORDER BY run_at, id LIMIT 1000) \
        SELECT r.id FROM (SELECT id, run_at, leased_until, ROW_NUMBER() OVER (PARTITION BY host \
        ORDER BY CASE WHEN leased_until > ?1 THEN 0 ELSE 1 END, run_at, id) AS place \
        FROM d WHERE (leased_until > ?1 OR attempts = 0 OR last_error IS NOT NULL) \
        AND host NOT IN (SELECT o.host FROM d o WHERE o.leased_until > ?1 AND NOT (o.id IN_LIST(?5)))) r \
        WHERE r.leased_until <= ?1 AND r.place <= ?6 ORDER BY r.place, r.run_at, r.id LIMIT ?3) \
        RETURNING id, kind, payload, attempts, false";
    LEASE_SUSPECT = "UPDATE jobs SET leased_until = ?2, attempts = attempts + 1 \
        WHERE set_aside = false AND leased_until <= ?1 AND id IN \
        (SELECT id FROM jobs WHERE set_aside = false AND run_at <= ?1 AND leased_until <= ?1 \
        AND lane = ?3 AND attempts > 0 AND last_error IS NULL ORDER BY run_at, id LIMIT 1) \
        RETURNING id, kind, payload, attempts, true";
    WAITING = "SELECT COUNT(*) FROM jobs WHERE set_aside = false AND lane = ?1";
    WAITING_OF = "SELECT COUNT(*) FROM (SELECT 1 FROM jobs WHERE set_aside = false AND lane = ?1 AND host = ?2 LIMIT ?3) r";
    DONE = "DELETE FROM jobs WHERE id IN_LIST(?1)";
    RETRY = "UPDATE jobs SET run_at = ?2, leased_until = 0, last_error = ?3 WHERE id = ?1";
    SET_ASIDE = "UPDATE jobs SET set_aside = true, leased_until = 0, last_error = ?2 WHERE id = ?1";
    RELEASE = "UPDATE jobs SET leased_until = 0, attempts = attempts - 1 WHERE id = ?1";
    RENEW = "UPDATE jobs SET leased_until = ?2 WHERE id IN_LIST(?1) AND leased_until > 0 AND leased_until < ?2";
    RELEASE_ALL = "UPDATE jobs SET leased_until = 0 WHERE leased_until > 0";
    NEXT_DUE = "SELECT CAST(MIN(CASE WHEN leased_until > run_at THEN leased_until ELSE run_at END) AS BIGINT) FROM \
        (SELECT leased_until, run_at FROM jobs WHERE set_aside = false AND lane = ?1 ORDER BY run_at, id LIMIT 400) f";
    COUNTS = "SELECT COUNT(*), COUNT(*) FILTER (WHERE set_aside = true) FROM jobs";
    CANCEL = "DELETE FROM jobs WHERE unique_key = ?1";
}

/// The lock of each lane's leasing counts from here; numbers that nothing else uses in this database.
const LEASE_LOCKS: i64 = 7_420;

/// Most jobs that ask one host at once: half of the places that a worker has for asking, so that a slow host leaves
/// the others to the rest. Those that name no host count as one.
const QUESTIONS: i64 = 4;

/// Jobs that take minutes stand in a line of their own, so that the others do not wait for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// All but the slow ones.
    Quick,
    /// Conversions of media.
    Slow,
    /// Activities that other servers sent, fair among hosts.
    Inbox,
    /// Asking other servers: profiles, threads, previews. Fair among them.
    Fetch,
    /// What goes to push services, fair among them.
    Push,
    /// Mail, which may wait for its server for a day.
    Mail,
}

impl Lane {
    pub(crate) fn number(self) -> i64 {
        match self {
            Self::Quick => 0,
            Self::Slow => 1,
            Self::Inbox => 2,
            Self::Fetch => 3,
            Self::Push => 4,
            Self::Mail => 5,
        }
    }
}

/// A job to be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leased {
    /// Its id.
    pub id: JobId,
    /// Which job it is.
    pub kind: String,
    /// Its arguments, JSON.
    pub payload: String,
    /// Which attempt this is, from 1.
    pub attempts: i64,
    /// It was begun before and nobody noted how that ended: the process that ran it died, perhaps of
    /// it.
    pub is_suspect: bool,
}

impl FromRow for Leased {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            kind: row.get()?,
            payload: row.get()?,
            attempts: row.get()?,
            is_suspect: row.get()?,
        })
    }
}

/// A job to be queued.
#[derive(Clone, Debug)]
pub struct New {
    /// Its id.
    pub id: JobId,
    /// Which job it is.
    pub kind: &'static str,
    /// Its arguments, JSON.
    pub payload: String,
    /// At most one job with this key is queued at a time.
    pub unique_key: Option<String>,
    /// Not before.
    pub run_at: Timestamp,
    /// The line it stands in.
    pub lane: Lane,
    /// The host that caused it or will be asked, for fairness among them.
    pub host: Option<String>,
}

/// Queues a job in the caller's transaction.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn insert(conn: &mut Conn, job: &New, now: Timestamp) -> Result<()> {
    conn.send(
        &INSERT,
        args![
            job.id,
            job.kind,
            &job.payload,
            job.unique_key.clone(),
            job.run_at,
            now,
            job.lane.number(),
            job.host.clone()
        ],
    )
    .await
}

/// Takes up to `limit` due jobs of a lane until `until`. One whose worker died comes back when that is over.
/// In lanes that are fair among hosts, a host whose jobs another process is about is left to that process, so
/// that they stay in order; `mine` are those that the caller is about.
///
/// # Errors
/// See [`insert`].
pub async fn lease(
    conn: &mut Conn,
    now: Timestamp,
    until: Timestamp,
    limit: i64,
    lane: Lane,
    mine: &[JobId],
) -> Result<Vec<Leased>> {
    let mut jobs: Vec<Leased> = match lane {
        // A host that sends much must not keep the others waiting (R09).
        Lane::Inbox | Lane::Push | Lane::Fetch => {
            conn.scalar::<i64>(&LEASE_ALONE, args![LEASE_LOCKS + lane.number()]).await?;
            let of_host = if lane == Lane::Fetch { QUESTIONS } else { i64::MAX };
            let fairly = args![now, until, limit, lane.number(), mine, of_host];
            conn.query(&LEASE_FAIRLY, fairly).await?
        }
        Lane::Quick | Lane::Slow | Lane::Mail => {
            conn.query(&LEASE, args![now, until, limit, lane.number()]).await?
        }
    };
    jobs.sort_by_key(|job| job.id);
    Ok(jobs)
}

/// Takes one due job of a lane that was begun before and whose end nobody noted: the process that
/// ran it died, perhaps of it. [`lease`] leaves these out, so that such a death costs no other job
/// an attempt (R07).
///
/// # Errors
/// See [`insert`].
pub async fn lease_suspect(
    conn: &mut Conn,
    now: Timestamp,
    until: Timestamp,
    lane: Lane,
) -> Result<Option<Leased>> {
    conn.optional(&LEASE_SUSPECT, args![now, until, lane.number()]).await
}

/// How many jobs of a lane wait or run.
///
/// # Errors
/// See [`insert`].
pub async fn waiting(conn: &mut Conn, lane: Lane) -> Result<i64> {
    Ok(conn.scalar(&WAITING, args![lane.number()]).await?.unwrap_or(0))
}

/// How many of them a host has caused, counted up to `most`.
///
/// # Errors
/// See [`insert`].
pub async fn waiting_of(conn: &mut Conn, lane: Lane, host: &str, most: i64) -> Result<i64> {
    Ok(conn.scalar(&WAITING_OF, args![lane.number(), host, most]).await?.unwrap_or(0))
}

/// These jobs are done.
///
/// # Errors
/// See [`insert`].
pub async fn done(conn: &mut Conn, ids: &[JobId]) -> Result<()> {
    conn.send(&DONE, args![ids]).await
}

/// The job failed and runs again at `at`.
///
/// # Errors
/// See [`insert`].
pub async fn retry(conn: &mut Conn, id: JobId, at: Timestamp, error: &str) -> Result<()> {
    conn.send(&RETRY, args![id, at, error]).await
}

/// The job failed too often and waits for a person.
///
/// # Errors
/// See [`insert`].
pub async fn set_aside(conn: &mut Conn, id: JobId, error: &str) -> Result<()> {
    conn.send(&SET_ASIDE, args![id, error]).await
}

/// Gives a job back that was leased but not begun.
///
/// # Errors
/// See [`insert`].
pub async fn release(conn: &mut Conn, id: JobId) -> Result<()> {
    conn.send(&RELEASE, args![id]).await
}

/// Holds jobs for longer that are held.
///
/// # Errors
/// See [`insert`].
pub async fn renew(conn: &mut Conn, ids: &[JobId], until: Timestamp) -> Result<()> {
    conn.send(&RENEW, args![ids, until]).await
}

/// Gives every leased job back, with its attempt counted: for the start of the only process that
/// runs jobs, whose predecessor was killed.
///
/// # Errors
/// See [`insert`].
pub async fn release_all(conn: &mut Conn) -> Result<()> {
    conn.send(&RELEASE_ALL, args![]).await
}

/// When the next job of a lane can be leased, if there is any. Only the front of the line is looked
/// at, however long it is.
///
/// # Errors
/// See [`insert`].
pub async fn next_due(conn: &mut Conn, lane: Lane) -> Result<Option<Timestamp>> {
    Ok(conn.scalar::<Option<Timestamp>>(&NEXT_DUE, args![lane.number()]).await?.flatten())
}

/// How many jobs there are, and how many of them are set aside.
///
/// # Errors
/// See [`insert`].
pub async fn counts(conn: &mut Conn) -> Result<(i64, i64)> {
    Ok(conn.optional(&COUNTS, args![]).await?.unwrap_or((0, 0)))
}

/// Removes the queued job with this key.
///
/// # Errors
/// See [`insert`].
pub async fn cancel(conn: &mut Conn, unique_key: &str) -> Result<()> {
    conn.send(&CANCEL, args![unique_key]).await
}
