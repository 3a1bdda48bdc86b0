//! Moves a whole database from one engine to the other, row by row, and compares it row by row before
//! anything is kept: one transaction on each side.
//!
//! Tables and columns are those of the catalogue of a database that this program made, so the
//! statements are put together at run time; they stand here and nowhere else.

use std::collections::BTreeMap;

use rusqlite::types::ValueRef;

use super::conn::{Conn, Inner};
use super::error::StoreError;
use super::value::{Cell, Value};
use super::{Engine, Result, Store};

/// Rows that are read, written and compared at once.
const PAGE: usize = 500;
/// PostgreSQL takes 65,535 arguments in one statement.
const ARGUMENTS: usize = 30_000;

/// How far it is: the table, rows done in all, rows in all, and whether they are being compared.
pub type Progress<'a> = &'a (dyn Fn(&str, u64, u64, bool) + Sync);

/// Copies every row of `from` into `to` and compares both. `to` must have the same schema and no rows
/// but those that migrations make. The answer is how many rows there are.
///
/// # Errors
/// [`StoreError`] when a row cannot be written or is not the same afterwards: then `to` is as it was.
pub async fn copy_all(from: &Store, to: &Store, progress: Progress<'_>) -> Result<u64> {
    let (mut source, mut target) = (Side::open(from).await?, Side::open(to).await?);
    source.begin(false).await?;
    target.begin(true).await?;
    let outcome = copy_between(&mut source, &mut target, progress).await;
    let outcome = match outcome {
        Ok(rows) => target.commit().await.map(|()| rows),
        Err(error) => {
            target.batch("ROLLBACK").await?;
            Err(error)
        }
    };
    source.batch("ROLLBACK").await?;
    source.close();
    target.close();
    outcome
}

async fn copy_between(source: &mut Side, target: &mut Side, progress: Progress<'_>) -> Result<u64> {
    let tables = source.tables().await?;
    if tables != target.tables().await? {
        return Err(different("the tables of both databases are not the same".into()));
    }
    let counts = source.counts(&tables).await?;
    let all: u64 = counts.values().sum();
    let mut done = 0;
    for table in &tables {
        let shape = Shape { table: table.clone(), columns: target.columns(table).await? };
        if shape.columns != source.columns(table).await? {
            return Err(different(format!("the columns of {table} are not the same")));
        }
        target.batch(&format!("DELETE FROM {}", quoted(table))).await?;
        source.open_table(&shape).await?;
        loop {
            let rows = source.next_page(&shape).await?;
            if rows.is_empty() {
                break;
            }
            target.insert(&shape, &rows).await?;
            done += rows.len() as u64;
            progress(table, done, all, false);
        }
        source.close_table().await?;
    }
    target.finish_writing().await?;
    let mut compared = 0;
    for table in &tables {
        let shape = Shape { table: table.clone(), columns: target.columns(table).await? };
        compared += compare(source, target, &shape, |rows| {
            progress(table, compared + rows, all, true);
        })
        .await?;
    }
    if compared == done { Ok(done) } else { Err(different(format!("{compared} of {done} rows"))) }
}

async fn compare(
    source: &mut Side,
    target: &mut Side,
    shape: &Shape,
    progress: impl Fn(u64),
) -> Result<u64> {
    let mut rows = 0;
    source.open_table(shape).await?;
    target.open_table(shape).await?;
    loop {
        let (there, here) = (source.next_page(shape).await?, target.next_page(shape).await?);
        if there.len() != here.len() {
            return Err(different(format!("{} lacks rows", shape.table)));
        }
        if let Some((row, _)) = there.iter().zip(&here).find(|(one, other)| one != other) {
            let key: Vec<_> = shape.keys().filter_map(|at| row.get(at)).collect();
            return Err(different(format!("{} has another row {key:?}", shape.table)));
        }
        if there.is_empty() {
            break;
        }
        rows += there.len() as u64;
        progress(rows);
    }
    source.close_table().await?;
    target.close_table().await?;
    Ok(rows)
}

/// A table as both engines see it.
pub(super) struct Shape {
    pub(super) table: String,
    pub(super) columns: Vec<Column>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// Its place in the primary key, from 1.
    pub(super) key: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Flag,
    Text,
    Bytes,
}

