//! The two engines behind one small facade: [`Store::read`] and [`Store::write`] run an async
//! function against a [`Conn`], in one transaction for writes.
//!
//! On SQLite the function runs to its end on a database thread, so it may await nothing but the
//! connection: that is checked, and keeps network calls out of transactions. On PostgreSQL it runs
//! on a pooled connection. Nobody outside this crate knows which.

mod conn;
mod dialect;
mod error;
pub mod identity;
mod lead;
mod postgres;
pub mod snapshot;
mod sql;
mod sqlite;
mod tls;
mod transfer;
mod value;

use std::path::PathBuf;
use std::time::Duration;

use futures_util::future::BoxFuture;

pub use conn::{Conn, FromRow, Row};
pub use error::StoreError;
pub use lead::Lead;
pub use sql::Sql;
pub use value::{Cell, Column, Value};

pub(crate) use dialect::Dialect;

/// What every function of this crate returns.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Where the data is.
#[derive(Clone, Debug)]
pub enum Location {
    /// A file, made when missing.
    Sqlite(PathBuf),
    /// A connection string.
    Postgres(String),
}

/// A handle to the database; clones share it.
#[derive(Clone)]
pub struct Store {
    engine: Engine,
}

#[derive(Clone)]
enum Engine {
    Sqlite(sqlite::Pool),
    Postgres(Box<postgres::Pool>),
}

impl Store {
    /// Opens the database without looking at its schema; see [`crate::migrations::migrate`].
    /// `connections` of 0 means two reader threads on SQLite, eight connections on PostgreSQL.
    ///
    /// # Errors
    /// [`StoreError::Unreachable`] says what to check.
    pub async fn open(location: &Location, connections: usize) -> Result<Self> {
        let engine = match location {
            Location::Sqlite(path) => Engine::Sqlite(sqlite::Pool::open(
                path,
                if connections == 0 { 2 } else { connections },
            )?),
            Location::Postgres(url) => {
                let most = if connections == 0 { 8 } else { connections };
                Engine::Postgres(Box::new(postgres::Pool::open(url, most).await?))
            }
        };
        Ok(Self { engine })
    }

    /// Runs `work` on a connection for reading.
    ///
    /// # Errors
    /// Whatever `work` returns, or [`StoreError`] when there is no connection.
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &self.engine {
            Engine::Sqlite(pool) => pool.read(work).await,
            Engine::Postgres(pool) => pool.read(work).await,
        }
    }

    /// Runs `work` in a write transaction. When this returns `Ok`, the transaction is on disk; when
    /// it returns `Err`, nothing of it happened. Runs to its end even if the caller goes away.
    ///
    /// # Errors
    /// Whatever `work` returns, or [`StoreError`] when the transaction could not be committed.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &self.engine {
            Engine::Sqlite(pool) => pool.write(work).await,
            Engine::Postgres(pool) => pool.write(work).await,
        }
    }

    /// Publishes short messages to every process on this database. On SQLite there is only this
    /// process, and the answer is `false`: deliver them yourself.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be reached.
    pub async fn notify(&self, channel: &'static str, messages: &[String]) -> Result<bool> {
        match &self.engine {
            Engine::Sqlite(_) => Ok(false),
            Engine::Postgres(pool) => pool.notify(channel, messages).await.map(|()| true),
        }
    }

    /// Waits until every transaction that was writing when this was called has ended, so that what
    /// it wrote can be seen, but no longer than `most`. On SQLite a transaction that is seen to be
    /// committed has none before it that still runs.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be reached.
    pub async fn older_writers_end(&self, most: Duration) -> Result<()> {
        match &self.engine {
            Engine::Sqlite(_) => Ok(()),
            Engine::Postgres(pool) => pool.older_writers_end(most).await,
        }
    }

    /// Whether other processes may serve from this database at the same time.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        matches!(self.engine, Engine::Postgres(_))
    }

    /// Joins the processes that serve from this database, for as long as this one lives. Afterwards
    /// [`Store::was_alone`] tells whether there were others.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be reached.
    pub async fn join(&self) -> Result<()> {
        match &self.engine {
            Engine::Sqlite(_) => Ok(()),
            Engine::Postgres(pool) => pool.join().await,
        }
    }

    /// Whether no other process served from this database when this one joined: then whatever is
    /// held by a lease was held by one that is gone. Always on SQLite, which has one process.
    #[must_use]
    pub fn was_alone(&self) -> bool {
        match &self.engine {
            Engine::Sqlite(_) => true,
            Engine::Postgres(pool) => pool.was_alone(),
        }
    }

    /// Listens to what any process publishes by [`Store::notify`] from when this returns, if the database can be
    /// reached. `None` on SQLite. The stream reconnects by itself; what is published meanwhile is lost, as it is
    /// for a client that is not connected.
    pub async fn listen(
        &self,
        channel: &'static str,
    ) -> Option<tokio::sync::mpsc::Receiver<String>> {
        match &self.engine {
            Engine::Sqlite(_) => None,
            Engine::Postgres(pool) => Some(pool.listen(channel).await),
        }
    }

    /// `SQLite 3.54.1` or `PostgreSQL 15.18`, for people.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be reached.
    pub async fn version(&self) -> Result<String> {
        match &self.engine {
            Engine::Sqlite(_) => Ok(format!("SQLite {}", rusqlite::version())),
            Engine::Postgres(pool) => pool.version().await,
        }
    }

    /// Whether writes still work: false after a failed fsync or commit, until the process restarts (R03).
    #[must_use]
    pub fn can_write(&self) -> bool {
        match &self.engine {
            Engine::Sqlite(pool) => pool.can_write(),
            Engine::Postgres(_) => true,
        }
    }

    pub(crate) fn dialect(&self) -> Dialect {
        match &self.engine {
            Engine::Sqlite(_) => Dialect::Sqlite,
            Engine::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Finishes what is queued, checkpoints and closes. Later calls fail.
    pub async fn close(&self) {
        match &self.engine {
            Engine::Sqlite(pool) => pool.close(Duration::from_secs(5)).await,
            Engine::Postgres(pool) => pool.close(),
        }
    }
}
