//! The loop that delivers: takes due rows, keeps a line for each host, begins what there is a place
//! for, and writes what became of it. It holds a bounded number of rows whatever waits in the
//! database. A row that it held when the process died is due again when its lease ends, or when the
//! next process starts: everything arrives at least once.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use activitypub::sign::SigningKey;
use domain::account::Account;
use domain::time::{MINUTE, SECOND};
use domain::{AccountId, RowId};
use http::HeaderValue;
use store::deliveries::{self, Leased};
use store::hosts::Host;
use store::outgoing::Outgoing;
use store::{Conn, accounts, domain_rules, hosts, outgoing};
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use super::lines::{Lines, Repute, Standing, Work};
use super::parcel::{Parcel, Signer};
use super::post::{Ended, deliver};
use super::settle::{scheme_named, settle};
use super::sync;
use crate::{App, AppError, Result, keys};

/// How long a row is held; longer than a row can wait and be tried here.
const LEASE: i64 = 10 * MINUTE;
/// Rows looked at in one go.
const LOOK: i64 = 1_024;
/// Ends are collected for so long before they are written.
const GATHER: Duration = Duration::from_millis(20);
/// How long begun deliveries may take to end after the server is told to stop.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Delivers until it is told to stop.
pub struct Deliverer {
    app: Arc<App>,
    stop: CancellationToken,
    lines: Lines,
    running: JoinSet<Ended>,
    ended: Vec<Ended>,
    writing: Option<JoinHandle<()>>,
    signers: Arc<Semaphore>,
    /// More is due than the lines have room for.
    more: bool,
    /// Hosts found to be down: noted, and being written. Until then nothing more is taken for them.
    down: [Vec<String>; 2],
}

impl Deliverer {
    /// A deliverer that stops when `stop` is cancelled.
    #[must_use]
    pub fn new(app: Arc<App>, stop: CancellationToken) -> Self {
        let processors = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self {
            app,
            stop,
            lines: Lines::default(),
            running: JoinSet::new(),
            ended: Vec::new(),
            writing: None,
            signers: Arc::new(Semaphore::new(processors)),
            more: false,
            down: [Vec::new(), Vec::new()],
        }
    }

    /// Runs until stopped. What was begun may end; the rest is given back.
    pub async fn run(mut self) {
        let mut pause = Duration::ZERO;
        while !self.stop.is_cancelled() {
            if pause.is_zero() {
                pause = self.look().await;
            }
            self.begin();
            self.write_ends();
            let app = self.app.clone();
            tokio::select! {
                () = self.stop.cancelled() => {}
                () = app.deliveries_waiting.notified() => pause = Duration::ZERO,
                () = tokio::time::sleep(pause) => pause = Duration::ZERO,
                Some(ended) = self.running.join_next(), if !self.running.is_empty() => {
                    if self.note(ended.ok()) {
                        pause = Duration::ZERO;
                    }
                }
                () = written(&mut self.writing) => self.down[1].clear(),
            }
        }
        self.finish().await;
    }

    /// Fills the lines. The answer is how long to wait before the next look, if nothing happens.
    async fn look(&mut self) -> Duration {
        match self.lease().await {
            Ok(pause) => pause,
            Err(error) => {
                tracing::error!(%error, "deliveries cannot be read; trying again");
                Duration::from_secs(1)
            }
        }
    }

    async fn lease(&mut self) -> Result<Duration> {
        let (now, mut busy) = (self.app.now(), self.lines.busy());
        busy.extend(self.down.iter().flatten().cloned());
        let has_busy = !busy.is_empty();
        let (candidates, due) = self
            .app
            .read(move |conn| {
                Box::pin(async move {
                    let found = deliveries::candidates(conn, now, busy, LOOK).await?;
                    Ok::<_, AppError>((found, deliveries::next_due(conn).await?))
                })
            })
            .await?;
        let found = candidates.len();
        let chosen = self.lines.choose(candidates);
        self.more = has_busy || chosen.len() < found;
        if chosen.is_empty() {
            // What is due has no room: an end makes some.
            let next = due.map_or(SECOND, |due| due.since(now)).clamp(1, SECOND);
            let next = if self.more { next.max(SECOND / 4) } else { next };
            return Ok(Duration::from_millis(next.unsigned_abs()));
        }
        let batch = load(&self.app, chosen).await?;
        for (work, standing) in batch {
            self.lines.push(work, standing);
        }
        Ok(Duration::from_secs(1))
    }

    fn begin(&mut self) {
        while let Some((work, scheme)) = self.lines.next() {
            let (app, signers) = (self.app.clone(), self.signers.clone());
            self.running.spawn(async move { deliver(&app, &signers, work, scheme).await });
        }
    }