impl Shape {
    /// The places of the columns of the key, in the key's order.
    fn keys(&self) -> impl Iterator<Item = usize> {
        let mut keys: Vec<(i64, usize)> = self
            .columns
            .iter()
            .enumerate()
            .filter(|(_, column)| column.key > 0)
            .map(|(at, column)| (column.key, at))
            .collect();
        keys.sort_unstable();
        keys.into_iter().map(|(_, at)| at)
    }

    pub(super) fn key_columns(&self) -> Vec<&Column> {
        self.keys().filter_map(|at| self.columns.get(at)).collect()
    }

    fn names(&self) -> String {
        let names: Vec<String> = self.columns.iter().map(|column| quoted(&column.name)).collect();
        names.join(", ")
    }
}

/// One of the two databases, with a transaction open.
pub(super) struct Side {
    pub(super) conn: Conn,
    /// Where the next page of an SQLite table begins; PostgreSQL has a cursor.
    after: Option<Vec<Value>>,
    /// Links between tables, to be put back: rows come in no order that they would allow.
    links: Vec<(String, String, String)>,
}

impl Side {
    pub(super) async fn open(store: &Store) -> Result<Self> {
        let conn = match &store.engine {
            Engine::Sqlite(pool) => Conn { inner: Inner::Sqlite(pool.connection()?) },
            Engine::Postgres(pool) => pool.conn().await?,
        };
        Ok(Self { conn, after: None, links: Vec::new() })
    }

    pub(super) fn close(self) {
        super::postgres::discard(self.conn);
    }

    pub(super) async fn batch(&mut self, text: &str) -> Result<()> {
        self.conn.batch(text).await
    }

