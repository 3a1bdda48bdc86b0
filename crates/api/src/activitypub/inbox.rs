//! `/inbox` and `/users/{name}/inbox`: what other servers send. Its size is looked at before
//! anything else (P01); whose inbox it is does not matter, the activity says whom it concerns.

use std::net::SocketAddr;

use app::inbox::{self, Post};
use axum::extract::{ConnectInfo, Request, State};
use axum::response::{IntoResponse, Response};
use domain::Timestamp;
use http::{HeaderValue, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::routes::{Access, Route, post};
use crate::{ApiError, Shared};

/// Most bytes of an activity.
const LONGEST: usize = 1024 * 1024;

/// When a delivery came that the edge kept while this server was away. The listener puts it into the
/// extensions of a request whose peer it believes; a header alone is nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceivedAt(pub Timestamp);

pub(super) fn routes() -> Vec<Route> {
    vec![post("/inbox", Access::Open, receive), post("/users/{name}/inbox", Access::Open, receive)]
}

async fn receive(State(app): State<Shared>, request: Request) -> Response {
    match take(&app, request).await {
        Ok(()) => StatusCode::ACCEPTED.into_response(),
        Err(error) => refuse(error),
    }
}

async fn take(app: &Shared, request: Request) -> Result<(), ApiError> {
    let (head, body) = request.into_parts();
    let length = head.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if length.and_then(|text| text.parse::<u64>().ok()).is_some_and(|bytes| bytes > LIMIT) {
        return Err(too_long());
    }
    let body = Limited::new(body, LONGEST).collect().await.map_err(|error| {
        if error.is::<LengthLimitError>() {
            too_long()
        } else {
            ApiError::bad_request("The body broke off")
        }
    })?;
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let post = Post {
        method: &head.method,
        path_and_query: path,
        headers: &head.headers,
        body: &body.to_bytes(),
        from: head.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip()),
        received_at: head.extensions.get::<ReceivedAt>().map(|received| received.0),
    };
    Ok(inbox::receive(app, post).await?)
}

/// [`LONGEST`], as a header gives it.
const LIMIT: u64 = 1024 * 1024;

fn too_long() -> ApiError {
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "The activity is longer than 1 MiB")
}

/// A full disk is 503 here: the other server tries again by itself (R04).
fn refuse(error: ApiError) -> Response {
    if error.status() == StatusCode::INSUFFICIENT_STORAGE {
        let text = "The server's disk is full; try again later";
        let mut response = ApiError::new(StatusCode::SERVICE_UNAVAILABLE, text).into_response();
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("300"));
        return response;
    }
    let mut response = error.into_response();
    // That header is about tokens, which nobody needs here.
    response.headers_mut().remove(header::WWW_AUTHENTICATE);
    response
}
