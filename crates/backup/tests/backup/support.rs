//! A server's data and a repository in a temporary folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use backup::snapshot::{self, Outcome};
use backup::{KeyCheck, Setup, Snapshot};
use config::DatabaseUrl;
use domain::account::Account;
use domain::random::testing::Seeded;
use domain::time::testing::ManualClock;
use domain::{AccountId, Timestamp};
use store::{Location, Store, settings};

pub const PASSWORD: &str = "a long phrase for tests";

/// Half a megabyte that does not compress and is the same each time.
pub fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    (0..length)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 24) as u8
        })
        .collect()
}

/// A machine with data, and a place for backups beside it.
pub struct Machine {
    pub folder: tempfile::TempDir,
    pub clock: Arc<ManualClock>,
    pub database: DatabaseUrl,
}

impl Machine {
    /// A machine with an SQLite database, two stored files and a secret.
    pub async fn new() -> Self {
        let machine = Self::bare("old");
        let store = machine.store().await;
        store::migrations::migrate(&store, Timestamp(0)).await.unwrap();
        store
            .write(|conn| {
                Box::pin(async move { settings::set(conn, "server_domain", "old.test").await })
            })
            .await
            .unwrap();
        store.close().await;
        machine.write("media/1/a.png", &noise(1, 500_000));
        machine.write("media/1/b.png", &noise(2, 70_000));
        machine.write("media/.incoming/half", b"half");
        machine.write("tmp/scratch", b"scratch");
        machine
    }

    /// A machine without anything.
    pub fn bare(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join(name);
        fs::create_dir_all(&data).unwrap();
        Self {
            database: DatabaseUrl::Sqlite(data.join("tuskling.db")),
            folder,
            clock: Arc::new(ManualClock::new(Timestamp(1_700_000_000_000))),
        }
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("old")
    }

    pub fn repository(&self) -> PathBuf {
        self.folder.path().join("repository")
    }

    pub fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.data().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub async fn store(&self) -> Store {
        let location = match &self.database {
            DatabaseUrl::Sqlite(path) => Location::Sqlite(path.clone()),
            DatabaseUrl::Postgres(url) => Location::Postgres(url.clone()),
        };
        Store::open(&location, 1).await.unwrap()
    }

    pub fn setup(&self) -> Setup {
        self.setup_into(&self.data(), self.database.clone())
    }

    /// The same repository for data elsewhere.
    pub fn setup_into(&self, data: &Path, database: DatabaseUrl) -> Setup {
        Setup {
            config: config::Backup {
                repository: Some(self.repository().display().to_string()),
                password: Some(PASSWORD.into()),
                ..config::Backup::default()
            },
            data: data.to_owned(),
            database,
            config_files: Vec::new(),
            clock: self.clock.clone(),
            random: Arc::new(Seeded::new(7)),
            patience: std::time::Duration::ZERO,
        }
    }

    /// An empty folder on another machine, and the settings to restore into it.
    pub fn elsewhere(&self, name: &str) -> Setup {
        let data = self.folder.path().join(name);
        fs::create_dir_all(&data).unwrap();
        self.setup_into(&data, DatabaseUrl::Sqlite(data.join("tuskling.db")))
    }

    /// Makes a snapshot a minute after the last one.
    pub async fn snapshot(&self) -> Snapshot {
        self.clock.advance(60_000);
        let store = self.store().await;
        let outcome = snapshot::run(&self.setup(), &store, false).await.unwrap();
        store.close().await;
        match outcome {
            Outcome::Made(saved) => saved.snapshot,
            Outcome::Unchanged => panic!("a snapshot was asked for"),
        }
    }

    /// All files of a kind in the repository.
    pub fn files(&self, kind: &str) -> Vec<PathBuf> {
        let mut found = files_below(&self.repository().join(kind));
        found.sort();
        found
    }

    /// What Debian's restic says, if it is installed; panics when it fails.
    pub fn restic(&self, arguments: &[&str]) -> Option<String> {
        let output = Command::new("restic")
            .args(["--no-cache", "--repo"])
            .arg(self.repository())
            .args(arguments)
            .env("RESTIC_PASSWORD", PASSWORD)
            .output();
        // Where it is not installed, `make test` installs it.
        let output = output.ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "restic {arguments:?}: {text}");
        Some(text)
    }
}

/// Every key signs.
pub fn all_keys() -> KeyCheck {
    Arc::new(|_| Ok(()))
}

pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files_below(&path)) } else { found.push(path) }
    }
    found
}

/// Makes an error of the store one of the test.
pub async fn set(store: &Store, name: &'static str, value: &str) {
    let value = value.to_owned();
    store
        .write(move |conn| Box::pin(async move { settings::set(conn, name, &value).await }))
        .await
        .unwrap();
}

/// An account whose private key is three bytes.
pub async fn add_key(store: &Store) {
    let account = anna();
    let key = store::actor_keys::LocalKey {
        key_id: "http://old.test/users/anna#main-key".into(),
        public_pem: "none".into(),
        private: vec![1, 2, 3],
    };
    store
        .write(move |conn| {
            Box::pin(async move {
                store::accounts::insert(conn, &account).await?;
                store::actor_keys::keep_local(conn, account.id, &key, Timestamp(0)).await
            })
        })
        .await
        .unwrap();
}

fn anna() -> Account {
    Account {
        id: AccountId(7),
        username: "anna".into(),
        domain: None,
        uri: None,
        url: None,
        display_name: String::new(),
        note: String::new(),
        fields: Vec::new(),
        avatar: None,
        avatar_description: String::new(),
        header: None,
        header_description: String::new(),
        locked: false,
        bot: false,
        discoverable: false,
        indexable: false,
        hide_collections: false,
        followers_count: 0,
        following_count: 0,
        statuses_count: 0,
        last_status_at: None,
        created_at: Timestamp(0),
        suspended_at: None,
        silenced_at: None,
        sensitized_at: None,
        moved_to: None,
        is_group: false,
        memorial: false,
        emojis: Vec::new(),
    }
}
