//! Certificates are verified (O07).

use std::path::Path;
use std::sync::Arc;

use net::{NetError, Settings};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::AsyncWriteExt;
use tokio_rustls::TlsAcceptor;

use crate::support::{Names, Peer, client, get, head, local, public, redirect, text};

pub struct Authority(Issuer<'static, KeyPair>);

impl Authority {
    /// An authority, written to this file.
    pub fn new(file: &Path) -> Self {
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        std::fs::write(file, params.self_signed(&key).unwrap().pem()).unwrap();
        Self(Issuer::new(params, key))
    }

    /// A certificate for `name`, in use until the first day of `year`.
    pub fn certify(&self, name: &str, year: i32) -> TlsAcceptor {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_after = date_time_ymd(year, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        acceptor(&certificate, &key)
    }
}

fn acceptor(certificate: &rcgen::Certificate, key: &KeyPair) -> TlsAcceptor {
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

async fn serve(ip: &str, acceptor: TlsAcceptor, answer: Vec<u8>) -> Peer {
    Peer::raw(ip, move |stream| {
        let (acceptor, answer) = (acceptor.clone(), answer.clone());
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            while head(&mut stream).await.is_some() {
                stream.write_all(&answer).await.unwrap();
            }
        }
    })
    .await
}

/// A client that trusts the authority in this file besides the system's.
fn trusting(file: &Path, base: Settings) -> net::Client {
    let names = Names::of(&[("a.test", "127.0.0.2"), ("b.test", "127.0.0.3")]);
    let authorities = vec![file.to_owned()];
    client(Settings { resolver: Some(names), authorities, ..base })
}

#[tokio::test]
async fn o07_only_a_valid_certificate_of_a_trusted_authority_will_do() {
    let folder = tempfile::tempdir().unwrap();
    let (trusted, other) = (folder.path().join("ca.pem"), folder.path().join("other.pem"));
    let (authority, stranger) = (Authority::new(&trusted), Authority::new(&other));
    let key = KeyPair::generate().unwrap();
    let own = CertificateParams::new(vec!["a.test".into()]).unwrap().self_signed(&key).unwrap();
    let client = trusting(&trusted, local());
    let cases = [
        ("valid", authority.certify("a.test", 4000), true),
        ("wrong name", authority.certify("b.test", 4000), false),
        ("expired", authority.certify("a.test", 2020), false),
        ("authority unknown", stranger.certify("a.test", 4000), false),
        ("self-signed", acceptor(&own, &key), false),
    ];
    for (what, acceptor, good) in cases {
        let peer = serve("127.0.0.2", acceptor, text("secret")).await;
        let answer = get(&client, &format!("https://a.test:{}/", peer.port())).await;
        match answer {
            Ok(answer) => assert!(good && &answer.body[..] == b"secret", "{what}"),
            Err(NetError::Unreachable(_, why)) => assert!(!good, "{what}: {why}"),
            Err(other) => panic!("{what}: {other}"),
        }
    }
}

#[tokio::test]
async fn o02_https_never_leads_to_http_nor_to_a_private_address() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    let authority = Authority::new(&file);
    let canary = Peer::canary().await;
    let down = redirect(&format!("http://{}/", canary.address));
    let peer = serve("127.0.0.2", authority.certify("a.test", 4000), down).await;
    let url = format!("https://a.test:{}/", peer.port());
    let error = get(&trusting(&file, local()), &url).await.unwrap_err();
    assert!(matches!(error, NetError::Redirects(_)), "{error}");
    // A server on the internet: its peers are reached by the list of this test, the canary not.
    let aside = redirect(&format!("https://{}/", canary.address));
    let peer = serve("127.0.0.2", authority.certify("a.test", 4000), aside).await;
    let url = format!("https://a.test:{}/", peer.port());
    let settings = Settings { allowed: vec![peer.address], ..public() };
    let error = get(&trusting(&file, settings), &url).await.unwrap_err();
    assert!(matches!(error, NetError::Refused(_)), "{error}");
    assert_eq!((peer.connections(), canary.connections()), (1, 0));
}

#[tokio::test]
async fn o01_only_the_exact_address_and_port_of_the_list_is_reached() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    let authority = Authority::new(&file);
    let peer = serve("127.0.0.2", authority.certify("a.test", 4000), text("a")).await;
    let other = serve("127.0.0.2", authority.certify("a.test", 4000), text("b")).await;
    let settings = Settings { allowed: vec![peer.address], ..public() };
    let client = trusting(&file, settings);
    assert!(get(&client, &format!("https://a.test:{}/", peer.port())).await.is_ok());
    let error = get(&client, &format!("https://a.test:{}/", other.port())).await.unwrap_err();
    assert!(matches!(error, NetError::Refused(_)), "{error}");
    assert_eq!(other.connections(), 0);
}
