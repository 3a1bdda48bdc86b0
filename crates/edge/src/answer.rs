//! The body of an answer, whoever made it, and what is remembered until its last byte: figures, the
//! access log, the turn on its connection.

use std::borrow::Cow;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll};

use bytes::Bytes;
use config::AccessLog;
use http::{Method, Request, StatusCode, Version};
use http_body::{Body, Frame, SizeHint};
use http_body_util::combinators::UnsyncBoxBody;
use net::crowd::Seat;
use tokio::time::Instant;

use crate::Shared;
use crate::cache::StoredBody;
use crate::figures::Counted;
use crate::origin::OriginBody;
use crate::watch::{Turn, Watch};

/// Of how many requests a sampled log shows one.
const SAMPLE: u64 = 100;
/// Path segments of this length may be secrets: links that sign somebody in carry them.
const SECRET: usize = 24;

/// What cannot be sent to the end.
pub(crate) type BodyFailure = Box<dyn std::error::Error + Send + Sync>;

/// Where the bytes come from.
pub(crate) enum Source {
    Whole(Option<Bytes>),
    Origin(OriginBody),
    /// From the cache.
    Stored(StoredBody),
    /// Passed through something, a compression.
    Made(UnsyncBoxBody<Bytes, BodyFailure>),
}

/// A body with its visit.
pub(crate) struct AnswerBody {
    source: Source,
    visit: Visit,
}

/// One request from its arrival to the last byte of its answer.
pub(crate) struct Visit {
    shared: Arc<Shared>,
    turn: Turn,
    began: Instant,
    client: IpAddr,
    is_http2: bool,
    line: Option<(Method, String)>,
    status: StatusCode,
    bytes: u64,
    _in_progress: Counted,
    /// The place of its address among all that ask.
    _seat: Option<Seat>,
}

impl Visit {
    pub fn begin<B>(
        shared: &Arc<Shared>,
        watch: &Arc<Watch>,
        client: IpAddr,
        request: &Request<B>,
        log: AccessLog,
        seat: Option<Seat>,
    ) -> Self {
        shared.figures.requests.fetch_add(1, Relaxed);
        let line = (log != AccessLog::Off).then(|| {
            (request.method().clone(), without_secrets(request.uri().path()).into_owned())
        });
        Self {
            shared: shared.clone(),
            turn: watch.turn(),
            began: Instant::now(),
            client,
            is_http2: request.version() == Version::HTTP_2,
            line,
            status: StatusCode::OK,
            bytes: 0,
            _in_progress: Counted::new(shared, |figures| &figures.in_progress),
            _seat: seat,
        }
    }

    /// The answer's body from now on carries this visit.
    pub fn wrap(mut self, status: StatusCode, source: Source) -> AnswerBody {
        self.status = status;
        self.shared.figures.answered(status);
        AnswerBody { source, visit: self }
    }

    fn write_line(&self) {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let Some((method, path)) = &self.line else { return };
        let is_failure = self.status.is_server_error();
        let log = self.shared.plan().access_log;
        if log == AccessLog::Sampled
            && !is_failure
            && !COUNT.fetch_add(1, Relaxed).is_multiple_of(SAMPLE)
        {
            return;
        }
        let took = self.began.elapsed().as_micros() as f64 / 1000.0;
        tracing::info!(
            target: "access", %method, path, status = self.status.as_u16(), bytes = self.bytes,
            ms = took, client = %self.client, http2 = self.is_http2, "request"
        );
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        let figures = &self.shared.figures;
        figures.sent_bytes.fetch_add(self.bytes, Relaxed);
        let took = u64::try_from(self.began.elapsed().as_micros()).unwrap_or_default();
        figures.microseconds.fetch_add(took, Relaxed);
        self.write_line();
    }
}

/// A path for the log: no query, and no segment that may open something.
fn without_secrets(path: &str) -> Cow<'_, str> {
    let is_secret = |segment: &str| segment.len() >= SECRET && !segment.contains('.');
    if !path.split('/').any(is_secret) {
        return Cow::Borrowed(path);
    }
    let shown = path.split('/').map(|segment| if is_secret(segment) { "*" } else { segment });
    Cow::Owned(shown.collect::<Vec<_>>().join("/"))
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = BodyFailure;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyFailure>>> {
        let this = self.get_mut();
        let visit = &mut this.visit;
        if visit.is_http2 {
            visit.turn.asked();
        }
        let polled = match &mut this.source {
            Source::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Source::Origin(body) => Pin::new(body).poll_frame(context).map_err(BodyFailure::from),
            Source::Stored(body) => Pin::new(body).poll_frame(context).map_err(BodyFailure::from),
            Source::Made(body) => Pin::new(body).poll_frame(context),
        };
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                visit.bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
                if visit.is_http2 {
                    visit.turn.handed_out();
                }
                if this.is_end_stream() {
                    this.visit.turn.done();
                }
            }
            Poll::Ready(None) => visit.turn.done(),
            _ => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        match &self.source {
            Source::Whole(bytes) => bytes.as_ref().is_none_or(Bytes::is_empty),
            Source::Origin(body) => body.is_end_stream(),
            Source::Stored(body) => body.is_end_stream(),
            Source::Made(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Whole(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            Source::Origin(body) => body.size_hint(),
            Source::Stored(body) => body.size_hint(),
            Source::Made(body) => body.size_hint(),
        }
    }
}

impl Drop for AnswerBody {
    fn drop(&mut self) {
        // Answers without a body are never asked for one.
        if self.is_end_stream() {
            self.visit.turn.done();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v07_the_log_shows_no_path_that_opens_something() {
        for (path, shown) in [
            ("/api/v1/statuses/1234567890", "/api/v1/statuses/1234567890"),
            ("/setup/AbCdEfGhIjKlMnOpQrStUvWxYz0123", "/setup/*"),
            (
                "/media/AbCdEfGhIjKlMnOpQrStUvWxYz0123.jpg",
                "/media/AbCdEfGhIjKlMnOpQrStUvWxYz0123.jpg",
            ),
        ] {
            assert_eq!(without_secrets(path), shown);
        }
    }
}
