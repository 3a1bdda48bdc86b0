//! One origin and its kept connections.
//!
//! A connection has no task of its own: whoever uses it drives it, so that a request and its answer
//! never change tasks. Only a connection whose request was written and whose answer was read to the
//! end is kept (E03).

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use config::{OriginAddress, OriginScheme};
use http::{Request, Response};
use hyper::client::conn::http1::{Builder, Connection, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::time::Instant;

use super::body::OriginBody;
use super::dial::{Dialer, OriginStream};
use super::{Answer, RequestBody};

/// Connections that wait for their next request.
const MOST_KEPT: usize = 64;
/// How long one may wait: servers close theirs after ten seconds or more.
const KEPT_FOR: Duration = Duration::from_secs(8);

/// One server.
pub(crate) struct Origin {
    pub address: OriginAddress,
    dialer: Mutex<Arc<Dialer>>,
    kept: Mutex<Vec<Kept>>,
    is_ready: AtomicBool,
    away_since: Mutex<Option<Instant>>,
    /// Up to where it has told what was deleted.
    pub gone_since: Mutex<String>,
    pub open: AtomicUsize,
    pub requests: AtomicU64,
    pub failures: AtomicU64,
}

struct Kept {
    wire: Wire,
    since: Instant,
}

type Running = Pin<Box<Connection<TokioIo<OriginStream>, RequestBody>>>;

/// A connection and the handle that gives it requests.
pub(crate) struct Wire {
    handle: SendRequest<RequestBody>,
    connection: Option<Running>,
    origin: Arc<Origin>,
}

/// A connection that is ready for one request.
pub(crate) struct Lent(Wire);

/// A request without an answer.
pub(crate) struct Failure {
    pub cause: hyper::Error,
    /// The request, if none of it was sent.
    pub unsent: Option<Request<RequestBody>>,
}

impl Origin {
    pub fn new(address: OriginAddress, dialer: Arc<Dialer>) -> Self {
        Self {
            address,
            dialer: Mutex::new(dialer),
            kept: Mutex::new(Vec::new()),
            is_ready: AtomicBool::new(true),
            away_since: Mutex::new(None),
            gone_since: Mutex::default(),
            open: AtomicUsize::new(0),
            requests: AtomicU64::new(0),
            failures: AtomicU64::new(0),
        }
    }

    /// New connections are opened by this one.
    pub fn use_dialer(&self, dialer: Arc<Dialer>) {
        *self.dialer.lock().unwrap_or_else(PoisonError::into_inner) = dialer;
    }

    pub fn is_ready(&self) -> bool {
        self.is_ready.load(Relaxed)
    }

    pub fn set_ready(&self, is_ready: bool) {
        if self.is_ready.swap(is_ready, Relaxed) != is_ready {
            tracing::info!(origin = %self, is_ready, "an origin has changed");
        }
    }

    pub fn away_since(&self) -> Option<Instant> {
        *self.away_since.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A kept connection that is still good.
    pub fn kept(self: &Arc<Self>) -> Option<Lent> {
        loop {
            let Kept { mut wire, since } = self.lock_kept().pop()?;
            if since.elapsed() < KEPT_FOR && wire.is_good() {
                return Some(Lent(wire));
            }
        }
    }

    /// Closes what has waited too long.
    pub fn sweep(&self) {
        let stale: Vec<Kept> = {
            let mut kept = self.lock_kept();
            kept.extract_if(.., |one| one.since.elapsed() >= KEPT_FOR).collect()
        };
        drop(stale);
    }

    /// A fresh connection for HTTP.
    pub async fn connect(self: &Arc<Self>) -> io::Result<Lent> {
        let stream = self.dial().await?;
        let (handle, connection) = Builder::new()
            .max_buf_size(64 * 1024)
            .max_headers(100)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(io::Error::other)?;
        self.open.fetch_add(1, Relaxed);
        let connection = Some(Box::pin(connection));
        Ok(Lent(Wire { handle, connection, origin: self.clone() }))
    }

    /// A fresh connection.
    pub async fn dial(&self) -> io::Result<OriginStream> {
        let dialer = self.dialer.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let opened = dialer.open(&self.address).await;
        let mut away = self.away_since.lock().unwrap_or_else(PoisonError::into_inner);
        match &opened {
            Ok(_) => *away = None,
            Err(_) => {
                self.failures.fetch_add(1, Relaxed);
                away.get_or_insert_with(Instant::now);
            }
        }
        drop(away);
        if opened.is_err() {
            self.set_ready(false);
        }
        opened
    }

    fn keep(&self, wire: Wire) {
        let mut kept = self.lock_kept();
        if kept.len() < MOST_KEPT {
            kept.push(Kept { wire, since: Instant::now() });
        }
    }

    fn lock_kept(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.address.scheme {
            OriginScheme::Http => "http",
            OriginScheme::Https => "https",
            OriginScheme::Link => "link",
        };
        let (host, port) = (&self.address.host, self.address.port);
        if host.contains(':') {
            return write!(formatter, "{scheme}://[{host}]:{port}");
        }
        write!(formatter, "{scheme}://{host}:{port}")
    }
}

impl Lent {
    /// Sends the request and waits for the head of the answer, whose body keeps the connection.
    pub async fn send(
        self,
        request: Request<RequestBody>,
    ) -> Result<Response<OriginBody>, Box<Failure>> {
        let Self(mut wire) = self;
        wire.origin.requests.fetch_add(1, Relaxed);
        let answer: Answer = {
            let mut sending = pin!(wire.handle.try_send_request(request));
            let (connection, origin) = (&mut wire.connection, &wire.origin);
            let answered = poll_fn(|context| {
                drive(connection, context);
                sending.as_mut().poll(context)
            });
            answered.await.map_err(|mut failed| {
                origin.failures.fetch_add(1, Relaxed);
                let unsent = failed.take_message();
                Box::new(Failure { cause: failed.into_error(), unsent })
            })?
        };
        Ok(answer.map(|incoming| OriginBody::new(incoming, wire)))
    }
}

impl Wire {
    /// Lets the connection read and write what it can.
    pub fn drive(&mut self, context: &mut Context<'_>) {
        drive(&mut self.connection, context);
    }

    /// Back to the others, if it can take another request.
    pub fn give_back(mut self) {
        if self.is_good() {
            let origin = self.origin.clone();
            origin.keep(self);
        }
    }

    fn is_good(&mut self) -> bool {
        // Nobody needs to be woken: whoever uses it next looks again.
        self.drive(&mut Context::from_waker(Waker::noop()));
        self.connection.is_some() && self.handle.is_ready()
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.origin.open.fetch_sub(1, Relaxed);
    }
}

fn drive(connection: &mut Option<Running>, context: &mut Context<'_>) {
    if let Some(running) = connection
        && let Poll::Ready(ended) = running.as_mut().poll(context)
    {
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection to an origin ended");
        }
        *connection = None;
    }
}
