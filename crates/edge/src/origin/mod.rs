//! What stands behind the edge: groups of origins, which of them to ask, and how to ask so that a
//! restart of one is not seen by anybody.
//!
//! Origins are named by the configuration, never by what comes from the network: this is not the way
//! out to the internet, which is `net`.

mod body;
mod bucket;
mod dial;
mod health;
mod pool;
mod request_body;

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use http::{Method, Request, Response, request};
use hyper::body::Incoming;
use tokio::time::{Instant, sleep, timeout};

pub(crate) use body::{Copy, OriginBody, Piece};
pub(crate) use bucket::Bucket;
pub(crate) use dial::{Dialer, OriginStream};
pub(crate) use health::{Gone, keep_checking};
pub(crate) use pool::Origin;
pub(crate) use request_body::{BodyError, RequestBody};

use pool::{Failure, Lent};
use request_body::Trouble;

/// How long an origin may take to begin its answer.
const ANSWER: Duration = Duration::from_secs(120);
/// How long an upload may take, in multiples of that.
const LONGEST_UPLOAD: usize = 30;
/// How often a server that is away is asked again by those who wait for it.
const AGAIN: Duration = Duration::from_millis(100);
/// Requests that wait for a server that is away, at most.
const MOST_WAITING: usize = 512;
/// How often one request is begun.
const MOST_TRIES: usize = 4;

