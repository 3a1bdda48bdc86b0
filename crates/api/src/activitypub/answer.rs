//! Answers with the headers that keep caches honest: which form it is depends on `Accept`, what is
//! in it on the signature (E08, V04).

use app::documents::Answer;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

use crate::{ApiError, Shared};

/// The type of every document.
const KIND: HeaderValue = HeaderValue::from_static("application/activity+json; charset=utf-8");
/// What everybody gets alike may be kept for a minute, and shown for a day while this server is away.
const OPEN: HeaderValue =
    HeaderValue::from_static("public, max-age=60, stale-while-revalidate=60, stale-if-error=86400");
/// What somebody gets is theirs.
const CLOSED: HeaderValue = HeaderValue::from_static("private, no-store");

/// What a use case answered.
pub(super) fn respond(shared: &Shared, answer: Result<Answer, ApiError>) -> Response {
    let (response, is_open) = match answer {
        Ok(Answer::Document { body, is_open }) => (document(StatusCode::OK, body), is_open),
        Ok(Answer::Gone(body)) => (document(StatusCode::GONE, body), false),
        Ok(Answer::Redirect(to)) => (send_on(&to), false),
        Err(error) => (error.into_response(), false),
    };
    finish(shared, response, is_open)
}

/// Sends a browser to the page, whoever it is.
pub(super) fn to_page(shared: &Shared, page: &str) -> Response {
    finish(shared, send_on(page), true)
}

fn document(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, KIND)], body).into_response()
}

fn send_on(to: &str) -> Response {
    match HeaderValue::from_str(to) {
        Ok(to) => (StatusCode::FOUND, [(header::LOCATION, to)]).into_response(),
        Err(_) => ApiError::not_found().into_response(),
    }
}

fn finish(shared: &Shared, mut response: Response, is_open: bool) -> Response {
    let federation = &shared.config.federation;
    let must_sign = federation.secure_mode || federation.allow_list;
    let vary = if must_sign { "Accept, Signature" } else { "Accept" };
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static(vary));
    headers.insert(header::CACHE_CONTROL, if is_open { OPEN } else { CLOSED });
    response
}
