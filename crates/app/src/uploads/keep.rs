//! Bringing files into the store so that none is ever lost there: before the first byte a job is
//! queued that removes them, and the transaction that refers to them takes the job back.

use std::path::PathBuf;

use blob::Key;
use domain::time::HOUR;
use media::MediaType;
use store::Conn;

use crate::jobs::{Job, enqueue};
use crate::{App, AppError, Result};

/// Files that are stored but not referred to yet.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    /// Their keys, in the order they were given.
    pub keys: Vec<String>,
    precaution: String,
}

impl Kept {
    /// Called in the transaction that writes the keys into a row.
    pub async fn settle(&self, conn: &mut Conn) -> Result<()> {
        Ok(store::jobs::cancel(conn, &self.precaution).await?)
    }

    /// Called when no row will refer to the files after all.
    pub async fn give_up(self, app: &App, conn: &mut Conn) -> Result<()> {
        self.settle(conn).await?;
        remove_later(app, conn, self.keys).await
    }
}

/// Moves files into the store under new unguessable keys (V06). A file without a type is one that
/// is never served.
pub(crate) async fn keep(
    app: &std::sync::Arc<App>,
    files: Vec<(PathBuf, Option<MediaType>)>,
) -> Result<Kept> {
    let named: Vec<(PathBuf, Key)> = files
        .into_iter()
        .map(|(path, media_type)| Ok((path, fresh_key(app, media_type)?)))
        .collect::<Result<_>>()?;
    let keys: Vec<String> = named.iter().map(|(_, key)| key.to_string()).collect();
    let precaution = format!("files:{}", keys.first().map(String::as_str).unwrap_or_default());
    let job = Job::DeleteFiles { keys: keys.clone(), precaution: Some(precaution.clone()) };
    let context = app.clone();
    app.write(move |conn| {
        Box::pin(async move { enqueue(&context, conn, &job, context.now().plus(HOUR)).await })
    })
    .await?;
    for (path, key) in named {
        app.blobs.put_file(&key, &path).await.map_err(disk)?;
    }
    Ok(Kept { keys, precaution })
}

/// Queues the removal of files in the transaction that ends the last reference to them.
pub(crate) async fn remove_later(app: &App, conn: &mut Conn, keys: Vec<String>) -> Result<()> {
    if keys.is_empty() {
        return Ok(());
    }
    enqueue(app, conn, &Job::DeleteFiles { keys, precaution: None }, app.now()).await
}

/// 160 random bits, spread over two levels of folders.
fn fresh_key(app: &App, media_type: Option<MediaType>) -> Result<Key> {
    let mut bytes = [0_u8; 20];
    app.random.fill(&mut bytes);
    let name = hex::encode(bytes);
    let text = match media_type {
        Some(known) => {
            format!("{:02x}/{:02x}/{name}.{}", bytes[0], bytes[1], known.extension())
        }
        None => format!("incoming/{name}"),
    };
    Key::parse(text).map_err(|error| AppError::Internal(error.to_string()))
}

pub(crate) fn disk(error: blob::BlobError) -> AppError {
    if let blob::BlobError::Disk { source, .. } = &error
        && source.kind() == std::io::ErrorKind::StorageFull
    {
        return AppError::Store(store::StoreError::Full);
    }
    if matches!(error, blob::BlobError::Remote { .. } | blob::BlobError::Denied { .. }) {
        tracing::error!(%error, "the bucket of the files did not do what it was asked");
        return AppError::Busy("Files cannot be reached for a moment; try again".into());
    }
    AppError::Internal(error.to_string())
}
