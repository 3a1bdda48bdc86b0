//! What somebody takes along when they leave, all of it: their posts, media, favourites and bookmarks
//! in one file of Mastodon's shape. And the way back: old posts of such a file, with their dates.

mod make;
mod posts;
mod tar;
mod unpack;
mod zip;

use std::sync::Arc;

use blob::Key;
use domain::time::DAY;
use domain::{AccountId, RowId};
use store::{Conn, archives};

use crate::jobs::{Job, enqueue};
use crate::uploads::remove_later;
use crate::{App, AppError, Result};

pub(crate) use make::run;
pub use make::write_to;
pub use posts::{Brought, Import, bring_posts};
pub use store::archives::Archive;

/// One may be asked for so often, and is kept so long.
const KEPT: i64 = 7 * DAY;
/// Old ones that are removed in one transaction.
const AT_ONCE: i64 = 100;

/// Asks for an archive of everything that somebody has here. A job makes it.
///
/// # Errors
/// [`AppError::Conflict`] within a week of the last one, [`AppError::Store`].
pub async fn request(app: &Arc<App>, me: AccountId) -> Result<Archive> {
    let context = app.clone();
    app.write(move |conn| {
        Box::pin(async move {
            let now = context.now();
            let last = archives::newest(conn, me).await?;
            // One that could not be made does not count.
            if let Some(last) = last.filter(|last| last.problem.is_none())
                && now.since(last.created_at) < KEPT
            {
                return Err(AppError::Conflict(format!(
                    "An archive was asked for on {}; the next one can be after a week",
                    last.created_at.date()
                )));
            }
            let id: RowId = context.ids.next();
            archives::insert(conn, id, me, now).await?;
            enqueue(&context, conn, &Job::MakeArchive { archive: id }, now).await?;
            archives::by_id(conn, id).await?.ok_or(AppError::NotFound)
        })
    })
    .await
}

/// The archive that somebody asked for last.
///
/// # Errors
/// [`AppError::Store`].
pub async fn latest(app: &App, me: AccountId) -> Result<Option<Archive>> {
    app.read(move |conn| Box::pin(async move { Ok(archives::newest(conn, me).await?) })).await
}

/// The file of an archive, on its way.
pub struct Opened {
    /// How many bytes it has.
    pub length: u64,
    /// All of them.
    pub bytes: blob::Reader,
}

/// The file of somebody's own archive.
///
/// # Errors
/// [`AppError::NotFound`] when it is not theirs or not made.
pub async fn open(app: &App, me: AccountId, id: RowId) -> Result<Opened> {
    let found = app
        .read(move |conn| {
            Box::pin(async move { Ok::<_, AppError>(archives::by_id(conn, id).await?) })
        })
        .await?;
    let archive = found.filter(|archive| archive.account_id == me).ok_or(AppError::NotFound)?;
    let key = archive.file_key.and_then(|key| Key::parse(key).ok()).ok_or(AppError::NotFound)?;
    let object = app.blobs.get(&key).await.map_err(crate::uploads::disk)?;
    let object = object.ok_or(AppError::NotFound)?;
    let length = object.length;
    let bytes = object.read(0, length).await.map_err(crate::uploads::disk)?;
    Ok(Opened { length, bytes })
}

/// Removes archives that are older than a week.
pub(crate) async fn sweep(app: &App, conn: &mut Conn) -> Result<()> {
    for archive in archives::old(conn, app.now().plus(-KEPT), AT_ONCE).await? {
        remove_later(app, conn, archive.file_key.into_iter().collect()).await?;
        archives::remove(conn, archive.id).await?;
    }
    Ok(())
}
