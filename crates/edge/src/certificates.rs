//! The certificates that the edge shows, by the name that a client asks for.
//!
//! A cheap handle: what is installed is shown to the next handshake. Unknown and absent names get
//! none, which refuses the handshake (E01).

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use crate::EdgeError;

/// Which certificate each name has.
#[derive(Clone, Debug, Default)]
pub struct Certificates(Arc<Shown>);

#[derive(Debug, Default)]
struct Shown {
    by_name: RwLock<HashMap<String, Arc<CertifiedKey>>>,
}

impl Certificates {
    /// What a TLS listener asks for the certificate of a handshake.
    #[must_use]
    pub fn resolver(&self) -> Arc<dyn ResolvesServerCert> {
        self.0.clone()
    }

    /// The answer to `/.well-known/acme-challenge/<token>` (RFC 8555 §8.3), while one is pending.
    #[must_use]
    pub fn http_challenge(&self, _token: &str) -> Option<String> {
        None
    }

    /// Shows this certificate to whoever asks for the name from now on.
    pub fn install(&self, name: &str, key: Arc<CertifiedKey>) {
        let mut shown = self.0.by_name.write().unwrap_or_else(PoisonError::into_inner);
        shown.insert(name.to_owned(), key);
    }

    /// Whether a name has one.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.find(name).is_some()
    }
}

impl Shown {
    fn find(&self, name: &str) -> Option<Arc<CertifiedKey>> {
        self.by_name.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.find(&hello.server_name()?.to_ascii_lowercase())
    }
}

/// Reads a certificate chain and its key from PEM files.
///
/// # Errors
/// [`EdgeError::Certificate`] names the file and what is wrong with it.
pub fn read_files(chain: &Path, key: &Path) -> Result<Arc<CertifiedKey>, EdgeError> {
    let wrong = |file: &Path, why: &dyn std::fmt::Display| {
        EdgeError::Certificate(file.to_owned(), why.to_string())
    };
    let certificates = CertificateDer::pem_file_iter(chain)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| wrong(chain, &error))?;
    if certificates.is_empty() {
        return Err(wrong(chain, &"there is no certificate in it"));
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| wrong(key, &error))?;
    let signing = any_supported_type(&private).map_err(|error| wrong(key, &error))?;
    let certified = CertifiedKey::new(certificates, signing);
    certified.keys_match().map_err(|_| wrong(key, &"it is not the key of the certificate"))?;
    Ok(Arc::new(certified))
}
