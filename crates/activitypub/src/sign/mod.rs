//! HTTP signatures, made and checked: draft-cavage-12 and RFC 9421 with RSA (PKCS#1 v1.5, SHA-256),
//! `Digest` (RFC 3230) and `Content-Digest` (RFC 9530). Pure: time and keys are passed in.
//!
//! [`SigningKey`] makes them (`key`, `outgoing`), [`read`] checks all that needs no key (`cavage`,
//! `message`, `digest`, `moment`), [`Signature::verify`] does the rest once the key is known.

mod cavage;
mod digest;
mod key;
mod message;
mod moment;
mod outgoing;
mod request;
mod structured;
#[cfg(test)]
mod tests;

use domain::Timestamp;
use http::{HeaderMap, Method};

pub use key::{NewKey, SigningKey, new_key};
pub use moment::parse_http_date;

/// Which of the two ways of signing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// draft-cavage-http-signatures-12: what everybody reads.
    Cavage,
    /// RFC 9421: what newer servers may demand.
    Rfc9421,
}

/// Why a signature was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// There is none.
    #[error("the request is not signed")]
    Missing,
    /// It cannot be read.
    #[error("the signature is malformed: {0}")]
    Malformed(&'static str),
    /// It leaves out what it must cover (F06).
    #[error("the signature does not cover {0}")]
    Uncovered(&'static str),
    /// A header that it covers did not come (F06).
    #[error("a header that the signature covers is missing")]
    Absent,
    /// Too old, or from the future (F07).
    #[error("the signature is out of its time")]
    Time,
    /// The body is not what was signed.
    #[error("the digest does not match the body")]
    Digest,
    /// An algorithm this server does not check.
    #[error("the signature uses an unknown algorithm")]
    Algorithm,
    /// It is not by this key.
    #[error("the signature does not verify")]
    Wrong,
    /// A key that cannot be read.
    #[error("the key cannot be read")]
    Key,
}

/// A request as it arrived.
#[derive(Clone, Copy)]
pub struct Received<'r> {
    /// Its method.
    pub method: &'r Method,
    /// Path and query, as on the wire.
    pub path_and_query: &'r str,
    /// The addresses by which this server is known, `https://social.example`: what is signed for
    /// another host is not accepted.
    pub bases: &'r [&'r str],
    /// Its headers.
    pub headers: &'r HeaderMap,
}

/// A signature that was read, not yet verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Where the key is said to be.
    pub key_id: String,
    /// How it was made.
    pub scheme: Scheme,
    /// The signature itself.
    bytes: Vec<u8>,
    /// What was signed; some peers leave the query out, and a server may be known by several names,
    /// so there may be more than one reading.
    readings: Vec<String>,
}

/// Reads the signature of a request and checks everything that needs no key: coverage, time and,
/// when there is a body, its digest over the raw bytes (F06, F07). A request that has a
/// `Signature-Input` is read as RFC 9421 says, every other as draft-cavage-12.
///
/// # Errors
/// [`SignatureError`].
pub fn read(
    request: Received<'_>,
    body: Option<&[u8]>,
    now: Timestamp,
) -> Result<Signature, SignatureError> {
    if request.headers.contains_key("signature-input") {
        message::read(request, body, now)
    } else {
        cavage::read(request, body, now)
    }
}

impl Signature {
    /// Whether this key made it. The key is PEM, either SPKI or PKCS#1, RSA of 2048 to 8192 bits.
    ///
    /// # Errors
    /// [`SignatureError::Wrong`], [`SignatureError::Key`].
    pub fn verify(&self, public_pem: &str) -> Result<(), SignatureError> {
        key::verify(public_pem, self.readings.iter().map(String::as_bytes), &self.bytes)
    }
}
