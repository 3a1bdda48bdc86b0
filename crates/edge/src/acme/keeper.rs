//! The task that keeps every name supplied. It decides nothing: `plan` says when.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use net::Client;
use tokio_util::sync::CancellationToken;

use super::authority::Authority;
use super::certificate::Held;
use super::environment::Environment;
use super::plan::{self, Window};
use super::settings::Settings;
use super::storage::{Storage, Trouble, certificate_name};
use super::vault::{Vault, VaultStatus};
use super::{AcmeError, NameStatus};
use crate::certificates::Certificates;

/// One whole attempt: proving, signing and everything that is asked on the way.
const ATTEMPT: Duration = Duration::from_secs(5 * 60);
/// The longest sleep: a clock that was set, or a machine that slept, is noticed after this.
const LONGEST: Duration = Duration::from_secs(60 * 60);
/// The shortest one, whatever the times say.
const SHORTEST: Duration = Duration::from_secs(1);

/// Keeps certificates.
pub struct Keeper {
    authority: Authority,
    storage: Storage,
    certificates: Certificates,
    environment: Arc<dyn Environment>,
    names: Vec<Name>,
    statuses: Statuses,
    vault: Option<Arc<Vault>>,
}

/// How all names stand, for `edge status` and health. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Statuses {
    names: Arc<RwLock<Vec<NameStatus>>>,
    vault: Option<Arc<Vault>>,
}

struct Name {
    name: String,
    held: Option<Held>,
    window: Option<Window>,
    trouble: Trouble,
    /// Chooses the point in the authority's window, anew for each certificate.
    luck: u32,
}

impl Statuses {
    /// How they stand now.
    #[must_use]
    pub fn all(&self) -> Vec<NameStatus> {
        self.names.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How it stands with the vault, if there is one.
    #[must_use]
    pub fn vault(&self) -> Option<VaultStatus> {
        self.vault.as_ref().map(|vault| vault.status())
    }

    fn set(&self, all: Vec<NameStatus>) {
        *self.names.write().unwrap_or_else(PoisonError::into_inner) = all;
    }
}

impl fmt::Debug for Keeper {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Keeper").field("statuses", &self.statuses).finish_non_exhaustive()
    }
}

impl Keeper {
    /// Checks the settings and installs what is stored, without any network. A stored certificate
    /// is served even when it has ended: that error says more than a refused handshake.
    ///
    /// # Errors
    /// [`AcmeError::Settings`], or [`AcmeError::Disk`] when the folder cannot be used.
    pub fn new(
        settings: Settings,
        certificates: Certificates,
        client: Client,
        environment: Arc<dyn Environment>,
    ) -> Result<Self, AcmeError> {
        let settings = settings.checked()?;
        let storage = Storage::open(&settings.folder)?;
        let mut names = Vec::new();
        for name in &settings.names {
            let held = stored(&storage, name)?;
            if let Some(held) = &held {
                certificates.install(name, held.key.clone());
            }
            let trouble = storage.trouble(name)?;
            let luck = environment.luck();
            names.push(Name { name: name.clone(), held, window: None, trouble, luck });
        }
        let vault = settings.vault.clone();
        let authority = Authority::new(settings, storage.clone(), client, certificates.clone());
        let statuses = Statuses { vault: vault.clone(), ..Statuses::default() };
        let keeper = Self { authority, storage, certificates, environment, names, statuses, vault };
        keeper.publish();
        Ok(keeper)
    }

    /// How the names stand, also while [`run`](Self::run) is under way.
    #[must_use]
    pub fn statuses(&self) -> Statuses {
        self.statuses.clone()
    }

    /// Keeps the names supplied until `shutdown`. An order under way is dropped then; it counts as
    /// a failed try, so that a process that restarts again and again does not order each time.
    pub async fn run(mut self, shutdown: CancellationToken) {
        shutdown.run_until_cancelled(self.keep()).await;
    }

