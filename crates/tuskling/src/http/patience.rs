//! Bodies that stop arriving: whatever a handler makes of a body that broke off by our own time
//! limit, the client is told that it was too slow, not that its body was too large or malformed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use http_body_util::BodyExt;
use hyper::body::{Body as HttpBody, Bytes};
use tower_http::timeout::{TimeoutBody, TimeoutError};

/// Whether the body of a request was given up.
#[derive(Clone, Default)]
pub(super) struct Patience(Arc<AtomicBool>);

impl Patience {
    /// A body that may pause only so long between two pieces.
    pub fn limit<B>(&self, pause: Duration, body: B) -> Body
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let given_up = self.0.clone();
        Body::new(TimeoutBody::new(pause, body).map_err(move |error| {
            if error.is::<TimeoutError>() {
                given_up.store(true, Ordering::Relaxed);
            }
            error
        }))
    }

    /// The reply as it is, or 408 with its headers in place of a refusal of what never arrived.
    pub fn judge(&self, mut response: Response) -> Response {
        let status = response.status();
        let refused = status.is_client_error() || status.is_server_error();
        if !refused || !self.0.load(Ordering::Relaxed) {
            return response;
        }
        *response.status_mut() = StatusCode::REQUEST_TIMEOUT;
        let text = "{\"error\":\"The request body took too long to arrive\"}";
        *response.body_mut() = Body::from(text);
        let headers = response.headers_mut();
        headers.remove(header::CONTENT_LENGTH);
        headers.remove(header::CONTENT_ENCODING);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        response
    }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;

    use super::*;

    const PAUSE: Duration = Duration::from_secs(20);

    /// A body that sends one piece and then nothing for so long.
    fn slow(silence: Duration) -> impl HttpBody<Data = Bytes, Error = axum::Error> {
        let pieces = futures_util::stream::unfold(0, move |count| async move {
            if count == 1 {
                tokio::time::sleep(silence).await;
            }
            let piece = Bytes::from_static(b"a");
            (count < 2).then_some((Ok::<_, axum::Error>(piece), count + 1))
        });
        Body::from_stream(pieces)
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_pauses_too_long_is_408_whatever_the_handler_says() {
        for said in [StatusCode::PAYLOAD_TOO_LARGE, StatusCode::BAD_REQUEST] {
            let patience = Patience::default();
            let body = patience.limit(PAUSE, slow(PAUSE * 2));
            assert!(axum::body::to_bytes(body, 1024).await.is_err());
            let reply = patience.judge((said, [("x-request-id", "7")], "no").into_response());
            assert_eq!(reply.status(), StatusCode::REQUEST_TIMEOUT);
            assert_eq!(reply.headers()["x-request-id"], "7");
            let text = axum::body::to_bytes(reply.into_body(), 1024).await.unwrap();
            assert_eq!(&*text, b"{\"error\":\"The request body took too long to arrive\"}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_is_only_slow_changes_nothing() {
        let patience = Patience::default();
        let body = patience.limit(PAUSE, slow(PAUSE / 2));
        assert_eq!(&*axum::body::to_bytes(body, 1024).await.unwrap(), b"aa");
        let reply = patience.judge(StatusCode::PAYLOAD_TOO_LARGE.into_response());
        assert_eq!(reply.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }
}
