//! The loopback listener: `GET /metrics` for Prometheus, `GET /status` for `tuskling edge status`, and
//! `POST /purge` for `tuskling edge purge`; and the asking side of the latter two.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use config::{OriginAddress, OriginScheme};
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::acme::{self, Environment as _};
use crate::origin::{Dialer, Origin, RequestBody};
use crate::{EdgeError, Shared, cache};

/// Scrapers at once.
const MOST: usize = 8;
/// How long one may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of a status.
const LONGEST: usize = 1024 * 1024;
/// With this an order is given.
const ORDER: &str = "x-tuskling-order";
/// And with this it is said about what.
const ADDRESS: &str = "x-tuskling-address";

/// How an edge is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EdgeStatus {
    /// Seconds since its start.
    pub uptime_seconds: u64,
    /// Names that it answers for, and whether it has a certificate for each.
    pub names: Vec<NameStatus>,
    /// What stands behind it.
    pub origins: Vec<OriginStatus>,
    /// Where certificates are kept as well; left out when nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vault: Option<VaultStatus>,
    /// Deliveries that are kept while the server is away; left out when none are to be kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spool: Option<SpoolStatus>,
    /// Answers that are cached; left out when none are to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache: Option<CacheStatus>,
    /// Open client connections.
    pub connections: u64,
    /// Open WebSockets.
    pub websockets: u64,
    /// Requests since its start.
    pub requests: u64,
    /// Requests being answered.
    pub in_progress: u64,
}

/// A name.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NameStatus {
    /// The name.
    pub name: String,
    /// Whether there is a certificate.
    pub has_certificate: bool,
    /// What is known of one that is fetched; left out for one from a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fetched: Option<Fetched>,
}

/// How it stands with a certificate that is fetched. Times are seconds since 1970.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Fetched {
    /// Who signed it, when there is one.
    pub issuer: Option<String>,
    /// When it ends.
    pub ends_at: Option<u64>,
    /// When it is ordered for next.
    pub next_try_at: u64,
    /// Tries that failed since the last one came.
    pub failures: u32,
    /// Why the last one failed.
    pub last_error: Option<String>,
    /// What the owner is to be told (E12).
    pub warning: Option<String>,
}

/// Where certificates and accounts are kept as well.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct VaultStatus {
    /// The place.
    pub location: String,
    /// What could not be written there yet.
    pub waiting: usize,
    /// Why the last request failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// An origin.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OriginStatus {
    /// Its address.
    pub address: String,
    /// Whether it says that it is ready.
    pub is_ready: bool,
    /// Open connections to it.
    pub connections: usize,
    /// Requests passed on to it.
    pub requests: u64,
    /// Connections and requests that failed.
    pub failures: u64,
}

/// Deliveries that are kept. The counts are since the start of the edge.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SpoolStatus {
    /// Those that wait.
    pub entries: usize,
    /// Bytes on the disk.
    pub bytes: u64,
    /// Servers that something waits of.
    pub senders: usize,
    /// For how many seconds the oldest has waited.
    pub oldest_seconds: Option<u64>,
    /// Deliveries that were answered with 202 here.
    pub kept: u64,
    /// Those of them that the server has taken.
    pub replayed: u64,
    /// Those of them that the server has refused for good.
    pub refused: u64,
    /// Those of them that could not be handed over in time.
    pub outdated: u64,
    /// Deliveries that there was no room for; their senders try again.
    pub turned_away: u64,
    /// Why nothing can be kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// Answers that are cached. The counts are since the start of the edge.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct CacheStatus {
    /// Answers on the disk.
    pub entries: usize,
    /// Bytes of them.
    pub bytes: u64,
    /// Requests answered without asking an origin.
    pub hits: u64,
    /// Answers that were too old, sent because no origin answered.
    pub stale: u64,
    /// Requests that made an origin be asked.
    pub misses: u64,
    /// Requests that waited for what another had asked for.
    pub collapsed: u64,
    /// Answers that were written.
    pub stored: u64,
    /// Those that made room for others.
    pub evicted: u64,
    /// Those that were deleted at the origin, or purged.
    pub purged: u64,
    /// Why nothing can be cached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// Answers on the loopback listener until it is dropped.
