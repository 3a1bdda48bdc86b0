//! The edge: TLS, routing and limits before a server that it knows by address and path only.
//!
//! A request goes through the pipeline of [`proxy`]: name, rate, route, origin, answer. Nothing here
//! knows accounts, posts or databases; any server can stand behind it. Called by `tuskling edge`.

pub mod acme;
mod answer;
pub mod aws;
mod cache;
pub mod certificates;
mod compress;
mod error;
mod figures;
mod headers;
mod inbox;
mod listen;
pub mod nat;
mod origin;
mod pages;
mod plan;
mod proxy;
mod rates;
pub mod spool;
mod status;
mod strict;
mod tls;
mod upgrade;
mod watch;

use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use config::Config;
use http::HeaderValue;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use figures::Figures;
use listen::{Door, Inherited};
use net::crowd::Crowd;
use plan::Plan;

pub use certificates::Certificates;
pub use error::EdgeError;
pub use status::{
    CacheStatus, EdgeStatus, Fetched, NameStatus, OriginStatus, SpoolStatus, VaultStatus,
    ask as ask_status, purge,
};

/// How long open requests may go on after the order to stop.
const DRAIN: Duration = Duration::from_secs(8);

/// An edge whose sockets are open.
pub struct Edge {
    shared: Arc<Shared>,
    listeners: Vec<(TcpListener, Door)>,
    metrics: Option<TcpListener>,
    connections: usize,
}

/// A handle on a running edge: cheap to clone.
#[derive(Clone)]
pub struct Handle(Arc<Shared>);

/// What all connections share.
pub(crate) struct Shared {
    plan: RwLock<Arc<Plan>>,
    pub certificates: Certificates,
    /// How the names stand whose certificates are fetched.
    acme: RwLock<acme::Statuses>,
    pub tls: Arc<rustls::ServerConfig>,
    pub crowd: Crowd,
    pub rates: rates::Rates,
    pub press: compress::Press,
    pub inbox: inbox::Inbox,
    pub cache: Arc<cache::Cache>,
    /// Requests that are answered at once, by address.
    pub visitors: Crowd,
    /// Connections, and requests that are answered at once, in all.
    pub most: u64,
    pub figures: Figures,
    /// No new connections or requests.
    pub stop: CancellationToken,
    /// The end of what is still open.
    pub cut: CancellationToken,
    pub started: Instant,
    /// The https port, where it is not the usual one.
    unusual_port: Option<u16>,
}

impl Edge {
    /// Reads certificates and opens all sockets, so that whatever can fail fails now.
    ///
    /// # Errors
    /// [`EdgeError`] says what to change.
    pub fn open(config: &Config) -> Result<Self, EdgeError> {
        let certificates = Certificates::default();
        let plan = Plan::make(config, &certificates, None)?;
        let tls = tls::config(&certificates)?;
        let mut inherited = Inherited::take();
        let edge = &config.edge;
        let mut listeners = Vec::new();
        for address in &edge.http {
            listeners.push((listen::bind(*address, &mut inherited)?, Door::Http));
        }
        for address in &edge.https {
            listeners.push((listen::bind(*address, &mut inherited)?, Door::Https));
        }
        let metrics = edge.metrics.map(|address| listen::bind(address, &mut inherited));
        let metrics = metrics.transpose()?;
        let mut https = listeners.iter().filter(|(_, door)| *door == Door::Https);
        let port = https.next().and_then(|(listener, _)| Some(listener.local_addr().ok()?.port()));
        let shared = Shared {
            plan: RwLock::new(Arc::new(plan)),
            certificates,
            acme: RwLock::default(),
            tls,
            crowd: Crowd::default(),
            rates: rates::Rates::default(),
            press: compress::Press::default(),
            inbox: inbox::Inbox::new(edge),
            cache: Arc::new(cache::Cache::new(edge)),
            visitors: Crowd::default(),
            most: edge.connections as u64,
            figures: Figures::default(),
            stop: CancellationToken::new(),
            cut: CancellationToken::new(),
            started: Instant::now(),
            unusual_port: port.filter(|port| *port != 443),
        };
        Ok(Self { shared: Arc::new(shared), listeners, metrics, connections: edge.connections })
    }

    /// A handle to reload and stop it.
    #[must_use]
    pub fn handle(&self) -> Handle {
        Handle(self.shared.clone())
    }

