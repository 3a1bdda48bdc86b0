//! What can go wrong, in words for the person who runs the command. An enum, because callers and tests
//! decide by the variant.

use std::path::PathBuf;

use blob::BlobError;
use config::ConfigError;
use store::StoreError;

/// Why a backup, a restore or a check did not work.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The settings do not say enough.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Nothing was ever saved there.
    #[error(
        "there is no backup repository at {0}. Check backup.repository, or make a first snapshot with: tuskling backup run"
    )]
    NoRepository(String),
    /// The password opens none of the keys.
    #[error(
        "the password does not open the repository at {0}. It is the one that was set when the first snapshot was made; nothing was changed"
    )]
    WrongPassword(String),
    /// There is no such snapshot.
    #[error("there is no snapshot {wanted} in {place}. See: tuskling backup list")]
    NoSnapshot {
        /// What was asked for.
        wanted: String,
        /// The repository.
        place: String,
    },
    /// The place cannot be read or written.
    #[error("the repository cannot be used: {0}")]
    Depot(#[from] BlobError),
    /// The same, as the library passed it on.
    #[error("the repository cannot be used: {0}")]
    Storage(String),
    /// The repository does not hold together.
    #[error("the repository is damaged: {what}. {advice}")]
    Damaged {
        /// What is wrong.
        what: String,
        /// What to do.
        advice: &'static str,
    },
    /// A snapshot could not be completed; none was recorded.
    #[error("the snapshot was not completed, the ones before it are as they were: {0}")]
    Incomplete(String),
    /// Somebody else is at it.
    #[error(
        "another backup or restore works on {0} right now; wait for it, it lets go when it ends or dies"
    )]
    Busy(PathBuf),
    /// Somebody else works on the repository, maybe on another machine.
    #[error(
        "{place} is locked by process {pid} on {host} since {since}: {what}. Wait for it; if it is dead, its lock is void from {void_at} on"
    )]
    Locked {
        /// The repository.
        place: String,
        /// What is being done there.
        what: &'static str,
        /// On which machine.
        host: String,
        /// By which process.
        pid: u32,
        /// Since when.
        since: String,
        /// When nobody needs to mind it any more.
        void_at: String,
    },
    /// The folder holds something.
    #[error(
        "{0} is not empty. Restore into a new folder, or say --force to have what is there moved aside first"
    )]
    NotEmpty(PathBuf),
    /// A restore into the folder began with another snapshot.
    #[error(
        "{folder} holds an unfinished restore of snapshot {begun}. Run the same again to finish it, or say --force to begin anew"
    )]
    OtherRestore {
        /// The folder.
        folder: PathBuf,
        /// The snapshot that was begun.
        begun: String,
    },
    /// Part of the snapshot could not be brought back. The rest is there.
    #[error("restored without what is lost in the repository: {}", list(.0))]
    Lost(Vec<String>),
    /// What came back is not what was saved.
    #[error("the restored data do not stand the check: {}", list(.0))]
    Unproven(Vec<String>),
    /// The identity capsule cannot be written, opened or read.
    #[error("{0}")]
    Capsule(String),
    /// A local file cannot be read or written.
    #[error("{path}: {cause}{}", advice_of(.cause))]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A program that this needs is not there or failed.
    #[error("{0}")]
    Program(String),
    /// Anything else the library said.
    #[error("the backup library failed: {0}")]
    Library(String),
}

/// What every function of this crate returns.
pub type Result<T, E = BackupError> = std::result::Result<T, E>;

impl BackupError {
    /// Names the file that an error of the system is about.
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |cause| Self::File { path, cause }
    }
}

/// The first few of many.
fn list(items: &[String]) -> String {
    const SHOWN: usize = 20;
    let mut text = items.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join("; ");
    if items.len() > SHOWN {
        text.push_str(&format!("; and {} more", items.len() - SHOWN));
    }
    text
}

fn advice_of(cause: &std::io::Error) -> &'static str {
    match cause.kind() {
        std::io::ErrorKind::StorageFull => ". Make room and run the same again",
        std::io::ErrorKind::PermissionDenied => ". Run it as the user that owns the data",
        _ => "",
    }
}
