//! Asking an origin for what is not in the cache or too old: one request for all who wait, kept while
//! it is sent.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use http::header::{self, HeaderName};
use http::{Method, Response, StatusCode, request, response};
use http_body_util::{BodyExt as _, Limited};
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::copy::{self, Beginning};
use super::disk::Part;
use super::fills::{Lead, Stage, Turn};
use super::key::{Key, Variant};
use super::object::{Object, Progress, Stored};
use super::record::{Head, SMALL};
use super::wish::{Found, Wish};
use super::{Cache, Reserved, now, policy};
use crate::Shared;
use crate::origin::{Group, OriginBody, Passage, RequestBody};
use crate::pages::Refusal;
use crate::proxy::refusal;

/// How long an origin may think about what can be shown as it is.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long one waits for the answer that another has asked for.
const WAIT: Duration = Duration::from_secs(60);
/// How long the body of an answer may pause.
pub(super) const PAUSE: Duration = Duration::from_secs(30);
/// How often one waits for somebody who then leaves.
const MOST_TURNS: usize = 8;
/// About the bytes that are written at once.
const TOGETHER: usize = 256 * 1024;

/// What came of asking.
pub(crate) enum Fetched {
    /// Something that many may have.
    Object(Arc<Object>, How),
    /// An answer for this request alone.
    Answer(Response<OriginBody>),
}

/// Where an answer comes from, for `Cache-Status` (RFC 9211).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// Nobody was asked, or nobody answered.
    Hit,
    /// The origin was asked, because there was nothing or it was too old.
    Asked { was_stale: bool, status: StatusCode },
    /// Another request had asked.
    Collapsed,
}

impl Wish {
    /// Asks the origin, or waits for who does.
    ///
    /// # Errors
    /// [`Refusal`] when there is no answer.
    pub async fn fetch(
        &self,
        shared: &Arc<Shared>,
        group: &Arc<Group>,
        passage: Passage,
    ) -> Result<Fetched, Refusal> {
        let cache = &shared.cache;
        if !self.is_head {
            for _ in 0..MOST_TURNS {
                match cache.fills.join((self.place, self.form)) {
                    Turn::Ask(lead) => {
                        let before = match self.look(cache, group).await {
                            // Somebody was faster.
                            Found::Good(object) | Found::Passing(object) => {
                                return Ok(Fetched::Object(object, How::Hit));
                            }
                            Found::Stale(object) => Some(object),
                            Found::Nothing => None,
                        };
                        return self.ask(shared, group, &passage.head, before, lead).await;
                    }
                    Turn::Have(object) => {
                        cache.figures.hits.fetch_add(1, Relaxed);
                        return Ok(Fetched::Object(object, How::Hit));
                    }
                    Turn::Wait(stage) => match waited(stage).await? {
                        Stage::Ready(object) => {
                            cache.figures.collapsed.fetch_add(1, Relaxed);
                            return Ok(Fetched::Object(object, How::Collapsed));
                        }
                        Stage::Failed(refusal) => return Err(refusal),
                        Stage::Alone => break,
                        Stage::Left | Stage::Asking => {}
                    },
                    Turn::Pass => break,
                }
            }
        }
        Ok(Fetched::Answer(group.send(passage).await.map_err(refusal)?))
    }

    /// Asks the origin about what has been sent already. Nobody waits for it.
    pub fn refresh(
        &self,
        shared: &Arc<Shared>,
        group: &Arc<Group>,
        head: request::Parts,
        before: Arc<Object>,
    ) {
        let Turn::Ask(lead) = shared.cache.fills.join((self.place, self.form)) else { return };
        let (wish, shared, group) = (self.clone(), shared.clone(), group.clone());
        tokio::spawn(async move {
            let asked = wish.ask(&shared, &group, &head, Some(before), lead).await;
            if let Err(refusal) = asked {
                tracing::debug!(?refusal, "an answer could not be refreshed");
            }
        });
    }

