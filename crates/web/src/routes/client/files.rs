//! Files that come with a form: streamed to the scratch folder, within a limit, and removed when
//! nobody took them.

use std::path::PathBuf;

use app::access::Me;
use axum::extract::multipart::Field;
use domain::account::Role;
use tokio::io::AsyncWriteExt;

use crate::pages::Problem;
use crate::paths;
use crate::routes::Shared;
use crate::routes::answer::Refusal;

/// Most files in one form.
pub(super) const MOST: usize = 8;

/// Most bytes of a table.
const TABLE: u64 = 10 * 1024 * 1024;

/// Most bytes of a file that comes to this page.
pub(super) fn largest(app: &Shared, path: &str) -> u64 {
    match path {
        paths::SETTINGS_DATA | "/dashboard/domains" => TABLE,
        paths::SETTINGS_PROFILE | paths::DASHBOARD_ABOUT | paths::DASHBOARD_EMOJI => {
            app.config.media.image_bytes
        }
        _ => app.config.media.video_bytes.max(app.config.media.image_bytes),
    }
}

/// Whether this page takes files of somebody; what they may do with them is asked when they are there.
pub(super) fn may(me: &Me, path: &str) -> bool {
    !path.starts_with(paths::DASHBOARD) || me.user.role > Role::Member
}

/// A received file. Dropping it removes it from the scratch folder.
pub(in crate::routes) struct File {
    /// The field's name.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
}

impl Drop for File {
    fn drop(&mut self) {
        // Whoever took the file has moved it away; then there is nothing to remove.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Streams a file to disk under a name of our own (M05).
pub(super) async fn receive(
    mut part: Field<'_>,
    app: &Shared,
    name: String,
    most: u64,
) -> Result<File, Refusal> {
    let folder = app.scratch();
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::StorageFull => {
            Refusal::because(Problem::Unavailable, crate::t().the_servers_disk_is_full_so)
        }
        _ => app::AppError::Internal(format!("an upload cannot be kept: {error}")).into(),
    };
    tokio::fs::create_dir_all(&folder).await.map_err(failed)?;
    let secret = domain::secret::Secret::generate(app.random.as_ref());
    let path = folder.join(format!("upload-{}", secret.reveal()));
    let file = File { name, path };
    let mut target = tokio::fs::File::create_new(&file.path).await.map_err(failed)?;
    let mut length: u64 = 0;
    let broken = |_| Refusal::because(Problem::BadRequest, crate::t().the_upload_broke_off_on_its);
    while let Some(chunk) = part.chunk().await.map_err(broken)? {
        length += chunk.len() as u64;
        if length > most {
            let words = crate::t().file_too_large(most / 1_000_000);
            return Err(Refusal::because(Problem::Unprocessable, words));
        }
        target.write_all(&chunk).await.map_err(failed)?;
    }
    target.flush().await.map_err(failed)?;
    Ok(file)
}