    async fn keep(&mut self) {
        let mut check_at = self.environment.now();
        loop {
            if self.environment.now() >= check_at {
                self.reconcile().await;
                self.ask_windows().await;
                check_at = plan::check_at(self.environment.now(), self.environment.luck());
            }
            for index in 0..self.names.len() {
                self.order_if_due(index).await;
                self.publish();
            }
            let mut longest = LONGEST;
            if let Some(vault) = &self.vault {
                vault.catch_up().await;
                longest = vault.again_in().map_or(LONGEST, |pause| pause.min(LONGEST));
            }
            let now = self.environment.now();
            let orders = self.names.iter().map(|name| name.order_at(now));
            let next = orders.fold(check_at, SystemTime::min);
            let length = next.duration_since(now).unwrap_or_default();
            self.environment.pause(length.min(longest).max(SHORTEST)).await;
        }
    }

    /// Compares what is held with the vault: each gets from the other what is newer.
    async fn reconcile(&mut self) {
        let Some(vault) = self.vault.clone() else { return };
        for index in 0..self.names.len() {
            if self.names.get(index).is_some_and(|name| name.held.is_some()) {
                self.take_from_vault(index).await;
                let Some(name) = self.names.get(index) else { continue };
                if let Ok(Some(pem)) = self.storage.certificate(&name.name)
                    && vault.differs(&certificate_name(&name.name), &pem).await
                {
                    vault.keep(&certificate_name(&name.name), &pem).await;
                }
            }
        }
        self.authority.reconcile().await;
    }

    /// Takes the certificate that the vault has, if it is newer than what is held.
    async fn take_from_vault(&mut self, index: usize) {
        let Some((vault, name)) = self.vault.as_ref().zip(self.names.get_mut(index)) else {
            return;
        };
        let Some(pem) = vault.read(&certificate_name(&name.name)).await else { return };
        match Held::read(&name.name, &pem) {
            Ok(found) if name.is_newer(&found) => {
                tracing::info!(name = name.name, "the certificate comes from the vault");
                self.certificates.install(&name.name, found.key.clone());
                (name.held, name.window) = (Some(found), None);
                if let Err(error) = self.storage.keep_certificate(&name.name, &pem) {
                    tracing::error!(name = name.name, %error, "the certificate is not kept");
                }
            }
            Ok(_) => {}
            Err(why) => {
                tracing::warn!(
                    name = name.name,
                    why,
                    "the certificate of the vault cannot be used"
                );
            }
        }
    }

    /// Asks the authority when it would like each certificate to be renewed.
    async fn ask_windows(&mut self) {
        for name in &mut self.names {
            if let Some(held) = &name.held {
                name.window = self.authority.window(held).await;
            }
        }
        self.publish();
    }

    async fn order_if_due(&mut self, index: usize) {
        let Some(name) = self.names.get_mut(index) else { return };
        if name.order_at(self.environment.now()) > self.environment.now() {
            return;
        }
        // Another process on the same folder, the one before or after this, may have been faster.
        name.take_over(&self.storage, &self.certificates);
        if name.order_at(self.environment.now()) > self.environment.now() {
            return;
        }
        // So may a machine that is lost now: what it got is in the vault.
        self.take_from_vault(index).await;
        let Some(name) = self.names.get_mut(index) else { return };
        let now = self.environment.now();
        if name.order_at(now) > now {
            return;
        }
        match attempt(name, &mut self.authority, &self.storage, now).await {
            Ok((held, pem)) => {
                self.certificates.install(&name.name, held.key.clone());
                name.replace(held, self.environment.luck());
                name.keep(&self.storage, &pem);
                if let Some(vault) = &self.vault {
                    vault.keep(&certificate_name(&name.name), pem.as_bytes()).await;
                }
            }
            Err(error) => name.fail(&self.storage, &error, now),
        }
    }

    fn publish(&self) {
        let now = self.environment.now();
        self.statuses.set(self.names.iter().map(|name| name.status(now)).collect());
    }
}

