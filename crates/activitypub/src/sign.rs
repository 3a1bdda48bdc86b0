//! HTTP signatures, made and checked: draft-cavage-12 and RFC 9421 with RSA (PKCS#1 v1.5, SHA-256),
//! `Digest` (RFC 3230) and `Content-Digest` (RFC 9530). Pure: time and keys are passed in.

use domain::Timestamp;
use http::{HeaderMap, Method};
use url::Url;

/// Which of the two ways of signing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// draft-cavage-http-signatures-12: what everybody reads.
    Cavage,
    /// RFC 9421: what newer servers may demand.
    Rfc9421,
}

/// A private key, parsed once: parsing costs more than signing.
pub struct SigningKey {
    /// The id that others find the public half at.
    pub key_id: String,
}

/// A new key pair.
pub struct NewKey {
    /// PKCS#8, DER.
    pub private: Vec<u8>,
    /// SPKI, PEM.
    pub public_pem: String,
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
    /// The addresses by which this server is known, `https://social.example`: `@target-uri` is one
    /// of them with the path behind.
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
    /// What was signed; some peers leave the query out, so there may be two readings.
    bases: Vec<String>,
}

/// Makes an RSA key of 2048 bits. Takes a good part of a second: call it off the runtime.
///
/// # Errors
/// [`SignatureError::Key`] when the library fails.
pub fn new_key() -> Result<NewKey, SignatureError> {
    Err(SignatureError::Key)
}

impl SigningKey {
    /// A key from its stored form.
    ///
    /// # Errors
    /// [`SignatureError::Key`].
    pub fn from_pkcs8(key_id: String, _private: &[u8]) -> Result<Self, SignatureError> {
        Ok(Self { key_id })
    }

    /// Headers that sign a GET: `Date`, `Signature` (and `Signature-Input`), `Host` as signed.
    #[must_use]
    pub fn sign_get(
        &self,
        _url: &Url,
        _accept: &str,
        _scheme: Scheme,
        _now: Timestamp,
    ) -> HeaderMap {
        HeaderMap::new()
    }

    /// Headers that sign a POST of this body; `extra` are signed as well (followers synchronisation).
    #[must_use]
    pub fn sign_post(
        &self,
        _url: &Url,
        _content_type: &str,
        _body: &[u8],
        _extra: &HeaderMap,
        _scheme: Scheme,
        _now: Timestamp,
    ) -> HeaderMap {
        HeaderMap::new()
    }
}

/// Reads the signature of a request and checks everything that needs no key: coverage, time and,
/// when there is a body, its digest over the raw bytes (F06, F07).
///
/// # Errors
/// [`SignatureError`].
pub fn read(
    _request: Received<'_>,
    _body: Option<&[u8]>,
    _now: Timestamp,
) -> Result<Signature, SignatureError> {
    Err(SignatureError::Missing)
}

impl Signature {
    /// Whether the key with this SPKI in PEM made it.
    ///
    /// # Errors
    /// [`SignatureError::Wrong`], [`SignatureError::Key`].
    pub fn verify(&self, _public_pem: &str) -> Result<(), SignatureError> {
        if self.bytes.is_empty() && self.bases.is_empty() {
            return Err(SignatureError::Wrong);
        }
        Err(SignatureError::Wrong)
    }
}
