//! A connection as the functions of this crate see it: they bind arguments and read rows in column
//! order, and do not know the engine.

use super::error::StoreError;
use super::postgres::PgConn;
use super::value::{Cell, Column, Value};
use super::{Dialect, Result, Sql};

/// A connection, for the time of one read or one transaction.
pub struct Conn {
    pub(super) inner: Inner,
}

pub(super) enum Inner {
    Sqlite(rusqlite::Connection),
    Postgres(PgConn),
}

/// A type made from a row of a statement, column by column.
pub trait FromRow: Sized {
    /// Reads the columns in their order.
    ///
    /// # Errors
    /// [`StoreError::Shape`] when a column is not what the code expects.
    fn from_row(row: &mut Row<'_>) -> Result<Self>;
}

/// A row being read from left to right.
pub struct Row<'r> {
    source: RowSource<'r>,
    statement: &'static str,
    next: usize,
}

enum RowSource<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r tokio_postgres::Row),
}

impl Row<'_> {
    /// The next column.
    ///
    /// # Errors
    /// [`StoreError::Shape`] when it is of another type or missing.
    pub fn get<T: Column>(&mut self) -> Result<T> {
        let column = self.next;
        self.next += 1;
        let shape =
            |problem: String| StoreError::Shape { statement: self.statement, column, problem };
        let cell = match self.source {
            RowSource::Sqlite(row) => {
                use rusqlite::types::ValueRef;
                match row.get_ref(column).map_err(|error| shape(error.to_string()))? {
                    ValueRef::Null => Cell::Null,
                    ValueRef::Integer(number) => Cell::Int(number),
                    ValueRef::Real(number) => {
                        return Err(shape(format!("{number} is no whole number")));
                    }
                    ValueRef::Text(text) => Cell::Text(
                        std::str::from_utf8(text).map_err(|error| shape(error.to_string()))?,
                    ),
                    ValueRef::Blob(bytes) => Cell::Blob(bytes),
                }
            }
            RowSource::Postgres(row) => {
                row.try_get::<_, Cell<'_>>(column).map_err(|error| shape(error.to_string()))?
            }
        };
        T::from_cell(cell).map_err(shape)
    }
}

macro_rules! tuple_rows {
    ($(($($t:ident),+))*) => {$(
        impl<$($t: Column),+> FromRow for ($($t,)+) {
            fn from_row(row: &mut Row<'_>) -> Result<Self> {
                Ok(($(row.get::<$t>()?,)+))
            }
        }
    )*};
}

tuple_rows! { (A) (A, B) (A, B, C) (A, B, C, D) (A, B, C, D, E) (A, B, C, D, E, F) }

