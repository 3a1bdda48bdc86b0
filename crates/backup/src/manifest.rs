//! What a snapshot says of itself, in `manifest.json`: enough to restore it and to tell whether it came
//! back whole.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The file in the snapshot.
pub const NAME: &str = "manifest.json";
/// The folder with what lies in the data folder.
pub const DATA: &str = "data";
/// The folder with settings and secrets from elsewhere.
pub const CONFIG: &str = "config";
/// The database in the data folder, on SQLite.
pub const SQLITE: &str = "tuskling.db";
/// The database, on PostgreSQL: what `pg_dump` writes.
pub const DUMP: &str = "database.dump";

/// What a snapshot says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Of this file.
    pub format: u32,
    /// What made it.
    pub program: String,
    /// When the data looked like this, in milliseconds since 1970.
    pub made_at: i64,
    /// Which database.
    pub engine: Engine,
    /// The number of its schema.
    pub schema: i64,
    /// The name of the server.
    pub host: String,
    /// Rows by table.
    pub rows: BTreeMap<String, i64>,
}

/// Which database a snapshot holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Engine {
    /// `data/tuskling.db`.
    Sqlite,
    /// `database.dump`.
    Postgres,
}

impl Manifest {
    /// Rows of all tables.
    #[must_use]
    pub fn all_rows(&self) -> i64 {
        self.rows.values().sum()
    }

    /// How these rows differ from what the snapshot had, in words.
    #[must_use]
    pub fn differences(&self, found: &BTreeMap<String, i64>) -> Vec<String> {
        let differ = self.rows.iter().filter_map(|(table, rows)| match found.get(table) {
            Some(there) if there == rows => None,
            Some(there) => Some(format!("table {table} has {there} rows instead of {rows}")),
            None => Some(format!("table {table} is missing")),
        });
        differ.collect()
    }
}
