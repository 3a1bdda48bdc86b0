//! Removes files from the object store. Running twice does no harm: a missing file is removed.

use std::sync::Arc;

use crate::urls::Urls;
use crate::{App, AppError, Result, remote_files};

pub(super) async fn run(app: &Arc<App>, keys: &[String]) -> Result<()> {
    for key in keys {
        // Only keys of ours are queued; what is none names no file.
        let Ok(key) = blob::Key::parse(key.as_str()) else { continue };
        if key.as_str().starts_with(remote_files::PREFIX) {
            remote_files::forget(app, &key).await?;
            continue;
        }
        app.blobs.delete(&key).await.map_err(|error| AppError::Internal(error.to_string()))?;
        app.gone.note(Urls::file_path(key.as_str()));
    }
    Ok(())
}
