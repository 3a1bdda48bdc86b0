//! PostgreSQL, or an engine that speaks its protocol: a small pool, prepared statements, work that
//! runs to its end in its own task so that a departing client never leaves a transaction open.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use deadpool_postgres::{
    ClientWrapper, Hook, HookError, Manager, ManagerConfig, Object, RecyclingMethod, Runtime,
};
use futures_util::future::{BoxFuture, join, join_all};
use futures_util::{FutureExt, StreamExt, stream};
use tokio::sync::{mpsc, oneshot};
use tokio_postgres::AsyncMessage;
use tokio_postgres::types::ToSql;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::conn::{Conn, Inner};
use super::error::StoreError;
use super::value::Value;
use super::{Dialect, Result, Sql, tls};

#[derive(Clone)]
pub(super) struct Pool {
    pool: deadpool_postgres::Pool,
    config: tokio_postgres::Config,
    tls: MakeRustlsConnect,
    presence: Arc<OnceLock<Presence>>,
}

/// A connection of its own whose lock says that this process lives. The server takes the lock back
/// when the process is gone, however it went.
struct Presence {
    _client: tokio_postgres::Client,
    was_alone: bool,
}

/// Every statement here is prepared and finds what it wants by an index, in loops, as on SQLite. Planned anew for its
/// values, as PostgreSQL would, one costs more than it does; and its estimates, which see a column at a time, make it
/// read and sort a whole feed for a page of it. Compiling a plan takes longer than any of them runs.
const PLANNING: &str = "SET plan_cache_mode TO force_generic_plan; SET enable_hashjoin TO off; SET enable_mergejoin TO off; SET jit TO off";

/// Between two looks at what other transactions do.
const BETWEEN_LOOKS: Duration = Duration::from_millis(2);

/// Names the lock; any number that nobody else uses in this database.
const PRESENCE: i64 = 7_408;

pub(super) struct PgConn {
    client: Object,
    /// A statement was refused in this transaction.
    failed: bool,
    is_transaction: bool,
    /// What travels with the next statement, in this order: whoever wrote it waits for no answer.
    held: Vec<Held>,
}

/// Something to be sent whose answer says nothing but that it went well.
enum Held {
    Begin,
    CommitEarly,
    Statement(&'static Sql, tokio_postgres::Statement, Vec<Value>),
}

/// Most that is held back before it is sent anyway.
const MOST_HELD: usize = 16;

/// Sets how statements are planned, where the engine knows of that.
async fn plan_once(client: &mut ClientWrapper) -> Result<(), HookError> {
    if let Err(error) = client.batch_execute(PLANNING).await {
        tracing::debug!(%error, "this engine plans in its own way");
    }
    Ok(())
}

impl Pool {
    pub(super) async fn open(url: &str, connections: usize) -> Result<Self> {
        let tls::Target { mut config, tls } = tls::read(url)?;
        config
            .connect_timeout(Duration::from_secs(5))
            .application_name("tuskling")
            .options("-c client_min_messages=warning");
        let manager = Manager::from_config(
            config.clone(),
            tls.clone(),
            ManagerConfig { recycling_method: RecyclingMethod::Fast },
        );
        let pool = deadpool_postgres::Pool::builder(manager)
            .max_size(connections)
            .wait_timeout(Some(Duration::from_secs(5)))
            .create_timeout(Some(Duration::from_secs(5)))
            .recycle_timeout(Some(Duration::from_secs(5)))
            .post_create(Hook::async_fn(|client, _| Box::pin(plan_once(client))))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|error| StoreError::Unreachable(error.to_string()))?;
        let pool = Self { pool, config, tls, presence: Arc::default() };
        drop(pool.client().await?);
        Ok(pool)
    }

    async fn client(&self) -> Result<Object> {
        self.pool.get().await.map_err(|error| StoreError::Unreachable(error.to_string()))
    }

    /// A connection that left the pool and holds this lock; `None` while another one holds it.
    pub(super) async fn lock(&self, number: i64) -> Result<Option<ClientWrapper>> {
        let client = self.client().await?;
        let is_taken = client
            .query_one("SELECT pg_try_advisory_lock($1)", &[&number])
            .await
            .and_then(|row| row.try_get(0))
            .map_err(|error| StoreError::postgres("lock", &error))?;
        Ok(if is_taken { Some(Object::take(client)) } else { None })
    }

