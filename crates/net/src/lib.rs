//! The only way out to the internet: every request to another server goes through [`Client`],
//! which decides what may be reached, and bounds size, time and redirects.
//!
//! It knows nothing of ActivityPub or of who asks; signing is passed in. Called by `activitypub`,
//! `app` and `edge`.

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use url::Url;

/// How a client behaves. Made once, by `tuskling`.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Sent with every request: some servers refuse those without (GoToSocial answers 418).
    pub user_agent: String,
    /// This server is on loopback or has a test name: loopback addresses and plain http may be
    /// asked. Never set for a server with a name on the internet.
    pub is_local: bool,
}

/// The client. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    settings: Settings,
}

/// Signs one request; called again for every redirect, so that a signature never reaches another
/// host than the one it was made for (O02).
pub trait Sign: Send + Sync {
    /// Headers to add to a request of this method to this address.
    fn headers(&self, method: &Method, url: &Url) -> HeaderMap;
}

/// A GET to be made.
#[derive(Clone, Copy)]
pub struct Get<'g> {
    /// What is asked for.
    pub url: &'g Url,
    /// The `Accept` header.
    pub accept: &'g str,
    /// The most bytes the body may have, after decompression (O05).
    pub most_bytes: usize,
    /// Signs it.
    pub signer: Option<&'g dyn Sign>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status code, never a redirect of a GET.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Where it came from, after redirects: the origin of its bytes (F01).
    pub url: Url,
    /// Its body, decompressed.
    pub body: Bytes,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetError {
    /// This address may not be asked: scheme, private address, credentials in it. Never retried.
    #[error("{0} may not be reached from here")]
    Refused(String),
    /// No connection: name, route, TLS. Worth another try later.
    #[error("{0} cannot be reached: {1}")]
    Unreachable(String, String),
    /// It took too long. Worth another try later.
    #[error("{0} did not answer in time")]
    Timeout(String),
    /// More bytes than allowed.
    #[error("{0} sent more than {1} bytes")]
    TooLarge(String, usize),
    /// More redirects than allowed, or one that may not be followed.
    #[error("{0} redirects too often or to where it must not")]
    Redirects(String),
    /// It does not speak HTTP as it should.
    #[error("{0} broke off: {1}")]
    Broken(String, String),
}

impl NetError {
    /// Whether the same request may work later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unreachable(..) | Self::Timeout(_) | Self::Broken(..))
    }
}

impl Client {
    /// A client that behaves like this.
    ///
    /// # Errors
    /// [`NetError::Unreachable`] when the certificate authorities of the system cannot be loaded.
    pub fn new(settings: Settings) -> Result<Self, NetError> {
        Ok(Self { settings })
    }

    /// Makes a GET; follows up to three redirects, each checked and signed anew.
    ///
    /// # Errors
    /// [`NetError`]; an answer with an error status is an answer.
    pub async fn get(&self, get: Get<'_>) -> Result<Answer, NetError> {
        Err(NetError::Refused(format!("{} ({})", get.url, self.settings.user_agent)))
    }

    /// Makes a POST; follows no redirect. The answer's body is cut at 64 KiB.
    ///
    /// # Errors
    /// [`NetError`]; an answer with an error status is an answer.
    pub async fn post(
        &self,
        url: &Url,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Answer, NetError> {
        Err(NetError::Refused(format!("{url} ({} headers, {} bytes)", headers.len(), body.len())))
    }
}