    async fn ask(
        &self,
        shared: &Arc<Shared>,
        group: &Group,
        head: &request::Parts,
        before: Option<Arc<Object>>,
        lead: Lead,
    ) -> Result<Fetched, Refusal> {
        let cache = &shared.cache;
        cache.figures.misses.fetch_add(1, Relaxed);
        let began = now();
        let spare =
            before.clone().filter(|object| object.head.terms.may_replace_error(object.age(began)));
        let question = self.question(head, before.as_deref());
        let asked = if spare.is_some() {
            let asking = group.send_within(question, Duration::ZERO);
            match timeout(PATIENCE, asking).await {
                Ok(asked) => asked.map_err(|unanswered| refusal(unanswered.error)),
                Err(_) => Err(Refusal::Silent),
            }
        } else {
            group.send(question).await.map_err(refusal)
        };
        let has_failed = asked.as_ref().map_or(true, |answer| answer.status().is_server_error());
        if has_failed && let Some(object) = spare {
            object.rest(now());
            cache.figures.stale.fetch_add(1, Relaxed);
            lead.ready(&object);
            return Ok(Fetched::Object(object, How::Hit));
        }
        let answer = match asked {
            Ok(answer) => answer,
            Err(refusal) => {
                lead.failed(refusal);
                return Err(refusal);
            }
        };
        let (was_stale, status) = (before.is_some(), answer.status());
        let how = How::Asked { was_stale, status };
        if let Some(object) = before {
            if status == StatusCode::NOT_MODIFIED {
                self.confirm(cache, &object, began, &lead);
                lead.ready(&object);
                return Ok(Fetched::Object(object, how));
            }
            // Whatever it is now, it is not what it was.
            cache.forget_form(self.place, self.form);
        }
        self.keep(shared, head, answer, began, lead, how).await
    }

    /// The request for all who wait: only what an origin may make a difference by, and says so. What
    /// else one client sends would reach all by its answer.
    fn question(&self, head: &request::Parts, before: Option<&Object>) -> Passage {
        const PASSED: [HeaderName; 6] = [
            header::HOST,
            header::USER_AGENT,
            header::FORWARDED,
            HeaderName::from_static("x-forwarded-for"),
            HeaderName::from_static("x-forwarded-host"),
            HeaderName::from_static("x-forwarded-proto"),
        ];
        let mut asked = http::Request::new(());
        *asked.method_mut() = Method::GET;
        *asked.uri_mut() = head.uri.clone();
        let headers = asked.headers_mut();
        for name in PASSED {
            if let Some(value) = head.headers.get(&name) {
                headers.insert(name, value.clone());
            }
        }
        headers.insert(header::ACCEPT, self.form.accept());
        if let Some(language) = self.form.accept_language() {
            headers.insert(header::ACCEPT_LANGUAGE, language);
        }
        if let Some(object) = before {
            let known = &object.head.headers;
            if let Some(tag) = known.get(header::ETAG) {
                headers.insert(header::IF_NONE_MATCH, tag.clone());
            } else if let Some(date) = known.get(header::LAST_MODIFIED) {
                headers.insert(header::IF_MODIFIED_SINCE, date.clone());
            }
        }
        Passage { head: asked.into_parts().0, body: RequestBody::none() }
    }

    /// The origin says that it is as it was.
    fn confirm(&self, cache: &Cache, object: &Arc<Object>, began: u64, lead: &Lead) {
        if lead.is_doomed() {
            return;
        }
        object.is_right(began);
        let found = cache.lock().index.find(self.place, self.form);
        if let (Some((key, _)), Some(disk)) = (found, cache.disk()) {
            drop(spawn_blocking(move || disk.touch(key, began)));
        }
    }

