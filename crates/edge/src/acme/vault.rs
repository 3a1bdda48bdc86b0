//! The vault: certificates and accounts, sealed, where a lost machine does not take them along.
//!
//! It is asked before anything is ordered, and told after each change. A store that is away delays
//! an order by half a minute and nothing else: what could not be written waits here, and stays on the
//! disk of the edge in any case. Called by the [`Keeper`](super::Keeper).

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use blob::{Depot, Key};
use bytes::Bytes;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout};

use super::AcmeError;
use super::seal::Seal;

/// How long one waits for the store.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a store that was away is not asked again.
pub(super) const REST: Duration = Duration::from_secs(5 * 60);
/// Bytes of an object; ours have a few thousand.
const MOST: u64 = 256 * 1024;
/// What may wait to be written: each name of an edge once, and its accounts.
const MOST_WAITING: usize = 64;

/// The vault of one edge.
#[derive(Debug)]
pub struct Vault {
    depot: Depot,
    seal: Seal,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// What could not be written yet, by its name.
    waiting: BTreeMap<String, Vec<u8>>,
    problem: Option<String>,
    rests_until: Option<Instant>,
}

/// How it stands with the vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultStatus {
    /// Where it is.
    pub location: String,
    /// Objects that could not be written yet.
    pub waiting: usize,
    /// Why the last request failed.
    pub problem: Option<String>,
}

impl Vault {
    /// A vault in this place, sealed by the secrets of this file.
    ///
    /// # Errors
    /// [`AcmeError::Settings`] when the file holds no secret.
    pub fn new(depot: Depot, secret_file: &Path) -> Result<Arc<Self>, AcmeError> {
        let seal = Seal::read(secret_file)?;
        Ok(Arc::new(Self { depot, seal, state: Mutex::default() }))
    }

    /// How it stands.
    #[must_use]
    pub fn status(&self) -> VaultStatus {
        let state = self.lock();
        let (waiting, problem) = (state.waiting.len(), state.problem.clone());
        VaultStatus { location: self.depot.location(), waiting, problem }
    }

    /// What is kept under this name; nothing when there is nothing, when it cannot be opened, or when
    /// the store is away.
    pub(super) async fn read(&self, name: &str) -> Option<Vec<u8>> {
        self.ask(name).await.flatten()
    }

    /// Whether the store can be asked and has nothing under this name, or something else than this.
    pub(super) async fn differs(&self, name: &str, plain: &[u8]) -> bool {
        self.ask(name).await.is_some_and(|kept| kept.as_deref() != Some(plain))
    }

    /// Keeps it, now or when the store is back.
    pub(super) async fn keep(&self, name: &str, plain: &[u8]) {
        {
            let mut state = self.lock();
            if state.waiting.len() < MOST_WAITING || state.waiting.contains_key(name) {
                state.waiting.insert(name.to_owned(), plain.to_vec());
            }
        }
        self.catch_up().await;
    }

    /// Writes what waits.
    pub(super) async fn catch_up(&self) {
        loop {
            let next =
                self.lock().waiting.iter().next().map(|(n, plain)| (n.clone(), plain.clone()));
            let Some((name, plain)) = next else { return };
            let Some((key, sealed)) = object(&name).zip(self.seal.close(&name, &plain)) else {
                self.lock().waiting.remove(&name);
                continue;
            };
            let depot = self.depot.clone();
            let write = move || {
                depot.create(&[])?;
                depot.write(&key, Bytes::from(sealed))
            };
            if self.patiently(&name, write).await.is_none() {
                return;
            }
            let mut state = self.lock();
            if state.waiting.get(&name) == Some(&plain) {
                state.waiting.remove(&name);
            }
        }
    }

    /// How long until something that waits may be written; nothing when nothing does.
    pub(super) fn again_in(&self) -> Option<Duration> {
        let state = self.lock();
        let rest = state.rests_until.map(|until| until.duration_since(Instant::now()));
        (!state.waiting.is_empty()).then(|| rest.unwrap_or_default())
    }

