//! What staff announces to everybody here.

use domain::{AccountId, RowId};
use store::announcements;

pub use store::announcements::Announcement;

use crate::{App, AppError, Result};

/// What is announced now.
///
/// # Errors
/// [`AppError::Store`].
pub async fn current(app: &App, me: AccountId) -> Result<Vec<Announcement>> {
    let now = app.now();
    app.read(move |conn| Box::pin(async move { Ok(announcements::current(conn, me, now).await?) }))
        .await
}

/// Notes that one was read.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn dismiss(app: &App, me: AccountId, id: RowId) -> Result<()> {
    let now = app.now();
    app.write(move |conn| {
        Box::pin(async move {
            let there = announcements::dismiss(conn, id, me, now).await?;
            if there { Ok(()) } else { Err(AppError::NotFound) }
        })
    })
    .await
}
