//! Hands over what was kept: of each sender one at a time, several senders at once, as soon as somebody
//! stands behind the edge again.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Limited};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::{Inbox, RECEIVED_AT};
use crate::Shared;
use crate::acme::{Environment as _, Machine};
use crate::origin::{Group, OriginBody, OriginError, Passage, RequestBody};
use crate::proxy::{Named, named};
use crate::spool::{Delivery, Spool, Taken};

/// Senders at once.
const AT_ONCE: usize = 8;
/// How long a delivery is kept.
const OLDEST: Duration = Duration::from_secs(3 * 24 * 60 * 60);
/// How often is looked whether somebody is back, or a pause is over.
const LOOK: Duration = Duration::from_millis(250);
/// The same while the folder cannot be had.
const LOOK_FOR_FOLDER: Duration = Duration::from_millis(500);
/// The pause of a sender whose own server is away while another is there.
const AWAY: Duration = Duration::from_secs(1);
/// The pause after a first failure doubles with each further one, up to this.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// What is read of an answer, and for how long, so that its connection can be kept.
const ANSWER: usize = 64 * 1024;
const READ: Duration = Duration::from_secs(5);

/// What became of a try.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Arrived,
    /// For good.
    Refused(StatusCode),
    /// To be tried again, not before the pause that was asked for.
    Failed(Option<Duration>),
    Away,
}

/// Runs until the edge stops; what is under way then is finished.
pub(crate) async fn run(shared: Arc<Shared>) {
    let Some(spool) = opened(&shared).await else { return };
    let mut under_way = JoinSet::new();
    while !shared.stop.is_cancelled() {
        while under_way.try_join_next().is_some() {}
        if under_way.len() < AT_ONCE && is_anybody_there(&shared) {
            match spool.next().await {
                Ok(Some(taken)) => {
                    under_way.spawn(hand_over(shared.clone(), taken));
                    continue;
                }
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(%error, "a delivery that was kept cannot be read yet");
                    sleep(AWAY).await;
                }
            }
        }
        let is_empty = spool.is_empty();
        tokio::select! {
            () = shared.stop.cancelled() => {}
            Some(_) = under_way.join_next(), if !under_way.is_empty() => {}
            () = spool.changed() => {}
            () = sleep(LOOK), if !is_empty => {}
        }
    }
    while under_way.join_next().await.is_some() {}
}

/// The spool, as soon as it can be had.
async fn opened(shared: &Shared) -> Option<Spool> {
    let inbox = &shared.inbox;
    while inbox.is_wanted() {
        if let Some(spool) = inbox.spool().or_else(|| inbox.open()) {
            return Some(spool);
        }
        tokio::select! {
            () = shared.stop.cancelled() => return None,
            () = sleep(LOOK_FOR_FOLDER) => {}
        }
    }
    None
}

fn is_anybody_there(shared: &Shared) -> bool {
    shared.plan().groups().any(|group| !group.is_away())
}

async fn hand_over(shared: Arc<Shared>, taken: Taken) {
    let inbox = &shared.inbox;
    if age(&taken.delivery) > OLDEST {
        inbox.outdated.fetch_add(1, Relaxed);
        let sender = &taken.delivery.sender;
        tracing::warn!(sender, "a delivery could not be handed over within three days");
        taken.done();
        return;
    }
    let outcome = tokio::select! {
        // Not marked as done, it is the first again after the restart.
        () = shared.cut.cancelled() => return,
        outcome = attempt(&shared, &taken.delivery) => outcome,
    };
    settle(inbox, taken, &outcome);
}

fn age(delivery: &Delivery) -> Duration {
    Machine.now().duration_since(delivery.received).unwrap_or_default()
}