pub(crate) async fn serve(shared: Arc<Shared>, listener: TcpListener) {
    let places = Arc::new(Semaphore::new(MOST));
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let shared = shared.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request: Request<Incoming>| {
                let response = answer(&shared, &request);
                async move { Ok::<_, Infallible>(response) }
            });
            let mut builder = http1::Builder::new();
            builder.timer(TokioTimer::new()).header_read_timeout(PATIENCE);
            let served = builder.serve_connection(TokioIo::new(stream), service);
            let _ = timeout(PATIENCE * 6, served).await;
            drop(place);
        });
    }
}

fn answer<B>(shared: &Shared, request: &Request<B>) -> Response<Full<Bytes>> {
    let (kind, text) = match request.uri().path() {
        "/purge" if is_order(request) => {
            let address = request.headers().get(ADDRESS).map(|value| value.to_str().ok());
            let purged = match address {
                None => cache::purge(shared, None),
                Some(address) => address.and_then(|text| cache::purge(shared, Some(text))),
            };
            ("application/json", serde_json::json!({ "purged": purged }).to_string())
        }
        "/metrics" => ("text/plain; version=0.0.4", metrics(shared)),
        "/status" => {
            ("application/json", serde_json::to_string(&status(shared)).unwrap_or_default())
        }
        _ => {
            let mut response = Response::new(Full::from("not found\n"));
            *response.status_mut() = StatusCode::NOT_FOUND;
            return response;
        }
    };
    let mut response = Response::new(Full::from(text));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// A page in a browser of this machine may send a POST, but not with this header.
fn is_order<B>(request: &Request<B>) -> bool {
    *request.method() == Method::POST && request.headers().contains_key(ORDER)
}

fn metrics(shared: &Shared) -> String {
    let mut text = shared.figures.text();
    let EdgeStatus { origins, vault, spool, cache, .. } = status(shared);
    if let Some(vault) = vault {
        let name = "tuskling_edge_vault_waiting";
        let help = "Certificates and accounts that the vault did not take yet.";
        let _ =
            writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {}", vault.waiting);
    }
    if let Some(cache) = cache {
        of_cache(&mut text, &cache);
    }
    if let Some(spool) = spool {
        of_spool(&mut text, &spool);
    }
    let mut series = |name: &str, kind: &str, help: &str, value: &dyn Fn(&OriginStatus) -> u64| {
        // Writing into a string cannot fail.
        let name = format!("tuskling_edge_origin_{name}");
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for origin in &origins {
            let _ = writeln!(text, "{name}{{origin=\"{}\"}} {}", origin.address, value(origin));
        }
    };
    series("ready", "gauge", "The origin says that it is ready.", &|one| u64::from(one.is_ready));
    series("connections", "gauge", "Open connections.", &|one| one.connections as u64);
    series("requests_total", "counter", "Requests passed on.", &|one| one.requests);
    series("failures_total", "counter", "Failed connections and requests.", &|one| one.failures);
    text
}

fn of_cache(text: &mut String, cache: &CacheStatus) {
    let mut line = |name: &str, kind: &str, help: &str, value: u64| {
        let name = format!("tuskling_edge_cache_{name}");
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
    };
    line("entries", "gauge", "Answers on the disk.", cache.entries as u64);
    line("bytes", "gauge", "Bytes of them.", cache.bytes);
    line("hits_total", "counter", "Requests answered without asking an origin.", cache.hits);
    line("stale_total", "counter", "Old answers sent because no origin answered.", cache.stale);
    line("misses_total", "counter", "Requests that made an origin be asked.", cache.misses);
    line("collapsed_total", "counter", "Requests that waited for another's.", cache.collapsed);
    line("stored_total", "counter", "Answers written.", cache.stored);
    line("evicted_total", "counter", "Answers that made room.", cache.evicted);
    line("purged_total", "counter", "Answers deleted at the origin, or purged.", cache.purged);
    line("open", "gauge", "Answers can be cached.", u64::from(cache.problem.is_none()));
}

fn of_spool(text: &mut String, spool: &SpoolStatus) {
    let mut line = |name: &str, kind: &str, help: &str, value: u64| {
        let name = format!("tuskling_edge_spool_{name}");
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
    };
    line("entries", "gauge", "Deliveries that wait for the server.", spool.entries as u64);
    line("bytes", "gauge", "Bytes of them on the disk.", spool.bytes);
    let oldest = spool.oldest_seconds.unwrap_or(0);
    line("oldest_seconds", "gauge", "How long the oldest has waited.", oldest);
    line("kept_total", "counter", "Deliveries kept.", spool.kept);
    line("replayed_total", "counter", "Deliveries that the server took.", spool.replayed);
    line("refused_total", "counter", "Deliveries that the server refused.", spool.refused);
    line("outdated_total", "counter", "Deliveries that became too old.", spool.outdated);
    line("turned_away_total", "counter", "Deliveries without room.", spool.turned_away);
    let is_open = u64::from(spool.problem.is_none());
    line("open", "gauge", "Deliveries can be kept.", is_open);
}

fn status(shared: &Shared) -> EdgeStatus {
    let plan = shared.plan();
    let names = names(shared);
    let mut origins: Vec<OriginStatus> = plan.origins().map(|one| of_origin(one)).collect();
    origins.sort_by(|one, other| one.address.cmp(&other.address));
    EdgeStatus {
        uptime_seconds: shared.started.elapsed().as_secs(),
        names,
        origins,
        vault: shared.vault().map(of_vault),
        spool: shared.inbox.is_wanted().then(|| spool_status(shared)),
        cache: shared.cache.is_wanted().then(|| cache_status(shared)),
        connections: shared.figures.connections.get(),
        websockets: shared.figures.upgraded.get(),
        requests: shared.figures.requests.load(Relaxed),
        in_progress: shared.figures.in_progress.get(),
    }
}

fn cache_status(shared: &Shared) -> CacheStatus {
    let (figures, fullness) = (&shared.cache.figures, shared.cache.fullness());
    CacheStatus {
        entries: fullness.entries,
        bytes: fullness.bytes,
        hits: figures.hits.load(Relaxed),
        stale: figures.stale.load(Relaxed),
        misses: figures.misses.load(Relaxed),
        collapsed: figures.collapsed.load(Relaxed),
        stored: figures.stored.load(Relaxed),
        evicted: figures.evicted.load(Relaxed),
        purged: figures.purged.load(Relaxed),
        problem: fullness.problem,
    }
}

fn spool_status(shared: &Shared) -> SpoolStatus {
    let inbox = &shared.inbox;
    let mut status = SpoolStatus {
        kept: inbox.kept.load(Relaxed),
        replayed: inbox.replayed.load(Relaxed),
        refused: inbox.refused.load(Relaxed),
        outdated: inbox.outdated.load(Relaxed),
        turned_away: inbox.turned_away.load(Relaxed),
        problem: inbox.problem(),
        ..SpoolStatus::default()
    };
    if let Some(spool) = inbox.spool() {
        let depth = spool.depth();
        let age = |oldest| acme::Machine.now().duration_since(oldest).unwrap_or_default().as_secs();
        (status.entries, status.bytes, status.senders) =
            (depth.entries, depth.bytes, depth.senders);
        status.oldest_seconds = depth.oldest.map(age);
    }
    status
}

/// The names that this edge answers for, and how it stands with their certificates.
fn names(shared: &Shared) -> Vec<NameStatus> {
    let plan = shared.plan();
    let acme = shared.acme();
    let mut names: Vec<NameStatus> = plan
        .names()
        .map(|name| NameStatus {
            name: name.clone(),
            has_certificate: shared.certificates.has(name),
            fetched: acme.iter().find(|one| one.name == *name).map(fetched),
        })
        .collect();
    names.sort_by(|one, other| one.name.cmp(&other.name));
    names
}

/// Names that the server is told of.
const MOST_TOLD: usize = 8;
/// Characters of a reason that it is told.
const LONGEST_REASON: usize = 300;

/// What the server behind the link is told of certificates, as a header: those with trouble first
/// (`docs/decisions/0022-…`).
pub(crate) fn told(shared: &Shared) -> Option<HeaderValue> {
    let mut names = names(shared);
    let is_fine = |one: &NameStatus| {
        one.has_certificate && one.fetched.as_ref().is_none_or(|known| known.failures == 0)
    };
    names.sort_by_key(is_fine);
    names.truncate(MOST_TOLD);
    for known in names.iter_mut().filter_map(|one| one.fetched.as_mut()) {
        for reason in [&mut known.last_error, &mut known.warning].into_iter().flatten() {
            *reason = reason.chars().take(LONGEST_REASON).collect();
        }
    }
    HeaderValue::from_bytes(&serde_json::to_vec(&names).ok()?).ok()
}

fn fetched(status: &acme::NameStatus) -> Fetched {
    let seconds =
        |moment: SystemTime| moment.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    Fetched {
        issuer: status.issuer.clone(),
        ends_at: status.lifetime.map(|lifetime| seconds(lifetime.not_after)),
        next_try_at: seconds(status.next_try),
        failures: status.failures,
        last_error: status.last_error.clone(),
        warning: status.warning(acme::Machine.now()),
    }
}

fn of_vault(vault: acme::VaultStatus) -> VaultStatus {
    let acme::VaultStatus { location, waiting, problem } = vault;
    VaultStatus { location, waiting, problem }
}

fn of_origin(origin: &Origin) -> OriginStatus {
    OriginStatus {
        address: origin.to_string(),
        is_ready: origin.is_ready(),
        connections: origin.open.load(Relaxed),
        requests: origin.requests.load(Relaxed),
        failures: origin.failures.load(Relaxed),
    }
}

/// Asks the edge that runs here how it is.
///
/// # Errors
/// [`EdgeError::Silent`] when none answers on this address.
pub async fn ask(listener: SocketAddr) -> Result<EdgeStatus, EdgeError> {
    said(listener, Request::get("/status")).await
}

/// Removes an address from the cache of the edge that runs here, or all of it: how many answers
/// went; nothing when it is no address.
///
/// # Errors
/// [`EdgeError::Silent`] when none answers on this address.
pub async fn purge(
    listener: SocketAddr,
    address: Option<&str>,
) -> Result<Option<usize>, EdgeError> {
    #[derive(Deserialize)]
    struct Purged {
        purged: Option<usize>,
    }
    let mut order = Request::post("/purge").header(ORDER, "1");
    if let Some(address) = address {
        order = order.header(ADDRESS, address);
    }
    let purged: Purged = said(listener, order).await?;
    Ok(purged.purged)
}

async fn said<T: DeserializeOwned>(
    listener: SocketAddr,
    request: http::request::Builder,
) -> Result<T, EdgeError> {
    let silent = |why: String| EdgeError::Silent(listener, why);
    let asking = async {
        let (host, port) = (listener.ip().to_string(), listener.port());
        let address = OriginAddress { scheme: OriginScheme::Http, host, port };
        let origin = Arc::new(Origin::new(address, Arc::new(Dialer::new(None, false)?)));
        let lent = origin.connect().await.map_err(|error| silent(error.to_string()))?;
        let request = request.header(header::HOST, "localhost").body(RequestBody::none());
        let request = request.map_err(|error| silent(error.to_string()))?;
        let answer = lent.send(request).await.map_err(|failed| silent(failed.cause.to_string()))?;
        let body = Limited::new(answer.into_body(), LONGEST).collect().await;
        let body = body.map_err(|error| silent(error.to_string()))?.to_bytes();
        serde_json::from_slice(&body).map_err(|error| silent(error.to_string()))
    };
    timeout(PATIENCE, asking).await.unwrap_or_else(|_| Err(silent("it takes too long".into())))
}
