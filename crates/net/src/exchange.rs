//! One request and its answer: no redirects, no second try.

use std::io;
use std::pin::Pin;
use std::time::Duration;

use async_compression::tokio::bufread::GzipDecoder;
use bytes::Bytes;
use futures_util::TryStreamExt as _;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, header};
use http_body_util::{BodyDataStream, BodyExt as _, Full};
use hyper::body::{Body as _, Incoming};
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::time::timeout;
use tokio_util::io::StreamReader;
use url::Url;

use crate::NetError;
use crate::connect::{Connector, Open};
use crate::error::causes;
use crate::guard::{Guard, shown};
use crate::places::{Place, Places};
use crate::settings::{Settings, Times};

/// Requests made at once.
const AT_ONCE: usize = 64;
/// Posts made at once: many of them only wait for a server that is gone, and nobody who asks for
/// something waits for those.
const POSTS_AT_ONCE: usize = 160;
/// Requests made at once to one host.
const EACH_HOST: usize = 8;
/// While this many connections are open, new ones are closed after their answer instead of kept.
/// TLS connections cost some 50 KiB each.
const KEPT: usize = 96;
/// Bytes of headers that an answer may have.
const HEADERS: u32 = 32 * 1024;
/// Bytes on their way for one answer and for one connection of HTTP/2.
const WINDOW: u32 = 256 * 1024;

type Pool = legacy::Client<Connector, Full<Bytes>>;

/// The means to make requests.
pub(crate) struct Exchanger {
    guard: Guard,
    times: Times,
    user_agent: HeaderValue,
    places: Places,
    posting: Places,
    open: Open,
    /// Keeps connections for the next request.
    keeping: Pool,
    /// Does not.
    closing: Pool,
}

/// An answer whose body is still on its way.
pub(crate) struct Opened {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    host: String,
    gap: Duration,
    body: Incoming,
    _place: Place,
}

impl Exchanger {
    pub(crate) fn new(settings: &Settings) -> Result<Self, NetError> {
        Self::guarded(settings, Guard::new(settings))
    }

    /// With rules of its own about what may be reached.
    pub(crate) fn guarded(settings: &Settings, guard: Guard) -> Result<Self, NetError> {
        let resolver = settings
            .resolver
            .clone()
            .unwrap_or_else(|| std::sync::Arc::new(crate::resolve::System::default()));
        let user_agent = HeaderValue::from_str(&settings.user_agent)
            .map_err(|error| NetError::Refused(format!("the name of this server: {error}")))?;
        let open = Open::default();
        let tls = crate::tls::config(settings)?;
        let times = settings.times;
        let connector = Connector::new(guard.clone(), resolver, tls, times, open.clone());
        Ok(Self {
            keeping: pool(connector.clone(), times.idle, 4),
            closing: pool(connector, times.idle, 0),
            places: Places::new(AT_ONCE, EACH_HOST),
            posting: Places::new(POSTS_AT_ONCE, EACH_HOST),
            guard,
            times,
            user_agent,
            open,
        })
    }

    pub(crate) fn open_connections(&self) -> usize {
        self.open.count()
    }

