//! The certificates that are served, by name, and the answers to challenges of an authority.
//!
//! Shared by the listener, which asks, and by `acme`, which fills it. It knows nothing of files or
//! of time: what is installed is served until something else is.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use crate::EdgeError;

/// The protocol of challenges by TLS (RFC 8737). The listener has to offer it besides its own and
/// to close what was agreed on by it: there is nothing to say after the handshake.
pub const CHALLENGE_PROTOCOL: &[u8] = b"acme-tls/1";

/// What is served. Cheap to clone; all clones are one.
#[derive(Clone, Default)]
pub struct Certificates {
    shared: Arc<RwLock<Shared>>,
}

#[derive(Default)]
struct Shared {
    served: HashMap<String, Arc<CertifiedKey>>,
    /// By name; there only while an authority is asked to look.
    by_tls: HashMap<String, Arc<CertifiedKey>>,
    /// By token, the same.
    by_http: HashMap<String, String>,
}

/// An answer to a challenge, given as long as this lives.
#[derive(Debug)]
pub(crate) struct Pending {
    certificates: Certificates,
    by_tls: Option<String>,
    by_http: Option<String>,
}

impl Certificates {
    /// Chooses the certificate of a handshake by the name that the client asks for. An unknown name
    /// and none at all are refused (E01). Handshakes of challenges are answered while one is
    /// pending, and refused otherwise.
    #[must_use]
    pub fn resolver(&self) -> Arc<dyn ResolvesServerCert> {
        Arc::new(self.clone())
    }

    /// What `/.well-known/acme-challenge/<token>` answers, as `application/octet-stream` (RFC 8555
    /// section 8.3); `None` for a token that nobody waits for.
    #[must_use]
    pub fn http_challenge(&self, token: &str) -> Option<String> {
        self.read().by_http.get(token).cloned()
    }

    /// Serves this certificate for this name from the next handshake on. A name may begin with
    /// `*.`, which stands for one label.
    pub fn install(&self, name: &str, key: Arc<CertifiedKey>) {
        self.write().served.insert(name.to_ascii_lowercase(), key);
    }

