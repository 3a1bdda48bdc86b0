//! A certificate with its chain and key: read from PEM, judged, made ready to be served.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use x509_parser::extensions::GeneralName;
use x509_parser::parse_x509_certificate;
use x509_parser::prelude::X509Certificate;

use super::plan::Lifetime;

/// Bytes of the issuer's name that are shown.
const MOST_ISSUER: usize = 200;

/// A certificate that can be served.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) key: Arc<CertifiedKey>,
    pub(super) lifetime: Lifetime,
    pub(super) issuer: String,
}

impl Held {
    /// Reads a key and a chain in PEM, in any order, for `name`.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(super) fn read(name: &str, pem: &[u8]) -> Result<Self, String> {
        let chain = CertificateDer::pem_slice_iter(pem)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| format!("the chain cannot be read: {error}"))?;
        let private = PrivateKeyDer::from_pem_slice(pem)
            .map_err(|error| format!("the key cannot be read: {error}"))?;
        let leaf = chain.first().ok_or("there is no certificate in it")?;
        let (_, parsed) = parse_x509_certificate(leaf)
            .map_err(|error| format!("the certificate cannot be read: {error}"))?;
        if !is_for(&parsed, name) {
            return Err(format!("the certificate is not for {name}"));
        }
        let lifetime = Lifetime {
            not_before: moment(parsed.validity().not_before.timestamp()),
            not_after: moment(parsed.validity().not_after.timestamp()),
        };
        let issuer: String = parsed.issuer().to_string().chars().take(MOST_ISSUER).collect();
        // Checks as well that the key belongs to the certificate.
        let key = CertifiedKey::from_der(chain.clone(), private, &default_provider())
            .map_err(|error| format!("the key does not fit the certificate: {error}"))?;
        Ok(Self { key: Arc::new(key), lifetime, issuer })
    }

    /// The certificate itself, without its chain.
    pub(super) fn leaf(&self) -> Option<&CertificateDer<'static>> {
        self.key.cert.first()
    }
}

fn is_for(certificate: &X509Certificate<'_>, name: &str) -> bool {
    let names = certificate.subject_alternative_name().ok().flatten();
    names.is_some_and(|names| {
        names.value.general_names.iter().any(|general| match general {
            GeneralName::DNSName(found) => found.eq_ignore_ascii_case(name),
            _ => false,
        })
    })
}

fn moment(seconds: i64) -> SystemTime {
    let passed = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
    UNIX_EPOCH.checked_add(passed).unwrap_or(UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pem(name: &str) -> (String, String) {
        let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
        (made.signing_key.serialize_pem(), made.cert.pem())
    }

    #[test]
    fn a_certificate_of_another_name_or_key_is_refused() {
        let ((key, chain), (other, _)) = (pem("a.test"), pem("a.test"));
        let held = Held::read("A.test", format!("{key}{chain}").as_bytes()).unwrap();
        assert!(held.lifetime.not_after > held.lifetime.not_before);
        let cases = [
            ("b.test", format!("{key}{chain}"), "not for b.test"),
            ("a.test", format!("{other}{chain}"), "does not fit"),
            ("a.test", chain.clone(), "the key cannot be read"),
            ("a.test", key.clone(), "no certificate"),
            ("a.test", "half a file".into(), "cannot be read"),
        ];
        for (name, text, why) in cases {
            let error = Held::read(name, text.as_bytes()).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }
}
