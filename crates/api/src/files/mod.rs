//! Stored media files, with the headers that keep them harmless (M07): the type that their bytes
//! had when they were stored, no sniffing, no scripts, no cookies.

mod range;

use app::remote_files::Opened;
use app::uploads::Stored;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use tokio_util::io::ReaderStream;

use crate::routes::{Access, Route, get};
use crate::{ApiError, Shared};
use range::Wanted;

/// Bytes read from the disk at once.
const CHUNK: usize = 64 * 1024;

pub(crate) fn routes() -> Vec<Route> {
    vec![get("/media/{*key}", Access::Open, serve)]
}

async fn serve(
    State(app): State<Shared>,
    Path(key): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let stored = if key.starts_with(app::remote_files::PREFIX) {
        match app::remote_files::open(&app, &key).await? {
            Opened::File(stored) => stored,
            Opened::Nothing => return Err(ApiError::not_found()),
            Opened::Later { seconds } => return Ok(later(seconds)),
        }
    } else {
        app::uploads::open(&app, &key).await?.ok_or_else(ApiError::not_found)?
    };
    respond(stored, &key, &headers).await
}

/// The file, or the part of it that was asked for.
async fn respond(stored: Stored, key: &str, headers: &HeaderMap) -> Result<Response, ApiError> {
    let tag = entity_tag(key);
    if is_known(headers, &tag) {
        return Ok(with_headers(StatusCode::NOT_MODIFIED.into_response(), &tag));
    }
    let (content_type, length) = (stored.content_type, stored.length());
    let (status, first, count) = match range::wanted(headers, &tag, length) {
        Wanted::Whole => (StatusCode::OK, 0, length),
        Wanted::Part { first, last } => (StatusCode::PARTIAL_CONTENT, first, last - first + 1),
        Wanted::Nothing => {
            let mut response = StatusCode::RANGE_NOT_SATISFIABLE.into_response();
            set(&mut response, header::CONTENT_RANGE, &format!("bytes */{length}"));
            return Ok(with_headers(response, &tag));
        }
    };
    let bytes = stored.read(first, count).await?;
    let body = Body::from_stream(ReaderStream::with_capacity(bytes, CHUNK));
    let mut response = (status, body).into_response();
    if status == StatusCode::PARTIAL_CONTENT {
        let range = format!("bytes {first}-{}/{length}", first + count - 1);
        set(&mut response, header::CONTENT_RANGE, &range);
    }
    set(&mut response, header::CONTENT_LENGTH, &count.to_string());
    set(&mut response, header::CONTENT_TYPE, content_type);
    Ok(with_headers(response, &tag))
}

/// Not there yet. A 404 would make clients and caches believe that it never comes.
fn later(seconds: i64) -> Response {
    let mut response = StatusCode::SERVICE_UNAVAILABLE.into_response();
    set(&mut response, header::RETRY_AFTER, &seconds.to_string());
    set(&mut response, header::CACHE_CONTROL, "no-store");
    response
}

/// A key is never used for other bytes, so its last part tells them apart.
fn entity_tag(key: &str) -> String {
    format!("\"{}\"", key.rsplit('/').next().unwrap_or(key))
}

fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    known.is_some_and(|list| {
        list.split(',')
            .map(str::trim)
            .any(|known| known == "*" || known.trim_start_matches("W/") == tag)
    })
}

fn with_headers(mut response: Response, tag: &str) -> Response {
    let fixed = [
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::ACCEPT_RANGES, "bytes"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    for (name, value) in fixed {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
        .headers_mut()
        .insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    set(&mut response, header::ETAG, tag);
    response
}

/// The values are numbers and keys of ours, which are plain ASCII.
fn set(response: &mut Response, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}
