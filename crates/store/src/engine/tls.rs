//! TLS to PostgreSQL: what the database URL says of it, and the connector that follows. A server on
//! this machine is spoken to in the clear; any other one by TLS, with its certificate and name
//! verified, unless the URL says `sslmode=disable`.
//!
//! libpq's `sslmode` and `sslrootcert` are understood, but no mode encrypts without verifying: who
//! can listen in can also answer.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::Result;
use super::error::StoreError;

/// A database URL, read.
pub(super) struct Target {
    /// Where to connect, and whether by TLS.
    pub config: tokio_postgres::Config,
    /// Makes the TLS of a connection that has one.
    pub tls: MakeRustlsConnect,
}

/// Reads a database URL.
///
/// # Errors
/// [`StoreError::Unreachable`] says what is wrong with it, without its password.
pub(super) fn read(url: &str) -> Result<Target> {
    let (url, wishes) = split(url)?;
    let mut config: tokio_postgres::Config = url.parse().map_err(|error| {
        // The text of the URL may hold a password, so it is not repeated here.
        StoreError::Unreachable(format!("the database URL cannot be read: {error}"))
    })?;
    let verified = wishes.mode.unwrap_or_else(|| !is_here(&config));
    config.ssl_mode(if verified { SslMode::Require } else { SslMode::Disable });
    let roots = if verified { roots(wishes.root.as_deref())? } else { RootCertStore::empty() };
    Ok(Target { config, tls: MakeRustlsConnect::new(client(roots)?) })
}

/// What a URL says of TLS.
#[derive(Debug, Default, PartialEq, Eq)]
struct Wishes {
    /// True for a verified connection, false for one in the clear.
    mode: Option<bool>,
    /// A file of certificates to trust instead of the system's.
    root: Option<String>,
}

/// Takes `sslmode` and `sslrootcert` out of the query of a URL.
fn split(url: &str) -> Result<(String, Wishes)> {
    let Some((base, query)) = url.split_once('?') else {
        return Ok((url.to_owned(), Wishes::default()));
    };
    let (mut wishes, mut rest) = (Wishes::default(), Vec::new());
    for pair in query.split('&') {
        match pair.split_once('=') {
            Some(("sslmode", mode)) => wishes.mode = Some(is_verified(mode)?),
            Some(("sslrootcert", "system")) => wishes.root = None,
            Some(("sslrootcert", path)) => wishes.root = Some(unescape(path)),
            _ => rest.push(pair),
        }
    }
    let query = if rest.is_empty() { String::new() } else { format!("?{}", rest.join("&")) };
    Ok((format!("{base}{query}"), wishes))
}

fn is_verified(mode: &str) -> Result<bool> {
    match mode {
        "disable" => Ok(false),
        "require" | "verify-ca" | "verify-full" => Ok(true),
        _ => Err(StoreError::Unreachable(
            "the database URL has an sslmode that is not known here; write disable or verify-full"
                .into(),
        )),
    }
}

/// A path in a URL may have its unusual characters as `%20`.
fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let code = after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(b'%');
                rest = after;
            }
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether every host is this machine: a socket's folder, or a loopback name or address.
fn is_here(config: &tokio_postgres::Config) -> bool {
    let addresses = config.get_hostaddrs();
    let by_name = config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => {
            let address = name.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
            name == "localhost" || address.is_ok_and(|address| address.is_loopback())
        }
        Host::Unix(_) => true,
    });
    by_name && addresses.iter().all(std::net::IpAddr::is_loopback)
}

fn roots(file: Option<&str>) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    let certificates = match file {
        Some(path) => of_file(Path::new(path))?,
        None => rustls_native_certs::load_native_certs().certs,
    };
    let (known, _) = roots.add_parsable_certificates(certificates);
    if known > 0 {
        return Ok(roots);
    }
    let place = file.unwrap_or("the system's certificate store");
    Err(StoreError::Unreachable(format!(
        "there is no certificate authority in {place}; name a PEM file with sslrootcert= in the database URL"
    )))
}

fn of_file(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let unreadable = |error: rustls::pki_types::pem::Error| {
        StoreError::Unreachable(format!("sslrootcert {}: {error}", path.display()))
    };
    CertificateDer::pem_file_iter(path)
        .map_err(unreadable)?
        .collect::<Result<_, _>>()
        .map_err(unreadable)
}

fn client(roots: RootCertStore) -> Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let versions = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| StoreError::Unreachable(format!("TLS cannot be set up: {error}")))?;
    Ok(versions.with_root_certificates(roots).with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wishes(url: &str) -> (String, Wishes) {
        split(url).unwrap()
    }

    #[test]
    fn what_a_url_says_of_tls_is_taken_out_of_it() {
        let plain = "postgres://a:b@db.test/c";
        assert_eq!(wishes(plain), (plain.to_owned(), Wishes::default()));
        let (rest, found) = wishes(
            "postgres://a:b@db.test/c?connect_timeout=3&sslmode=require&sslrootcert=/a%20b/c.pem",
        );
        assert_eq!(rest, "postgres://a:b@db.test/c?connect_timeout=3");
        assert_eq!(found, Wishes { mode: Some(true), root: Some("/a b/c.pem".into()) });
        assert_eq!(wishes("postgres://db.test/c?sslmode=disable").1.mode, Some(false));
        for bad in ["prefer", "allow", "", "no"] {
            assert!(split(&format!("postgres://db.test/c?sslmode={bad}")).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_this_machine_is_spoken_to_in_the_clear_unasked() {
        for (url, here) in [
            ("postgres://a@localhost/b", true),
            ("postgres://a@127.0.0.1:5433/b", true),
            ("postgres://a@[::1]/b", true),
            ("postgres:///b?host=/run/postgresql", true),
            ("postgres://a@db.test/b", false),
            ("postgres://a@192.0.2.1/b", false),
            ("postgres://a@localhost,db.test/b", false),
            ("postgres://a@localhost/b?hostaddr=192.0.2.1", false),
        ] {
            assert_eq!(is_here(&url.parse().unwrap()), here, "{url}");
        }
    }

    #[test]
    fn an_error_names_the_file_and_never_the_password() {
        let url = "postgres://a:hidden@db.test/b?sslrootcert=/nowhere/ca.pem";
        let error = read(url).err().unwrap().to_string();
        assert!(error.contains("/nowhere/ca.pem") && !error.contains("hidden"), "{error}");
    }
}
