//! What backups need of the engines: a consistent copy of an SQLite file, how many rows each table
//! has, and whether a file that came back is whole.
//!
//! Table names come from the catalogue of a database that this program made, so these statements are
//! put together at run time; they stand here and nowhere else.

use std::path::Path;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::conn::{Conn, Inner};
use super::error::StoreError;
pub use super::transfer::Progress;
use super::{Engine, Result, Store};

/// Rows by table.
pub type RowCounts = std::collections::BTreeMap<String, i64>;

/// Tables of the full-text index and of the engine are counted by what they index.
const SQLITE_TABLES: &str = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' \
    AND name NOT LIKE 'status_search%' ORDER BY name";
const POSTGRES_TABLES: &str = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' \
    AND tablename <> 'status_search' ORDER BY tablename COLLATE \"C\"";
/// How often a copy is tried while somebody changes the schema.
const TRIES: usize = 100;

impl Store {
    /// Copies an SQLite database into a new file by SQLite's online backup, while it is in use. All
    /// of it in one step, so that the copy is one moment of the database whatever is written meanwhile.
    ///
    /// # Errors
    /// [`StoreError`] when the copy fails, or on another engine.
    pub async fn copy_to(&self, path: &Path) -> Result<()> {
        let Engine::Sqlite(pool) = &self.engine else {
            return Err(StoreError::Engine {
                statement: "copy",
                cause: "only SQLite copies itself".into(),
            });
        };
        let (from, to) = (pool.path().to_owned(), path.to_owned());
        tokio::task::spawn_blocking(move || copy_sqlite(&from, &to))
            .await
            .map_err(|_| StoreError::Panicked)?
    }

    /// Whether the database is whole as far as it can tell itself, while it is in use: a few lines on
    /// what is wrong. PostgreSQL offers no such look; what it cannot read fails when it is read.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be read at all.
    pub async fn problems(&self) -> Result<Vec<String>> {
        let Engine::Sqlite(pool) = &self.engine else { return Ok(Vec::new()) };
        let path = pool.path().to_owned();
        let look = move || {
            let failed = |error| StoreError::sqlite("check", error);
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
            let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
            connection.busy_timeout(std::time::Duration::from_secs(10)).map_err(failed)?;
            quick_check(&connection)
        };
        tokio::task::spawn_blocking(look).await.map_err(|_| StoreError::Panicked)?
    }

    /// How many rows each table has.
    ///
    /// # Errors
    /// [`StoreError`] of the engine.
    pub async fn row_counts(&self) -> Result<RowCounts> {
        self.read(|conn| Box::pin(async move { count(conn).await })).await
    }
}

/// Copies the SQLite file `from`, which may be in use, into the new file `to`.
///
/// # Errors
/// [`StoreError::Full`] when the disk is; whatever else the engine says.
pub fn copy_sqlite(from: &Path, to: &Path) -> Result<()> {
    let failed = |error| StoreError::sqlite("copy", error);
    let source =
        Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(failed)?;
    source.busy_timeout(std::time::Duration::from_secs(10)).map_err(failed)?;
    let mut target = Connection::open(to).map_err(failed)?;
    // A copy that was cut off is thrown away, so it needs neither a journal nor the disk's word.
    target.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF").map_err(failed)?;
    let backup = Backup::new(&source, &mut target).map_err(failed)?;
    for _ in 0..TRIES {
        match backup.step(-1).map_err(failed)? {
            StepResult::Done => return Ok(()),
            _ => std::thread::sleep(std::time::Duration::from_millis(50)),
        }
    }
    Err(StoreError::Busy("the database could not be read in one piece".into()))
}

/// Rows by table of an SQLite file that nobody uses.
///
/// # Errors
/// [`StoreError`] when it is no database or damaged.
pub fn count_sqlite(path: &Path) -> Result<RowCounts> {
    let connection = open_quietly(path)?;
    counts_of(&connection)
}

/// Whether an SQLite file that nobody uses is whole: every page belongs where it is and every row can
/// be read. The answer is what is wrong with it, a few lines at most.
///
/// # Errors
/// [`StoreError`] when it is no database at all.
pub fn problems_of_sqlite(path: &Path) -> Result<Vec<String>> {
    quick_check(&open_quietly(path)?)
}

fn quick_check(connection: &Connection) -> Result<Vec<String>> {
    let failed = |error| StoreError::sqlite("check", error);
    let mut statement = connection.prepare("PRAGMA quick_check(10)").map_err(failed)?;
    let lines = statement.query_map([], |row| row.get::<_, String>(0)).map_err(failed)?;
    let mut problems = Vec::new();
    for line in lines {
        match line {
            Ok(line) if line == "ok" => {}
            Ok(line) => problems.push(line),
            Err(error) => problems.push(error.to_string()),
        }
    }
    Ok(problems)
}

fn open_quietly(path: &Path) -> Result<Connection> {
    let failed = |error| StoreError::sqlite("open", error);
    // Only looked at: it must leave no journal beside a file that is to be compared or copied.
    let uri = format!(
        "file:{}?immutable=1",
        path.display().to_string().replace('%', "%25").replace('?', "%3f").replace('#', "%23")
    );
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(uri, flags).map_err(failed)?;
    connection
        .execute_batch("PRAGMA trusted_schema = OFF; PRAGMA cache_size = -8192")
        .map_err(failed)?;
    Ok(connection)
}