    /// Keeps an answer if it may be kept.
    async fn keep(
        &self,
        shared: &Arc<Shared>,
        asked: &request::Parts,
        answer: Response<OriginBody>,
        began: u64,
        lead: Lead,
        how: How,
    ) -> Result<Fetched, Refusal> {
        let cache = &shared.cache;
        let (parts, body) = answer.into_parts();
        let terms = policy::terms(parts.status, &parts.headers, self.kind, self.form);
        let length = http_body::Body::size_hint(&body).exact();
        let most = cache.limits().largest();
        // What does not say how long it is has to say when it ends.
        let may_fit =
            length.map_or_else(|| copy::tells_its_end(&parts.headers), |length| length <= most);
        let Some((terms, variant)) = terms.filter(|_| may_fit) else {
            if parts.status.is_server_error() {
                // Those who wait do not ask all at once who could not answer one.
                lead.failed(Refusal::Busy);
            } else {
                lead.alone();
            }
            return Ok(Fetched::Answer(Response::from_parts(parts, body)));
        };
        let host = asked.headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let mut headers = parts.headers.clone();
        crate::headers::to_client(&mut headers, None);
        // It names one request, and this answers many.
        headers.remove("x-request-id");
        let head = Head {
            address: format!("https://{}{}", host.unwrap_or_default(), asked.uri),
            status: parts.status,
            headers,
            terms,
            length: length.unwrap_or(0),
        };
        let key = Key { place: self.place, variant };
        let Some(length) = length else {
            let kept = Kept { key, head, began };
            return self.keep_open(cache, kept, parts, body, lead, how).await;
        };
        if length <= SMALL {
            return self.keep_small(cache, Kept { key, head, began }, body, lead, how).await;
        }
        let of_task = cache.clone();
        let place = cache.large.clone().try_acquire_owned().ok();
        let begun = spawn_blocking(move || of_task.begin(head, place?)).await.ok().flatten();
        let Some(Begun { head, part, room }) = begun else {
            lead.alone();
            return Ok(Fetched::Answer(Response::from_parts(parts, body)));
        };
        let (progress, seen) = watch::channel(Progress::default());
        let stored = Stored::Growing(part.file.clone(), part.offset, seen);
        let object = Arc::new(Object::new(head, stored, began));
        lead.ready(&object);
        let filling = Filling { cache: cache.clone(), key, part, room, object: object.clone() };
        tokio::spawn(filling.run(body, progress, lead));
        Ok(Fetched::Object(object, how))
    }

    async fn keep_small(
        &self,
        cache: &Arc<Cache>,
        kept: Kept,
        body: OriginBody,
        lead: Lead,
        how: How,
    ) -> Result<Fetched, Refusal> {
        let most = usize::try_from(SMALL).unwrap_or(usize::MAX);
        let collected = timeout(PAUSE, Limited::new(body, most).collect()).await;
        let body = match collected {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(_)) | Err(_) => {
                lead.failed(Refusal::BadOrigin);
                return Err(Refusal::BadOrigin);
            }
        };
        Ok(Fetched::Object(cache.keep_whole(kept, body, lead), how))
    }

    /// Keeps an answer that does not say how long it is.
    async fn keep_open(
        &self,
        cache: &Arc<Cache>,
        kept: Kept,
        parts: response::Parts,
        body: OriginBody,
        lead: Lead,
        how: How,
    ) -> Result<Fetched, Refusal> {
        let (first, rest) = match copy::begin(body).await {
            Beginning::Whole(bytes) if bytes.len() as u64 <= SMALL => {
                return Ok(Fetched::Object(cache.keep_whole(kept, bytes, lead), how));
            }
            Beginning::Whole(bytes) => (vec![bytes], OriginBody::empty()),
            Beginning::More(first, rest) => (first, rest),
            Beginning::Broken => {
                lead.failed(Refusal::BadOrigin);
                return Err(Refusal::BadOrigin);
            }
        };
        // Nobody can say to the others how much will come, so they ask for themselves.
        lead.alone();
        let copy = cache.copy(kept, lead);
        Ok(Fetched::Answer(Response::from_parts(parts, rest.with(first, copy))))
    }
}

/// What is to be kept, and under which name.
pub(super) struct Kept {
    pub key: Key,
    pub head: Head,
    /// When it was asked for.
    pub began: u64,
}

/// A file that was begun.
struct Begun {
    head: Head,
    part: Part,
    room: Room,
}

/// Bytes of the disk, and a place among those that are written at once.
type Room = (Reserved, OwnedSemaphorePermit);

impl Cache {
    /// Makes room and begins a file. Waits for the disk.
    fn begin(self: &Arc<Self>, head: Head, place: OwnedSemaphorePermit) -> Option<Begun> {
        let disk = self.disk()?;
        let room = (self.reserve(&disk, head.length)?, place);
        match disk.begin(&head) {
            Ok(part) => Some(Begun { head, part, room }),
            Err(error) => {
                tracing::debug!(%error, "an answer is not cached");
                None
            }
        }
    }

    /// Writes a small answer. Waits for the disk.
    fn write(self: &Arc<Self>, head: &Head, body: &[u8], key: Key, began: u64) -> Option<u64> {
        let disk = self.disk()?;
        let _room = self.reserve(&disk, head.length)?;
        let written = disk.write(head, body, key, began);
        written.inspect_err(|error| tracing::debug!(%error, "an answer is not cached")).ok()
    }