    pub(super) async fn begin(&mut self, to_write: bool) -> Result<()> {
        if matches!(self.conn.inner, Inner::Sqlite(_)) {
            // Only outside a transaction can it be turned off.
            self.batch("PRAGMA foreign_keys = OFF").await?;
            return self.batch(if to_write { "BEGIN IMMEDIATE" } else { "BEGIN" }).await;
        }
        if !to_write {
            return self.batch("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await;
        }
        self.batch("BEGIN").await?;
        let text = "SELECT CAST(conrelid AS regclass)::text, quote_ident(conname), pg_get_constraintdef(oid) \
            FROM pg_constraint WHERE contype = 'f' AND connamespace = CAST('public' AS regnamespace) ORDER BY 1, 2";
        for row in self.rows(text, 3).await? {
            let mut texts = row.into_iter().filter_map(|value| match value {
                Value::Text(text) => Some(text),
                _ => None,
            });
            if let (Some(table), Some(name), Some(text)) =
                (texts.next(), texts.next(), texts.next())
            {
                self.batch(&format!("ALTER TABLE {table} DROP CONSTRAINT {name}")).await?;
                self.links.push((table, name, text));
            }
        }
        Ok(())
    }

    /// Puts the links back and has the engine look whether each leads somewhere.
    pub(super) async fn finish_writing(&mut self) -> Result<()> {
        for (table, name, text) in std::mem::take(&mut self.links) {
            self.batch(&format!("ALTER TABLE {table} ADD CONSTRAINT {name} {text}")).await?;
        }
        if let Inner::Sqlite(connection) = &self.conn.inner {
            let broken: Option<String> = connection
                .prepare("PRAGMA foreign_key_check")
                .and_then(|mut statement| {
                    let mut rows = statement.query([])?;
                    rows.next()?.map(|row| row.get(0)).transpose()
                })
                .map_err(|error| StoreError::sqlite("transfer", error))?;
            if let Some(table) = broken {
                return Err(different(format!("a row of {table} leads nowhere")));
            }
        }
        Ok(())
    }

    pub(super) async fn commit(&mut self) -> Result<()> {
        self.batch("COMMIT").await
    }

    async fn tables(&mut self) -> Result<Vec<String>> {
        let counts = super::snapshot::tables(&mut self.conn).await?;
        Ok(counts)
    }

    async fn counts(&mut self, tables: &[String]) -> Result<BTreeMap<String, u64>> {
        let mut counts = BTreeMap::new();
        for table in tables {
            let rows = self.rows(&format!("SELECT COUNT(*) FROM {}", quoted(table)), 1).await?;
            let count = match rows.first().and_then(|row| row.first()) {
                Some(Value::Int(count)) => u64::try_from(*count).unwrap_or(0),
                _ => 0,
            };
            counts.insert(table.clone(), count);
        }
        Ok(counts)
    }

    pub(super) async fn columns(&mut self, table: &str) -> Result<Vec<Column>> {
        let table = table.replace('\'', "''");
        let text = match &self.conn.inner {
            Inner::Sqlite(_) => format!(
                "SELECT name, upper(type), pk FROM pragma_table_info('{table}') ORDER BY name"
            ),
            Inner::Postgres(_) => format!(
                "SELECT c.column_name::text, upper(c.data_type)::text, COALESCE((SELECT CAST(k.ordinal_position AS BIGINT) \
                 FROM information_schema.table_constraints t JOIN information_schema.key_column_usage k \
                 ON k.constraint_name = t.constraint_name AND k.table_schema = t.table_schema AND k.table_name = t.table_name \
                 WHERE t.constraint_type = 'PRIMARY KEY' AND t.table_schema = 'public' AND t.table_name = c.table_name \
                 AND k.column_name = c.column_name), 0) FROM information_schema.columns c \
                 WHERE c.table_schema = 'public' AND c.table_name = '{table}' ORDER BY c.column_name COLLATE \"C\""
            ),
        };
        let rows = self.rows(&text, 3).await?;
        rows.into_iter()
            .map(|row| match <[Value; 3]>::try_from(row) {
                Ok([Value::Text(name), Value::Text(kind), Value::Int(key)]) => {
                    let kind = match kind.as_str() {
                        "BOOLEAN" => Kind::Flag,
                        "TEXT" => Kind::Text,
                        "BLOB" | "BYTEA" => Kind::Bytes,
                        _ => Kind::Number,
                    };
                    Ok(Column { name, kind, key })
                }
                _ => Err(different(format!("the columns of {table} cannot be told"))),
            })
            .collect()
    }

    async fn open_table(&mut self, shape: &Shape) -> Result<()> {
        self.after = None;
        if matches!(self.conn.inner, Inner::Sqlite(_)) {
            return Ok(());
        }
        // Texts in the order of their bytes, which is SQLite's.
        let order: Vec<String> = shape
            .key_columns()
            .iter()
            .map(|column| match column.kind {
                Kind::Text => format!("{} COLLATE \"C\"", quoted(&column.name)),
                _ => quoted(&column.name),
            })
            .collect();
        self.batch(&format!(
            "DECLARE transfer NO SCROLL CURSOR FOR SELECT {} FROM {} ORDER BY {}",
            shape.names(),
            quoted(&shape.table),
            order.join(", ")
        ))
        .await
    }

    async fn close_table(&mut self) -> Result<()> {
        match self.conn.inner {
            Inner::Sqlite(_) => Ok(()),
            Inner::Postgres(_) => self.batch("CLOSE transfer").await,
        }
    }

    async fn next_page(&mut self, shape: &Shape) -> Result<Vec<Vec<Value>>> {
        if matches!(self.conn.inner, Inner::Postgres(_)) {
            return self.rows(&format!("FETCH {PAGE} FROM transfer"), shape.columns.len()).await;
        }
        let keys: Vec<String> =
            shape.key_columns().iter().map(|column| quoted(&column.name)).collect();
        let keys = keys.join(", ");
        let after = self.after.take().unwrap_or_default();
        let beyond = if after.is_empty() {
            String::new()
        } else {
            let marks: Vec<String> = (1..=after.len()).map(|number| format!("?{number}")).collect();
            format!("WHERE ({keys}) > ({})", marks.join(", "))
        };
        let text = format!(
            "SELECT {} FROM {} {beyond} ORDER BY {keys} LIMIT {PAGE}",
            shape.names(),
            quoted(&shape.table)
        );
        let Inner::Sqlite(connection) = &self.conn.inner else { return Ok(Vec::new()) };
        let rows = read_sqlite(connection, &text, &after, shape)?;
        self.after = rows
            .last()
            .map(|row| shape.keys().filter_map(|at| row.get(at).cloned()).collect::<Vec<_>>())
            .or(Some(after));
        Ok(rows)
    }

    pub(super) async fn insert(&mut self, shape: &Shape, rows: &[Vec<Value>]) -> Result<()> {
        let width = shape.columns.len().max(1);
        for some in rows.chunks((ARGUMENTS / width).max(1)) {
            match &mut self.conn.inner {
                Inner::Sqlite(connection) => insert_sqlite(connection, shape, some)?,
                Inner::Postgres(connection) => {
                    let marks: Vec<String> = (0..some.len())
                        .map(|row| {
                            let marks: Vec<String> =
                                (1..=width).map(|at| format!("${}", row * width + at)).collect();
                            format!("({})", marks.join(", "))
                        })
                        .collect();
                    let text = format!(
                        "INSERT INTO {} ({}) VALUES {}",
                        quoted(&shape.table),
                        shape.names(),
                        marks.join(", ")
                    );
                    let values: Vec<Value> = some.iter().flatten().cloned().collect();
                    connection.execute_text(&text, &values).await?;
                }
            }
        }
        Ok(())
    }

    /// Rows of a statement without arguments, as values.
    pub(super) async fn rows(&mut self, text: &str, width: usize) -> Result<Vec<Vec<Value>>> {
        match &mut self.conn.inner {
            Inner::Sqlite(connection) => {
                let columns =
                    vec![Column { name: String::new(), kind: Kind::Number, key: 0 }; width];
                read_sqlite(connection, text, &[], &Shape { table: String::new(), columns })
            }
            Inner::Postgres(connection) => {
                let rows = connection.query_text(text).await?;
                rows.iter()
                    .map(|row| {
                        (0..width)
                            .map(|at| {
                                row.try_get::<_, Cell<'_>>(at)
                                    .map(of_cell)
                                    .map_err(|error| StoreError::postgres("transfer", &error))
                            })
                            .collect()
                    })
                    .collect()
            }
        }
    }
}

fn read_sqlite(
    connection: &rusqlite::Connection,
    text: &str,
    after: &[Value],
    shape: &Shape,
) -> Result<Vec<Vec<Value>>> {
    let failed = |error| StoreError::sqlite("transfer", error);
    let mut statement = connection.prepare_cached(text).map_err(failed)?;
    let mut rows = statement.query(rusqlite::params_from_iter(after)).map_err(failed)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        found.push(sqlite_row(row, shape)?);
    }
    Ok(found)
}