/// Origins that stand for one another.
pub(crate) struct Group {
    pub origins: Vec<Arc<Origin>>,
    /// The path that tells whether one is ready, and the host to ask it for.
    pub health: (String, String),
    /// How long requests wait when all are away.
    pub wait: Duration,
    /// What the one origin is, if it is no server but a bucket.
    bucket: Option<Bucket>,
    next: AtomicUsize,
    waiting: AtomicUsize,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OriginError {
    /// Nobody can be reached; nothing has been sent.
    #[error("no origin can be reached")]
    Away,
    /// The connection broke after the request had been sent.
    #[error("the origin broke off: {0}")]
    Broken(hyper::Error),
    /// The client's own body did not arrive.
    #[error("the body of the request did not arrive")]
    Body(#[from] BodyError),
    /// It does not answer.
    #[error("the origin does not answer")]
    Silent,
    /// It does not know what it agreed to.
    #[error("the origin's answer belongs to another handshake")]
    NoWebSocket,
    /// No object of a bucket has such a name.
    #[error("there is no such object")]
    NoObject,
    /// A bucket is only read.
    #[error("the origin is only read")]
    NotAllowed,
    /// There are no keys to ask a bucket with.
    #[error("there are no keys for the bucket: {0}")]
    Unsigned(String),
}

/// A request without an answer.
pub(crate) struct Unanswered {
    pub error: OriginError,
    /// The request, if none of it was sent.
    pub unsent: Option<Passage>,
}

/// A request to be passed on.
pub(crate) struct Passage {
    pub head: request::Parts,
    pub body: RequestBody,
}

impl Group {
    pub fn new(origins: Vec<Arc<Origin>>, health: (String, String), wait: Duration) -> Self {
        let (next, waiting) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Self { origins, health, wait, bucket: None, next, waiting }
    }

    /// Of a bucket.
    pub fn of_bucket(origin: Arc<Origin>, bucket: Bucket, wait: Duration) -> Self {
        Self { bucket: Some(bucket), ..Self::new(vec![origin], Default::default(), wait) }
    }

    /// Whether it is only read, and speaks nothing but HTTP.
    pub fn is_bucket(&self) -> bool {
        self.bucket.is_some()
    }

    /// Passes a request on to an origin that can be reached, waiting for one if need be.
    ///
    /// What was not sent is sent elsewhere. What was sent and not answered is sent again only when
    /// it may be (RFC 9110 §9.2.2) and has no body.
    pub async fn send(&self, passage: Passage) -> Result<Response<OriginBody>, OriginError> {
        self.send_within(passage, self.wait).await.map_err(|unanswered| unanswered.error)
    }

    /// The same with another patience, and with the request back if none of it was sent.
    pub async fn send_within(
        &self,
        passage: Passage,
        wait: Duration,
    ) -> Result<Response<OriginBody>, Box<Unanswered>> {
        let Some(bucket) = &self.bucket else { return self.send_as_it_is(passage, wait).await };
        let question = bucket.question(&passage.head).await;
        let question = question.map_err(|error| Box::new(Unanswered { error, unsent: None }))?;
        Ok(bucket.answer(self.send_as_it_is(question, wait).await?).await)
    }

    async fn send_as_it_is(
        &self,
        passage: Passage,
        wait: Duration,
    ) -> Result<Response<OriginBody>, Box<Unanswered>> {
        let Passage { head, body } = passage;
        let failed = |error| Box::new(Unanswered { error, unsent: None });
        let may_repeat = is_idempotent(&head.method) && body.is_empty();
        let trouble = body.trouble();
        let mut body = Some(body);
        let (first, mut tries) = (self.next.fetch_add(1, Relaxed), 0);
        loop {
            tries += 1;
            let lent = match self.reach(first, tries > 1, wait).await {
                Ok(lent) => lent,
                Err(error) => {
                    let unsent = body.map(|body| Passage { head, body });
                    return Err(Box::new(Unanswered { error, unsent }));
                }
            };
            let Some(sent) = body.take() else { return Err(failed(OriginError::Away)) };
            let again = may_repeat.then(RequestBody::none);
            let request = Request::from_parts(copy(&head), sent);
            match patiently(lent, request, &trouble).await {
                Some(Ok(answer)) => return Ok(answer),
                Some(Err(failure)) => {
                    if let Some(error) = trouble.take() {
                        return Err(failed(error.into()));
                    }
                    body = failure.unsent.map(Request::into_body).or(again);
                    if body.is_none() || tries >= MOST_TRIES {
                        return Err(failed(OriginError::Broken(failure.cause)));
                    }
                }
                None => return Err(failed(OriginError::Silent)),
            }
        }
    }

    /// Opens a connection of its own, for what will be no HTTP any more.
    pub async fn dial(&self) -> Result<OriginStream, OriginError> {
        if self.is_bucket() {
            return Err(OriginError::NotAllowed);
        }
        let first = self.next.fetch_add(1, Relaxed);
        let attempt = async |origin: &Arc<Origin>| origin.dial().await;
        self.waiting_for(first, self.wait, attempt).await
    }

    /// Whether none could be connected to, the last time that each was tried; all that are away are
    /// tried every second.
    pub fn is_away(&self) -> bool {
        self.origins.iter().all(|origin| origin.away_since().is_some())
    }

    /// A connection to an origin: a kept one where possible, or a fresh one.
    async fn reach(
        &self,
        first: usize,
        is_fresh: bool,
        wait: Duration,
    ) -> Result<Lent, OriginError> {
        if !is_fresh {
            for origin in self.candidates(first) {
                if let Some(lent) = origin.kept() {
                    return Ok(lent);
                }
                if origin.is_ready() {
                    break;
                }
            }
        }
        let attempt = async |origin: &Arc<Origin>| origin.connect().await;
        self.waiting_for(first, wait, attempt).await
    }

    async fn waiting_for<T>(
        &self,
        first: usize,
        wait: Duration,
        attempt: impl AsyncFn(&Arc<Origin>) -> std::io::Result<T>,
    ) -> Result<T, OriginError> {
        let mut place = None;
        loop {
            for origin in self.candidates(first) {
                match attempt(&origin).await {
                    Ok(reached) => return Ok(reached),
                    Err(error) => tracing::debug!(origin = %origin, %error, "not reached"),
                }
            }
            if place.is_none() {
                place = Some(self.wait_in_line().ok_or(OriginError::Away)?);
            }
            if self.away_for() > wait {
                return Err(OriginError::Away);
            }
            sleep(AGAIN).await;
        }
    }

    /// All origins, in the order of trying: the ready ones first, each in turn.
    fn candidates(&self, first: usize) -> impl Iterator<Item = Arc<Origin>> {
        let count = self.origins.len().max(1);
        let in_turn =
            move |offset: usize| self.origins.get((first.wrapping_add(offset)) % count).cloned();
        let ready = (0..count).filter_map(in_turn).filter(|origin| origin.is_ready());
        let others = (0..count).filter_map(in_turn).filter(|origin| !origin.is_ready());
        ready.chain(others)
    }

    /// For how long nobody has been reached.
    fn away_for(&self) -> Duration {
        let since = self.origins.iter().map(|origin| origin.away_since());
        since
            .min_by_key(|since| since.map_or(Duration::ZERO, |at: Instant| at.elapsed()))
            .flatten()
            .map_or(Duration::ZERO, |at| at.elapsed())
    }

    fn wait_in_line(&self) -> Option<Waiting<'_>> {
        let waiting = Waiting(&self.waiting);
        (self.waiting.fetch_add(1, Relaxed) < MOST_WAITING).then_some(waiting)
    }
}

/// A place in the line of those who wait.
struct Waiting<'g>(&'g AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

/// The answer, or nothing when the origin is silent. The time counts from the end of the body, which
/// watches over itself.
async fn patiently(
    lent: Lent,
    request: Request<RequestBody>,
    trouble: &Trouble,
) -> Option<Result<Response<OriginBody>, Box<Failure>>> {
    let mut sending = pin!(lent.send(request));
    for _ in 0..LONGEST_UPLOAD {
        match timeout(ANSWER, &mut sending).await {
            Ok(answer) => return Some(answer),
            Err(_) if trouble.is_arriving() => {}
            Err(_) => return None,
        }
    }
    None
}

fn is_idempotent(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS | Method::PUT | Method::DELETE)
}

fn copy(head: &request::Parts) -> request::Parts {
    let mut request = Request::new(());
    *request.method_mut() = head.method.clone();
    *request.uri_mut() = head.uri.clone();
    *request.headers_mut() = head.headers.clone();
    request.into_parts().0
}

/// The body of what an origin answers, before it is wrapped.
type Answer = Response<Incoming>;