    /// Sends a request and waits for the head of its answer.
    pub(crate) async fn open(
        &self,
        method: Method,
        url: &Url,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Opened, NetError> {
        self.guard.check(url)?;
        let host = format!(
            "{}:{}",
            url.host_str().unwrap_or_default(),
            url.port_or_known_default().unwrap_or_default()
        );
        let places = if method == Method::POST { &self.posting } else { &self.places };
        let request = self.request(method, url, headers, body)?;
        let late = || NetError::Timeout(host.clone());
        let place = places.take(&host, self.times.place).await.ok_or_else(late)?;
        let pool = if self.open.count() < KEPT { &self.keeping } else { &self.closing };
        let patience = self.times.connect + self.times.handshake + self.times.gap;
        let answer = timeout(patience, pool.request(request)).await.map_err(|_| late())?;
        let (head, body) = answer.map_err(|error| reason(&host, &error))?.into_parts();
        let gap = self.times.gap;
        Ok(Opened { status: head.status, headers: head.headers, host, gap, body, _place: place })
    }

    fn request(
        &self,
        method: Method,
        url: &Url,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Request<Full<Bytes>>, NetError> {
        let mut address = url.clone();
        address.set_fragment(None);
        let uri = Uri::try_from(address.as_str()).map_err(|_| NetError::Refused(shown(url)))?;
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        let headers = request.headers_mut();
        headers.insert(header::USER_AGENT, self.user_agent.clone());
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        Ok(request)
    }
}

fn pool(connector: Connector, idle: Duration, each_host: usize) -> Pool {
    legacy::Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .timer(TokioTimer::new())
        .pool_idle_timeout(idle)
        .pool_max_idle_per_host(each_host)
        .http1_max_buf_size(64 * 1024)
        .http1_max_headers(100)
        .http2_max_header_list_size(HEADERS)
        .http2_initial_stream_window_size(WINDOW)
        .http2_initial_connection_window_size(WINDOW)
        .build(connector)
}

/// What went wrong, in our words where the connector said it.
fn reason(host: &str, error: &legacy::Error) -> NetError {
    match NetError::within(error) {
        Some(own) => own.clone(),
        None => NetError::Broken(host.to_owned(), causes(error)),
    }
}

impl Opened {
    /// The whole body, if it is not larger than `most`.
    pub(crate) async fn read(
        self,
        most: usize,
    ) -> Result<(StatusCode, HeaderMap, Bytes), NetError> {
        let (status, headers) = (self.status, self.headers.clone());
        let mut whole = Vec::new();
        let mut body = self.into_body()?;
        while let Some(piece) = body.next().await? {
            if whole.len() + piece.len() > most {
                return Err(NetError::TooLarge(body.host, most));
            }
            whole.extend_from_slice(piece);
        }
        Ok((status, headers, whole.into()))
    }

    /// The body up to `most` bytes. What breaks off is cut as well: the status has been said.
    pub(crate) async fn read_cut(self, most: usize) -> (StatusCode, HeaderMap, Bytes) {
        let (status, headers) = (self.status, self.headers.clone());
        let mut whole = Vec::new();
        // Most inboxes answer with nothing at all.
        if self.body.is_end_stream() {
            return (status, headers, Bytes::new());
        }
        if let Ok(mut body) = self.into_body() {
            while let Ok(Some(piece)) = body.next().await {
                let room = most.saturating_sub(whole.len());
                whole.extend(piece.iter().take(room));
                if whole.len() >= most {
                    break;
                }
            }
        }
        (status, headers, whole.into())
    }

    /// The body, decompressed, piece by piece.
    pub(crate) fn into_body(self) -> Result<Body, NetError> {
        let encoding = self.headers.get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes);
        let stream = BodyDataStream::new(self.body.map_err(io::Error::other).boxed());
        let plain = StreamReader::new(stream.map_err(io::Error::other));
        let reader: Pin<Box<dyn AsyncRead + Send>> = match encoding {
            None | Some(b"" | b"identity") => Box::pin(plain),
            Some(b"gzip" | b"x-gzip") => Box::pin(GzipDecoder::new(plain)),
            Some(_) => return Err(NetError::Broken(self.host, "an unknown encoding".into())),
        };
        let piece = vec![0; 16 * 1024];
        Ok(Body { host: self.host, gap: self.gap, reader, piece, _place: self._place })
    }
}

/// A body on its way.
pub(crate) struct Body {
    pub(crate) host: String,
    gap: Duration,
    reader: Pin<Box<dyn AsyncRead + Send>>,
    piece: Vec<u8>,
    _place: Place,
}

impl Body {
    /// The next bytes; `None` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<&[u8]>, NetError> {
        let read = timeout(self.gap, self.reader.read(&mut self.piece)).await;
        let count = read
            .map_err(|_| NetError::Timeout(self.host.clone()))?
            .map_err(|error| NetError::Broken(self.host.clone(), causes(&error)))?;
        Ok(self.piece.get(..count).filter(|piece| !piece.is_empty()))
    }
}
