//! What other servers send: checked, queued, acknowledged, and then done.

use std::sync::Arc;

use http::{HeaderMap, Method};

use crate::{App, AppError, Result};

/// A POST to an inbox, as it arrived.
pub struct Post<'p> {
    /// Its method.
    pub method: &'p Method,
    /// Path and query.
    pub path_and_query: &'p str,
    /// Its headers.
    pub headers: &'p HeaderMap,
    /// Its body, at most 1 MiB.
    pub body: &'p [u8],
}

/// Takes an activity: size, digest, signature and signer are checked, then it is queued.
///
/// # Errors
/// [`AppError::Unauthorized`] for the signature, [`AppError::BadRequest`] for the body,
/// [`AppError::Forbidden`] for a blocked domain, [`AppError::Busy`] when too much waits.
pub async fn receive(_app: &Arc<App>, _post: Post<'_>) -> Result<()> {
    Err(AppError::Unauthorized("no inbox yet".into()))
}
