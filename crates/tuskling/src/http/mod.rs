//! The listener: our own accept loop with time limits and connection caps, and the routes around
//! the API: health, readiness, metrics.

mod accept;
mod around;
mod metrics;
mod patience;

use std::sync::Arc;

use accept::Bounds;
use app::App;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Serves until `stop`, then lets open requests finish.
pub async fn serve(
    app: Arc<App>,
    listener: TcpListener,
    metrics: Option<TcpListener>,
    stop: CancellationToken,
) {
    let limits = &app.config.limits;
    let most = Bounds { all: limits.connections, each: limits.connections_per_address };
    let main = accept::run(listener, around::router(app.clone()), most, stop.clone());
    match metrics {
        Some(listener) => {
            let scrape =
                accept::run(listener, metrics::router(app), Bounds { all: 16, each: 16 }, stop);
            tokio::join!(main, scrape);
        }
        None => main.await,
    }
}
