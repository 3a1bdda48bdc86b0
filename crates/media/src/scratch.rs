//! One folder for each piece of work, gone with everything in it when the work is dropped.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

static SERIAL: AtomicU64 = AtomicU64::new(0);

/// A private folder below the scratch folder; removed on drop.
#[derive(Debug)]
pub(crate) struct Workspace {
    path: PathBuf,
}

impl Workspace {
    pub(crate) fn create(scratch: &Path) -> io::Result<Self> {
        loop {
            let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
            let path = scratch.join(format!("work-{}-{serial}", std::process::id()));
            match std::fs::create_dir(&path) {
                // A leftover of an earlier process with the same id: take the next number.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
                Ok(()) => return Ok(Self { path }),
            }
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn file(&self, name: &'static str) -> PathBuf {
        self.path.join(name)
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.path) {
            tracing::warn!(%error, "a media work folder could not be removed");
        }
    }
}

/// Makes the scratch folder and removes the work folders that ended processes left behind. What a
/// running process works on stays: a command may run beside the server on the same folder.
pub(crate) fn prepare(scratch: &Path) -> io::Result<()> {
    std::fs::create_dir_all(scratch)?;
    for entry in std::fs::read_dir(scratch)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(owner) = name.to_str().and_then(owner) else { continue };
        // A folder with our own number is of an earlier process: we have not begun.
        let alive = owner != std::process::id() && Path::new("/proc").join(owner.to_string()).exists();
        if !alive {
            std::fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// The process that made a work folder.
fn owner(name: &str) -> Option<u32> {
    name.strip_prefix("work-")?.split('-').next()?.parse().ok()
}
