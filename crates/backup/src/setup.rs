//! What a command or the schedule knows when it begins: settings, data, clock.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use blob::{BucketSettings, Depot, Key, Patience};
use config::{DatabaseUrl, Place};
use domain::{Clock, Random};
use tokio::runtime::Handle;

use crate::local::Local;
use crate::{BackupError, Cut, Repo, Result};

/// What is backed up, and where to.
#[derive(Clone)]
pub struct Setup {
    /// Section `[backup]`.
    pub config: config::Backup,
    /// The data folder.
    pub data: PathBuf,
    /// The database.
    pub database: DatabaseUrl,
    /// Settings and secrets that lie elsewhere.
    pub config_files: Vec<PathBuf>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// How long somebody else's lock in the repository is waited for.
    pub patience: Duration,
}

impl Setup {
    /// The place of the repository.
    ///
    /// # Errors
    /// [`BackupError::Config`] when it is not set.
    ///
    /// # Panics
    /// Outside a runtime.
    pub fn depot(&self) -> Result<Depot> {
        match self.config.place()? {
            Place::Folder(folder) => Ok(Depot::folder(&folder)),
            Place::S3 { bucket, prefix } => {
                let settings = BucketSettings {
                    bucket,
                    prefix,
                    region: self.config.s3_region.clone(),
                    endpoint: self.config.s3_endpoint.clone(),
                    keys: self.config.s3_keys()?,
                    patience: Patience::default(),
                };
                Ok(Depot::bucket(&settings, Handle::current())?)
            }
        }
    }

    /// Whether there is a repository where the settings say, without opening it. Blocks.
    ///
    /// # Errors
    /// [`BackupError::Depot`] when the place cannot be asked.
    pub fn is_there(&self) -> Result<bool> {
        let key = Key::parse("config").map_err(|error| BackupError::Library(error.to_string()))?;
        Ok(self.depot()?.size(&key)?.is_some())
    }

    /// The folder of the repository, if it is one: it is no part of a snapshot.
    pub(crate) fn repository_folder(&self) -> Option<PathBuf> {
        match self.config.place() {
            Ok(Place::Folder(folder)) => Some(absolute(&folder)),
            _ => None,
        }
    }

    /// Opens the repository. The key that was kept beside the data is used where it fits.
    ///
    /// # Errors
    /// [`BackupError::NoRepository`], [`BackupError::WrongPassword`], or the place cannot be used.
    pub fn open(&self, local: &Local) -> Result<Repo> {
        let (depot, password) = (self.depot()?, self.config.password()?);
        let location = depot.location();
        if let Some(master) = local.kept_key(&location, &password) {
            match Repo::open_with_key(depot.clone(), &master) {
                // Another repository took the place of the one that the key was for.
                Err(BackupError::WrongPassword(_)) => {}
                opened => return opened,
            }
        }
        let repo = Repo::open(depot, &password)?;
        local.keep_key(&location, &password, repo.master_key()?, &*self.random)?;
        Ok(repo)
    }

    /// Opens the repository, or makes it when nothing is there yet.
    ///
    /// # Errors
    /// As [`Setup::open`].
    pub(crate) fn open_or_create(&self, local: &Local) -> Result<Repo> {
        match self.open(local) {
            Err(BackupError::NoRepository(location)) => {
                let password = self.config.password()?;
                let cut = match self.database {
                    DatabaseUrl::Sqlite(_) => Cut::Fixed,
                    DatabaseUrl::Postgres(_) => Cut::Content,
                };
                tracing::info!(%location, "making a new backup repository");
                let repo = Repo::create(self.depot()?, &password, cut, &*self.random)?;
                local.keep_key(&location, &password, repo.master_key()?, &*self.random)?;
                Ok(repo)
            }
            opened => opened,
        }
    }
}

/// The path from the root on, without asking the disk: a relative one would mean something else to
/// whoever compares it.
pub(crate) fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
