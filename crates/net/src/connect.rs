//! Opens connections: finds the addresses of a name, checks each, connects to the checked address
//! itself, and speaks TLS. Every connection of the client begins here, so nothing gets around the
//! guard.

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use http::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::guard::Guard;
use crate::settings::Times;
use crate::{NetError, Resolve};

/// Addresses of one name that are tried.
const MOST_ADDRESSES: usize = 4;
/// How long one address is tried alone before the next joins (RFC 8305).
const HEAD_START: Duration = Duration::from_millis(250);

/// Makes connections for the pool.
#[derive(Clone)]
pub(crate) struct Connector {
    shared: Arc<Shared>,
}

struct Shared {
    guard: Guard,
    resolver: Arc<dyn Resolve>,
    tls: TlsConnector,
    times: Times,
    open: Open,
}

/// How many connections are open, unused ones among them.
#[derive(Clone, Default)]
pub(crate) struct Open(Arc<AtomicUsize>);

impl Open {
    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Connector {
    pub(crate) fn new(
        guard: Guard,
        resolver: Arc<dyn Resolve>,
        tls: Arc<rustls::ClientConfig>,
        times: Times,
        open: Open,
    ) -> Self {
        let tls = TlsConnector::from(tls);
        Self { shared: Arc::new(Shared { guard, resolver, tls, times, open }) }
    }
}

impl tower::Service<Uri> for Connector {
    type Response = Link;
    type Error = NetError;
    type Future = Pin<Box<dyn Future<Output = Result<Link, NetError>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), NetError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let shared = self.shared.clone();
        Box::pin(async move { shared.connect(&uri).await })
    }
}

impl Shared {
    async fn connect(&self, uri: &Uri) -> Result<Link, NetError> {
        let name = uri.host().unwrap_or_default();
        let encrypted = uri.scheme_str() == Some("https");
        let port = uri.port_u16().unwrap_or(if encrypted { 443 } else { 80 });
        let late = |_| NetError::Timeout(name.to_owned());
        let unreachable = |error: io::Error| NetError::Unreachable(name.into(), error.to_string());
        let tcp = timeout(self.times.connect, self.dial(name, port)).await.map_err(late)??;
        tcp.set_nodelay(true).map_err(unreachable)?;
        if !encrypted {
            return Ok(Link::new(tcp, false, &self.open));
        }
        let bare = name.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
        let server = ServerName::try_from(bare.to_owned())
            .map_err(|error| NetError::Unreachable(name.into(), error.to_string()))?;
        let shaking = self.tls.connect(server, tcp);
        let secure =
            timeout(self.times.handshake, shaking).await.map_err(late)?.map_err(unreachable)?;
        let h2 = secure.get_ref().1.alpn_protocol() == Some(b"h2");
        Ok(Link::new(secure, h2, &self.open))
    }

    /// Connects to the first address that answers, among those that may be reached.
    async fn dial(&self, name: &str, port: u16) -> Result<TcpStream, NetError> {
        let unreachable = |error: io::Error| NetError::Unreachable(name.into(), error.to_string());
        let found = self.addresses(name).await.map_err(unreachable)?;
        if found.is_empty() {
            return Err(NetError::Unreachable(name.into(), "the name has no address".into()));
        }
        let admitted: Vec<SocketAddr> = found
            .into_iter()
            .map(|address| SocketAddr::new(address, port))
            .filter(|address| self.guard.admits(*address))
            .take(MOST_ADDRESSES)
            .collect();
        let mut attempts: FuturesUnordered<_> = (0u32..)
            .zip(admitted)
            .map(|(place, address)| async move {
                // A timer of no time still waits for its next tick.
                if place > 0 {
                    tokio::time::sleep(HEAD_START * place).await;
                }
                TcpStream::connect(address).await
            })
            .collect();
        let mut failure = None;
        while let Some(attempt) = attempts.next().await {
            match attempt {
                Ok(tcp) => return Ok(tcp),
                Err(error) => failure = Some(error),
            }
        }
        Err(failure.map_or_else(|| NetError::Refused(name.into()), unreachable))
    }

    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let bare = name.trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = bare.parse() {
            return Ok(vec![address]);
        }
        if Guard::own_name(name) {
            return Ok(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]);
        }
        self.resolver.resolve(name).await
    }
}

/// An open connection, counted until it is dropped.
pub(crate) struct Link {
    io: TokioIo<Box<dyn Wire>>,
    h2: bool,
    open: Open,
}

trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

impl Link {
    fn new(wire: impl Wire + 'static, h2: bool, open: &Open) -> Self {
        open.0.fetch_add(1, Ordering::Relaxed);
        Self { io: TokioIo::new(Box::new(wire)), h2, open: open.clone() }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.open.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Connection for Link {
    fn connected(&self) -> Connected {
        let connected = Connected::new();
        if self.h2 { connected.negotiated_h2() } else { connected }
    }
}

impl Read for Link {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(context, buffer)
    }
}

impl Write for Link {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}