/// A row as values that both engines have.
pub(super) fn sqlite_row(row: &rusqlite::Row<'_>, shape: &Shape) -> Result<Vec<Value>> {
    let failed = |error| StoreError::sqlite("transfer", error);
    let values = shape.columns.iter().enumerate().map(|(at, column)| {
        Ok(match (row.get_ref(at).map_err(failed)?, column.kind) {
            (ValueRef::Null, _) => Value::Null,
            (ValueRef::Integer(number), Kind::Flag) => Value::Bool(number != 0),
            (ValueRef::Integer(number), _) => Value::Int(number),
            (ValueRef::Blob(bytes), _) => Value::Blob(bytes.to_vec()),
            // PostgreSQL stores no NUL; the store writes this sign instead of it.
            (ValueRef::Text(text), _) => {
                Value::Text(String::from_utf8_lossy(text).replace('\0', "\u{FFFD}"))
            }
            (ValueRef::Real(_), _) => {
                return Err(different(format!("{} holds a fraction", shape.table)));
            }
        })
    });
    values.collect()
}

fn insert_sqlite(
    connection: &rusqlite::Connection,
    shape: &Shape,
    rows: &[Vec<Value>],
) -> Result<()> {
    let failed = |error| StoreError::sqlite("transfer", error);
    let marks: Vec<String> = (1..=shape.columns.len()).map(|number| format!("?{number}")).collect();
    let text = format!(
        "INSERT INTO {} ({}) VALUES ({})",
        quoted(&shape.table),
        shape.names(),
        marks.join(", ")
    );
    let mut statement = connection.prepare_cached(&text).map_err(failed)?;
    for row in rows {
        statement.execute(rusqlite::params_from_iter(row)).map_err(failed)?;
    }
    Ok(())
}

fn of_cell(cell: Cell<'_>) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Int(number) => Value::Int(number),
        Cell::Bool(flag) => Value::Bool(flag),
        Cell::Text(text) => Value::Text(text.to_owned()),
        Cell::Blob(bytes) => Value::Blob(bytes.to_vec()),
    }
}

pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

pub(super) fn different(what: String) -> StoreError {
    StoreError::Engine { statement: "transfer", cause: what }
}
