//! `[backup]`: where copies of everything are kept, how often they are made and how long they stay.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::bucket::{self, Bucket, only_one, read_secret};
use crate::ConfigError;

/// Copies of everything, elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Backup {
    /// A folder or `s3://BUCKET/PREFIX`. None: no backups.
    pub repository: Option<String>,
    /// Opens the repository; who has lost it has lost the backups.
    pub password: Option<String>,
    /// File that holds the password.
    pub password_file: Option<PathBuf>,
    /// How often `serve` looks whether something changed and saves it.
    pub interval_minutes: u64,
    /// How often `serve` restores the newest snapshot on trial.
    pub verify_days: u64,
    /// All snapshots of so many hours stay.
    pub keep_hours: u64,
    /// One of each of so many hours stays.
    pub keep_hourly: i32,
    /// One of each of so many days stays.
    pub keep_daily: i32,
    /// One of each of so many weeks stays.
    pub keep_weekly: i32,
    /// One of each of so many months stays.
    pub keep_monthly: i32,
    /// Public keys of age that open the identity capsule. None: the password does.
    pub capsule_recipients: Vec<String>,
    /// A file or folder for another copy of the identity capsule.
    pub capsule_copy: Option<PathBuf>,
    /// Another S3 than that of AWS.
    pub s3_endpoint: Option<String>,
    /// The region of the bucket.
    pub s3_region: String,
    /// Key id; without it the machine's own role is asked.
    pub s3_access_key_id: Option<String>,
    /// Its secret.
    pub s3_secret_access_key: Option<String>,
    /// File that holds the secret.
    pub s3_secret_access_key_file: Option<PathBuf>,
}

impl Default for Backup {
    fn default() -> Self {
        Self {
            repository: None,
            password: None,
            password_file: None,
            interval_minutes: 5,
            verify_days: 7,
            keep_hours: 2,
            keep_hourly: 24,
            keep_daily: 7,
            keep_weekly: 5,
            keep_monthly: 12,
            capsule_recipients: Vec::new(),
            capsule_copy: None,
            s3_endpoint: None,
            s3_region: "us-east-1".into(),
            s3_access_key_id: None,
            s3_secret_access_key: None,
            s3_secret_access_key_file: None,
        }
    }
}

pub(super) const DOCS: &[(&str, &str, &str)] = &[
    (
        "repository",
        "Where backups are kept: a folder (on another disk) or s3://BUCKET/PREFIX. The format is restic's. No backups when not set.",
        "\"s3://my-backups/tuskling\"",
    ),
    (
        "password",
        "Encrypts the backups. Keep it somewhere else as well: without it they are lost.",
        "\"a long phrase that is written down on paper\"",
    ),
    (
        "password_file",
        "A file that holds the password instead.",
        "\"/etc/tuskling/backup-password\"",
    ),
    ("interval_minutes", "How often serve saves what changed; 0 never.", "5"),
    ("verify_days", "How often serve restores the newest snapshot on trial; 0 never.", "7"),
    ("keep_hours", "tuskling backup prune keeps every snapshot of the last so many hours,", "2"),
    ("keep_hourly", "one an hour of so many hours,", "24"),
    ("keep_daily", "one a day of so many days,", "7"),
    ("keep_weekly", "one a week of so many weeks,", "5"),
    ("keep_monthly", "and one a month of so many months.", "12"),
    (
        "capsule_recipients",
        "Public keys (age-keygen makes them) that open the identity capsule. Empty: the password does.",
        "",
    ),
    (
        "capsule_copy",
        "A file, or a folder on another disk, for another copy of the identity capsule.",
        "\"/mnt/stick/capsule.age\"",
    ),
    ("s3_endpoint", "Address of an S3 that is not AWS.", "\"https://s3.example.com\""),
    ("s3_region", "Region of the bucket.", "\"us-east-1\""),
    (
        "s3_access_key_id",
        "Key id for S3. Default: AWS_ACCESS_KEY_ID, else the role of the machine.",
        "\"AKIA…\"",
    ),
    ("s3_secret_access_key", "The secret that belongs to the key id.", "\"…\""),
    (
        "s3_secret_access_key_file",
        "A file that holds the secret instead.",
        "\"/etc/tuskling/s3-secret\"",
    ),
];

