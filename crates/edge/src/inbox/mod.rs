//! Deliveries to inboxes while nobody stands behind the edge: they are kept in the spool, answered
//! with 202, and handed over in the order of each sender when a server is back.
//!
//! Nothing is judged here but the form: whether a signature is right is for the server to say, which
//! gets the request as it came and the time of its receipt. The request pipeline calls [`pass_on`];
//! [`replay::run`] runs beside it.

mod replay;
mod sender;

use std::collections::HashMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Response, header, request};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use net::crowd::Network;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::acme::{Environment as _, Machine};
use crate::origin::{BodyError, Group, OriginBody, OriginError, Passage, RequestBody};
use crate::pages::Refusal;
use crate::plan::Site;
use crate::proxy::{Caller, refusal};
use crate::spool::{Delivery, Limits, Spool};

pub(crate) use replay::run;

/// With this the server is told when a delivery came that was kept, in milliseconds since 1970. A
/// client's own is taken away like all names that begin so.
pub(crate) const RECEIVED_AT: &str = "x-tuskling-received-at";

/// Bytes of a body that is kept.
const LONGEST: usize = 1024 * 1024;
/// How long one may take to arrive.
const ARRIVE: Duration = Duration::from_secs(20);
/// How long one waits for room in memory.
const WAIT_FOR_ROOM: Duration = Duration::from_secs(5);
/// Of how much room in memory the bodies on their way to the disk take their part, in units.
const ROOM: usize = 8 * 1024 * 1024 / UNIT;
const UNIT: usize = 1024;
/// The part of the spool that one address may fill: one over of it.
const SHARES: u64 = 4;
/// Addresses whose part is counted.
const MOST_COUNTED: usize = 65_536;

/// What is kept, and what became of it.
pub(crate) struct Inbox {
    folder: PathBuf,
    /// Nothing when nothing is to be kept.
    limits: Option<Limits>,
    state: RwLock<State>,
    room: Arc<Semaphore>,
    shares: Mutex<HashMap<Network, u64>>,
    pub kept: AtomicU64,
    pub replayed: AtomicU64,
    pub refused: AtomicU64,
    pub outdated: AtomicU64,
    pub turned_away: AtomicU64,
}

enum State {
    Closed { why: Option<String> },
    Open(Spool),
}

/// A delivery as the pipeline sees it, before its body has come.
pub(crate) struct Parcel {
    spool: Spool,
    sender: String,
    /// What its body will take of the room in memory.
    units: u32,
}

impl Inbox {
    /// Opens the spool, if it can be had now; [`run`] goes on trying.
    pub fn new(edge: &config::Edge) -> Self {
        let limits = (edge.spool_bytes > 0).then_some(Limits {
            bytes: edge.spool_bytes,
            entries: edge.spool_entries,
            entries_of_sender: edge.spool_entries_per_sender,
        });
        let inbox = Self {
            folder: edge.data.join("spool"),
            limits,
            state: RwLock::new(State::Closed { why: None }),
            room: Arc::new(Semaphore::new(ROOM)),
            shares: Mutex::default(),
            kept: AtomicU64::new(0),
            replayed: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            outdated: AtomicU64::new(0),
            turned_away: AtomicU64::new(0),
        };
        inbox.open();
        inbox
    }

    /// The spool, when it is open.
    pub fn spool(&self) -> Option<Spool> {
        match &*self.state.read().unwrap_or_else(PoisonError::into_inner) {
            State::Open(spool) => Some(spool.clone()),
            State::Closed { .. } => None,
        }
    }

    /// Whether anything is to be kept.
    pub fn is_wanted(&self) -> bool {
        self.limits.is_some()
    }

    /// Why it is closed though it is wanted.
    pub fn problem(&self) -> Option<String> {
        match &*self.state.read().unwrap_or_else(PoisonError::into_inner) {
            State::Closed { why } => why.clone(),
            State::Open(_) => None,
        }
    }