    /// A connection for work that is more than one function call.
    pub(super) async fn conn(&self) -> Result<Conn> {
        let client = self.client().await?;
        Ok(Conn { inner: Inner::Postgres(PgConn::new(client, false)) })
    }

    pub(super) async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.run(false, work).await
    }

    pub(super) async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.run(true, work).await
    }

    /// Reads run statement by statement: what changes between two of them is as if it had changed
    /// just after, and two round trips are saved.
    async fn run<T, E, F>(&self, transaction: bool, work: F) -> Result<T, E>
    where
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let client = self.client().await?;
        let task = tokio::spawn(async move {
            let mut conn = Conn { inner: Inner::Postgres(PgConn::new(client, transaction)) };
            let outcome = AssertUnwindSafe(work(&mut conn)).catch_unwind().await;
            let Ok(result) = outcome else {
                discard(conn);
                return Err(StoreError::Panicked.into());
            };
            if transaction { finish(conn, result).await } else { result }
        });
        match task.await {
            Ok(result) => result,
            Err(_) => Err(StoreError::Panicked.into()),
        }
    }

    pub(super) async fn notify(&self, channel: &'static str, messages: &[String]) -> Result<()> {
        let client = self.client().await?;
        let failed = |error: tokio_postgres::Error| StoreError::postgres("notify", &error);
        let text = "SELECT pg_notify($1, message) FROM unnest(CAST($2 AS TEXT[])) message";
        let statement = client.prepare_cached(text).await.map_err(failed)?;
        client.execute(&statement, &[&channel, &messages]).await.map_err(failed)?;
        Ok(())
    }

    /// Asks again and again which transaction is the oldest that still writes: nothing tells when
    /// that changes. It holds no lock that others would have to queue behind.
    pub(super) async fn older_writers_end(&self, most: Duration) -> Result<()> {
        let failed = |error: tokio_postgres::Error| StoreError::postgres("older writers", &error);
        let client = self.client().await?;
        let next = "SELECT CAST(pg_snapshot_xmax(pg_current_snapshot()) AS TEXT)";
        let next: String =
            client.query_one(next, &[]).await.and_then(|row| row.try_get(0)).map_err(failed)?;
        let oldest =
            "SELECT pg_snapshot_xmin(pg_current_snapshot()) >= CAST(CAST($1 AS TEXT) AS XID8)";
        let oldest = client.prepare_cached(oldest).await.map_err(failed)?;
        let begun = Instant::now();
        while begun.elapsed() < most {
            let row = client.query_one(&oldest, &[&next]).await.map_err(failed)?;
            if row.try_get(0).map_err(failed)? {
                return Ok(());
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        tracing::warn!(?most, "a transaction of the database is open for long; not waiting for it");
        Ok(())
    }

    pub(super) async fn listen(&self, channel: &'static str) -> mpsc::Receiver<String> {
        let (sender, receiver) = mpsc::channel(1024);
        let (config, tls) = (self.config.clone(), self.tls.clone());
        let (began, begun) = oneshot::channel::<()>();
        tokio::spawn(async move {
            let mut began = Some(began);
            while !sender.is_closed() {
                let listening = listen_once(&config, tls.clone(), channel, &sender, began.take());
                if let Err(error) = listening.await {
                    tracing::warn!(%error, "the event connection to the database broke; connecting again");
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
        // Nothing is ever sent: the other end is dropped when it listens, or when its first try failed.
        let _ = begun.await;
        receiver
    }

    pub(super) async fn join(&self) -> Result<()> {
        let failed = |error: tokio_postgres::Error| StoreError::postgres("join", &error);
        let (client, connection) = self.config.connect(self.tls.clone()).await.map_err(failed)?;
        tokio::spawn(connection);
        let alone = client
            .query_one("SELECT pg_try_advisory_lock($1)", &[&PRESENCE])
            .await
            .and_then(|row| row.try_get(0))
            .map_err(failed)?;
        client.execute("SELECT pg_advisory_lock_shared($1)", &[&PRESENCE]).await.map_err(failed)?;
        if alone {
            client.execute("SELECT pg_advisory_unlock($1)", &[&PRESENCE]).await.map_err(failed)?;
        }
        // A second call changes nothing: the first connection keeps its lock.
        let _ = self.presence.set(Presence { _client: client, was_alone: alone });
        Ok(())
    }

    pub(super) fn was_alone(&self) -> bool {
        self.presence.get().is_some_and(|presence| presence.was_alone)
    }

    pub(super) async fn version(&self) -> Result<String> {
        let client = self.client().await?;
        let row = client
            .query_one("SHOW server_version", &[])
            .await
            .map_err(|error| StoreError::postgres("version", &error))?;
        let version: String =
            row.try_get(0).map_err(|error| StoreError::postgres("version", &error))?;
        Ok(format!("PostgreSQL {}", version.split(' ').next().unwrap_or_default()))
    }

    pub(super) fn close(&self) {
        self.pool.close();
    }
}

/// One connection's life as a listener: it listens when `began` is dropped. Ends when it breaks or nobody wants
/// the messages.
async fn listen_once(
    config: &tokio_postgres::Config,
    tls: MakeRustlsConnect,
    channel: &'static str,
    sender: &mpsc::Sender<String>,
    began: Option<oneshot::Sender<()>>,
) -> Result<()> {
    let failed = |error: tokio_postgres::Error| StoreError::postgres("listen", &error);
    let (client, mut connection) = config.connect(tls).await.map_err(failed)?;
    let mut messages = stream::poll_fn(move |context| connection.poll_message(context));
    let subscribe = async {
        client.batch_execute(&format!("LISTEN {channel}")).await.map_err(failed)?;
        drop(began);
        std::future::pending::<Result<()>>().await
    };
    tokio::pin!(subscribe);
    loop {
        tokio::select! {
            ended = &mut subscribe => return ended,
            () = sender.closed() => return Ok(()),
            message = messages.next() => match message {
                Some(Ok(AsyncMessage::Notification(note))) => {
                    // A full queue means this process does not keep up: streams lose an event
                    // rather than the server its memory.
                    let _ = sender.try_send(note.payload().to_owned());
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(failed(error)),
                None => return Ok(()),
            },
        }
    }
}

/// Commits a success and rolls back a failure. A success after a refused statement is a mistake in
/// the work: PostgreSQL has given up that transaction, so it must not be acknowledged.
async fn finish<T, E: From<StoreError>>(mut conn: Conn, result: Result<T, E>) -> Result<T, E> {
    let Inner::Postgres(connection) = &mut conn.inner else { return result };
    let refused = connection.failed;
    match result {
        Ok(value) if !refused => match connection.commit().await {
            Ok(()) => Ok(value),
            Err(error) => {
                // Where the connection still answers there is no transaction afterwards.
                if connection.roll_back().await.is_err() {
                    discard(conn);
                }
                Err(error.into())
            }
        },
        other => {
            if connection.roll_back().await.is_err() {
                discard(conn);
            }
            match other {
                Err(error) => Err(error),
                Ok(_) => Err(StoreError::Engine {
                    statement: "commit",
                    cause: "a refused statement was passed over".into(),
                }
                .into()),
            }
        }
    }
}

/// A connection in an unknown state does not go back into the pool.
pub(super) fn discard(conn: Conn) {
    if let Inner::Postgres(connection) = conn.inner {
        drop(Object::take(connection.client));
    }
}

impl PgConn {
    fn new(client: Object, is_transaction: bool) -> Self {
        let held = if is_transaction { vec![Held::Begin] } else { Vec::new() };
        Self { client, failed: false, is_transaction, held }
    }

    pub(super) async fn query(
        &mut self,
        sql: &'static Sql,
        args: &[Value],
    ) -> Result<Vec<tokio_postgres::Row>> {
        let statement = self.statement(sql).await?;
        let args = as_params(args);
        let held = std::mem::take(&mut self.held);
        let answer = async {
            self.client
                .query(&statement, &args)
                .await
                .map_err(|error| StoreError::postgres(sql.name(), &error))
        };
        let result = after(&self.client, held, answer).await;
        self.failed |= result.is_err();
        result
    }

    pub(super) async fn execute(&mut self, sql: &'static Sql, args: &[Value]) -> Result<u64> {
        let statement = self.statement(sql).await?;
        let args = as_params(args);
        let held = std::mem::take(&mut self.held);
        let answer = async {
            self.client
                .execute(&statement, &args)
                .await
                .map_err(|error| StoreError::postgres(sql.name(), &error))
        };
        let result = after(&self.client, held, answer).await;
        self.failed |= result.is_err();
        result
    }

    /// Holds a statement back until the next one or the end of the transaction takes it along.
    pub(super) async fn send(&mut self, sql: &'static Sql, args: &[Value]) -> Result<()> {
        if !self.is_transaction || self.held.len() >= MOST_HELD {
            return self.execute(sql, args).await.map(drop);
        }
        let statement = self.statement(sql).await?;
        self.held.push(Held::Statement(sql, statement, args.to_vec()));
        Ok(())
    }

    /// Lets the commit of this transaction not wait for the disk.
    pub(super) fn commit_early(&mut self) {
        if self.is_transaction {
            self.held.push(Held::CommitEarly);
        }
    }

    pub(super) async fn batch(&mut self, text: &str) -> Result<()> {
        let held = std::mem::take(&mut self.held);
        let answer = async {
            let done = self.client.batch_execute(text).await;
            done.map_err(|error| StoreError::postgres("batch", &error))
        };
        after(&self.client, held, answer).await
    }

    /// A transaction of which nothing was asked never began.
    async fn commit(&mut self) -> Result<()> {
        let is_empty = matches!(self.held.first(), Some(Held::Begin))
            && !self.held.iter().any(|held| matches!(held, Held::Statement(..)));
        if is_empty { Ok(()) } else { self.batch("COMMIT").await }
    }

    async fn roll_back(&mut self) -> Result<()> {
        let has_begun = !matches!(self.held.first(), Some(Held::Begin));
        self.held.clear();
        if has_begun { self.batch("ROLLBACK").await } else { Ok(()) }
    }

    /// A statement put together at run time that gives no rows.
    pub(super) async fn execute_text(&mut self, text: &str, args: &[Value]) -> Result<u64> {
        let failed = |error: tokio_postgres::Error| StoreError::postgres("transfer", &error);
        let statement = self.client.prepare_cached(text).await.map_err(failed)?;
        let args = as_params(args);
        let held = std::mem::take(&mut self.held);
        let answer = async { self.client.execute(&statement, &args).await.map_err(failed) };
        let result = after(&self.client, held, answer).await;
        self.failed |= result.is_err();
        result
    }

    /// A statement put together at run time, without arguments.
    pub(super) async fn query_text(&mut self, text: &str) -> Result<Vec<tokio_postgres::Row>> {
        let failed = |error: tokio_postgres::Error| StoreError::postgres("a count", &error);
        let held = std::mem::take(&mut self.held);
        let answer = async { self.client.query(text, &[]).await.map_err(failed) };
        let result = after(&self.client, held, answer).await;
        self.failed |= result.is_err();
        result
    }

    pub(super) async fn prepare(&mut self, sql: &'static Sql) -> Result<()> {
        self.statement(sql).await.map(drop)
    }

    async fn statement(&self, sql: &'static Sql) -> Result<tokio_postgres::Statement> {
        self.client
            .prepare_cached(sql.text(Dialect::Postgres))
            .await
            .map_err(|error| StoreError::postgres(sql.name(), &error))
    }
}

/// Sends what was held back and what is to be answered as one round trip. The first thing that was
/// refused is the error: what came behind it was refused because of it.
async fn after<T>(
    client: &Object,
    held: Vec<Held>,
    answer: impl Future<Output = Result<T>>,
) -> Result<T> {
    if held.is_empty() {
        return answer.await;
    }
    // Requests go out in the order in which they are first polled.
    let earlier = join_all(held.iter().map(|held| held.send(client)));
    let (earlier, answer) = join(earlier, answer).await;
    earlier.into_iter().collect::<Result<()>>()?;
    answer
}

impl Held {
    async fn send(&self, client: &Object) -> Result<()> {
        match self {
            Self::Begin => control(client, "BEGIN").await,
            Self::CommitEarly => control(client, "SET LOCAL synchronous_commit TO OFF").await,
            Self::Statement(sql, statement, args) => client
                .execute(statement, &as_params(args))
                .await
                .map(drop)
                .map_err(|error| StoreError::postgres(sql.name(), &error)),
        }
    }
}

async fn control(client: &Object, text: &'static str) -> Result<()> {
    client.batch_execute(text).await.map_err(|error| StoreError::postgres("control", &error))
}

fn as_params(args: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    args.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}
