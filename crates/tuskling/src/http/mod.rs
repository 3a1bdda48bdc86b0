//! The listener: our own accept loop with time limits and connection caps, and the routes around
//! the API: health, readiness, metrics.

mod accept;
mod around;
mod door;
mod metrics;
mod part_heads;
mod patience;

use std::sync::Arc;

use accept::Bounds;
use app::App;
use door::Door;
use rustls::ServerConfig;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// The sockets of a server.
pub struct Listeners {
    /// For everybody.
    pub main: TcpListener,
    /// For edges that prove themselves.
    pub link: Option<(TcpListener, Arc<ServerConfig>)>,
    /// For scrapers on this machine.
    pub metrics: Option<TcpListener>,
}

/// Serves until `stop`, then lets open requests finish.
pub async fn serve(app: Arc<App>, listeners: Listeners, stop: CancellationToken) {
    let limits = &app.config.limits;
    let most = Bounds { all: limits.connections, each: limits.connections_per_address };
    let named = &app.config.server.trusted_proxies;
    // Read and found good at start.
    let proxies = config::networks::parse_all("server.trusted_proxies", named).unwrap_or_default();
    let router = around::router(app.clone());
    let open = Door::Open(Arc::new(proxies));
    let main = accept::run(listeners.main, open, router.clone(), most, stop.clone());
    let link = async {
        if let Some((listener, tls)) = listeners.link {
            accept::run(listener, Door::Link(tls), router, most, stop.clone()).await;
        }
    };
    let scrape = async {
        if let Some(listener) = listeners.metrics {
            let (few, nobody) = (Bounds { all: 16, each: 16 }, Door::Open(Arc::default()));
            accept::run(listener, nobody, metrics::router(app.clone()), few, stop.clone()).await;
        }
    };
    tokio::join!(main, link, scrape);
}
