//! How far somebody has read their home feed and their notifications.

use domain::AccountId;
use store::markers;

pub use store::markers::Marker;

use crate::{App, Result};

/// The timelines that have a marker.
pub const TIMELINES: [&str; 2] = ["home", "notifications"];

/// The markers for these timelines; names that are none are passed over.
///
/// # Errors
/// [`crate::AppError::Store`].
pub async fn get(app: &App, me: AccountId, timelines: Vec<String>) -> Result<Vec<Marker>> {
    app.read(move |conn| Box::pin(async move { Ok(markers::get(conn, me, &timelines).await?) }))
        .await
}

/// Writes markers, given as timeline and the id of the newest entry read.
///
/// # Errors
/// [`crate::AppError::Store`].
pub async fn set(app: &App, me: AccountId, read: Vec<(&'static str, i64)>) -> Result<Vec<Marker>> {
    let now = app.now();
    app.write(move |conn| {
        Box::pin(async move {
            let mut written = Vec::new();
            for (timeline, id) in read {
                written.extend(markers::set(conn, me, timeline, id, now).await?);
            }
            Ok(written)
        })
    })
    .await
}
