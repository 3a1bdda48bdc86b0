//! `[database]`: SQLite in the data folder, or PostgreSQL.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::ConfigError;

/// Where the data is kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `sqlite:PATH` or `postgres://…`; none is SQLite in the data folder.
    pub url: Option<String>,
    /// File that holds the URL, so that its password is in no other place.
    pub url_file: Option<PathBuf>,
    /// Most connections to PostgreSQL, or reader threads on SQLite.
    pub connections: usize,
}

pub(super) const DOCS: &[(&str, &str, &str)] = &[
    (
        "url",
        "sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/NAME, which may end in ?sslmode=verify-full (the default for another machine) or ?sslmode=disable, and sslrootcert=FILE. Default: DATA/tuskling.db.",
        "\"sqlite:./data/tuskling.db\"",
    ),
    ("url_file", "A file that holds the URL instead.", "\"/etc/tuskling/database-url\""),
    (
        "connections",
        "Most connections to PostgreSQL; on SQLite, threads that read (0 = 2 readers, 8 connections).",
        "0",
    ),
];

/// Which engine, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file.
    Sqlite(PathBuf),
    /// A connection string for a server that speaks PostgreSQL's protocol.
    Postgres(String),
}

impl Database {
    pub(crate) fn validate(&self) -> Result<(), ConfigError> {
        if self.url.is_some() && self.url_file.is_some() {
            return Err(ConfigError::Invalid {
                key: "database.url_file",
                problem: "is given beside database.url; keep one of them".into(),
            });
        }
        if self.url_file.is_some() {
            return Ok(());
        }
        self.resolve(Path::new(".")).map(|_| ())
    }

    /// The engine these settings choose. Reads `url_file` if there is one.
    ///
    /// # Errors
    /// [`ConfigError`] when the URL is of neither kind or its file cannot be read.
    pub fn resolve(&self, data: &Path) -> Result<DatabaseUrl, ConfigError> {
        let url = match (&self.url, &self.url_file) {
            (Some(url), _) => Some(url.clone()),
            (None, Some(path)) => Some(
                std::fs::read_to_string(path)
                    .map_err(|cause| ConfigError::Unreadable { path: path.clone(), cause })?
                    .trim()
                    .to_owned(),
            ),
            (None, None) => None,
        };
        let Some(url) = url else { return Ok(DatabaseUrl::Sqlite(data.join("tuskling.db"))) };
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(DatabaseUrl::Postgres(url));
        }
        match url.strip_prefix("sqlite:").map(|path| path.strip_prefix("//").unwrap_or(path)) {
            Some(path) if !path.is_empty() => Ok(DatabaseUrl::Sqlite(PathBuf::from(path))),
            _ => Err(ConfigError::Invalid {
                key: "database.url",
                problem: "is neither sqlite:PATH nor postgres://USER@HOST/NAME".into(),
            }),
        }
    }
}
