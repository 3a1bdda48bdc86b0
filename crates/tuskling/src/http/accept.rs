//! Accepts connections and serves HTTP/1.1 and HTTP/2 on them, bounded in number and time.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use net::crowd::{Crowd, Seat};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::door::{self, Door};
use super::patience::Patience;

/// How long the header of a request may take to arrive.
const HEADER_TIME: Duration = Duration::from_secs(10);
/// How long a body may pause between two pieces.
const BODY_PAUSE: Duration = Duration::from_secs(20);

/// How many connections there may be at once.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// In all.
    pub all: usize,
    /// From one address, or one /64 of IPv6. This machine's own addresses are not counted: a
    /// reverse proxy here speaks for everybody.
    pub each: usize,
}

impl Bounds {
    /// How many this address may have: who speaks for many may have many.
    fn of(self, door: &Door, peer: IpAddr) -> usize {
        let is_many = peer.to_canonical().is_loopback() || door.trusts(peer);
        if is_many { self.all } else { self.each }
    }
}

/// Serves `router` on `listener` until `stop`, then waits for open requests.
pub async fn run(
    listener: TcpListener,
    door: Door,
    router: Router,
    bounds: Bounds,
    stop: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(bounds.all));
    let crowd = Crowd::default();
    let graceful = GracefulShutdown::new();
    let builder = builder();
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { break };
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let most = bounds.of(&door, peer.ip());
                match crowd.enter(peer.ip(), most) {
                    Some(seat) => {
                        let arrived = Arrived { peer, door: door.clone(), _held: (place, seat) };
                        let (builder, router) = (builder.clone(), router.clone());
                        let watcher = graceful.watcher();
                        tokio::spawn(serve_one(builder, stream, arrived, router, watcher));
                    }
                    None => tracing::debug!(%peer, "too many connections from one address"),
                }
            }
            Err(error) => {
                // Out of file descriptors, most likely: give connections time to close.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop(listener);
    graceful.shutdown().await;
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .max_headers(100)
        .max_buf_size(64 * 1024);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(100)
        .max_header_list_size(16 * 1024)
        .keep_alive_interval(Duration::from_secs(30));
    builder
}

/// A connection that was let in.
struct Arrived {
    peer: SocketAddr,
    door: Door,
    _held: (OwnedSemaphorePermit, Seat),
}

async fn serve_one(
    builder: Builder<TokioExecutor>,
    stream: TcpStream,
    arrived: Arrived,
    router: Router,
    watcher: Watcher,
) {
    // Answers are written whole; waiting to fill a packet only delays them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection is without TCP_NODELAY");
    }
    match arrived.door.clone() {
        Door::Open(_) => speak(builder, stream, &arrived, router, watcher).await,
        Door::Link(config) => {
            let accepting = TlsAcceptor::from(config).accept(stream);
            match tokio::time::timeout(HEADER_TIME, accepting).await {
                Ok(Ok(stream)) => speak(builder, stream, &arrived, router, watcher).await,
                Ok(Err(error)) => {
                    tracing::warn!(peer = %arrived.peer, %error, "no edge of ours on the link");
                }
                Err(_) => tracing::debug!(peer = %arrived.peer, "a handshake takes too long"),
            }
        }
    }
}

/// HTTP until the connection ends.
async fn speak<S>(
    builder: Builder<TokioExecutor>,
    stream: S,
    arrived: &Arrived,
    router: Router,
    watcher: Watcher,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (peer, is_trusted) = (arrived.peer, arrived.door.trusts(arrived.peer.ip()));
    let is_edge = arrived.door.is_edge();
    let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
        let from = if is_trusted { door::client(request.headers(), peer) } else { peer };
        request.extensions_mut().insert(ConnectInfo(from));
        if is_edge {
            request.extensions_mut().insert(door::FromEdge(peer.ip().to_canonical()));
        }
        if is_edge && let Some(received) = door::received_at(request.headers()) {
            request.extensions_mut().insert(received);
        }
        let router = router.clone();
        async move {
            let patience = Patience::default();
            let request = request.map(|body| patience.limit(BODY_PAUSE, body));
            Ok::<_, Infallible>(match router.oneshot(request).await {
                Ok(response) => patience.judge(response),
                Err(never) => match never {},
            })
        }
    });
    let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
    if let Err(error) = watcher.watch(connection.into_owned()).await {
        tracing::debug!(%error, "a connection ended early");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_has_its_share_and_this_machine_all_of_them() {
        let bounds = Bounds { all: 100, each: 2 };
        let door = Door::Open(Arc::default());
        for (address, most) in
            [("192.0.2.1", 2), ("2001:db8::1", 2), ("127.0.0.1", 100), ("::ffff:127.0.0.1", 100)]
        {
            // A proxy on this machine speaks for many.
            assert_eq!(bounds.of(&door, address.parse().unwrap()), most, "{address}");
        }
    }
}