    /// Tries to open it. During a hand-over the edge before still has it.
    fn open(&self) -> Option<Spool> {
        let state = match Spool::open(&self.folder, self.limits?) {
            Ok(spool) => State::Open(spool),
            Err(error) => State::Closed { why: Some(error.to_string()) },
        };
        let mut current = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if let State::Closed { why: Some(why) } = &state
            && !matches!(&*current, State::Closed { why: Some(before) } if before == why)
        {
            let folder = self.folder.display();
            tracing::warn!(
                why,
                %folder,
                "deliveries cannot be kept while the server is away; set edge.data to a folder that the edge may write to"
            );
        }
        *current = state;
        drop(current);
        self.spool()
    }

    /// Lets go of it, so that the next edge can have it.
    pub fn close(&self) {
        let closed = State::Closed { why: None };
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = closed;
    }

    /// Takes so many bytes off the part of an address. The parts are whole again when the spool is
    /// empty.
    fn take_share(&self, spool: &Spool, address: IpAddr, bytes: usize) -> bool {
        let Some(limits) = self.limits else { return false };
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        if spool.is_empty() || shares.len() >= MOST_COUNTED {
            shares.clear();
        }
        let taken = shares.entry(Network::of(address)).or_default();
        let all = taken.saturating_add(bytes as u64);
        if all > limits.bytes / SHARES {
            return false;
        }
        *taken = all;
        true
    }

    /// They were not kept.
    fn give_share_back(&self, address: IpAddr, bytes: usize) {
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(taken) = shares.get_mut(&Network::of(address)) {
            *taken = taken.saturating_sub(bytes as u64);
        }
    }
}

impl Parcel {
    /// Whether a request is a delivery that may be kept.
    pub fn of(caller: &Caller, site: &Site, head: &request::Parts) -> Option<Self> {
        if head.method != Method::POST || !site.is_inbox(head.uri.path()) {
            return None;
        }
        let (units, headers) = (units(&head.headers)?, &head.headers);
        let is_signed =
            headers.contains_key("signature") || headers.contains_key("signature-input");
        if !is_signed || !is_activity(headers) {
            return None;
        }
        let spool = caller.shared.inbox.spool()?;
        // Names of different servers do not wait for one another.
        let sender = format!("{} {}", sender::of(headers, caller.address), site.name);
        Some(Self { spool, sender, units })
    }

    /// Passes it on, or keeps it when nobody is there or others of its sender wait; nothing when it
    /// was kept.
    ///
    /// # Errors
    /// [`Refusal`] of the origin or of the spool.
    pub async fn pass_on(
        self,
        caller: &Caller,
        group: &Group,
        passage: Passage,
    ) -> Result<Option<Response<OriginBody>>, Refusal> {
        if self.spool.holds_some_of(&self.sender) || group.is_away() {
            return self.keep(caller, passage).await.map(|()| None);
        }
        match group.send_within(passage, Duration::ZERO).await {
            Ok(answer) => Ok(Some(answer)),
            Err(unanswered) => match (unanswered.error, unanswered.unsent) {
                (OriginError::Away, Some(passage)) => {
                    self.keep(caller, passage).await.map(|()| None)
                }
                (error, _) => Err(refusal(error)),
            },
        }
    }

    async fn keep(self, caller: &Caller, passage: Passage) -> Result<(), Refusal> {
        let inbox = &caller.shared.inbox;
        let Passage { head, body } = passage;
        let full = || {
            inbox.turned_away.fetch_add(1, Relaxed);
            Refusal::Full
        };
        let _room = inbox.room(self.units).await.ok_or_else(full)?;
        let body = arrived(body).await?;
        let bytes = body.len().saturating_add(UNIT);
        if !inbox.take_share(&self.spool, caller.address, bytes) {
            return Err(full());
        }
        let delivery = Delivery {
            sender: self.sender,
            received: Machine.now(),
            target: head.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned(),
            headers: kept_headers(&head.headers),
            body,
        };
        match self.spool.append(&delivery).await {
            Ok(()) => {
                inbox.kept.fetch_add(1, Relaxed);
                Ok(())
            }
            Err(error) => {
                inbox.give_share_back(caller.address, bytes);
                tracing::debug!(%error, sender = delivery.sender, "a delivery was not kept");
                Err(full())
            }
        }
    }
}

