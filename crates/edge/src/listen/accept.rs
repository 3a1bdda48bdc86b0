//! Takes connections, bounded in number, and starts a task for each.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::TaskTracker;

use super::connection;
use crate::Shared;
use crate::figures::Counted;

/// What is spoken behind a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    Http,
    Https,
}

/// Takes connections until the edge stops; what was taken goes on in `tasks`.
pub(crate) async fn run(
    shared: Arc<Shared>,
    listener: TcpListener,
    door: Door,
    places: Arc<Semaphore>,
    tasks: TaskTracker,
) {
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        let accepted = tokio::select! {
            () = shared.stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                tasks.spawn(one(shared.clone(), stream, peer, door, Some(place)));
            }
            Err(error) => {
                // Out of file descriptors, most likely: give connections time to close.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    // Whoever is in the line already would be refused when the socket closes.
    while let Some(Ok((stream, peer))) = now_or_never(&listener) {
        tasks.spawn(one(shared.clone(), stream, peer, door, None));
    }
}

fn now_or_never(listener: &TcpListener) -> Option<std::io::Result<(TcpStream, SocketAddr)>> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match listener.poll_accept(&mut context) {
        std::task::Poll::Ready(accepted) => Some(accepted),
        std::task::Poll::Pending => None,
    }
}

async fn one(
    shared: Arc<Shared>,
    stream: TcpStream,
    peer: SocketAddr,
    door: Door,
    place: Option<OwnedSemaphorePermit>,
) {
    shared.figures.accepted.fetch_add(1, Relaxed);
    // Answers are written whole; waiting to fill a packet only delays them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection is without TCP_NODELAY");
    }
    let open = Counted::new(&shared, |figures| &figures.connections);
    connection::serve(&shared, stream, peer.ip(), door, (place, open)).await;
}