    /// Keeps a small answer that is here. Until its file is there, those who ask get it by way of
    /// the lead.
    fn keep_whole(self: &Arc<Self>, kept: Kept, body: Bytes, lead: Lead) -> Arc<Object> {
        let Kept { key, mut head, began } = kept;
        head.length = body.len() as u64;
        let object = Arc::new(Object::new(head, Stored::Memory(body.clone()), began));
        lead.ready(&object);
        let (cache, kept) = (self.clone(), object.clone());
        tokio::spawn(async move {
            let of_task = cache.clone();
            let head = kept.head.clone();
            let write = move || of_task.write(&head, &body, key, began);
            if let Ok(Some(bytes)) = spawn_blocking(write).await {
                cache.admit(key, bytes, &kept, &lead);
            }
            drop(lead);
        });
        object
    }

    /// The file is in its place. If the address was purged meanwhile, it goes again.
    pub(super) fn admit(&self, key: Key, bytes: u64, object: &Arc<Object>, lead: &Lead) {
        self.add(key, bytes, object);
        if lead.is_doomed() {
            self.remove(vec![key]);
        }
    }

    /// The answer for this form is not right any more.
    fn forget_form(&self, place: super::Place, form: super::Form) {
        let keys = [Variant::Every, Variant::Of(form)].map(|variant| Key { place, variant });
        let mut state = self.lock();
        let gone: Vec<Key> = keys.into_iter().filter(|key| state.index.remove(*key)).collect();
        drop(state);
        self.remove(gone);
    }
}

/// A file that is being filled.
struct Filling {
    cache: Arc<Cache>,
    key: Key,
    part: Part,
    room: Room,
    object: Arc<Object>,
}

impl Filling {
    /// Writes what comes, as fast as it comes: readers follow at their own pace.
    async fn run(self, body: OriginBody, progress: watch::Sender<Progress>, lead: Lead) {
        let Self { cache, key, part, room, object } = self;
        let length = object.head.length;
        let written = pump(body, &part, &progress).await;
        if written != Some(length) || lead.is_doomed() {
            progress.send_modify(|now| now.has_failed = now.written != length);
            return;
        }
        let (file, offset) = (part.file.clone(), part.offset);
        let began = object.validated();
        let Some(disk) = cache.disk() else { return };
        let settled = spawn_blocking(move || disk.settle(part, key, began)).await;
        drop(room);
        match settled {
            Ok(Ok(bytes)) => {
                let stored = Stored::File(file, offset);
                let whole = Arc::new(Object::new(object.head.clone(), stored, began));
                cache.admit(key, bytes, &whole, &lead);
            }
            Ok(Err(error)) => tracing::debug!(%error, "an answer is not cached"),
            Err(error) => tracing::debug!(%error, "an answer is not cached"),
        }
        drop(lead);
    }
}

/// Writes a body to its end: how long it was, or nothing when it broke off.
async fn pump(
    mut body: OriginBody,
    part: &Part,
    progress: &watch::Sender<Progress>,
) -> Option<u64> {
    let mut at = 0_u64;
    loop {
        let mut pieces: Vec<Bytes> = Vec::new();
        let mut bytes = 0;
        let first = timeout(PAUSE, body.frame()).await.ok()?;
        let mut next = first;
        let is_over = loop {
            match next {
                None => break true,
                Some(Err(_)) => return None,
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        bytes += data.len();
                        pieces.push(data);
                    }
                }
            }
            if bytes >= TOGETHER {
                break false;
            }
            // What is here already is written together.
            match body.frame().now_or_never() {
                Some(more) => next = more,
                None => break false,
            }
        };
        if !pieces.is_empty() {
            let (file, from) = (part.file.clone(), part.offset.saturating_add(at));
            let written = spawn_blocking(move || Part::write_at(&file, &pieces, from)).await;
            let end = written.ok()?.ok()?;
            at = end.saturating_sub(part.offset);
            progress.send_modify(|now| now.written = at);
        }
        if is_over {
            return Some(at);
        }
    }
}

/// The stage that follows the asking.
async fn waited(mut stage: watch::Receiver<Stage>) -> Result<Stage, Refusal> {
    let waiting = stage.wait_for(|stage| !matches!(stage, Stage::Asking));
    match timeout(WAIT, waiting).await {
        Ok(Ok(stage)) => Ok(stage.clone()),
        Ok(Err(_)) => Ok(Stage::Left),
        Err(_) => Err(Refusal::Silent),
    }
}