impl Inbox {
    async fn room(&self, units: u32) -> Option<OwnedSemaphorePermit> {
        let waiting = self.room.clone().acquire_many_owned(units);
        timeout(WAIT_FOR_ROOM, waiting).await.ok()?.ok()
    }
}

/// The whole body.
async fn arrived(body: RequestBody) -> Result<Bytes, Refusal> {
    let collecting = Limited::new(body, LONGEST).collect();
    let collected = timeout(ARRIVE, collecting).await.map_err(|_| Refusal::Late)?;
    collected.map(|body| body.to_bytes()).map_err(|error| {
        if error.is::<LengthLimitError>() {
            return Refusal::TooLarge;
        }
        let error = error.downcast::<BodyError>().map_or(BodyError::BrokeOff, |error| *error);
        refusal(OriginError::Body(error))
    })
}

/// What a body takes of the room in memory; nothing when it is too long.
fn units(headers: &HeaderMap) -> Option<u32> {
    let length = match headers.get(header::CONTENT_LENGTH) {
        Some(value) => value.to_str().ok()?.parse::<usize>().ok()?,
        None => LONGEST,
    };
    let units = u32::try_from(length.div_ceil(UNIT)).ok()?;
    (length <= LONGEST).then_some(units.max(1))
}

/// ActivityPub's types (§3.2 of its specification). The profile is not looked at.
fn is_activity(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = value.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
    ["application/activity+json", "application/ld+json"]
        .iter()
        .any(|known| kind.eq_ignore_ascii_case(known))
}

/// All but what is made anew and what nobody may find on a disk.
fn kept_headers(headers: &HeaderMap) -> Vec<(String, Bytes)> {
    let is_kept = |name: &header::HeaderName| {
        ![header::CONTENT_LENGTH, header::AUTHORIZATION, header::COOKIE].contains(name)
    };
    let kept = headers.iter().filter(|(name, _)| is_kept(name));
    kept.map(|(name, value)| (name.to_string(), Bytes::copy_from_slice(value.as_bytes()))).collect()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn only_activities_of_a_known_size_are_kept() {
        for (kind, is) in [
            ("application/activity+json", true),
            ("Application/Activity+JSON; charset=utf-8", true),
            ("application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"", true),
            ("application/json", false),
            ("application/activity+jsonx", false),
            ("", false),
        ] {
            assert_eq!(is_activity(&headers(header::CONTENT_TYPE, kind)), is, "{kind}");
        }
        for (length, expected) in [
            ("0", Some(1)),
            ("1025", Some(2)),
            ("1048576", Some(1024)),
            ("1048577", None),
            ("99999999999999999999999", None),
            ("x", None),
        ] {
            assert_eq!(units(&headers(header::CONTENT_LENGTH, length)), expected, "{length}");
        }
        assert_eq!(units(&HeaderMap::new()), Some(1024));
    }

    #[test]
    fn v07_tokens_are_not_written_to_the_disk() {
        let mut all = headers(header::AUTHORIZATION, "Bearer x");
        all.append(header::COOKIE, HeaderValue::from_static("a=b"));
        all.append(header::DATE, HeaderValue::from_static("now"));
        assert_eq!(kept_headers(&all), [("date".to_owned(), Bytes::from_static(b"now"))]);
    }

    #[tokio::test]
    async fn one_address_fills_a_quarter_at_most() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().to_owned();
        let inbox = Inbox::new(&config::Edge { data, ..config::Edge::default() });
        let spool = inbox.spool().unwrap();
        let (one, other) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let quarter = 16 * 1024 * 1024;
        assert!(inbox.take_share(&spool, one, quarter));
        let delivery = Delivery {
            sender: "a.test".into(),
            received: std::time::UNIX_EPOCH,
            target: "/inbox".into(),
            headers: Vec::new(),
            body: Bytes::new(),
        };
        spool.append(&delivery).await.unwrap();
        assert!(!inbox.take_share(&spool, one, 1));
        assert!(inbox.take_share(&spool, other, 1));
        inbox.give_share_back(one, 1);
        assert!(inbox.take_share(&spool, one, 1));
        spool.next().await.unwrap().unwrap().done();
        assert!(inbox.take_share(&spool, one, quarter), "empty: all is forgotten");
    }
}
