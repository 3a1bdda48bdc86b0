//! The authority: one account there, and one whole order at a time.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use instant_acme::{
    Account, AccountCredentials, AuthorizationStatus, CertificateIdentifier, ChallengeHandle,
    ChallengeType, Error, Identifier, NewAccount, NewOrder, Order, OrderStatus, RetryPolicy,
};
use net::Client;
use rcgen::{CertificateParams, CustomExtension, DistinguishedName, KeyPair};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;

use super::certificate::Held;
use super::http::ByNet;
use super::plan::Window;
use super::settings::{Challenge, Settings};
use super::storage::{Storage, account_name};
use super::{AcmeError, Dns};
use crate::certificates::{Certificates, Pending};

/// Whole orders tried in one attempt: some authorities refuse a request at random (`badNonce`).
const ORDERS: u32 = 3;
/// How long an authority may look at a challenge or sign.
const PATIENCE: RetryPolicy = RetryPolicy::new().timeout(Duration::from_secs(90));

/// An authority as one edge knows it.
pub(super) struct Authority {
    pub(super) settings: Settings,
    storage: Storage,
    client: Client,
    certificates: Certificates,
    account: Option<Account>,
    /// The account that was kept is not known there any more; the vault has the same.
    is_unknown: bool,
}

/// What an answer to a challenge has to be taken back from.
enum Answered {
    Here { _pending: Pending },
    Dns { dns: Arc<dyn Dns>, name: String, value: String },
}

impl Authority {
    pub(super) fn new(
        settings: Settings,
        storage: Storage,
        client: Client,
        certificates: Certificates,
    ) -> Self {
        Self { settings, storage, client, certificates, account: None, is_unknown: false }
    }

    /// Orders a certificate for `name`, proved by `challenge`; gives key and chain in PEM.
    ///
    /// # Errors
    /// [`AcmeError::Authority`] with what the authority or the network said.
    pub(super) async fn order(
        &mut self,
        name: &str,
        challenge: &Challenge,
        replaced: Option<&Held>,
    ) -> Result<String, AcmeError> {
        let replaced = replaced.and_then(|held| CertificateIdentifier::try_from(held.leaf()?).ok());
        let mut replaced = replaced.map(CertificateIdentifier::into_owned);
        let mut orders = 0;
        loop {
            orders += 1;
            let account = self.account().await?;
            let error = match self.order_once(&account, name, challenge, replaced.take()).await {
                Ok(pem) => return Ok(pem),
                Err(error) if orders >= ORDERS => error,
                // The next round orders the same without saying what it replaces.
                Err(error) if is(&error, &["badNonce", "alreadyReplaced"]) => continue,
                Err(error) if is(&error, &["accountDoesNotExist"]) => {
                    (self.account, self.is_unknown) = (None, true);
                    self.storage.drop_account(&self.settings.directory)?;
                    continue;
                }
                Err(error) => error,
            };
            return Err(AcmeError::Authority(words(&error)));
        }
    }

    /// When the authority would like a certificate to be renewed; nothing when it does not say, or
    /// when there is no account with it yet.
    pub(super) async fn window(&mut self, held: &Held) -> Option<Window> {
        if self.account.is_none() && !self.has_account() {
            return None;
        }
        let account = self.account().await.ok()?;
        let identifier = CertificateIdentifier::try_from(held.leaf()?).ok()?;
        let (info, _) = account.renewal_info(&identifier).await.ok()?;
        let window = info.suggested_window;
        Some(Window { start: SystemTime::from(window.start), end: SystemTime::from(window.end) })
    }

    fn has_account(&self) -> bool {
        self.storage.account(&self.settings.directory).is_ok_and(|kept| kept.is_some())
    }