fn counts_of(connection: &Connection) -> Result<RowCounts> {
    let failed = |error| StoreError::sqlite("count", error);
    let mut counts = RowCounts::new();
    for name in names_of(connection)? {
        let rows =
            connection.query_row(&count_text(&name), [], |row| row.get(0)).map_err(failed)?;
        counts.insert(name, rows);
    }
    Ok(counts)
}

fn names_of(connection: &Connection) -> Result<Vec<String>> {
    let failed = |error| StoreError::sqlite("count", error);
    let mut statement = connection.prepare(SQLITE_TABLES).map_err(failed)?;
    statement
        .query_map([], |row| row.get::<_, String>(0))
        .and_then(Iterator::collect::<rusqlite::Result<Vec<_>>>)
        .map_err(failed)
}

/// The tables that hold rows of their own, by name.
pub(super) async fn tables(conn: &mut Conn) -> Result<Vec<String>> {
    match &mut conn.inner {
        Inner::Sqlite(connection) => names_of(connection),
        Inner::Postgres(connection) => {
            let rows = connection.query_text(POSTGRES_TABLES).await?;
            rows.iter()
                .map(|row| row.try_get(0).map_err(|error| StoreError::postgres("count", &error)))
                .collect()
        }
    }
}

async fn count(conn: &mut Conn) -> Result<RowCounts> {
    match &mut conn.inner {
        Inner::Sqlite(connection) => counts_of(connection),
        Inner::Postgres(connection) => {
            let mut counts = RowCounts::new();
            let mut names = Vec::new();
            for row in connection.query_text(POSTGRES_TABLES).await? {
                let name: String =
                    row.try_get(0).map_err(|error| StoreError::postgres("count", &error))?;
                names.push(name);
            }
            for name in names {
                let rows = connection.query_text(&count_text(&name)).await?;
                let rows = rows
                    .first()
                    .map(|row| row.try_get(0))
                    .transpose()
                    .map_err(|error| StoreError::postgres("count", &error))?;
                counts.insert(name, rows.unwrap_or(0));
            }
            Ok(counts)
        }
    }
}

fn count_text(table: &str) -> String {
    format!("SELECT COUNT(*) FROM \"{}\"", table.replace('"', "\"\""))
}

/// One moment of a PostgreSQL database, held by a transaction: other programs may look at it by its name.
pub struct Moment {
    conn: Option<Conn>,
    name: String,
}

impl Moment {
    /// What `pg_dump --snapshot` takes.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Counts the rows of the moment and lets go of it.
    ///
    /// # Errors
    /// [`StoreError`] of the engine.
    pub async fn finish(mut self) -> Result<RowCounts> {
        let Some(mut conn) = self.conn.take() else { return Ok(RowCounts::new()) };
        let counts = count(&mut conn).await;
        super::postgres::discard(conn);
        counts
    }
}

impl Drop for Moment {
    fn drop(&mut self) {
        // Its transaction is open: nobody else may get the connection.
        if let Some(conn) = self.conn.take() {
            super::postgres::discard(conn);
        }
    }
}

impl Store {
    /// Holds a moment of a PostgreSQL database for `pg_dump`.
    ///
    /// # Errors
    /// [`StoreError`] of the engine, or on SQLite, which copies itself instead.
    pub async fn hold_moment(&self) -> Result<Moment> {
        let Engine::Postgres(pool) = &self.engine else {
            return Err(StoreError::Engine {
                statement: "hold_moment",
                cause: "SQLite copies itself".into(),
            });
        };
        let mut moment = Moment { conn: Some(pool.conn().await?), name: String::new() };
        if let Some(Conn { inner: Inner::Postgres(connection) }) = &mut moment.conn {
            connection.batch("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
            let rows = connection.query_text("SELECT pg_export_snapshot()").await?;
            let failed = |error| StoreError::postgres("hold_moment", &error);
            moment.name = rows
                .first()
                .map(|row| row.try_get(0))
                .transpose()
                .map_err(failed)?
                .unwrap_or_default();
        }
        Ok(moment)
    }

    /// How far a PostgreSQL server has written: the same text again means that nothing changed. `None`
    /// on SQLite, and where the server does not say.
    ///
    /// # Errors
    /// [`StoreError`] when there is no connection.
    pub async fn written_position(&self) -> Result<Option<String>> {
        let Engine::Postgres(pool) = &self.engine else { return Ok(None) };
        let mut conn = pool.conn().await?;
        let Inner::Postgres(connection) = &mut conn.inner else { return Ok(None) };
        let rows = connection.query_text("SELECT CAST(pg_current_wal_lsn() AS TEXT)").await;
        Ok(rows.ok().and_then(|rows| rows.first().and_then(|row| row.try_get(0).ok())))
    }

    /// Copies every row into `to`, which has the same schema and no rows but those of migrations, and
    /// compares both row by row. The answer is how many rows there are.
    ///
    /// # Errors
    /// [`StoreError`] when a row cannot be written or is not the same afterwards: then `to` is as it was.
    pub async fn copy_rows_to(&self, to: &Self, progress: Progress<'_>) -> Result<u64> {
        super::transfer::copy_all(self, to, progress).await
    }

    /// Whether there is no table of ours in the database yet.
    ///
    /// # Errors
    /// [`StoreError`] of the engine.
    pub async fn is_empty(&self) -> Result<bool> {
        Ok(self.row_counts().await?.is_empty())
    }
}
