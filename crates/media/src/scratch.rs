//! One folder for each piece of work, gone with everything in it when the work is dropped.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

static SERIAL: AtomicU64 = AtomicU64::new(0);

/// A private folder below the scratch folder; removed on drop.
#[derive(Debug)]
pub struct Workspace {
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

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where a file of this name goes, in this folder.
    pub fn file(&self, name: &'static str) -> PathBuf {
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
        // A folder with our own number is of an earlier process: we have not begun. A dead process
        // that nobody has reaped has a number but no program.
        let program = Path::new("/proc").join(owner.to_string()).join("exe");
        let alive = owner != std::process::id() && std::fs::read_link(program).is_ok();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_of_running_processes_stays_and_of_ended_ones_goes() {
        let scratch = tempfile::tempdir().unwrap();
        // No process has so high a number.
        for name in ["work-4194999-0", "work-4194999-1", "upload-x", "work-x"] {
            std::fs::create_dir(scratch.path().join(name)).unwrap();
        }
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let running = scratch.path().join(format!("work-{}-0", child.id()));
        std::fs::create_dir(&running).unwrap();
        prepare(scratch.path()).unwrap();
        let stayed = running.exists();
        child.kill().unwrap();
        // Not reaped yet: a number without a program.
        while std::fs::read_link(format!("/proc/{}/exe", child.id())).is_ok() {
            std::thread::yield_now();
        }
        prepare(scratch.path()).unwrap();
        let gone = !running.exists();
        child.wait().unwrap();
        assert!(stayed && gone);
        assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 2);
    }
}
