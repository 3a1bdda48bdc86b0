//! Which replies scripts of other pages may read, and what every reply carries: web clients fail
//! without it. Credentials are never allowed: a token is the only way to be somebody.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use app::AppError;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use crate::{ApiError, Shared};

const EXPOSED: HeaderValue = HeaderValue::from_static(
    "Link, X-RateLimit-Reset, X-RateLimit-Limit, X-RateLimit-Remaining, X-Request-Id, Mastodon-Async-Refresh",
);
const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE, OPTIONS");
const HEADERS: HeaderValue = HeaderValue::from_static(
    "Authorization, Content-Type, Idempotency-Key, Accept, X-Requested-With",
);

/// Wraps every reply: X-Request-Id, and on open paths the headers that let other pages read it.
/// Answers preflights itself. Whoever may not come here at all gets nothing.
pub async fn frame(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let from = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip());
    if app::shut_out::is_kept_away(&shared, from).await {
        return ApiError::from(AppError::not_allowed()).into_response();
    }
    let open = is_open(request.uri().path());
    let is_api = request.uri().path().starts_with("/api/");
    let mut response = if open && is_preflight(&request) {
        preflight(request.headers())
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    if open {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    }
    if is_api {
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
    let mut noise = [0_u8; 16];
    shared.random.fill(&mut noise);
    let id: String = noise.iter().map(|byte| format!("{byte:02x}")).collect();
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    response
}

/// Paths that scripts of other pages may read.
fn is_open(path: &str) -> bool {
    const BELOW: &[&str] = &["/api/", "/.well-known/", "/nodeinfo/", "/media/"];
    const EXACT: &[&str] = &["/oauth/token", "/oauth/revoke", "/oauth/userinfo"];
    let is_profile = |name: &str| !name.is_empty() && !name.contains('/');
    BELOW.iter().any(|prefix| path.starts_with(prefix))
        || EXACT.contains(&path)
        || path.strip_prefix("/@").is_some_and(is_profile)
        || path.strip_prefix("/users/").is_some_and(is_profile)
}

fn is_preflight(request: &Request) -> bool {
    request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ORIGIN)
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

fn preflight(asked: &HeaderMap) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    // What a client asks for it may send: nothing here depends on a header being hard to send.
    let wanted =
        asked.get(header::ACCESS_CONTROL_REQUEST_HEADERS).filter(|value| value.len() < 2_000);
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, wanted.cloned().unwrap_or(HEADERS));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("7200"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_with_forms_are_not_open() {
        for open in [
            "/api/v1/statuses",
            "/oauth/token",
            "/.well-known/webfinger",
            "/media/a",
            "/@a",
            "/users/a",
        ] {
            assert!(is_open(open), "{open}");
        }
        for closed in ["/", "/oauth/authorize", "/auth/sign_in", "/@a/b", "/users/", "/settings"] {
            assert!(!is_open(closed), "{closed}");
        }
    }
}
