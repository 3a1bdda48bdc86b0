//! TLS: rustls on aws-lc-rs, always verified (O07). There is no switch that turns that off.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use crate::{NetError, Settings};

/// Where systems keep the authorities they trust, in one file.
const SYSTEM: &[&str] = &[
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/etc/ssl/cert.pem",
];

/// What every connection is made with.
pub(crate) fn config(settings: &Settings) -> Result<Arc<ClientConfig>, NetError> {
    let roots = authorities(SYSTEM, &settings.authorities)?;
    // A server on loopback speaks plain http with its peers and needs no authority to start.
    if roots.is_empty() && !settings.is_local {
        let remedy = "no certificate authority is installed; install the package \
            ca-certificates, or name a file in SSL_CERT_FILE";
        return Err(NetError::Unreachable("https".into(), remedy.into()));
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| NetError::Unreachable("https".into(), error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// The first file of `system` that is there, and every file of `more`, which has to be readable.
fn authorities(system: &[&str], more: &[PathBuf]) -> Result<RootCertStore, NetError> {
    let mut roots = RootCertStore::empty();
    if let Some(file) = system.iter().map(Path::new).find(|file| file.is_file()) {
        add(&mut roots, file)?;
    }
    for file in more {
        if add(&mut roots, file)? == 0 {
            return Err(unreadable(file, "there is no certificate in it"));
        }
    }
    Ok(roots)
}

/// Single certificates that nobody understands are passed over, as every TLS library does.
fn add(roots: &mut RootCertStore, file: &Path) -> Result<usize, NetError> {
    let found = CertificateDer::pem_file_iter(file)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unreadable(file, &error.to_string()))?;
    Ok(roots.add_parsable_certificates(found).0)
}

fn unreadable(file: &Path, why: &str) -> NetError {
    let what = format!("the certificate authorities in {} cannot be read: {why}", file.display());
    NetError::Unreachable("https".into(), what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn o07_an_added_authority_does_not_replace_the_systems() {
        let folder = tempfile::tempdir().unwrap();
        let made = |name: &str| {
            let file = folder.path().join(name);
            let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
            std::fs::write(&file, made.cert.pem()).unwrap();
            file
        };
        let (system, more) = (made("system"), made("more"));
        let both = authorities(&["/missing", system.to_str().unwrap()], &[more]).unwrap();
        assert_eq!(both.len(), 2);
    }

    #[test]
    fn o07_an_authority_that_cannot_be_read_is_an_error_with_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let empty = folder.path().join("empty.pem");
        std::fs::write(&empty, "").unwrap();
        for file in [empty, folder.path().join("missing.pem")] {
            let error = authorities(&[], std::slice::from_ref(&file)).unwrap_err().to_string();
            assert!(error.contains(file.to_str().unwrap()), "{error}");
        }
        assert!(authorities(&[], &[]).unwrap().is_empty());
    }
}