    /// Takes an end in. True when there is room for more rows of its host.
    fn note(&mut self, ended: Option<Ended>) -> bool {
        // A task that panicked has no name; its row comes back when its lease ends.
        let Some(ended) = ended else { return false };
        // Rows that are dropped with a host that is down are postponed with it.
        if self.lines.ended(ended.id, &ended.host, ended.shows()) {
            self.down[0].push(ended.host.clone());
        }
        let wanted = self.more && self.lines.is_short(&ended.host);
        self.ended.push(ended);
        wanted
    }

    fn write_ends(&mut self) {
        if self.writing.is_some() || self.ended.is_empty() {
            return;
        }
        let (app, ended) = (self.app.clone(), std::mem::take(&mut self.ended));
        self.down = [Vec::new(), std::mem::take(&mut self.down[0])];
        self.writing = Some(tokio::spawn(async move {
            if let Err(error) = settle(&app, ended).await {
                tracing::error!(%error, "ends of deliveries were not written; they happen again");
            }
            tokio::time::sleep(GATHER).await;
        }));
    }

    async fn finish(mut self) {
        let waiting = self.lines.clear();
        let begun = async {
            while let Some(ended) = self.running.join_next().await {
                self.ended.extend(ended.ok());
            }
        };
        let in_time = tokio::time::timeout(LAST_WORDS, begun).await;
        if in_time.is_err() {
            self.running.abort_all();
        }
        if self.writing.is_some() {
            written(&mut self.writing).await;
        }
        let ended = std::mem::take(&mut self.ended);
        let (app, now) = (self.app.clone(), self.app.now());
        let given_back = async {
            settle(&app, ended).await?;
            app.write(move |conn| {
                Box::pin(async move {
                    Ok::<_, AppError>(deliveries::release(conn, &waiting, now).await?)
                })
            })
            .await
        };
        if let Err(error) = given_back.await {
            tracing::warn!(%error, "deliveries were not given back; they go on when their lease ends");
        }
    }
}

async fn written(writing: &mut Option<JoinHandle<()>>) {
    match writing {
        Some(task) => {
            // A write that panicked is one that did not happen.
            let _ = task.await;
            *writing = None;
        }
        None => std::future::pending().await,
    }
}

/// Delivers everything that is due now, once: for tests and the command line.
///
/// # Errors
/// [`AppError::Store`].
pub async fn deliver_all(app: &Arc<App>) -> Result<usize> {
    let stop = CancellationToken::new();
    let mut deliverer = Deliverer::new(app.clone(), stop);
    let mut done = 0;
    loop {
        deliverer.lease().await?;
        deliverer.begin();
        if deliverer.running.is_empty() {
            settle(app, std::mem::take(&mut deliverer.ended)).await?;
            return Ok(done);
        }
        while let Some(ended) = deliverer.running.join_next().await {
            deliverer.note(ended.ok());
            deliverer.begin();
            done += 1;
        }
        settle(app, std::mem::take(&mut deliverer.ended)).await?;
        deliverer.down = Default::default();
    }
}

/// Takes up at once what a killed process was about, where no other process can be about it.
///
/// # Errors
/// [`AppError::Store`].
pub async fn release_held(app: &App) -> Result<()> {
    if !app.store.was_alone() {
        return Ok(());
    }
    let now = app.now();
    app.write(move |conn| {
        Box::pin(async move { Ok::<_, AppError>(deliveries::release_all(conn, now).await?) })
    })
    .await
}

/// What the rows of a lease need.
struct Loaded {
    rows: Vec<Leased>,
    parcels: Vec<Outgoing>,
    senders: Vec<Account>,
    hosts: Vec<Host>,
    sync: HashMap<(AccountId, String), HeaderValue>,
}

/// Takes these rows, with all that is needed to deliver them.
async fn load(app: &Arc<App>, ids: Vec<RowId>) -> Result<Vec<(Work, Standing)>> {
    let context = app.clone();
    let loaded = app
        .store
        .write(move |conn| {
            Box::pin(async move {
                conn.may_be_redone();
                let now = context.now();
                let rows = deliveries::lease(conn, &ids, now, now.plus(LEASE)).await?;
                let rows = without_suspended(&context, conn, rows).await?;
                read(&context, conn, rows).await
            })
        })
        .await?;
    let parcels = parcels(app, &loaded).await;
    let hosts: HashMap<&str, &Host> =
        loaded.hosts.iter().map(|host| (host.name.as_str(), host)).collect();
    let mut batch = Vec::with_capacity(loaded.rows.len());
    for row in loaded.rows {
        // Without a parcel it was withdrawn, or its key cannot be read now: its lease runs out.
        let Some((parcel, sender)) = parcels.get(&row.outgoing_id) else { continue };
        let standing = standing(hosts.get(row.host.as_str()).copied());
        let sync = sender.and_then(|sender| loaded.sync.get(&(sender, row.host.clone())).cloned());
        batch.push((Work { row, parcel: parcel.clone(), sync }, standing));
    }
    Ok(batch)
}

