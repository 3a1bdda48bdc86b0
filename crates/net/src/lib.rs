//! The only way out to the internet: every request to another server goes through [`Client`],
//! which decides what may be reached, and bounds size, time and redirects.
//!
//! It knows nothing of ActivityPub or of who asks; signing is passed in. Called by `activitypub`,
//! `app` and `edge`.

pub mod aws;
mod connect;
pub mod crowd;
mod error;
mod exchange;
pub mod guard;
pub mod link;
mod places;
mod resolve;
mod settings;
pub mod smtp;
mod tls;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;
use url::Url;

use exchange::{Exchanger, Opened};
use guard::shown;

pub use error::NetError;
pub use resolve::{Resolve, Resolving};
pub use settings::{Settings, Times};

/// What TLS to servers of the internet is made with: the system's authorities, always verified
/// (O07). For the edge, whose origins are named by its owner.
///
/// # Errors
/// [`NetError::Unreachable`] when no certificate authority can be loaded.
pub fn client_tls(settings: &Settings) -> Result<Arc<rustls::ClientConfig>, NetError> {
    tls::config(settings)
}

/// Redirects that a GET follows.
const MOST_REDIRECTS: usize = 3;
/// Bytes of the answer to a POST that anybody reads.
const MOST_OF_POST: usize = 64 * 1024;

/// The client. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    exchanger: Arc<Exchanger>,
    times: Times,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Client").field("times", &self.times).finish_non_exhaustive()
    }
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
    /// Asked before a redirect is followed.
    pub gate: Option<&'g dyn Gate>,
}

/// The answer of a [`Gate`].
pub type Opening<'g> = Pin<Box<dyn Future<Output = bool> + Send + 'g>>;

/// Says where a redirect may lead, beyond what the guard says: rules about whole domains.
pub trait Gate: Send + Sync {
    /// Whether this may be asked.
    fn opens<'g>(&'g self, to: &'g Url) -> Opening<'g>;
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

impl Client {
    /// A client that behaves like this.
    ///
    /// # Errors
    /// [`NetError::Unreachable`] when the certificate authorities of the system cannot be loaded.
    pub fn new(settings: Settings) -> Result<Self, NetError> {
        Ok(Self { exchanger: Arc::new(Exchanger::new(&settings)?), times: settings.times })
    }

    /// Makes a GET; follows up to three redirects, each checked and signed anew.
    ///
    /// # Errors
    /// [`NetError`]; an answer with an error status is an answer.
    pub async fn get(&self, get: Get<'_>) -> Result<Answer, NetError> {
        let whole = async {
            let (url, opened) = self.follow(&get).await?;
            let (status, headers, body) = opened.read(get.most_bytes).await?;
            Ok(Answer { status, headers, url, body })
        };
        timeout(self.times.whole, whole).await.unwrap_or_else(|_| Err(late(get.url)))
    }

    /// The same for what may be read in part: the body is cut at `most_bytes` instead of being an
    /// error, also where it breaks off. For pages, whose heads say enough.
    ///
    /// # Errors
    /// [`NetError`]; an answer with an error status is an answer.
    pub async fn get_beginning(&self, get: Get<'_>) -> Result<Answer, NetError> {
        let whole = async {
            let (url, opened) = self.follow(&get).await?;
            let (status, headers, body) = opened.read_cut(get.most_bytes).await;
            Ok(Answer { status, headers, url, body })
        };
        timeout(self.times.whole, whole).await.unwrap_or_else(|_| Err(late(get.url)))
    }

    /// Makes a GET and writes its body to `to` as it comes, when the answer is a success. The
    /// returned answer has an empty body. `most_bytes` bounds what is written; on an error some of
    /// it may have been.
    ///
    /// # Errors
    /// [`NetError`]; an answer with an error status is an answer.
    pub async fn download(
        &self,
        get: Get<'_>,
        to: &mut (impl AsyncWrite + Unpin + Send),
    ) -> Result<Answer, NetError> {
        let whole = async {
            let (url, opened) = self.follow(&get).await?;
            let (status, headers) = (opened.status, opened.headers.clone());
            if status.is_success() {
                write_to(opened, get.most_bytes, to).await?;
            }
            Ok(Answer { status, headers, url, body: Bytes::new() })
        };
        timeout(self.times.download, whole).await.unwrap_or_else(|_| Err(late(get.url)))
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
        let whole = async {
            let opened = self.exchanger.open(Method::POST, url, headers, body).await?;
            let (status, headers, body) = opened.read_cut(MOST_OF_POST).await;
            Ok(Answer { status, headers, url: url.clone(), body })
        };
        timeout(self.times.whole, whole).await.unwrap_or_else(|_| Err(late(url)))
    }

    /// Makes a HEAD; follows no redirect.
    ///
    /// # Errors
    /// [`NetError`]; an answer with an error status is an answer.
    pub async fn head(&self, url: &Url) -> Result<Answer, NetError> {
        let whole = async {
            let headers = HeaderMap::new();
            let opened = self.exchanger.open(Method::HEAD, url, headers, Bytes::new()).await?;
            let (status, headers) = (opened.status, opened.headers);
            Ok(Answer { status, headers, url: url.clone(), body: Bytes::new() })
        };
        timeout(self.times.whole, whole).await.unwrap_or_else(|_| Err(late(url)))
    }

    /// How many connections are open, those that wait for their next request among them.
    #[must_use]
    pub fn open_connections(&self) -> usize {
        self.exchanger.open_connections()
    }

    /// Asks, and asks again where the answer points to.
    async fn follow(&self, get: &Get<'_>) -> Result<(Url, Opened), NetError> {
        let accept = HeaderValue::from_str(get.accept)
            .map_err(|_| NetError::Refused(format!("{} as {}", shown(get.url), get.accept)))?;
        let mut url = get.url.clone();
        for _ in 0..=MOST_REDIRECTS {
            let mut headers = match get.signer {
                Some(signer) => signer.headers(&Method::GET, &url),
                None => HeaderMap::new(),
            };
            headers.insert(header::ACCEPT, accept.clone());
            let opened = self.exchanger.open(Method::GET, &url, headers, Bytes::new()).await?;
            if !is_redirect(opened.status) {
                return Ok((url, opened));
            }
            url = target(&url, &opened).ok_or_else(|| NetError::Redirects(shown(&url)))?;
            if let Some(gate) = get.gate
                && !gate.opens(&url).await
            {
                return Err(NetError::Refused(shown(&url)));
            }
        }
        Err(NetError::Redirects(shown(get.url)))
    }
}

fn late(url: &Url) -> NetError {
    NetError::Timeout(shown(url))
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Where an answer points to, if one may go there: never from https to http (O02). The guard looks
/// at it again when it is asked.
fn target(from: &Url, answer: &Opened) -> Option<Url> {
    let location = answer.headers.get(header::LOCATION)?.to_str().ok()?;
    let to = from.join(location).ok()?;
    (from.scheme() != "https" || to.scheme() == "https").then_some(to)
}

async fn write_to(
    opened: Opened,
    most: usize,
    to: &mut (impl AsyncWrite + Unpin + Send),
) -> Result<(), NetError> {
    let mut written = 0;
    let mut body = opened.into_body()?;
    let host = body.host.clone();
    let not_kept = |error: std::io::Error| NetError::NotKept(host.clone(), error.to_string());
    while let Some(piece) = body.next().await? {
        written += piece.len();
        if written > most {
            return Err(NetError::TooLarge(host, most));
        }
        to.write_all(piece).await.map_err(not_kept)?;
    }
    to.flush().await.map_err(not_kept)
}
