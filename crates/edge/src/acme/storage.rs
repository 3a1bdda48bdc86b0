//! What survives restarts, below the edge's data folder: the account, one file a certificate (key
//! and chain together, so that they change together), and what failed.
//!
//! Files are 0600 and replaced in one step; a file that cannot be understood is as good as none.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};

use super::AcmeError;
use super::plan::Tries;

/// Bytes that any of the files may have; ours have a few thousand.
const MOST: u64 = 256 * 1024;

/// The folder. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Storage {
    root: PathBuf,
}

/// What was tried, with the reason of the last failure.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Trouble {
    /// How many failed since the last certificate. The one under way counts until it succeeds.
    pub(super) count: u32,
    /// When the last one began, in seconds since 1970; 0 before the first.
    pub(super) last: u64,
    /// Why it failed; empty while it is under way.
    pub(super) error: String,
}

impl Trouble {
    pub(super) fn tries(&self) -> Option<Tries> {
        let last = UNIX_EPOCH.checked_add(Duration::from_secs(self.last))?;
        (self.last > 0).then_some(Tries { failed: self.count, last })
    }

    /// The same when the last try succeeded.
    pub(super) fn over(&self) -> Self {
        Self { count: 0, last: self.last, error: String::new() }
    }

    /// The same with one more try, which begins now.
    pub(super) fn and_a_try(&self, now: SystemTime) -> Self {
        let last = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        Self { count: self.count.saturating_add(1), last, error: String::new() }
    }
}

impl Storage {
    /// Makes the folders that are missing.
    pub(super) fn open(root: &Path) -> Result<Self, AcmeError> {
        let storage = Self { root: root.to_owned() };
        for folder in ["accounts", "certificates", "failures"] {
            let path = root.join(folder);
            let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&path);
            made.map_err(|cause| disk(&path, cause))?;
        }
        Ok(storage)
    }

    /// The account at this authority, as it was kept.
    pub(super) fn account(&self, directory: &str) -> Result<Option<Vec<u8>>, AcmeError> {
        read(&self.account_path(directory))
    }

    pub(super) fn keep_account(&self, directory: &str, account: &[u8]) -> Result<(), AcmeError> {
        write(&self.account_path(directory), account)
    }

    /// Puts an account aside that the authority no longer knows; its key is not thrown away.
    pub(super) fn drop_account(&self, directory: &str) -> Result<(), AcmeError> {
        let path = self.account_path(directory);
        match fs::rename(&path, path.with_extension("unknown")) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(disk(&path, cause)),
            _ => Ok(()),
        }
    }

    /// Key and chain of a name, in PEM.
    pub(super) fn certificate(&self, name: &str) -> Result<Option<Vec<u8>>, AcmeError> {
        read(&self.named("certificates", name, "pem"))
    }

    pub(super) fn keep_certificate(&self, name: &str, pem: &[u8]) -> Result<(), AcmeError> {
        write(&self.named("certificates", name, "pem"), pem)
    }

    pub(super) fn trouble(&self, name: &str) -> Result<Trouble, AcmeError> {
        let kept = read(&self.named("failures", name, "json"))?.unwrap_or_default();
        Ok(serde_json::from_slice(&kept).unwrap_or_default())
    }

    pub(super) fn keep_trouble(&self, name: &str, trouble: &Trouble) -> Result<(), AcmeError> {
        let path = self.named("failures", name, "json");
        let text = serde_json::to_vec(trouble).map_err(|error| disk(&path, error.into()))?;
        write(&path, &text)
    }

    fn account_path(&self, directory: &str) -> PathBuf {
        self.root.join(format!("{}.json", account_name(directory)))
    }

    fn named(&self, folder: &str, name: &str, ending: &str) -> PathBuf {
        self.root.join(folder).join(format!("{}.{ending}", name.replace('*', "_")))
    }
}

/// What the account at this authority is called, here and in the vault. Accounts of several
/// authorities live side by side: trying one out costs the other nothing.
pub(super) fn account_name(directory: &str) -> String {
    let hash = digest::digest(&digest::SHA256, directory.as_bytes());
    let name: String = hash.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("accounts/{name}")
}

/// What a certificate is called in the vault. Names were checked: no separator, no dot in front.
pub(super) fn certificate_name(name: &str) -> String {
    format!("certificates/{}", name.replace('*', "_"))
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, AcmeError> {
    let length = match fs::metadata(path) {
        Ok(metadata) => metadata.len(),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(disk(path, cause)),
    };
    if length > MOST {
        return Ok(None);
    }
    fs::read(path).map(Some).map_err(|cause| disk(path, cause))
}

/// Beside, durable, and into place.
fn write(path: &Path, bytes: &[u8]) -> Result<(), AcmeError> {
    let beside = path.with_extension("new");
    let work = || {
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, path)?;
        path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    };
    work().map_err(|cause| disk(path, cause))
}

fn disk(path: &Path, cause: io::Error) -> AcmeError {
    AcmeError::Disk { path: path.to_owned(), cause }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn l01_what_is_kept_comes_back_and_nobody_else_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("acme");
        let storage = Storage::open(&root).unwrap();
        assert_eq!(storage.account("https://a.test/dir").unwrap(), None);
        storage.keep_account("https://a.test/dir", b"{}").unwrap();
        storage.keep_certificate("*.a.test", b"one").unwrap();
        storage.keep_certificate("*.a.test", b"two").unwrap();
        let trouble = Trouble { count: 2, last: 77, error: "refused".into() };
        storage.keep_trouble("a.test", &trouble).unwrap();

        let storage = Storage::open(&root).unwrap();
        assert_eq!(storage.account("https://a.test/dir").unwrap().as_deref(), Some(&b"{}"[..]));
        assert_eq!(storage.account("https://b.test/dir").unwrap(), None);
        assert_eq!(storage.certificate("*.a.test").unwrap().as_deref(), Some(&b"two"[..]));
        assert_eq!(storage.trouble("a.test").unwrap(), trouble);
        assert_eq!(storage.trouble("b.test").unwrap(), Trouble::default());
        for folder in ["accounts", "certificates", "failures"] {
            let folder = root.join(folder);
            assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
            for file in fs::read_dir(folder).unwrap() {
                let mode = file.unwrap().metadata().unwrap().permissions().mode();
                assert_eq!(mode & 0o777, 0o600);
            }
        }
    }

    #[test]
    fn a_damaged_file_is_as_good_as_none_and_an_unknown_account_is_put_aside() {
        let folder = tempfile::tempdir().unwrap();
        let storage = Storage::open(folder.path()).unwrap();
        fs::write(storage.named("failures", "a.test", "json"), "{\"count\":").unwrap();
        assert_eq!(storage.trouble("a.test").unwrap(), Trouble::default());
        storage.keep_account("x", b"key").unwrap();
        storage.drop_account("x").unwrap();
        storage.drop_account("x").unwrap();
        assert_eq!(storage.account("x").unwrap(), None);
        assert_eq!(fs::read_dir(folder.path().join("accounts")).unwrap().count(), 1);
    }
}
