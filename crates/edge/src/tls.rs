//! What a TLS connection with a client is: 1.2 or newer, suites with authenticated encryption only
//! (E01), HTTP/2 or HTTP/1.1.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::{Ticketer, default_provider};
use rustls::version::{TLS12, TLS13};

use crate::EdgeError;
use crate::certificates::{CHALLENGE_PROTOCOL as ACME, Certificates};

const HTTP2: &[u8] = b"h2";
const HTTP1: &[u8] = b"http/1.1";

/// What a client and we speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http1,
    Http2,
    Challenge,
}

/// Of what ALPN has chosen.
pub(crate) fn protocol(chosen: Option<&[u8]>) -> Protocol {
    match chosen {
        Some(HTTP2) => Protocol::Http2,
        Some(ACME) => Protocol::Challenge,
        _ => Protocol::Http1,
    }
}

/// The configuration of all https listeners.
pub(crate) fn config(certificates: &Certificates) -> Result<Arc<ServerConfig>, EdgeError> {
    let wrong = |error: rustls::Error| EdgeError::Tls(error.to_string());
    // All suites of this library are authenticated ones.
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&TLS13, &TLS12])
        .map_err(wrong)?
        .with_no_client_auth()
        .with_cert_resolver(certificates.resolver());
    config.alpn_protocols = vec![HTTP2.to_vec(), HTTP1.to_vec(), ACME.to_vec()];
    config.ticketer = Ticketer::new().map_err(wrong)?;
    // Every ticket costs; clients come back with the one.
    config.send_tls13_tickets = 1;
    Ok(Arc::new(config))
}
