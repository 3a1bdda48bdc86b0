//! Making an archive: the lists are written to files of their own, then everything is packed, one
//! file after the other, so that little memory is needed however much there is.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use activitypub::build;
use blob::Key;
use domain::account::Account;
use domain::{AccountId, RowId, StatusId};
use flate2::Compression;
use flate2::write::GzEncoder;
use store::statuses::{self, AccountFilter};
use store::{Listed, Page, accounts, archives};
use tokio::io::{AsyncWriteExt, BufWriter};

use super::Archive;
use super::tar::Writer;
use crate::uploads::{disk, keep};
use crate::{App, AppError, Result, represent};

/// Entries of a list that are loaded at once.
const PAGE: i64 = 100;
/// Largest archive that a job makes: what does not fit is not made at all.
const LARGEST: u64 = 8 * 1_024 * 1_024 * 1_024;

/// Makes an archive that was asked for.
pub(crate) async fn run(app: &Arc<App>, id: RowId) -> Result<()> {
    let found = app
        .read(move |conn| {
            Box::pin(async move {
                let Some(archive) = archives::by_id(conn, id).await? else { return Ok(None) };
                let account = accounts::by_id(conn, archive.account_id).await?;
                Ok::<_, AppError>(account.map(|account| (archive, account)))
            })
        })
        .await?;
    let Some((archive, account)) = found.filter(|(archive, _)| archive.finished_at.is_none())
    else {
        return Ok(());
    };
    let folder = workspace(app).await?;
    let path = folder.path().join("archive");
    match write_to(app, &account, &path, LARGEST).await {
        Ok(bytes) => {
            let kept = keep(app, vec![(path, None)]).await?;
            let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
            let done =
                Archive { file_key: kept.keys.first().cloned(), bytes, ..finished(app, archive) };
            app.write(move |conn| {
                Box::pin(async move {
                    kept.settle(conn).await?;
                    Ok::<_, AppError>(archives::finish(conn, &done).await?)
                })
            })
            .await
        }
        Err(AppError::Unprocessable(why)) => {
            let failed = Archive { problem: Some(why), ..finished(app, archive) };
            app.write(move |conn| {
                Box::pin(async move { Ok::<_, AppError>(archives::finish(conn, &failed).await?) })
            })
            .await
        }
        Err(error) => Err(error),
    }
}

fn finished(app: &App, archive: Archive) -> Archive {
    Archive { finished_at: Some(app.now()), ..archive }
}

async fn workspace(app: &App) -> Result<media::Workspace> {
    app.processor.workspace().await.map_err(|error| AppError::Internal(error.to_string()))
}

/// Writes an archive of everything that a local account has to a new file. The answer is its size.
///
/// # Errors
/// [`AppError::Unprocessable`] when more than `most` bytes would go into it, [`AppError::Internal`] of
/// the disk.
pub async fn write_to(app: &Arc<App>, account: &Account, path: &Path, most: u64) -> Result<u64> {
    let folder = workspace(app).await?;
    let mut pack = Pack::begin(app, path, most).await?;
    let mut actor = build::actor(&represent::actor(app, account).await?);
    for (key, name) in [(&account.avatar, "avatar"), (&account.header, "header")] {
        let Some(key) = key else { continue };
        let ending = key.rsplit_once('.').map_or("bin", |(_, ending)| ending);
        let name = format!("{name}.{ending}");
        actor = actor.replace(&app.urls.file(key), &name);
        pack.lent(app, folder.path(), key, name).await?;
    }
    let outbox = folder.path().join("outbox.json");
    let media = write_outbox(app, account.id, &outbox).await?;
    pack.text(folder.path(), "actor.json", actor).await?;
    pack.file(outbox, "outbox.json".into()).await?;
    for (name, which) in [("likes.json", Which::Likes), ("bookmarks.json", Which::Bookmarks)] {
        let list = folder.path().join(name);
        write_list(app, account.id, which, name, &list).await?;
        pack.file(list, name.into()).await?;
    }
    for key in media {
        pack.lent(app, folder.path(), &key, format!("{MEDIA}{key}")).await?;
    }
    pack.finish().await
}

/// Where media are in an archive.
const MEDIA: &str = "media_attachments/files/";

/// Writes what somebody has posted, oldest first. The answer is the keys of the files that hang on it.
async fn write_outbox(app: &Arc<App>, who: AccountId, path: &Path) -> Result<Vec<String>> {
    let mut file = BufWriter::new(tokio::fs::File::create(path).await.map_err(broken)?);
    let mut keys: Vec<String> = Vec::new();
    let (mut above, mut total) = (0, 0_u64);
    write(&mut file, &build::list_begin("outbox.json")).await?;
    loop {
        let page = Page { below: i64::MAX, above, limit: PAGE, from_oldest: true };
        let context = app.clone();
        let (ids, activities, media) = app
            .read(move |conn| {
                Box::pin(async move {
                    let (filter, now) = (AccountFilter::default(), context.now());
                    let mut ids =
                        statuses::account(conn, who, filter, Some(who), &page, now).await?;
                    ids.reverse();
                    let activities = represent::origins(&context, conn, &ids, who).await?;
                    let media = store::media::of_statuses(conn, &ids).await?;
                    Ok::<_, AppError>((ids, activities, media))
                })
            })
            .await?;
        let Some(last) = ids.last() else { break };
        above = last.0;
        for (id, activity) in &activities {
            let mut text = build::activity(activity);
            for key in media.get(id).into_iter().flatten().filter_map(|one| one.file_key.as_ref()) {
                text = text.replace(&app.urls.file(key), &format!("/{MEDIA}{key}"));
                keys.push(key.clone());
            }
            write(&mut file, if total == 0 { "" } else { ",\n" }).await?;
            write(&mut file, &text).await?;
            total += 1;
        }
    }
    write(&mut file, &build::list_end(total)).await?;
    file.flush().await.map_err(broken)?;
    Ok(keys)
}