    /// The addresses that are listened on, in the order of the configuration, http first.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.listeners.iter().filter_map(|(listener, _)| listener.local_addr().ok()).collect()
    }

    /// Names without a certificate: their clients are refused until there is one.
    #[must_use]
    pub fn names_without_certificate(&self) -> Vec<String> {
        let plan = self.shared.plan();
        let mut names: Vec<String> =
            plan.names().filter(|name| !self.shared.certificates.has(name)).cloned().collect();
        names.sort();
        names
    }

    /// Serves until [`Handle::stop`], then lets open requests finish, for eight seconds at most.
    pub async fn run(self) {
        let shared = self.shared;
        shared.plan().watch_origins(&shared);
        let tasks = TaskTracker::new();
        tasks.spawn(inbox::run(shared.clone()));
        tasks.spawn(cache::run(shared.clone()));
        let places = Arc::new(Semaphore::new(self.connections));
        let doors = self.listeners.into_iter().map(|(listener, door)| {
            listen::run(shared.clone(), listener, door, places.clone(), tasks.clone())
        });
        let metrics = self.metrics.map(|listener| status::serve(shared.clone(), listener));
        let scraping = metrics.map(tokio::spawn);
        futures_util::future::join_all(doors).await;
        tasks.close();
        if timeout(DRAIN, drained(&shared, &tasks)).await.is_err() {
            tracing::warn!("some requests did not finish in time");
        }
        shared.cut.cancel();
        shared.inbox.close();
        shared.cache.close();
        if let Some(scraping) = scraping {
            scraping.abort();
        }
    }
}

/// WebSockets have no task of their connection any more; they are cut when all else is done.
async fn drained(shared: &Shared, tasks: &TaskTracker) {
    tasks.wait().await;
    if shared.figures.upgraded.get() > 0 {
        shared.cut.cancel();
        // The sockets close in their own tasks.
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

impl Handle {
    /// Uses these settings from now on. Connections stay; addresses, the metrics listener, the
    /// spool and the number of connections need a restart.
    ///
    /// # Errors
    /// [`EdgeError`], and nothing has changed.
    pub fn reload(&self, config: &Config) -> Result<(), EdgeError> {
        let before = self.0.plan();
        let plan = Arc::new(Plan::make(config, &self.0.certificates, Some(&before))?);
        plan.watch_origins(&self.0);
        self.0.cache.use_limits(&config.edge);
        *self.0.plan.write().unwrap_or_else(PoisonError::into_inner) = plan;
        before.retire();
        Ok(())
    }

    /// Takes no new connections and lets open requests finish.
    pub fn stop(&self) {
        self.0.stop.cancel();
    }

    /// Shows in the status how fetching certificates goes.
    pub fn show_acme(&self, statuses: acme::Statuses) {
        *self.0.acme.write().unwrap_or_else(PoisonError::into_inner) = statuses;
    }

    /// The certificates that are shown.
    #[must_use]
    pub fn certificates(&self) -> Certificates {
        self.0.certificates.clone()
    }
}

impl Shared {
    /// What is in force.
    pub fn plan(&self) -> Arc<Plan> {
        self.plan.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How the names stand whose certificates are fetched.
    pub fn acme(&self) -> Vec<acme::NameStatus> {
        self.acme.read().unwrap_or_else(PoisonError::into_inner).all()
    }

    /// How it stands with the vault of certificates, if there is one.
    pub fn vault(&self) -> Option<acme::VaultStatus> {
        self.acme.read().unwrap_or_else(PoisonError::into_inner).vault()
    }

    /// Whether nine of ten places are taken.
    pub fn is_crowded(&self) -> bool {
        self.figures.connections.get().saturating_mul(10) > self.most.saturating_mul(9)
    }

    /// Whether a host has a port that we have, or none.
    pub fn is_own(&self, host: &HeaderValue) -> bool {
        let port = host.to_str().ok().and_then(|host| host.rsplit_once(':'));
        port.is_none_or(|(_, port)| {
            port == "443" || self.unusual_port.is_some_and(|own| port == own.to_string())
        })
    }

    /// How the name is written in an address.
    pub fn authority(&self, name: &str) -> String {
        match self.unusual_port {
            Some(port) => format!("{name}:{port}"),
            None => name.to_owned(),
        }
    }
}
