//! Asks origins whether they are ready, as long as a plan is in use, and closes connections that
//! nobody has needed for a while. In the same breath an origin that can tell is asked what has been
//! deleted there, so that it disappears from the cache.

use std::sync::{Arc, PoisonError, Weak};
use std::time::Duration;

use config::OriginScheme;
use http::{HeaderValue, Request, header};
use http_body_util::{BodyExt as _, Limited};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

use super::{Group, Origin, RequestBody};
use crate::Shared;
use crate::cache::{Cache, GONE_SINCE};

/// How often origins that are ready are asked.
const RARELY: u32 = 5;
/// How long one may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// Bytes that it may say.
const MOST_SAID: usize = 256 * 1024;

/// Who is told what an origin has deleted.
pub(crate) struct Gone {
    pub cache: Arc<Cache>,
    /// The names that its paths may belong to.
    pub names: Vec<String>,
    /// Whose certificates the server is told of.
    pub edge: Weak<Shared>,
}

/// With this our own server is told how it stands with certificates.
const CERTIFICATES: &str = "x-tuskling-certificates";

/// Asks all origins of these groups until `stop`.
pub(crate) async fn keep_checking(groups: Vec<Arc<Group>>, gone: Gone, stop: CancellationToken) {
    let gone = &gone;
    let mut ticks = interval(Duration::from_secs(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut count: u32 = 0;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        let checks = groups.iter().flat_map(|group| {
            let (path, host) = &group.health;
            group.origins.iter().map(move |origin| async move {
                origin.sweep();
                if group.is_bucket() {
                    // It has no page that tells; whether it can be reached is seen by every request.
                    if !origin.is_ready() {
                        let opened = timeout(PATIENCE, origin.connect()).await;
                        origin.set_ready(opened.is_ok_and(|opened| opened.is_ok()));
                    }
                    return;
                }
                if !origin.is_ready() || count.is_multiple_of(RARELY) {
                    let asked = timeout(PATIENCE, is_ready(origin, path, host, gone)).await;
                    origin.set_ready(asked.unwrap_or(false));
                }
            })
        });
        futures_util::future::join_all(checks).await;
        count = count.wrapping_add(1);
    }
}

async fn is_ready(origin: &Arc<Origin>, path: &str, host: &str, gone: &Gone) -> bool {
    let Ok(lent) = origin.connect().await else { return false };
    let mut request = Request::new(RequestBody::none());
    let (Ok(uri), Ok(host)) = (path.parse(), HeaderValue::from_str(host)) else { return false };
    *request.uri_mut() = uri;
    request.headers_mut().insert(header::HOST, host);
    let close = HeaderValue::from_static("close");
    request.headers_mut().insert(header::CONNECTION, close);
    let known = origin.gone_since.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if gone.cache.is_wanted()
        && let Ok(since) = HeaderValue::from_str(&known)
    {
        request.headers_mut().insert(GONE_SINCE, since);
    }
    // Only who has proved to know our secret is told.
    if origin.address.scheme == OriginScheme::Link
        && let Some(told) = gone.edge.upgrade().and_then(|edge| crate::status::told(&edge))
    {
        request.headers_mut().insert(CERTIFICATES, told);
    }
    let Ok(answer) = lent.send(request).await else { return false };
    let is_fine = answer.status().is_success() || answer.status().is_redirection();
    let until = answer.headers().get(GONE_SINCE).and_then(|value| value.to_str().ok());
    let until = until.map(str::to_owned);
    // Read to the end, so that the origin sees an orderly close.
    let Ok(body) = Limited::new(answer.into_body(), MOST_SAID).collect().await else {
        return false;
    };
    if let Some(until) = until.filter(|until| is_fine && *until != known) {
        gone.cache.take_gone(&String::from_utf8_lossy(&body.to_bytes()), gone.names.iter());
        *origin.gone_since.lock().unwrap_or_else(PoisonError::into_inner) = until;
    }
    is_fine
}
