//! What the schema looks like, for the tests that hold the engines against each other.

use domain::Timestamp;

use crate::engine::{Dialect, Result, Store};
use crate::{args, statements};

statements! {
    PRETEND = "INSERT INTO migrations (number, applied_at) VALUES (?1, ?2)";
}

/// The catalogues differ between the engines, so these two are not in the list of statements that
/// must prepare on both.
static SQLITE_COLUMNS: crate::Sql = crate::Sql::declare(
    "inspect::SQLITE_COLUMNS",
    "SELECT m.name || '.' || c.name || ' ' || c.type || CASE WHEN c.\"notnull\" = 1 OR c.pk > 0 THEN ' NOT NULL' ELSE '' END \
     FROM sqlite_schema m JOIN pragma_table_info(m.name) c \
     WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'status_search%' ORDER BY 1",
);
static POSTGRES_COLUMNS: crate::Sql = crate::Sql::declare(
    "inspect::POSTGRES_COLUMNS",
    "SELECT table_name || '.' || column_name || ' ' || upper(data_type) || CASE WHEN is_nullable = 'NO' THEN ' NOT NULL' ELSE '' END \
     FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'status_search' ORDER BY 1",
);

impl Store {
    /// Every column as `table.column TYPE [NOT NULL]`, sorted, in one spelling for both engines.
    ///
    /// # Errors
    /// [`crate::StoreError`] of the engine.
    pub async fn columns(&self) -> Result<Vec<String>> {
        let dialect = self.dialect();
        let mut columns: Vec<String> = self
            .read(move |conn| {
                Box::pin(async move {
                    match dialect {
                        Dialect::Sqlite => conn.column(&SQLITE_COLUMNS, args![]).await,
                        Dialect::Postgres => conn.column(&POSTGRES_COLUMNS, args![]).await,
                    }
                })
            })
            .await?;
        for column in &mut columns {
            *column = column.replace(" INTEGER", " BIGINT").replace(" BLOB", " BYTEA");
        }
        columns.sort();
        Ok(columns)
    }

    /// Records a migration that this program does not know, as a newer program would.
    ///
    /// # Errors
    /// [`crate::StoreError`] of the engine.
    pub async fn pretend_schema(&self, number: i64) -> Result<()> {
        self.write(move |conn| {
            Box::pin(async move { conn.send(&PRETEND, args![number, Timestamp(0)]).await })
        })
        .await
    }
}