impl Conn {
    /// Gives free pages of an SQLite file back to the file system, at most so many; the answer is how many.
    /// Another engine does that by itself, as does nothing a file that was made before there was this.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub async fn give_back(&mut self, pages: u32) -> Result<i64> {
        let Inner::Sqlite(connection) = &self.inner else { return Ok(0) };
        let failed = |error| StoreError::sqlite("give back", error);
        let free = || -> rusqlite::Result<i64> {
            connection.pragma_query_value(None, "freelist_count", |row| row.get(0))
        };
        let before = free().map_err(failed)?;
        if before == 0 {
            return Ok(0);
        }
        // Each step of the statement gives back one page.
        let mut statement =
            connection.prepare(&format!("PRAGMA incremental_vacuum({pages})")).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        while rows.next().map_err(failed)?.is_some() {}
        drop(rows);
        Ok(before - free().map_err(failed)?)
    }

    /// All rows.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a row has another shape.
    pub async fn query<T: FromRow>(&mut self, sql: &'static Sql, args: &[Value]) -> Result<Vec<T>> {
        check_arguments(sql, args)?;
        match &mut self.inner {
            Inner::Sqlite(connection) => sqlite_query(connection, sql, args),
            Inner::Postgres(connection) => {
                let rows = connection.query(sql, args).await?;
                rows.iter()
                    .map(|row| {
                        T::from_row(&mut Row {
                            source: RowSource::Postgres(row),
                            statement: sql.name(),
                            next: 0,
                        })
                    })
                    .collect()
            }
        }
    }

    /// The first row, if there is one.
    ///
    /// # Errors
    /// As [`Conn::query`].
    pub async fn optional<T: FromRow>(
        &mut self,
        sql: &'static Sql,
        args: &[Value],
    ) -> Result<Option<T>> {
        Ok(self.query(sql, args).await?.into_iter().next())
    }

    /// The first column of the first row, if there is one.
    ///
    /// # Errors
    /// As [`Conn::query`].
    pub async fn scalar<T: Column>(
        &mut self,
        sql: &'static Sql,
        args: &[Value],
    ) -> Result<Option<T>> {
        Ok(self.optional::<(T,)>(sql, args).await?.map(|(value,)| value))
    }

    /// The first column of every row.
    ///
    /// # Errors
    /// As [`Conn::query`].
    pub async fn column<T: Column>(&mut self, sql: &'static Sql, args: &[Value]) -> Result<Vec<T>> {
        Ok(self.query::<(T,)>(sql, args).await?.into_iter().map(|(value,)| value).collect())
    }

    /// Runs a statement that gives no rows; the answer is how many rows it changed.
    ///
    /// # Errors
    /// As [`Conn::query`].
    pub async fn execute(&mut self, sql: &'static Sql, args: &[Value]) -> Result<u64> {
        check_arguments(sql, args)?;
        match &mut self.inner {
            Inner::Sqlite(connection) => {
                let mut statement = connection
                    .prepare_cached(sql.text(Dialect::Sqlite))
                    .map_err(|error| StoreError::sqlite(sql.name(), error))?;
                let changed = statement
                    .execute(rusqlite::params_from_iter(args))
                    .map_err(|error| StoreError::sqlite(sql.name(), error))?;
                Ok(changed as u64)
            }
            Inner::Postgres(connection) => connection.execute(sql, args).await,
        }
    }

    /// Runs a statement of a transaction whose number of changed rows nobody asks for. Where there is a
    /// way to the database it costs none of its own: it goes along with the next statement or the
    /// commit, in order, and what refuses it is the error of that one.
    ///
    /// # Errors
    /// As [`Conn::query`].
    pub async fn send(&mut self, sql: &'static Sql, args: &[Value]) -> Result<()> {
        match &mut self.inner {
            Inner::Sqlite(_) => self.execute(sql, args).await.map(drop),
            Inner::Postgres(connection) => {
                check_arguments(sql, args)?;
                connection.send(sql, args).await
            }
        }
    }

    /// Lets this transaction return before it is on disk, where the engine can: for work that is done
    /// again if a crash of the database takes it back, such as a job whose row is still there then.
    /// Never for what is acknowledged to somebody. It never comes before what was written earlier.
    pub fn may_be_redone(&mut self) {
        match &mut self.inner {
            // One commit takes many transactions along; there is nothing to be won.
            Inner::Sqlite(_) => {}
            Inner::Postgres(connection) => connection.commit_early(),
        }
    }

    /// Runs several statements without arguments: for migrations.
    pub(crate) async fn batch(&mut self, text: &str) -> Result<()> {
        match &mut self.inner {
            Inner::Sqlite(connection) => connection
                .execute_batch(text)
                .map_err(|error| StoreError::sqlite("a migration", error)),
            Inner::Postgres(connection) => connection.batch(text).await,
        }
    }

    /// Prepares a statement without running it: for the test that every statement is valid.
    pub(crate) async fn prepare(&mut self, sql: &'static Sql) -> Result<()> {
        match &mut self.inner {
            Inner::Sqlite(connection) => connection
                .prepare(sql.text(Dialect::Sqlite))
                .map(|_| ())
                .map_err(|error| StoreError::sqlite(sql.name(), error)),
            Inner::Postgres(connection) => connection.prepare(sql).await,
        }
    }
}

fn check_arguments(sql: &Sql, args: &[Value]) -> Result<()> {
    if sql.placeholders() == args.len() {
        return Ok(());
    }
    Err(StoreError::Arguments {
        statement: sql.name(),
        wanted: sql.placeholders(),
        given: args.len(),
    })
}

fn sqlite_query<T: FromRow>(
    connection: &rusqlite::Connection,
    sql: &'static Sql,
    args: &[Value],
) -> Result<Vec<T>> {
    let failed = |error| StoreError::sqlite(sql.name(), error);
    let mut statement = connection.prepare_cached(sql.text(Dialect::Sqlite)).map_err(failed)?;
    let mut rows = statement.query(rusqlite::params_from_iter(args)).map_err(failed)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        found.push(T::from_row(&mut Row {
            source: RowSource::Sqlite(row),
            statement: sql.name(),
            next: 0,
        })?);
    }
    Ok(found)
}