    /// The account, from memory, from the disk, from the vault or made now.
    async fn account(&mut self) -> Result<Account, AcmeError> {
        if let Some(account) = &self.account {
            return Ok(account.clone());
        }
        let said = |error: Error| AcmeError::Authority(words(&error));
        let builder = Account::builder_with_http(Box::new(ByNet(self.client.clone())));
        let directory = &self.settings.directory;
        let kept = match self.storage.account(directory)? {
            Some(kept) => Some(kept),
            None => self.from_vault().await?,
        };
        let kept = kept.and_then(|kept| serde_json::from_slice::<AccountCredentials>(&kept).ok());
        let account = match kept {
            Some(credentials) => builder.from_credentials(credentials).await.map_err(said)?,
            None => {
                let contact = self.settings.contact.as_ref().map(|mail| format!("mailto:{mail}"));
                let contact: Vec<&str> = contact.as_deref().into_iter().collect();
                let new = NewAccount {
                    contact: &contact,
                    terms_of_service_agreed: true,
                    only_return_existing: false,
                };
                let made = builder.create(&new, directory.clone(), None).await;
                let (account, credentials) = made.map_err(said)?;
                let text = serde_json::to_vec(&credentials).map_err(|e| said(e.into()))?;
                self.storage.keep_account(directory, &text)?;
                if let Some(vault) = &self.settings.vault {
                    vault.keep(&account_name(directory), &text).await;
                }
                account
            }
        };
        self.account = Some(account.clone());
        Ok(account)
    }

    /// The account that the vault has, now on the disk as well.
    async fn from_vault(&self) -> Result<Option<Vec<u8>>, AcmeError> {
        let directory = &self.settings.directory;
        let Some(vault) = self.settings.vault.as_ref().filter(|_| !self.is_unknown) else {
            return Ok(None);
        };
        let Some(kept) = vault.read(&account_name(directory)).await else { return Ok(None) };
        self.storage.keep_account(directory, &kept)?;
        Ok(Some(kept))
    }

    /// Brings the account into the vault, where that has none or another.
    pub(super) async fn reconcile(&self) {
        let Some(vault) = &self.settings.vault else { return };
        let name = account_name(&self.settings.directory);
        if let Ok(Some(kept)) = self.storage.account(&self.settings.directory)
            && vault.differs(&name, &kept).await
        {
            vault.keep(&name, &kept).await;
        }
    }

    async fn order_once(
        &self,
        account: &Account,
        name: &str,
        challenge: &Challenge,
        replaced: Option<CertificateIdentifier<'static>>,
    ) -> Result<String, Error> {
        let names = [Identifier::Dns(name.to_owned())];
        let mut new = NewOrder::new(&names);
        if let Some(replaced) = replaced {
            new = new.replaces(replaced);
        }
        let mut order = match account.new_order(&new).await {
            // It has no ARI, so it wants no word about what is replaced either.
            Err(Error::Unsupported(_)) => account.new_order(&NewOrder::new(&names)).await?,
            order => order?,
        };
        let mut answers = Vec::new();
        let proved = self.prove(&mut order, challenge, &mut answers).await;
        for answer in answers {
            answer.take_back().await;
        }
        proved?;
        finish(&mut order, name).await
    }

    /// Answers every open challenge of the order and waits for the authority to be content.
    async fn prove(
        &self,
        order: &mut Order,
        way: &Challenge,
        answers: &mut Vec<Answered>,
    ) -> Result<(), Error> {
        let kind = match way {
            Challenge::Http => ChallengeType::Http01,
            Challenge::Tls => ChallengeType::TlsAlpn01,
            Challenge::Dns(_) => ChallengeType::Dns01,
        };
        let mut authorizations = order.authorizations();
        while let Some(authorization) = authorizations.next().await {
            let mut authorization = authorization?;
            if authorization.status == AuthorizationStatus::Valid {
                continue;
            }
            let missing = Error::Str("the authority does not offer this kind of challenge");
            let mut challenge = authorization.challenge(kind.clone()).ok_or(missing)?;
            self.answer(&challenge, way, answers).await?;
            challenge.set_ready().await?;
        }
        match order.poll_ready(&PATIENCE).await {
            Ok(OrderStatus::Ready) => Ok(()),
            Ok(_) => Err(reason(order).await.unwrap_or(Error::Str("the order was refused"))),
            Err(error) => Err(reason(order).await.unwrap_or(error)),
        }
    }

