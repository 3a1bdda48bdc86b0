//! The link between an edge and the server behind it: TLS 1.3 where both sides prove that they know
//! one shared secret. See `docs/decisions/0007-edge-and-server-share-one-secret.md`.
//!
//! From the secret both derive the key of a small certificate authority. Each process makes a key of
//! its own at start, which never leaves its memory, and has it certified by that authority: nothing
//! expires, and a restart rotates it. Called by `edge` and by `serve`.

use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::hkdf;
use aws_lc_rs::signature::Ed25519KeyPair;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ED25519, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig, version};

use crate::NetError;

/// What a server calls itself on the link. It is no name of the internet.
const SERVER: &str = "server.link.internal";
/// What an edge calls itself.
const EDGE: &str = "edge.link.internal";
/// Bytes of a secret.
const LENGTH: usize = 32;

/// The secrets of a file. The first is used, all are believed: a new one is added at the end on both
/// sides, then put first on both, then the old one is taken out.
pub struct Link {
    secrets: Vec<[u8; LENGTH]>,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Link").field("secrets", &self.secrets.len()).finish()
    }
}

impl Link {
    /// Reads the secrets, one a line.
    ///
    /// # Errors
    /// [`NetError::Unreachable`] when the file cannot be read or holds no secret.
    pub fn read(file: &Path) -> Result<Self, NetError> {
        let text = std::fs::read_to_string(file)
            .map_err(|error| failed(&format!("{} cannot be read: {error}", file.display())))?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let secrets = lines.map(|line| {
            let mut secret = [0; LENGTH];
            hex::decode_to_slice(line, &mut secret).map(|()| secret).map_err(|_| {
                let what = "holds a line that is no secret; `tuskling edge secret` makes one";
                failed(&format!("{} {what}", file.display()))
            })
        });
        let secrets = secrets.collect::<Result<Vec<_>, _>>()?;
        if secrets.is_empty() {
            let what = "holds no secret; `tuskling edge secret` makes one";
            return Err(failed(&format!("{} {what}", file.display())));
        }
        Ok(Self { secrets })
    }

    /// How a secret of these random bytes is written in a file.
    #[must_use]
    pub fn write_secret(bytes: [u8; LENGTH]) -> String {
        hex::encode(bytes)
    }

    /// For the edge: proves itself, and believes only a server that does.
    ///
    /// # Errors
    /// [`NetError::Unreachable`] when keys cannot be made.
    pub fn client(&self) -> Result<Arc<ClientConfig>, NetError> {
        let (chain, key) = self.own(EDGE, ExtendedKeyUsagePurpose::ClientAuth)?;
        let config = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&version::TLS13])
            .map_err(|error| failed(&error.to_string()))?
            .with_root_certificates(self.believed()?)
            .with_client_auth_cert(chain, key)
            .map_err(|error| failed(&error.to_string()))?;
        Ok(Arc::new(config))
    }

    /// For the server: lets in only who proves to be an edge.
    ///
    /// # Errors
    /// [`NetError::Unreachable`] when keys cannot be made.
    pub fn server(&self) -> Result<Arc<ServerConfig>, NetError> {
        let (chain, key) = self.own(SERVER, ExtendedKeyUsagePurpose::ServerAuth)?;
        let verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::new(self.believed()?), provider())
                .build()
                .map_err(|error| failed(&error.to_string()))?;
        let config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&version::TLS13])
            .map_err(|error| failed(&error.to_string()))?
            .with_client_cert_verifier(verifier)
            .with_single_cert(chain, key)
            .map_err(|error| failed(&error.to_string()))?;
        Ok(Arc::new(config))
    }

    /// The name that the edge expects at the other end.
    ///
    /// # Errors
    /// Never: the name is a constant.
    pub fn server_name() -> Result<ServerName<'static>, NetError> {
        ServerName::try_from(SERVER).map_err(|error| failed(&error.to_string()))
    }

    /// A fresh key with the certificate of the first secret's authority.
    fn own(
        &self,
        name: &str,
        purpose: ExtendedKeyUsagePurpose,
    ) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), NetError> {
        let made = || {
            let secret = self.secrets.first().ok_or(rcgen::Error::CouldNotParseKeyPair)?;
            let key = KeyPair::generate_for(&PKCS_ED25519)?;
            let mut params = params(name)?;
            params.extended_key_usages = vec![purpose];
            params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
            let certificate = params.signed_by(&key, &authority(secret)?)?;
            Ok((vec![certificate.der().clone()], PrivatePkcs8KeyDer::from(key.serialize_der())))
        };
        let (chain, key) = made().map_err(|error: rcgen::Error| failed(&error.to_string()))?;
        Ok((chain, PrivateKeyDer::Pkcs8(key)))
    }

    fn believed(&self) -> Result<RootCertStore, NetError> {
        let mut roots = RootCertStore::empty();
        for secret in &self.secrets {
            let made = || {
                let key = authority_key(secret)?;
                authority_params()?.self_signed(&key)
            };
            let root = made().map_err(|error| failed(&error.to_string()))?;
            roots.add(root.der().clone()).map_err(|error| failed(&error.to_string()))?;
        }
        Ok(roots)
    }
}

