//! One delivery: signed, posted, and its answer judged. A server that refuses the one way of signing
//! is knocked at once more with the other.

use std::sync::Arc;

use activitypub::MEDIA_TYPE;
use activitypub::sign::{Scheme, parse_http_date};
use bytes::Bytes;
use domain::time::{DAY, SECOND};
use domain::{RowId, Timestamp};
use http::header::RETRY_AFTER;
use http::{HeaderMap, StatusCode};
use net::{Answer, NetError};
use tokio::sync::Semaphore;
use url::Url;

use super::lines::{Shown, Work};
use super::parcel::Parcel;
use super::sync::SYNC_HEADER;
use crate::App;

/// What became of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It was taken.
    Arrived,
    /// It never will be.
    GivenUp {
        /// Why.
        reason: String,
        /// Nothing will be taken there any more.
        inbox_is_gone: bool,
    },
    /// Another time.
    Again {
        /// Why.
        reason: String,
        /// What it says of the host.
        trouble: Trouble,
    },
}

/// What a failed try says of the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Nothing: it answers.
    None,
    /// It answers, but something is wrong with it.
    Ill,
    /// It cannot be reached: nothing else needs to be tried now.
    Down,
    /// It asks to be left alone for so many milliseconds.
    Asks(i64),
}

/// The end of a try.
pub(super) struct Ended {
    pub(super) id: RowId,
    pub(super) host: String,
    pub(super) inbox: String,
    pub(super) attempts: i64,
    pub(super) verdict: Verdict,
    /// Set when the host wants another way of signing than it was known for.
    pub(super) learned: Option<Scheme>,
}

impl Ended {
    pub(super) fn shows(&self) -> Shown {
        let (works, is_down) = match &self.verdict {
            Verdict::Arrived => (Some(true), false),
            Verdict::GivenUp { .. } => (None, false),
            Verdict::Again { trouble, .. } => match trouble {
                Trouble::None => (None, false),
                Trouble::Ill => (Some(false), false),
                Trouble::Down | Trouble::Asks(_) => (Some(false), true),
            },
        };
        Shown { works, is_down, scheme: self.learned }
    }
}

/// Tries once; with both ways of signing where the first is refused. `signers` bounds the
/// signatures that are made at once: they need a processor each.
pub(super) async fn deliver(app: &App, signers: &Semaphore, work: Work, scheme: Scheme) -> Ended {
    let (verdict, learned) = knock(app, signers, &work, scheme).await;
    Ended {
        id: work.row.id,
        host: work.row.host,
        inbox: work.row.inbox,
        attempts: work.row.attempts,
        verdict,
        learned,
    }
}

async fn knock(
    app: &App,
    signers: &Semaphore,
    work: &Work,
    scheme: Scheme,
) -> (Verdict, Option<Scheme>) {
    let Ok(url) = Url::parse(&work.row.inbox) else {
        let reason = "the inbox has no proper address".to_owned();
        return (Verdict::GivenUp { reason, inbox_is_gone: true }, None);
    };
    let first = post(app, signers, work, &url, scheme).await;
    let is_refused = first.as_ref().is_ok_and(|answer| {
        matches!(answer.status, StatusCode::UNAUTHORIZED | StatusCode::BAD_REQUEST)
    });
    if !is_refused {
        return (judge(&first), None);
    }
    let other = match scheme {
        Scheme::Cavage => Scheme::Rfc9421,
        Scheme::Rfc9421 => Scheme::Cavage,
    };
    let second = post(app, signers, work, &url, other).await;
    match judge(&second) {
        Verdict::Arrived => (Verdict::Arrived, Some(other)),
        // The first answer was to what the server is known to understand.
        _ => (judge(&first), None),
    }
}

async fn post(
    app: &App,
    signers: &Semaphore,
    work: &Work,
    url: &Url,
    scheme: Scheme,
) -> Result<Answer, NetError> {
    let mut extra = HeaderMap::new();
    if let Some(value) = &work.sync {
        extra.insert(SYNC_HEADER, value.clone());
    }
    // Closed only when the process ends.
    let place = signers.acquire().await;
    let now = app.now();
    let Some(body) = body(&work.parcel, now).await else {
        return Err(NetError::Broken(work.row.host.clone(), "signing failed".into()));
    };
    // A fraction of a millisecond, and no more at once than there are processors: not worth another thread.
    let headers = work.parcel.signer.key().sign_post(url, MEDIA_TYPE, &body, &extra, scheme, now);
    drop(place);
    app.net.post(url, headers, body).await
}

/// The body of a parcel; made away from the runtime by the first that asks.
async fn body(parcel: &Arc<Parcel>, now: Timestamp) -> Option<Bytes> {
    if let Some(ready) = parcel.ready() {
        return Some(ready);
    }
    let parcel = parcel.clone();
    tokio::task::spawn_blocking(move || parcel.body(now)).await.ok()
}

/// What an answer means.
fn judge(answer: &Result<Answer, NetError>) -> Verdict {
    let again = |reason: String, trouble| Verdict::Again { reason, trouble };
    let answer = match answer {
        Ok(answer) => answer,
        Err(error @ NetError::Refused(_)) => {
            return Verdict::GivenUp { reason: error.to_string(), inbox_is_gone: false };
        }
        Err(error) if error.is_transient() => return again(error.to_string(), Trouble::Down),
        Err(error) => return again(error.to_string(), Trouble::Ill),
    };
    let status = answer.status;
    let reason = format!("it answered {status}");
    match status.as_u16() {
        200..=299 => Verdict::Arrived,
        410 => Verdict::GivenUp { reason, inbox_is_gone: true },
        429 | 503 => match retry_after(&answer.headers) {
            Some(pause) => again(reason, Trouble::Asks(pause)),
            None => again(reason, Trouble::Ill),
        },
        401 | 408 | 300..=399 => again(reason, Trouble::None),
        501 | 400..=499 => Verdict::GivenUp { reason, inbox_is_gone: false },
        _ => again(reason, Trouble::Ill),
    }
}

/// Seconds or a date (RFC 9110 §10.2.3); what cannot be read is none. At most a day, in
/// milliseconds. A date counts from the answer's own.
fn retry_after(headers: &HeaderMap) -> Option<i64> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let pause = match text.parse::<i64>() {
        Ok(seconds) => seconds.checked_mul(SECOND)?,
        Err(_) => {
            let date = headers.get(http::header::DATE)?.to_str().ok()?;
            parse_http_date(text)?.since(parse_http_date(date)?)
        }
    };
    Some(pause.clamp(SECOND, DAY))
}