    async fn answer(
        &self,
        challenge: &ChallengeHandle<'_>,
        way: &Challenge,
        answers: &mut Vec<Answered>,
    ) -> Result<(), Error> {
        let authorization = challenge.key_authorization();
        let Identifier::Dns(name) = challenge.identifier().identifier else {
            return Err(Error::Str("the name that was ordered"));
        };
        match way {
            Challenge::Http => {
                let text = authorization.as_str();
                let _pending = self.certificates.answer_http(&challenge.token, text);
                answers.push(Answered::Here { _pending });
            }
            Challenge::Tls => {
                let key = proof(name, authorization.digest().as_ref())?;
                let _pending = self.certificates.answer_tls(name, Arc::new(key));
                answers.push(Answered::Here { _pending });
            }
            Challenge::Dns(dns) => {
                let (name, value) = (format!("_acme-challenge.{name}"), authorization.dns_value());
                // Before it is added, so that what was added half-way is removed as well.
                let (dns, kept) = (dns.clone(), (name.clone(), value.clone()));
                answers.push(Answered::Dns { dns: dns.clone(), name: kept.0, value: kept.1 });
                dns.add(&name, &value).await.map_err(|error| Error::Other(error.into()))?;
            }
        }
        Ok(())
    }
}

impl Answered {
    async fn take_back(self) {
        if let Self::Dns { dns, name, value } = self
            && let Err(error) = dns.remove(&name, &value).await
        {
            tracing::warn!(name, error, "the record of a challenge is left behind");
        }
    }
}

/// A new key for every certificate, and the chain for it.
async fn finish(order: &mut Order, name: &str) -> Result<String, Error> {
    let other = |error: rcgen::Error| Error::Other(Box::new(error));
    let key = KeyPair::generate().map_err(other)?;
    let mut wanted = CertificateParams::new(vec![name.to_owned()]).map_err(other)?;
    wanted.distinguished_name = DistinguishedName::new();
    let request = wanted.serialize_request(&key).map_err(other)?;
    order.finalize_csr(request.der()).await?;
    let chain = order.poll_certificate(&PATIENCE).await?;
    Ok(format!("{}{chain}", key.serialize_pem()))
}

/// The certificate that a challenge by TLS is answered with (RFC 8737 section 3).
fn proof(name: &str, digest: &[u8]) -> Result<CertifiedKey, Error> {
    let other = |error: rcgen::Error| Error::Other(Box::new(error));
    let mut wanted = CertificateParams::new(vec![name.to_owned()]).map_err(other)?;
    wanted.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
    let key = KeyPair::generate().map_err(other)?;
    let made = wanted.self_signed(&key).map_err(other)?;
    let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let private = default_provider().key_provider.load_private_key(private);
    // Without the check that the key fits: it refuses the critical extension that this is about.
    let private = private.map_err(|error| Error::Other(Box::new(error)))?;
    Ok(CertifiedKey::new(vec![made.der().clone()], private))
}

/// Why a challenge failed: the order itself does not say.
async fn reason(order: &mut Order) -> Option<Error> {
    let mut authorizations = order.authorizations();
    while let Some(Ok(mut authorization)) = authorizations.next().await {
        let state = authorization.refresh().await.ok()?;
        if let Some(problem) = state.challenges.iter().find_map(|challenge| challenge.error.clone())
        {
            return Some(Error::Api(problem));
        }
    }
    None
}

/// Whether an error is one of these of RFC 8555 section 6.7.
fn is(error: &Error, kinds: &[&str]) -> bool {
    let Error::Api(problem) = error else { return false };
    let kind = problem.r#type.as_deref().unwrap_or_default();
    kinds.iter().any(|known| kind == format!("urn:ietf:params:acme:error:{known}"))
}

/// An error with its causes in one line, of bounded length: parts of it come from outside.
fn words(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text.chars().filter(|letter| !letter.is_control()).take(500).collect()
}