#[derive(Clone, Copy)]
enum Which {
    Likes,
    Bookmarks,
}

/// Writes the addresses of what somebody favourited or bookmarked.
async fn write_list(
    app: &Arc<App>,
    who: AccountId,
    which: Which,
    name: &str,
    path: &Path,
) -> Result<()> {
    let mut file = BufWriter::new(tokio::fs::File::create(path).await.map_err(broken)?);
    let (mut above, mut total) = (0, 0_u64);
    write(&mut file, &build::list_begin(name)).await?;
    loop {
        let page = Page { below: i64::MAX, above, limit: PAGE, from_oldest: true };
        let (listed, addresses) = app
            .read(move |conn| {
                Box::pin(async move {
                    let listed = match which {
                        Which::Likes => statuses::favourites(conn, who, &page).await?,
                        Which::Bookmarks => statuses::bookmarks(conn, who, &page).await?,
                    };
                    let ids: Vec<StatusId> = listed.iter().map(|one| one.item).collect();
                    Ok::<_, AppError>((listed, statuses::addressed(conn, &ids).await?))
                })
            })
            .await?;
        let Some(newest) = listed.iter().map(|Listed { cursor, .. }| *cursor).max() else { break };
        above = newest;
        for row in &addresses {
            let address = serde_json::to_string(&app.urls.addressed(row))
                .map_err(|error| AppError::Internal(error.to_string()))?;
            write(&mut file, if total == 0 { "" } else { ",\n" }).await?;
            write(&mut file, &address).await?;
            total += 1;
        }
    }
    write(&mut file, &build::list_end(total)).await?;
    file.flush().await.map_err(broken)
}

async fn write(file: &mut BufWriter<tokio::fs::File>, text: &str) -> Result<()> {
    file.write_all(text.as_bytes()).await.map_err(broken)
}

fn broken(error: std::io::Error) -> AppError {
    if error.kind() == std::io::ErrorKind::StorageFull {
        return AppError::Store(store::StoreError::Full);
    }
    AppError::Internal(format!("an archive could not be written: {error}"))
}

/// The file that is packed. Its work is done beside the runtime.
struct Pack {
    writer: Option<Writer<GzEncoder<File>>>,
    seconds: i64,
    left: u64,
}

impl Pack {
    async fn begin(app: &App, path: &Path, most: u64) -> Result<Self> {
        let path = path.to_owned();
        let file = in_background(move || File::create_new(path)).await?;
        let writer = Writer::to(GzEncoder::new(file, Compression::fast()));
        Ok(Self { writer: Some(writer), seconds: app.now().seconds(), left: most })
    }

    async fn text(&mut self, folder: &Path, name: &str, text: String) -> Result<()> {
        let path = folder.join(name);
        tokio::fs::write(&path, text).await.map_err(broken)?;
        self.file(path, name.into()).await
    }

    /// Adds a stored file; one that is gone is left out.
    async fn lent(&mut self, app: &App, folder: &Path, key: &str, name: String) -> Result<()> {
        let Ok(key) = Key::parse(key) else { return Ok(()) };
        let path = folder.join("lent");
        if !app.blobs.lend(&key, &path).await.map_err(disk)? {
            return Ok(());
        }
        self.file(path, name).await
    }

    /// Adds a file and removes it.
    async fn file(&mut self, path: PathBuf, name: String) -> Result<()> {
        let length = tokio::fs::metadata(&path).await.map_err(broken)?.len();
        self.left = self.left.checked_sub(length).ok_or_else(|| {
            AppError::Unprocessable(
                "The archive would be too large to be made here. Whoever runs the server can make it \
                 with: tuskling account archive"
                    .into(),
            )
        })?;
        let seconds = self.seconds;
        let Some(mut writer) = self.writer.take() else { return Ok(()) };
        let writer = in_background(move || {
            writer.add(&name, length, seconds, &mut File::open(&path)?)?;
            std::fs::remove_file(&path)?;
            Ok(writer)
        })
        .await?;
        self.writer = Some(writer);
        Ok(())
    }

    async fn finish(mut self) -> Result<u64> {
        let Some(writer) = self.writer.take() else { return Ok(0) };
        in_background(move || {
            let file = writer.finish()?.finish()?;
            file.sync_all()?;
            Ok(file.metadata()?.len())
        })
        .await
    }
}

pub(super) async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(broken),
        Err(error) => Err(AppError::Internal(error.to_string())),
    }
}