    /// Whether a certificate is served for a name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.served(name).is_some()
    }

    /// The certificate that is served for a name.
    #[must_use]
    pub fn served(&self, name: &str) -> Option<Arc<CertifiedKey>> {
        let name = name.to_ascii_lowercase();
        let shared = self.read();
        shared
            .served
            .get(&name)
            .or_else(|| {
                let (_, parent) = name.split_once('.')?;
                shared.served.get(&format!("*.{parent}"))
            })
            .cloned()
    }

    /// Answers a challenge by HTTP as long as the result lives.
    pub(crate) fn answer_http(&self, token: &str, authorization: &str) -> Pending {
        self.write().by_http.insert(token.to_owned(), authorization.to_owned());
        Pending { certificates: self.clone(), by_tls: None, by_http: Some(token.to_owned()) }
    }

    /// Answers a challenge by TLS as long as the result lives.
    pub(crate) fn answer_tls(&self, name: &str, key: Arc<CertifiedKey>) -> Pending {
        let name = name.to_ascii_lowercase();
        self.write().by_tls.insert(name.clone(), key);
        Pending { certificates: self.clone(), by_tls: Some(name), by_http: None }
    }

    // A panic while the lock is held leaves whole entries behind: each change is one insertion.
    fn read(&self) -> RwLockReadGuard<'_, Shared> {
        self.shared.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Shared> {
        self.shared.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name()?;
        // RFC 8737 section 3: the authority offers this protocol and no other.
        let mut protocols = hello.alpn().into_iter().flatten();
        if protocols.any(|protocol| protocol == CHALLENGE_PROTOCOL) {
            return self.read().by_tls.get(&name.to_ascii_lowercase()).cloned();
        }
        self.served(name)
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        let mut shared = self.certificates.write();
        if let Some(name) = &self.by_tls {
            shared.by_tls.remove(name);
        }
        if let Some(token) = &self.by_http {
            shared.by_http.remove(token);
        }
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.read().served.keys().cloned().collect();
        formatter.debug_struct("Certificates").field("names", &names).finish_non_exhaustive()
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

#[cfg(test)]
mod tests {
    use rustls::crypto::aws_lc_rs::default_provider;
    use rustls::pki_types::PrivatePkcs8KeyDer;

    use super::*;

    fn key(name: &str) -> Arc<CertifiedKey> {
        let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
        let private = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
        let chain = vec![made.cert.der().clone()];
        let provider = default_provider();
        Arc::new(CertifiedKey::from_der(chain, PrivateKeyDer::Pkcs8(private), &provider).unwrap())
    }

    /// The first certificate of the chain that a client is shown, or why the handshake fails.
    fn handshake(
        certificates: &Certificates,
        name: Option<&str>,
        protocols: &[&[u8]],
    ) -> Result<Vec<u8>, String> {
        let provider = Arc::new(default_provider());
        let mut server = rustls::ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(certificates.resolver());
        server.alpn_protocols = vec![b"http/1.1".to_vec(), CHALLENGE_PROTOCOL.to_vec()];
        let mut client = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(TrustAll))
            .with_no_client_auth();
        client.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        client.enable_sni = name.is_some();
        let asked = name.unwrap_or("nobody.test").to_owned().try_into().unwrap();
        let mut client = rustls::ClientConnection::new(Arc::new(client), asked).unwrap();
        let mut server = rustls::ServerConnection::new(Arc::new(server)).unwrap();
        for _ in 0..5 {
            let mut wire = Vec::new();
            while client.wants_write() {
                client.write_tls(&mut wire).unwrap();
            }
            server.read_tls(&mut wire.as_slice()).unwrap();
            server.process_new_packets().map_err(|error| error.to_string())?;
            let mut wire = Vec::new();
            while server.wants_write() {
                server.write_tls(&mut wire).unwrap();
            }
            client.read_tls(&mut wire.as_slice()).unwrap();
            client.process_new_packets().map_err(|error| error.to_string())?;
        }
        Ok(client.peer_certificates().unwrap()[0].to_vec())
    }

    #[derive(Debug)]
    struct TrustAll;

    impl rustls::client::danger::ServerCertVerifier for TrustAll {
        fn verify_server_cert(
            &self,
            _: &rustls::pki_types::CertificateDer<'_>,
            _: &[rustls::pki_types::CertificateDer<'_>],
            _: &rustls::pki_types::ServerName<'_>,
            _: &[u8],
            _: rustls::pki_types::UnixTime,
        ) -> Result<rustls::client::danger::ServerCertVerified, rustls::Error> {
            Ok(rustls::client::danger::ServerCertVerified::assertion())
        }

        fn verify_tls12_signature(
            &self,
            _: &[u8],
            _: &rustls::pki_types::CertificateDer<'_>,
            _: &rustls::DigitallySignedStruct,
        ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
            Ok(rustls::client::danger::HandshakeSignatureValid::assertion())
        }

        fn verify_tls13_signature(
            &self,
            _: &[u8],
            _: &rustls::pki_types::CertificateDer<'_>,
            _: &rustls::DigitallySignedStruct,
        ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
            Ok(rustls::client::danger::HandshakeSignatureValid::assertion())
        }

        fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
            default_provider().signature_verification_algorithms.supported_schemes()
        }
    }

    const HTTP: &[&[u8]] = &[b"http/1.1"];

    #[test]
    fn e01_each_name_gets_its_certificate_and_others_are_refused() {
        let certificates = Certificates::default();
        let (one, wild) = (key("a.test"), key("*.b.test"));
        certificates.install("A.test", one.clone());
        certificates.install("*.b.test", wild.clone());
        assert_eq!(handshake(&certificates, Some("a.test"), HTTP).unwrap(), one.cert[0].to_vec());
        let below = handshake(&certificates, Some("x.b.test"), HTTP).unwrap();
        assert_eq!(below, wild.cert[0].to_vec());
        for name in [Some("c.test"), Some("b.test"), Some("x.y.b.test"), Some("x.a.test"), None] {
            assert!(handshake(&certificates, name, HTTP).is_err(), "{name:?}");
        }
    }

    #[test]
    fn e11_a_challenge_by_tls_is_answered_while_it_is_pending_and_only_then() {
        let certificates = Certificates::default();
        let (served, proof) = (key("a.test"), key("proof.test"));
        certificates.install("a.test", served.clone());
        let challenge: &[&[u8]] = &[CHALLENGE_PROTOCOL];
        assert!(handshake(&certificates, Some("a.test"), challenge).is_err());
        let pending = certificates.answer_tls("a.test", proof.clone());
        let shown = handshake(&certificates, Some("a.test"), challenge).unwrap();
        assert_eq!(shown, proof.cert[0].to_vec());
        let shown = handshake(&certificates, Some("a.test"), HTTP).unwrap();
        assert_eq!(shown, served.cert[0].to_vec(), "clients are served all the while");
        drop(pending);
        assert!(handshake(&certificates, Some("a.test"), challenge).is_err());
    }

    #[test]
    fn e12_a_challenge_by_http_is_answered_while_it_is_pending_and_only_then() {
        let certificates = Certificates::default();
        let pending = certificates.clone().answer_http("token", "token.thumbprint");
        assert_eq!(certificates.http_challenge("token").as_deref(), Some("token.thumbprint"));
        assert_eq!(certificates.http_challenge("other"), None);
        drop(pending);
        assert_eq!(certificates.http_challenge("token"), None);
    }
}
