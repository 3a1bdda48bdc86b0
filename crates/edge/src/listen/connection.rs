//! One connection: whom it speaks for, its TLS handshake, its HTTP, its limits in time, its end.

use std::convert::Infallible;
use std::future::Future;
use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use net::crowd::Seat;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::accept::Door;
use super::proxy_protocol::{self, Announced};
use crate::Shared;
use crate::figures::Counted;
use crate::proxy::{self, Caller};
use crate::strict::Strict;
use crate::tls::{self, Protocol};
use crate::watch::{self, Overdue, Watch};

/// How long a handshake may take, that of a proxy before us included.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long a client that floods us is listened to after the GOAWAY.
const GOOD_BYE: Duration = Duration::from_millis(100);
/// How long a fresh connection may take for its first request when the edge stops.
const FIRST: Duration = Duration::from_secs(2);
/// Most headers of a request.
const MOST_HEADERS: usize = 100;
/// Most bytes of them.
const LONGEST_HEADERS: u32 = 16 * 1024;

/// A place among all connections, and the count of them.
pub(super) type Place = (Option<OwnedSemaphorePermit>, Counted);

/// What a connection takes from others until it ends, as a WebSocket perhaps.
pub(crate) struct Held {
    _place: Place,
    _seat: Seat,
}

/// Serves a connection to its end.
pub(super) async fn serve(
    shared: &Arc<Shared>,
    mut stream: TcpStream,
    peer: IpAddr,
    door: Door,
    place: Place,
) {
    let plan = shared.plan();
    let mut address = peer.to_canonical();
    if plan.trusted_announcers.contains(address) {
        let announced = timeout(HANDSHAKE, proxy_protocol::read(&mut stream)).await;
        match announced {
            Ok(Ok(Announced::Client(client))) => address = client.to_canonical(),
            Ok(Ok(Announced::Itself)) => {}
            _ => {
                tracing::debug!(%peer, "a proxy did not announce its client");
                return;
            }
        }
    }
    let Some(seat) = shared.crowd.enter(address, plan.connections_per_address) else {
        shared.figures.refused.fetch_add(1, Relaxed);
        return;
    };
    drop(plan);
    let held = Arc::new(Held { _place: place, _seat: seat });
    let watch = Arc::new(Watch::default());
    match door {
        Door::Http => plain(shared, stream, watch).await,
        Door::Https => {
            let acceptor = TlsAcceptor::from(shared.tls.clone());
            match timeout(HANDSHAKE, acceptor.accept(stream)).await {
                Ok(Ok(stream)) => {
                    let shared = shared.clone();
                    secure(stream, Caller { shared, watch, address, held }).await;
                }
                Ok(Err(error)) => {
                    shared.figures.handshakes_failed.fetch_add(1, Relaxed);
                    tracing::debug!(%peer, %error, "a TLS handshake failed");
                }
                Err(_) => {
                    shared.figures.handshakes_failed.fetch_add(1, Relaxed);
                }
            }
        }
    }
}

async fn plain(shared: &Arc<Shared>, stream: TcpStream, watch: Arc<Watch>) {
    let (of_service, of_turns) = (shared.clone(), watch.clone());
    let service = service_fn(move |request: Request<Incoming>| {
        let mut turn = of_turns.turn();
        let response: Response<Bytes> = proxy::plain(&of_service, &request);
        turn.done();
        async move { Ok::<_, Infallible>(response.map(Full::new)) }
    });
    let io = TokioIo::new(Strict::new(stream, watch.clone()));
    let mut connection = pin!(http1_builder().serve_connection(io, service));
    until_end(shared, &watch, connection.as_mut(), |connection| connection.graceful_shutdown())
        .await;
}

async fn secure(stream: TlsStream<TcpStream>, caller: Caller) {
    let (shared, watch) = (caller.shared.clone(), caller.watch.clone());
    let caller = Arc::new(caller);
    let service = service_fn(move |request: Request<Incoming>| {
        let caller = caller.clone();
        async move { Ok::<_, Infallible>(proxy::answer(&caller, request).await) }
    });
    match tls::protocol(stream.get_ref().1.alpn_protocol()) {
        // The handshake was the answer (RFC 8737 §3).
        Protocol::Challenge => {}
        Protocol::Http1 => {
            let io = TokioIo::new(Strict::new(stream, watch.clone()));
            let connection = http1_builder().serve_connection(io, service).with_upgrades();
            let mut connection = pin!(connection);
            until_end(&shared, &watch, connection.as_mut(), |one| one.graceful_shutdown()).await;
        }
        Protocol::Http2 => {
            let io = TokioIo::new(Noted { inner: stream, watch: watch.clone() });
            let mut connection = pin!(http2_builder().serve_connection(io, service));
            until_end(&shared, &watch, connection.as_mut(), |one| one.graceful_shutdown()).await;
        }
    }
}