fn standing(host: Option<&Host>) -> Standing {
    let repute = match host {
        Some(host) if host.unreachable_since.is_some() => Repute::Parked,
        Some(host) if host.failures > 0 => Repute::Failing,
        Some(host) if host.last_success_at.is_some() => Repute::Proven,
        _ => Repute::Fresh,
    };
    let scheme = scheme_named(host.and_then(|host| host.signature_scheme.as_deref()));
    Standing { repute, scheme }
}

/// Leaves out what goes to hosts that this server has nothing to do with, for good.
async fn without_suspended(
    app: &App,
    conn: &mut Conn,
    mut rows: Vec<Leased>,
) -> Result<Vec<Leased>> {
    let hosts = hosts_of(&rows);
    let mut refused = domain_rules::suspended_of(conn, &hosts).await?;
    if app.config.federation.allow_list {
        let allowed = domain_rules::allowed_of(conn, &hosts).await?;
        refused.extend(hosts.into_iter().filter(|host| !allowed.contains(host)));
    }
    if !refused.is_empty() {
        rows.retain(|row| !refused.contains(&row.host));
        deliveries::refuse(conn, refused, "this server does not speak with it", app.now()).await?;
    }
    Ok(rows)
}

fn hosts_of(rows: &[Leased]) -> Vec<String> {
    let mut hosts: Vec<String> = rows.iter().map(|row| row.host.clone()).collect();
    hosts.sort_unstable();
    hosts.dedup();
    hosts
}

async fn read(app: &App, conn: &mut Conn, rows: Vec<Leased>) -> Result<Loaded> {
    let mut ids: Vec<RowId> = rows.iter().map(|row| row.outgoing_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let parcels = outgoing::by_ids(conn, &ids).await?;
    let mut sender_ids: Vec<AccountId> =
        parcels.iter().filter_map(|parcel| parcel.account_id).collect();
    sender_ids.sort_unstable();
    sender_ids.dedup();
    let senders = accounts::by_ids(conn, &sender_ids).await?;
    let known = hosts::of(conn, hosts_of(&rows)).await?;
    let mut sync = HashMap::new();
    for sender in &senders {
        let synced: Vec<RowId> = parcels
            .iter()
            .filter(|parcel| parcel.sync_followers && parcel.account_id == Some(sender.id))
            .map(|parcel| parcel.id)
            .collect();
        if synced.is_empty() {
            continue;
        }
        let to: Vec<Leased> =
            rows.iter().filter(|row| synced.contains(&row.outgoing_id)).cloned().collect();
        let author = (sender.id, app.urls.actor(sender));
        let headers = sync::headers(conn, (author.0, &author.1), hosts_of(&to)).await?;
        sync.extend(headers.into_iter().map(|(host, value)| ((sender.id, host), value)));
    }
    Ok(Loaded { rows, parcels, senders, hosts: known, sync })
}

type Signed = HashMap<RowId, (Arc<Parcel>, Option<AccountId>)>;

/// Each body with the key that signs it.
async fn parcels(app: &App, loaded: &Loaded) -> Signed {
    let mut ready = HashMap::new();
    let federation = &app.config.federation;
    let secure_mode = federation.secure_mode || federation.allow_list;
    for parcel in &loaded.parcels {
        let sender =
            parcel.account_id.and_then(|id| loaded.senders.iter().find(|account| account.id == id));
        match signer(app, parcel, sender).await {
            Ok(signer) => {
                let synced = parcel.account_id.filter(|_| parcel.sync_followers);
                let ready_parcel = Parcel::new(parcel.body.clone(), signer, secure_mode);
                ready.insert(parcel.id, (Arc::new(ready_parcel), synced));
            }
            Err(error) => {
                tracing::error!(%error, outgoing = %parcel.id, "an activity cannot be signed");
            }
        }
    }
    ready
}

async fn signer(app: &App, parcel: &Outgoing, sender: Option<&Account>) -> Result<Signer> {
    if let Some(key) = &parcel.last_key {
        let key = SigningKey::from_pkcs8(key.key_id.clone(), &key.private)
            .map_err(|error| AppError::Internal(error.to_string()))?;
        return Ok(Signer::Last(key));
    }
    let key = match (parcel.account_id, sender) {
        (None, _) => keys::of_instance(app).await?,
        (Some(_), Some(account)) => keys::of_account(app, account).await?,
        (Some(_), None) => return Err(AppError::NotFound),
    };
    Ok(Signer::Kept(key))
}