    /// Nothing when the store is away.
    async fn ask(&self, name: &str) -> Option<Option<Vec<u8>>> {
        let (key, depot) = (object(name)?, self.depot.clone());
        let sealed = self.patiently(name, move || depot.read(&key, Some((0, MOST)))).await?;
        let Some(sealed) = sealed else { return Some(None) };
        let plain = self.seal.open(name, &sealed);
        if plain.is_none() {
            let hint = "was edge.vault_secret_file changed? Put the old secret below the new one";
            tracing::error!(name, hint, "what the vault holds cannot be opened");
        }
        Some(plain)
    }

    /// Lets the store work off the runtime, within bounds; nothing when it failed or rests.
    async fn patiently<T: Send + 'static>(
        &self,
        name: &str,
        work: impl FnOnce() -> Result<T, blob::BlobError> + Send + 'static,
    ) -> Option<T> {
        if self.lock().rests_until.is_some_and(|until| Instant::now() < until) {
            return None;
        }
        let why = match timeout(PATIENCE, spawn_blocking(work)).await {
            Ok(Ok(Ok(done))) => {
                let mut state = self.lock();
                (state.problem, state.rests_until) = (None, None);
                return Some(done);
            }
            Ok(Ok(Err(error))) => error.to_string(),
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("the store did not answer within {} s", PATIENCE.as_secs()),
        };
        tracing::warn!(name, why, "the vault is away; certificates stay on this disk only");
        let mut state = self.lock();
        state.problem = Some(why);
        state.rests_until = Instant::now().checked_add(REST);
        None
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn object(name: &str) -> Option<Key> {
    Key::parse(format!("{name}.sealed")).ok()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn vault(root: &Path, folder: &str) -> Arc<Vault> {
        let secret = root.join("secret");
        fs::write(&secret, "s".repeat(64)).unwrap();
        Vault::new(Depot::folder(&root.join(folder)), &secret).unwrap()
    }

    #[tokio::test]
    async fn e11_what_was_kept_is_read_by_another_and_lies_there_sealed() {
        let root = tempfile::tempdir().unwrap();
        let one = vault(root.path(), "vault");
        assert_eq!(one.read("certificates/a.test").await, None);
        assert!(one.differs("certificates/a.test", b"pem").await);
        one.keep("certificates/a.test", b"pem").await;
        assert!(!one.differs("certificates/a.test", b"pem").await);
        let other = vault(root.path(), "vault");
        assert_eq!(other.read("certificates/a.test").await.as_deref(), Some(&b"pem"[..]));
        let file = root.path().join("vault/certificates/a.test.sealed");
        assert!(!fs::read(&file).unwrap().windows(3).any(|part| part == b"pem"));
        fs::write(&file, "damaged").unwrap();
        assert_eq!(other.read("certificates/a.test").await, None);
        assert_eq!(other.status().problem, None, "the store itself is fine");
    }

    #[tokio::test(start_paused = true)]
    async fn r11_what_a_store_that_is_away_did_not_take_is_written_when_it_is_back() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("vault"), "no folder").unwrap();
        let vault = vault(root.path(), "vault");
        vault.keep("accounts/1", b"first").await;
        vault.keep("accounts/1", b"second").await;
        let status = vault.status();
        assert!(status.problem.is_some() && status.waiting == 1, "{status:?}");
        fs::remove_file(root.path().join("vault")).unwrap();
        assert!(vault.again_in().unwrap() > Duration::ZERO);
        vault.catch_up().await;
        assert_eq!(vault.status().waiting, 1, "it rests");
        tokio::time::advance(REST).await;
        vault.catch_up().await;
        assert_eq!((vault.status().problem, vault.again_in()), (None, None));
        assert_eq!(vault.read("accounts/1").await.as_deref(), Some(&b"second"[..]));
    }
}
