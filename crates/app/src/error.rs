//! What a use case can refuse. The outer rooms turn it into a status code and a body.

use store::StoreError;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// There is no such thing, or not for this viewer: both look the same (V02).
    #[error("Record not found")]
    NotFound,
    /// The viewer may see it, but not do this.
    #[error("{0}")]
    Forbidden(String),
    /// A value breaks a rule. The text is Mastodon's sentence after `Validation failed: `.
    #[error("Validation failed: {0}")]
    Invalid(String),
    /// Something refused for another reason than one value, with its whole sentence.
    #[error("{0}")]
    Unprocessable(String),
    /// The request does not make sense.
    #[error("{0}")]
    BadRequest(String),
    /// Credentials are missing or wrong.
    #[error("{0}")]
    Unauthorized(String),
    /// Somebody else was faster.
    #[error("{0}")]
    Conflict(String),
    /// Too much of this is going on; it will work in a moment.
    #[error("{0}")]
    Busy(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something of this machine failed: disk, child process.
    #[error("{0}")]
    Internal(String),
}

impl AppError {
    /// [`AppError::Invalid`] with this sentence.
    pub fn invalid(sentence: impl Into<String>) -> Self {
        Self::Invalid(sentence.into())
    }

    /// Mastodon's "not allowed".
    #[must_use]
    pub fn not_allowed() -> Self {
        Self::Forbidden("This action is not allowed".into())
    }
}