/// Where the repository is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A folder.
    Folder(PathBuf),
    /// A bucket, and what its keys begin with: empty, or without a slash at its ends.
    S3 {
        /// The bucket.
        bucket: String,
        /// The beginning of all keys.
        prefix: String,
    },
}

impl Backup {
    pub(crate) fn validate(&self) -> Result<(), ConfigError> {
        only_one("backup.password_file", &self.password, &self.password_file)?;
        only_one(
            "backup.s3_secret_access_key_file",
            &self.s3_secret_access_key,
            &self.s3_secret_access_key_file,
        )?;
        let keeps = [self.keep_hourly, self.keep_daily, self.keep_weekly, self.keep_monthly];
        if keeps.iter().any(|keep| *keep < 0) {
            return Err(ConfigError::Invalid {
                key: "backup.keep_*",
                problem: "must not be below 0".into(),
            });
        }
        if self.repository.is_some() { self.place().map(|_| ()) } else { Ok(()) }
    }

    /// Where the repository is.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] when it is not set or is of neither kind.
    pub fn place(&self) -> Result<Place, ConfigError> {
        let invalid = |problem: String| ConfigError::Invalid { key: "backup.repository", problem };
        let Some(text) = self.repository.as_deref().filter(|text| !text.is_empty()) else {
            return Err(invalid(
                "is not set; name a folder or s3://BUCKET/PREFIX in tuskling.toml or TUSKLING_BACKUP_REPOSITORY".into(),
            ));
        };
        read_place(text).map_err(invalid)
    }

    /// The password of the repository.
    ///
    /// # Errors
    /// [`ConfigError`] when there is none or its file cannot be read.
    pub fn password(&self) -> Result<String, ConfigError> {
        read_secret(&self.password, &self.password_file)?.ok_or_else(|| ConfigError::Invalid {
            key: "backup.password",
            problem: "is not set; give it in TUSKLING_BACKUP_PASSWORD, or a file that holds it in \
                TUSKLING_BACKUP_PASSWORD_FILE"
                .into(),
        })
    }

    /// Key id and secret for S3, if they are set here.
    ///
    /// # Errors
    /// [`ConfigError`] when only one of both is there or the file cannot be read.
    pub fn s3_keys(&self) -> Result<Option<(String, String)>, ConfigError> {
        bucket::keys(
            "backup.s3_access_key_id",
            &self.s3_access_key_id,
            &self.s3_secret_access_key,
            &self.s3_secret_access_key_file,
        )
    }
}

/// Reads a folder or `s3://BUCKET/PREFIX`, or says what is wrong.
pub(super) fn read_place(text: &str) -> Result<Place, String> {
    if let Some(at) = Bucket::parse(text)? {
        return Ok(Place::S3 { bucket: at.name, prefix: at.prefix });
    }
    if text.is_empty() || text.contains("://") {
        return Err(format!("{text:?} is neither a folder nor s3://BUCKET/PREFIX"));
    }
    Ok(Place::Folder(PathBuf::from(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(repository: &str) -> Result<Place, ConfigError> {
        Backup { repository: Some(repository.into()), ..Backup::default() }.place()
    }

    #[test]
    fn a_repository_is_a_folder_or_a_bucket() {
        assert_eq!(at("/mnt/x").unwrap(), Place::Folder("/mnt/x".into()));
        let bucket = |prefix: &str| Place::S3 { bucket: "b-1".into(), prefix: prefix.into() };
        assert_eq!(at("s3://b-1").unwrap(), bucket(""));
        assert_eq!(at("s3://b-1/a/b/").unwrap(), bucket("a/b"));
        for bad in ["", "s3://", "s3:///x", "s3://b/../x", "s3://b/a//b", "https://x/y"] {
            assert!(at(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn passwords_lose_the_line_end_of_their_file_and_are_never_empty() {
        let folder = std::env::temp_dir().join(format!("tuskling-config-{}", std::process::id()));
        std::fs::write(&folder, "geheim \n").unwrap();
        let backup = Backup { password_file: Some(folder.clone()), ..Backup::default() };
        assert_eq!(backup.password().unwrap(), "geheim ");
        std::fs::write(&folder, "\n").unwrap();
        assert!(backup.password().is_err());
        std::fs::remove_file(&folder).unwrap();
        assert!(backup.password().is_err());
        let both = Backup { password: Some("x".into()), ..backup };
        assert!(both.validate().is_err());
    }
}