fn authority(secret: &[u8; LENGTH]) -> Result<Issuer<'static, KeyPair>, rcgen::Error> {
    Ok(Issuer::new(authority_params()?, authority_key(secret)?))
}

fn authority_params() -> Result<CertificateParams, rcgen::Error> {
    let mut params = params("authority.link.internal")?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    Ok(params)
}

/// Keys live as long as their process, so their certificates need no dates, and a wrong clock
/// breaks no link.
fn params(name: &str) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(vec![name.to_owned()])?;
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2000, 1, 1);
    params.not_after = date_time_ymd(2999, 1, 1);
    Ok(params)
}

/// The authority's key: the same wherever the secret is known (RFC 5869 gives the seed).
fn authority_key(secret: &[u8; LENGTH]) -> Result<KeyPair, rcgen::Error> {
    let broken = |_| rcgen::Error::CouldNotParseKeyPair;
    let mut seed = [0; LENGTH];
    let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, b"tuskling link").extract(secret);
    let info: [&[u8]; 1] = [b"authority, ed25519"];
    let expanded = extracted.expand(&info, hkdf::HKDF_SHA256);
    expanded.and_then(|key| key.fill(&mut seed)).map_err(broken)?;
    let key = Ed25519KeyPair::from_seed_unchecked(&seed)
        .map_err(|_| rcgen::Error::CouldNotParseKeyPair)?;
    let pkcs8 = key.to_pkcs8().map_err(broken)?;
    KeyPair::try_from(&PrivatePkcs8KeyDer::from(pkcs8.as_ref()))
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

fn failed(what: &str) -> NetError {
    NetError::Unreachable("the link between edge and server".into(), what.to_owned())
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};
    use tokio_rustls::{TlsAcceptor, TlsConnector};

    use super::*;

    fn link(secrets: &[u8]) -> Link {
        Link { secrets: secrets.iter().map(|byte| [*byte; LENGTH]).collect() }
    }

    /// Whether a byte makes the way between an edge and a server with these secrets.
    async fn speaks(edge: Arc<ClientConfig>, server: Arc<ServerConfig>) -> bool {
        let (near, far) = duplex(16 * 1024);
        let serving = async {
            let mut stream = TlsAcceptor::from(server).accept(far).await.ok()?;
            let mut byte = [0];
            stream.read_exact(&mut byte).await.ok()?;
            Some(byte)
        };
        let asking = async {
            let name = Link::server_name().unwrap();
            let mut stream = TlsConnector::from(edge).connect(name, near).await.ok()?;
            stream.write_all(b"x").await.ok()?;
            stream.flush().await.ok()?;
            Some(stream)
        };
        let (heard, said) = tokio::join!(serving, asking);
        heard == Some(*b"x") && said.is_some()
    }

    #[tokio::test]
    async fn e05_both_sides_must_know_the_secret() {
        let (one, other) = (link(&[1]), link(&[2]));
        assert!(speaks(one.client().unwrap(), one.server().unwrap()).await);
        assert!(!speaks(one.client().unwrap(), other.server().unwrap()).await);
        // An edge is no server: a stolen key of one side does not play the other.
        let (chain, key) = one.own(EDGE, ExtendedKeyUsagePurpose::ClientAuth).unwrap();
        let false_server = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&version::TLS13])
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        assert!(!speaks(one.client().unwrap(), Arc::new(false_server)).await);
        let nobody = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&version::TLS13])
            .unwrap()
            .with_root_certificates(one.believed().unwrap())
            .with_no_client_auth();
        assert!(!speaks(Arc::new(nobody), one.server().unwrap()).await);
    }

    #[tokio::test]
    async fn e05_a_secret_is_replaced_without_a_break() {
        let steps: [[&[u8]; 2]; 7] = [
            [&[1], &[1]],
            [&[1], &[1, 2]],
            [&[1, 2], &[1, 2]],
            [&[2, 1], &[1, 2]],
            [&[2, 1], &[2, 1]],
            [&[2], &[2, 1]],
            [&[2], &[2]],
        ];
        for [edge, server] in steps {
            let done = speaks(link(edge).client().unwrap(), link(server).server().unwrap()).await;
            assert!(done, "{edge:?} {server:?}");
        }
    }

    #[test]
    fn a_file_holds_secrets_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        let write = |text: &str| std::fs::write(&file, text).unwrap();
        write(&format!("{}\n\n{}\n", Link::write_secret([7; 32]), Link::write_secret([8; 32])));
        assert_eq!(Link::read(&file).unwrap().secrets, [[7; 32], [8; 32]]);
        for bad in ["", "\n", "not hex", "abcd"] {
            write(bad);
            assert!(Link::read(&file).is_err(), "{bad:?}");
        }
        assert!(Link::read(&folder.path().join("missing")).is_err());
    }
}
