//! What can go wrong with the database. Callers decide by the variant, so it is an enum.

/// An error of the database or of how it was used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It cannot be opened or reached.
    #[error("the database cannot be reached: {0}")]
    Unreachable(String),
    /// A unique key is taken, or a foreign key leads nowhere. The name tells which, on PostgreSQL
    /// by constraint, on SQLite by columns.
    #[error("a constraint refused the row: {0}")]
    Constraint(String),
    /// The disk is full. Reading goes on.
    #[error("the disk is full")]
    Full,
    /// A write failed in a way that leaves doubt about what is on disk. Only a restart recovers.
    #[error(
        "the database stopped writing after an input/output error; restart the server once the disk is well: {0}"
    )]
    Damaged(String),
    /// Another transaction was in the way; the same call may work again.
    #[error("the database is busy: {0}")]
    Busy(String),
    /// A row does not have the shape the code expects.
    #[error("unexpected data in column {column} of {statement}: {problem}")]
    Shape {
        /// The statement's name.
        statement: &'static str,
        /// Zero-based.
        column: usize,
        /// What is wrong.
        problem: String,
    },
    /// A statement got another number of arguments than it has placeholders.
    #[error("{statement} takes {wanted} arguments, got {given}")]
    Arguments {
        /// The statement's name.
        statement: &'static str,
        /// Placeholders.
        wanted: usize,
        /// Arguments.
        given: usize,
    },
    /// The work awaited something else than the database, on a database thread.
    #[error("a transaction waited for something that is not the database")]
    ForeignAwait,
    /// The work panicked; its transaction was rolled back.
    #[error("the database work panicked")]
    Panicked,
    /// The schema is newer than this program.
    #[error(
        "the database has schema {found}, this program knows up to {known}: use a newer tuskling, nothing was changed"
    )]
    TooNew {
        /// In the database.
        found: i64,
        /// In the program.
        known: i64,
    },
    /// Anything else the engine said.
    #[error("the database refused {statement}: {cause}")]
    Engine {
        /// The statement's name.
        statement: &'static str,
        /// What it said.
        cause: String,
    },
}

impl StoreError {
    /// True when a unique key or foreign key refused a row.
    #[must_use]
    pub fn is_constraint(&self) -> bool {
        matches!(self, Self::Constraint(_))
    }

    pub(crate) fn sqlite(statement: &'static str, error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        let code = match &error {
            rusqlite::Error::SqliteFailure(failure, _) => Some(failure.code),
            _ => None,
        };
        match code {
            Some(ErrorCode::ConstraintViolation) => Self::Constraint(error.to_string()),
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::SystemIoFailure | ErrorCode::DatabaseCorrupt) => {
                Self::Damaged(error.to_string())
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::Busy(error.to_string())
            }
            _ => Self::Engine { statement, cause: error.to_string() },
        }
    }

    pub(crate) fn postgres(statement: &'static str, error: &tokio_postgres::Error) -> Self {
        let Some(db) = error.as_db_error() else {
            return Self::Unreachable(error.to_string());
        };
        match db.code().code() {
            "23505" | "23503" | "23514" => {
                Self::Constraint(db.constraint().unwrap_or_else(|| db.message()).to_owned())
            }
            "53100" => Self::Full,
            "40001" | "40P01" | "55P03" => Self::Busy(db.message().to_owned()),
            code if code.starts_with("08") || code.starts_with("57P") => {
                Self::Unreachable(db.message().to_owned())
            }
            _ => Self::Engine {
                statement,
                cause: format!("{} ({})", db.message(), db.code().code()),
            },
        }
    }
}