fn settle(inbox: &Inbox, taken: Taken, outcome: &Outcome) {
    match outcome {
        Outcome::Arrived => {
            inbox.replayed.fetch_add(1, Relaxed);
            taken.done();
        }
        Outcome::Refused(status) => {
            inbox.refused.fetch_add(1, Relaxed);
            let sender = &taken.delivery.sender;
            tracing::info!(sender, %status, "the server refused a delivery that was kept");
            taken.done();
        }
        Outcome::Failed(asked) => {
            let tries = taken.tries.saturating_add(1);
            taken.later(pause(tries, *asked), tries);
        }
        Outcome::Away => {
            let tries = taken.tries;
            taken.later(AWAY, tries);
        }
    }
}

/// Doubles, from a second on; not less than was asked for.
fn pause(tries: u32, asked: Option<Duration>) -> Duration {
    let own = Duration::from_secs(1 << tries.saturating_sub(1).min(16));
    own.max(asked.unwrap_or_default()).min(LONGEST_PAUSE)
}

async fn attempt(shared: &Shared, delivery: &Delivery) -> Outcome {
    let Some(request) = request(delivery) else {
        return Outcome::Refused(StatusCode::BAD_REQUEST);
    };
    let Some(group) = group(shared, &request) else {
        return Outcome::Refused(StatusCode::MISDIRECTED_REQUEST);
    };
    let (head, body) = request.into_parts();
    match group.send_within(Passage { head, body }, Duration::ZERO).await {
        Ok(answer) => judge(answer).await,
        Err(unanswered) => match unanswered.error {
            OriginError::Away => Outcome::Away,
            error => {
                tracing::debug!(%error, "a delivery that was kept was not answered");
                Outcome::Failed(None)
            }
        },
    }
}

/// Who takes it, by the settings of now.
fn group(shared: &Shared, request: &Request<RequestBody>) -> Option<Arc<Group>> {
    let Named { name, .. } = named(request).ok()?;
    shared.plan().site(&name)?.group(request.uri().path()).cloned()
}

/// The request as it came, with the time of its receipt.
fn request(delivery: &Delivery) -> Option<Request<RequestBody>> {
    let mut request = Request::new(RequestBody::whole(delivery.body.clone()));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = delivery.target.parse().ok()?;
    let headers = request.headers_mut();
    for (name, value) in &delivery.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        headers.append(name, HeaderValue::from_bytes(value).ok()?);
    }
    headers.insert(RECEIVED_AT, HeaderValue::from(milliseconds(delivery.received)));
    Some(request)
}

fn milliseconds(moment: SystemTime) -> u64 {
    let passed = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(passed.as_millis()).unwrap_or(u64::MAX)
}

async fn judge(answer: Response<OriginBody>) -> Outcome {
    let (status, asked) = (answer.status(), retry_after(answer.headers()));
    let reading = Limited::new(answer.into_body(), ANSWER).collect();
    let _ = timeout(READ, reading).await;
    verdict(status, asked)
}

fn verdict(status: StatusCode, asked: Option<Duration>) -> Outcome {
    let is_passing = matches!(
        status,
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS
    );
    if status.is_success() {
        Outcome::Arrived
    } else if status.is_server_error() || is_passing {
        Outcome::Failed(asked)
    } else {
        Outcome::Refused(status)
    }
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(header::RETRY_AFTER)?.to_str().ok()?;
    value.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_final_is_tried_again_with_growing_pauses() {
        let asked = Some(Duration::from_secs(7));
        for code in [500, 502, 503, 504, 408, 425, 429] {
            let status = StatusCode::from_u16(code).unwrap();
            assert_eq!(verdict(status, asked), Outcome::Failed(asked), "{code}");
        }
        for code in [301, 400, 401, 403, 404, 410, 413, 422] {
            let status = StatusCode::from_u16(code).unwrap();
            assert_eq!(verdict(status, asked), Outcome::Refused(status), "{code}");
        }
        assert_eq!(verdict(StatusCode::ACCEPTED, None), Outcome::Arrived);
        let seconds = |tries| pause(tries, None).as_secs();
        assert_eq!([1, 2, 3, 9, 100].map(seconds), [1, 2, 4, 256, 300]);
        assert_eq!(pause(1, asked), Duration::from_secs(7));
        assert_eq!(pause(1, Some(Duration::MAX)), LONGEST_PAUSE);
    }
}
