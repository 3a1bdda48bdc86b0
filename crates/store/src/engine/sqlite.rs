//! SQLite: one writer thread that commits in groups, a few reader threads, bounded queues between.
//!
//! WAL with `synchronous=FULL`: a commit is on disk when it returns, and the writer puts up to
//! [`GROUP`] waiting transactions into one commit, each in its own savepoint, so that durability
//! costs one fsync for all of them.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_util::future::BoxFuture;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use tokio::sync::{mpsc, oneshot};

use super::Result;
use super::conn::{Conn, Inner};
use super::error::StoreError;

/// The most transactions in one commit.
const GROUP: usize = 64;
/// How many reads or writes may wait; more wait outside the queue, in their own tasks.
const QUEUE: usize = 256;
/// Oldest library with the WAL fixes that R01 relies on.
const OLDEST: i32 = 3_051_003;

#[derive(Clone)]
pub(super) struct Pool {
    readers: mpsc::Sender<Box<dyn ReadTask>>,
    writer: mpsc::Sender<Box<dyn WriteTask>>,
    damaged: Arc<AtomicBool>,
    path: Arc<Path>,
}

trait ReadTask: Send {
    fn run(self: Box<Self>, conn: &mut Conn);
}

trait WriteTask: Send {
    /// Runs the work and keeps its result; true when it wants to be committed.
    fn run(&mut self, conn: &mut Conn) -> bool;
    /// Answers the caller, after the commit or with the reason why there was none.
    fn answer(self: Box<Self>, commit_error: Option<StoreError>);
}

struct Task<F, T, E> {
    work: Option<F>,
    result: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Task<F, T, E>
where
    F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, Result<T, E>> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn perform(&mut self, conn: &mut Conn) {
        let Some(work) = self.work.take() else { return };
        let outcome = catch_unwind(AssertUnwindSafe(|| poll_once(work(conn))));
        self.result = Some(match outcome {
            Ok(Ok(result)) => result,
            Ok(Err(error)) => Err(error.into()),
            Err(_) => Err(StoreError::Panicked.into()),
        });
    }
}

impl<F, T, E> ReadTask for Task<F, T, E>
where
    F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, Result<T, E>> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run(mut self: Box<Self>, conn: &mut Conn) {
        if self.reply.is_closed() {
            return;
        }
        self.perform(conn);
        if let Some(result) = self.result.take() {
            // The caller may have gone away; then nobody wants the answer.
            let _ = self.reply.send(result);
        }
    }
}

impl<F, T, E> WriteTask for Task<F, T, E>
where
    F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, Result<T, E>> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run(&mut self, conn: &mut Conn) -> bool {
        self.perform(conn);
        matches!(self.result, Some(Ok(_)))
    }

    fn answer(mut self: Box<Self>, commit_error: Option<StoreError>) {
        let result = match (self.result.take(), commit_error) {
            (Some(Err(error)), _) => Err(error),
            (_, Some(error)) => Err(error.into()),
            (Some(Ok(value)), None) => Ok(value),
            (None, None) => Err(StoreError::Panicked.into()),
        };
        let _ = self.reply.send(result);
    }
}

/// Polls a future that only awaits this connection, and so is ready at once.
fn poll_once<F: Future>(future: F) -> Result<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Ok(output),
        Poll::Pending => Err(StoreError::ForeignAwait),
    }
}

impl Pool {
    pub(super) fn open(path: &Path, readers: usize) -> Result<Self> {
        if rusqlite::version_number() < OLDEST {
            return Err(StoreError::Unreachable(format!(
                "this build carries SQLite {}, which is older than 3.51.3; use a release build",
                rusqlite::version()
            )));
        }
        let writer = connect(path, OpenFlags::default())?;
        set_up_writer(&writer)?;
        let damaged = Arc::new(AtomicBool::new(false));
        let (writer_queue, writes) = mpsc::channel(QUEUE);
        let flag = damaged.clone();
        spawn("store-writer", move || write_loop(writer, writes, &flag))?;
        let (reader_queue, reads) = mpsc::channel(QUEUE);
        let reads = Arc::new(Mutex::new(reads));
        for _ in 0..readers {
            let connection = connect(path, OpenFlags::default())?;
            connection
                .execute_batch("PRAGMA query_only = ON")
                .map_err(|error| StoreError::sqlite("query_only", error))?;
            let reads = reads.clone();
            spawn("store-reader", move || read_loop(connection, &reads))?;
        }
        Ok(Self { readers: reader_queue, writer: writer_queue, damaged, path: path.into() })
    }

