//! `tuskling serve`: the server, until SIGTERM or SIGINT.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use app::App;
use app::delivery::Deliverer;
use app::jobs::{self, Lane, Worker};
use net::link::Link;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::Receiver;
use tokio_util::sync::CancellationToken;

use crate::cli::Serve;
use crate::commands::reload::Reload;
use crate::commands::{say, schedule};
use crate::context;
use crate::http::{self, Listeners};

/// How long requests may take to finish after SIGTERM.
const DRAIN: Duration = Duration::from_secs(8);

/// Runs the server.
///
/// # Errors
/// When it cannot start; the text says what to do.
pub async fn run(
    mut config: config::Config,
    arguments: Serve,
    reload: Reload,
) -> anyhow::Result<()> {
    context::apply_data(&mut config, &arguments.data);
    if let Some(listen) = arguments.listen {
        config.server.listen = listen;
    }
    config.server.domain = arguments.domain.or(config.server.domain);
    config.server.url = arguments.url.or(config.server.url);
    let listener = bind(config.server.listen).await?;
    if config.server.domain.is_none() && config.server.url.is_none() {
        // Port 0 asks the system for a free one.
        config.server.listen = listener.local_addr()?;
    }
    let metrics = match config.metrics.listen {
        Some(address) => Some(bind(address).await?),
        None => None,
    };
    let server = &config.server;
    let link = match (server.link_listen, &server.link_secret_file) {
        (Some(address), Some(file)) => Some((bind(address).await?, Link::read(file)?.server()?)),
        _ => None,
    };
    let listeners = Listeners { main: listener, link, metrics };
    let app = context::open(config).await?;
    let settings = app.config.clone();
    app.backups.told_by(move || schedule::report(&settings));
    app.store.join().await?;
    jobs::ensure_recurring(&app).await?;
    app::delivery::release_held(&app).await?;
    let stop = CancellationToken::new();
    let worker = tokio::spawn(Worker::new(app.clone(), stop.clone(), Lane::Quick).run());
    let converter = tokio::spawn(Worker::new(app.clone(), stop.clone(), Lane::Slow).run());
    let receiver = tokio::spawn(Worker::new(app.clone(), stop.clone(), Lane::Inbox).run());
    let fetcher = tokio::spawn(Worker::new(app.clone(), stop.clone(), Lane::Fetch).run());
    let pusher = tokio::spawn(Worker::new(app.clone(), stop.clone(), Lane::Push).run());
    let mailer = tokio::spawn(Worker::new(app.clone(), stop.clone(), Lane::Mail).run());
    let deliverer = tokio::spawn(Deliverer::new(app.clone(), stop.clone()).run());
    // What is rendered first must know them.
    app::emojis::refresh(&app).await?;
    let emojis = tokio::spawn(app::emojis::keep_fresh(app.clone(), stop.clone()));
    // Whoever is answered may be told of what happens at once.
    let messages = app.store.listen(app::stream::CHANNEL).await;
    let events = tokio::spawn(relay_events(app.clone(), messages));
    let backups = tokio::spawn(schedule::run(app.clone(), reload.file.clone(), stop.clone()));
    greet(&app).await?;
    let serving = tokio::spawn(http::serve(app.clone(), listeners, stop.clone()));
    wait_for_signal(&reload).await?;
    tracing::info!("stopping: open requests may finish");
    stop.cancel();
    app.hub.close();
    events.abort();
    let drained = tokio::time::timeout(DRAIN, async {
        let queues =
            async { tokio::join!(worker, converter, receiver, fetcher, pusher, mailer, deliverer) };
        let _ = tokio::join!(serving, queues, emojis, backups, app.hub.emptied());
    })
    .await;
    if drained.is_err() {
        tracing::warn!("some requests did not finish in time");
    }
    app.store.close().await;
    Ok(())
}

async fn bind(address: std::net::SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!(
            "cannot listen on {address}; is another server running there? --listen chooses another"
        )
    })
}

/// Says where the server is and, while there is no owner, how to become it.
async fn greet(app: &Arc<App>) -> anyhow::Result<()> {
    let version = app.store.version().await?;
    tracing::info!(domain = %app.urls.domain, database = %version, "tuskling {} is ready", env!("CARGO_PKG_VERSION"));
    if !app.urls.is_local
        && let Some(folder) = app::mail::folder(app)
    {
        tracing::warn!(
            folder = %folder.display(),
            "mail is not sent but written to this folder; set mail.transport to smtp or ses"
        );
    }
    say(&format!("tuskling is at {}", app.urls.base));
    if let Some(link) = app::setup::link(app).await? {
        say(&format!("Make your owner account: {link}"));
    }
    Ok(())
}

/// On PostgreSQL, events of every process come over the database.
async fn relay_events(app: Arc<App>, messages: Option<Receiver<String>>) {
    let Some(mut messages) = messages else { return };
    while let Some(message) = messages.recv().await {
        match serde_json::from_str(&message) {
            Ok(event) => app.hub.deliver(&event),
            Err(error) => tracing::warn!(%error, "an event of another process cannot be read"),
        }
    }
}

/// Waits for the order to stop. Reloads when that is the order.
async fn wait_for_signal(reload: &Reload) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hangup = signal(SignalKind::hangup())?;
    loop {
        tokio::select! {
            _ = terminate.recv() => return Ok(()),
            _ = interrupt.recv() => return Ok(()),
            _ = hangup.recv() => reload.run(),
        }
    }
}