fn http1_builder() -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).max_headers(MOST_HEADERS).max_buf_size(64 * 1024);
    builder
}

/// Bounds of memory and work (E07): what a client may have in flight is what it may make us hold.
fn http2_builder() -> http2::Builder<TokioExecutor> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        // WebSockets as streams (RFC 8441); whatever else CONNECT could ask for is refused.
        .enable_connect_protocol()
        .max_concurrent_streams(100)
        .max_header_list_size(LONGEST_HEADERS)
        .max_pending_accept_reset_streams(20)
        .max_local_error_reset_streams(100)
        .initial_stream_window_size(256 * 1024)
        .initial_connection_window_size(512 * 1024)
        .max_send_buf_size(64 * 1024)
        .keep_alive_interval(Duration::from_secs(30))
        .keep_alive_timeout(Duration::from_secs(20));
    builder
}

/// What happens beside the requests of a connection.
enum Event {
    Leave,
    Flooded,
    Look,
}

/// Drives a connection until it ends, is overdue, floods us, or the edge stops.
///
/// The events are kept where only those are polled that were woken: a connection is polled several
/// times for each request, and they hardly ever happen.
async fn until_end<C>(
    shared: &Shared,
    watch: &Watch,
    mut connection: Pin<&mut C>,
    shut: impl Fn(Pin<&mut C>),
) where
    C: Future<Output = hyper::Result<()>>,
{
    let mut events: FuturesUnordered<Pin<Box<dyn Future<Output = Event> + Send + '_>>> =
        FuturesUnordered::new();
    events.push(Box::pin(leaving(shared, watch)));
    events.push(Box::pin(flooded(watch)));
    events.push(Box::pin(look()));
    let mut is_closing = false;
    loop {
        tokio::select! {
            biased;
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection ended early");
                }
                return;
            }
            Some(event) = events.next() => match event {
                Event::Leave => {
                    is_closing = true;
                    shut(connection.as_mut());
                }
                Event::Flooded => {
                    tracing::debug!("a client gave up too many requests");
                    shut(connection.as_mut());
                    // Time for the GOAWAY, and no more.
                    let _ = timeout(GOOD_BYE, connection.as_mut()).await;
                    return;
                }
                Event::Look => match watch.overdue(shared.is_crowded()) {
                    None => events.push(Box::pin(look())),
                    Some(Overdue::Idle) if !is_closing => {
                        is_closing = true;
                        shut(connection.as_mut());
                        events.push(Box::pin(look()));
                    }
                    Some(why) => {
                        tracing::debug!(?why, "a connection is cut off");
                        return;
                    }
                },
            },
        }
    }
}

/// The edge stops. Whoever has just come may still say what for.
async fn leaving(shared: &Shared, watch: &Watch) -> Event {
    shared.stop.cancelled().await;
    let _ = timeout(FIRST, watch.begun()).await;
    Event::Leave
}

async fn flooded(watch: &Watch) -> Event {
    watch.flooded().await;
    Event::Flooded
}

async fn look() -> Event {
    sleep(watch::LOOK).await;
    Event::Look
}

/// A stream whose writes are noted.
struct Noted<T> {
    inner: T,
    watch: Arc<Watch>,
}

impl<T: AsyncRead + Unpin> AsyncRead for Noted<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
        buffer: &mut tokio::io::ReadBuf<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_read(context, buffer)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Noted<T> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
        bytes: &[u8],
    ) -> std::task::Poll<std::io::Result<usize>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.inner).poll_write(context, bytes);
        this.watch.wrote(polled.is_ready());
        polled
    }

    fn poll_flush(
        self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(context)
    }

    fn poll_shutdown(
        self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(context)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
        pieces: &[std::io::IoSlice<'_>],
    ) -> std::task::Poll<std::io::Result<usize>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.inner).poll_write_vectored(context, pieces);
        this.watch.wrote(polled.is_ready());
        polled
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}