    /// A connection of its own, for work that is more than one function call.
    pub(super) fn connection(&self) -> Result<Connection> {
        connect(&self.path, OpenFlags::default())
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn can_write(&self) -> bool {
        !self.damaged.load(Ordering::Relaxed) && !self.writer.is_closed()
    }

    pub(super) async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let task = Box::new(Task { work: Some(work), result: None, reply });
        self.readers.send(task).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    pub(super) async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let task = Box::new(Task { work: Some(work), result: None, reply });
        self.writer.send(task).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    /// Waits until the writer has finished what was queued and has folded the log into the file.
    pub(super) async fn close(&self, patience: Duration) {
        let flush = self.write(|conn| {
            Box::pin(async move {
                let _ = conn;
                Ok::<_, StoreError>(())
            })
        });
        // A writer that does not answer in time is left to the next start, which replays the log.
        let _ = tokio::time::timeout(patience, flush).await;
    }
}

fn closed() -> StoreError {
    StoreError::Unreachable("the database is closed".into())
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<()> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(body)
        .map(|_| ())
        .map_err(|error| StoreError::Unreachable(format!("no thread for the database: {error}")))
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection> {
    let failed = |error: rusqlite::Error| {
        StoreError::Unreachable(format!(
            "{}: {error}. Check that the folder exists and may be written",
            path.display()
        ))
    };
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(Duration::from_secs(10)).map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(512);
    // Plans are made once: else a statement is parsed and planned again whenever a value that the
    // planner has looked at, such as a limit, is bound anew.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(failed)?;
    connection
        .execute_batch(
            // Only a new file takes the first one: then space that becomes free can be given back.
            "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
             PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;",
        )
        .map_err(failed)?;
    Ok(connection)
}

/// Checks what durability rests on, instead of believing the settings took.
fn set_up_writer(connection: &Connection) -> Result<()> {
    let pragma = |name: &'static str| {
        connection
            .pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0))
            .map_err(|error| StoreError::sqlite(name, error))
    };
    let wal = pragma("journal_mode")?;
    let synchronous = pragma("synchronous")?;
    if wal != rusqlite::types::Value::Text("wal".into())
        || synchronous != rusqlite::types::Value::Integer(2)
    {
        return Err(StoreError::Unreachable(
            "this file system does not allow a write-ahead log; put the data folder on a local disk".into(),
        ));
    }
    connection
        .execute_batch("PRAGMA wal_autocheckpoint = 2000; PRAGMA journal_size_limit = 67108864;")
        .map_err(|error| StoreError::sqlite("set up", error))
}

fn read_loop(connection: Connection, queue: &Mutex<mpsc::Receiver<Box<dyn ReadTask>>>) {
    let mut conn = Conn { inner: Inner::Sqlite(connection) };
    loop {
        // One reader waits at the queue, the others at the lock.
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
        let Some(task) = next else { return };
        let began = control(&mut conn, "BEGIN").is_ok();
        task.run(&mut conn);
        if began && let Err(error) = control(&mut conn, "COMMIT") {
            tracing::warn!(%error, "a read transaction did not end cleanly");
        }
    }
}

fn write_loop(
    connection: Connection,
    mut queue: mpsc::Receiver<Box<dyn WriteTask>>,
    damaged: &AtomicBool,
) {
    let mut conn = Conn { inner: Inner::Sqlite(connection) };
    let mut group = Vec::with_capacity(GROUP);
    while let Some(first) = queue.blocking_recv() {
        group.push(first);
        while group.len() < GROUP
            && let Ok(next) = queue.try_recv()
        {
            group.push(next);
        }
        write_group(&mut conn, &mut group, damaged);
    }
}

/// Runs a group of transactions and commits them together; a failed one takes nobody with it.
fn write_group(conn: &mut Conn, group: &mut Vec<Box<dyn WriteTask>>, damaged: &AtomicBool) {
    if damaged.load(Ordering::Relaxed) {
        return answer_all(group, || StoreError::Damaged("an earlier write failed".into()));
    }
    if let Err(error) = control(conn, "BEGIN IMMEDIATE") {
        let text = error.to_string();
        return answer_all(group, || repeat(&error, &text));
    }
    for task in group.iter_mut() {
        // A savepoint fails only when the whole transaction is gone; the commit then tells why.
        let saved = control(conn, "SAVEPOINT work").is_ok();
        let keep = task.run(conn);
        if saved {
            let is_undone = !keep && control(conn, "ROLLBACK TO work").is_err();
            if is_undone || control(conn, "RELEASE work").is_err() {
                break;
            }
        }
    }
    match control(conn, "COMMIT") {
        Ok(()) => {
            for task in group.drain(..) {
                task.answer(None);
            }
        }
        Err(error) => {
            let text = error.to_string();
            if matches!(error, StoreError::Damaged(_)) {
                tracing::error!(error = %text, "a commit failed: writing stops until the server is restarted");
                damaged.store(true, Ordering::Relaxed);
            }
            // There may be no transaction left to roll back.
            let _ = control(conn, "ROLLBACK");
            answer_all(group, || repeat(&error, &text));
        }
    }
}

/// The same error once for every caller that shared the commit.
fn repeat(error: &StoreError, text: &str) -> StoreError {
    match error {
        StoreError::Full => StoreError::Full,
        StoreError::Damaged(_) => StoreError::Damaged(text.to_owned()),
        StoreError::Busy(_) => StoreError::Busy(text.to_owned()),
        _ => StoreError::Engine { statement: "commit", cause: text.to_owned() },
    }
}

fn answer_all(group: &mut Vec<Box<dyn WriteTask>>, error: impl Fn() -> StoreError) {
    for task in group.drain(..) {
        task.answer(Some(error()));
    }
}

fn control(conn: &mut Conn, text: &'static str) -> Result<()> {
    match &conn.inner {
        Inner::Sqlite(connection) => connection
            .prepare_cached(text)
            .and_then(|mut statement| statement.execute([]))
            .map(|_| ())
            .map_err(|error| StoreError::sqlite("transaction control", error)),
        Inner::Postgres(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;

    #[test]
    fn a_statement_is_planned_once_whatever_is_bound_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let connection = connect(&folder.path().join("plans.db"), OpenFlags::default()).unwrap();
        connection
            .execute_batch(
                "CREATE TABLE t (a INTEGER PRIMARY KEY, b INTEGER); CREATE INDEX i ON t (b);",
            )
            .unwrap();
        let text = "SELECT a FROM t WHERE b > ?1 AND a IN (SELECT a FROM t WHERE b < ?2 LIMIT ?3) \
            ORDER BY a LIMIT ?3";
        let mut statement = connection.prepare(text).unwrap();
        for limit in 1..20 {
            let mut rows = statement.query([0, 5, limit]).unwrap();
            assert!(rows.next().unwrap().is_none());
        }
        assert_eq!(statement.get_status(StatementStatus::RePrepare), 0);
    }
}