/// One try for one name. It is written down before it begins.
async fn attempt(
    name: &mut Name,
    authority: &mut Authority,
    storage: &Storage,
    now: SystemTime,
) -> Result<(Held, String), AcmeError> {
    let tries = usize::try_from(name.trouble.count).unwrap_or(usize::MAX);
    name.trouble = name.trouble.and_a_try(now);
    // What cannot be written down is not begun: each restart would begin it anew.
    storage.keep_trouble(&name.name, &name.trouble)?;
    let ways = authority.settings.ways(&name.name);
    let way = tries.checked_rem(ways.len()).and_then(|index| ways.get(index).copied()).cloned();
    let way = way.ok_or_else(|| AcmeError::Settings("there is no challenge to use".into()))?;
    // Only at first: should the authority stumble over what is replaced, the next try is a plain one.
    let replaced = name.held.as_ref().filter(|_| name.window.is_some() && tries == 0);
    let order = authority.order(&name.name, &way, replaced);
    let pem = tokio::time::timeout(ATTEMPT, order).await.unwrap_or_else(|_| {
        let seconds = ATTEMPT.as_secs();
        Err(AcmeError::Authority(format!("the authority was not done after {seconds} s")))
    });
    let pem = pem.map_err(|error| match error {
        AcmeError::Authority(said) => AcmeError::Authority(format!("by {way:?}: {said}")),
        other => other,
    })?;
    let held = Held::read(&name.name, pem.as_bytes()).map_err(AcmeError::Authority)?;
    Ok((held, pem))
}

/// The certificate of a name on the disk; one that cannot be used is named and passed over.
fn stored(storage: &Storage, name: &str) -> Result<Option<Held>, AcmeError> {
    let Some(pem) = storage.certificate(name)? else { return Ok(None) };
    match Held::read(name, &pem) {
        Ok(held) => Ok(Some(held)),
        Err(why) => {
            tracing::warn!(name, why, "the stored certificate cannot be used");
            Ok(None)
        }
    }
}

impl Name {
    fn order_at(&self, now: SystemTime) -> SystemTime {
        let held = self.held.as_ref().map(|held| (held.lifetime, self.window));
        plan::order_at(now, held, self.trouble.tries(), self.luck)
    }

    /// Takes what is on the disk where it is newer than what is known.
    fn take_over(&mut self, storage: &Storage, certificates: &Certificates) {
        if let Ok(trouble) = storage.trouble(&self.name)
            && trouble.last > self.trouble.last
        {
            self.trouble = trouble;
        }
        if let Ok(Some(found)) = stored(storage, &self.name)
            && self.is_newer(&found)
        {
            certificates.install(&self.name, found.key.clone());
            (self.held, self.window) = (Some(found), None);
        }
    }

    /// Whether it ends later than what is held.
    fn is_newer(&self, found: &Held) -> bool {
        let end = |held: &Held| held.lifetime.not_after;
        self.held.as_ref().is_none_or(|held| end(held) < end(found))
    }

    fn replace(&mut self, held: Held, luck: u32) {
        tracing::info!(name = self.name, issuer = held.issuer, "a new certificate is served");
        (self.held, self.window, self.luck) = (Some(held), None, luck);
        self.trouble = self.trouble.over();
    }

    /// A certificate that cannot be kept is served all the same; a restart would have to order again.
    fn keep(&mut self, storage: &Storage, pem: &str) {
        let kept = storage.keep_certificate(&self.name, pem.as_bytes());
        if let Err(error) = kept.and_then(|()| storage.keep_trouble(&self.name, &self.trouble)) {
            tracing::error!(name = self.name, %error, "the certificate is not kept");
            self.trouble.error = error.to_string();
        }
    }

    fn fail(&mut self, storage: &Storage, error: &AcmeError, now: SystemTime) {
        self.trouble.error = error.to_string();
        let next = plan::may_try_at(now, self.trouble.tries());
        let minutes = next.duration_since(now).unwrap_or_default().as_secs() / 60;
        let name = &self.name;
        tracing::warn!(name, %error, "no certificate; tried again in {minutes} minutes");
        if let Err(error) = storage.keep_trouble(name, &self.trouble) {
            tracing::error!(name, %error, "the failure is not kept");
        }
    }

    fn status(&self, now: SystemTime) -> NameStatus {
        let error = &self.trouble.error;
        NameStatus {
            name: self.name.clone(),
            issuer: self.held.as_ref().map(|held| held.issuer.clone()),
            lifetime: self.held.as_ref().map(|held| held.lifetime),
            next_try: self.order_at(now),
            failures: self.trouble.count,
            last_error: (!error.is_empty()).then(|| error.clone()),
        }
    }
}
