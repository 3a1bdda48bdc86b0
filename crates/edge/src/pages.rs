//! What the edge says itself: refusals, the maintenance page, the way to https. As JSON for programs,
//! as a small page for people.

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderValue};
use http::{Response, StatusCode};

/// Something that the edge answers itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The request cannot be understood.
    Malformed,
    /// The body did not arrive in time.
    Late,
    /// The body is too large.
    TooLarge,
    /// An expectation that nobody meets.
    Expectation,
    /// The host is not one of ours.
    Misdirected,
    /// Too many requests of one address.
    TooMany,
    /// The origin gave no proper answer.
    BadOrigin,
    /// Nobody stands behind the edge at the moment.
    Maintenance,
    /// Nobody stands behind the edge, and no more deliveries can be kept.
    Full,
    /// Everything is in use.
    Busy,
    /// The origin does not answer.
    Silent,
}

impl Refusal {
    pub fn status(self) -> StatusCode {
        match self {
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Late => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Expectation => StatusCode::EXPECTATION_FAILED,
            Self::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::BadOrigin => StatusCode::BAD_GATEWAY,
            Self::Maintenance | Self::Full | Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Silent => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Malformed => "The request cannot be understood",
            Self::Late => "The request body took too long to arrive",
            Self::TooLarge => "The request body is too large",
            Self::Expectation => "This expectation cannot be met",
            Self::Misdirected => "This server does not answer for that name",
            Self::TooMany => "Too many requests; wait a moment and try again",
            Self::BadOrigin => "The server behind this address gave no proper answer; try again",
            Self::Maintenance => {
                "The server is away for a moment, for an update perhaps; try again soon"
            }
            Self::Full => "Too many deliveries wait for the server; try again later",
            Self::Busy => "The server is busy; try again soon",
            Self::Silent => "The server behind this address does not answer; try again later",
        }
    }

    fn retry_after(self) -> Option<&'static str> {
        match self {
            Self::Maintenance => Some("10"),
            Self::Full => Some("120"),
            Self::TooMany | Self::Busy => Some("5"),
            _ => None,
        }
    }

    /// The answer, in the form that the client asks for.
    pub fn answer(self, accept: Option<&HeaderValue>) -> Response<Bytes> {
        let (kind, body) = if wants_page(accept) {
            let (status, text) = (self.status(), self.text());
            let title = status.canonical_reason().unwrap_or("Error");
            let page = format!(
                "<!DOCTYPE html>\n<html lang=\"en\"><meta charset=\"utf-8\">\
                 <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>\
                 <h1>{title}</h1><p>{text}.</p></html>\n"
            );
            ("text/html; charset=utf-8", page)
        } else {
            ("application/json; charset=utf-8", format!("{{\"error\":\"{}\"}}", self.text()))
        };
        let mut response = Response::new(Bytes::from(body));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        // A client on a page of another origin learns why, and when to come back.
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers
            .insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("retry-after"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::VARY, HeaderValue::from_static("accept"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
        );
        if let Some(seconds) = self.retry_after() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(seconds));
        }
        if matches!(self, Self::Malformed | Self::Late | Self::TooLarge) {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// The same page by https (E12). 308 keeps method and body where there is one.
pub(crate) fn to_https(name: &str, path: &str, keeps_method: bool) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() =
        if keeps_method { StatusCode::PERMANENT_REDIRECT } else { StatusCode::MOVED_PERMANENTLY };
    if let Ok(target) = HeaderValue::from_str(&format!("https://{name}{path}")) {
        response.headers_mut().insert(header::LOCATION, target);
    }
    response
}

/// Browsers name HTML; programs do not.
fn wants_page(accept: Option<&HeaderValue>) -> bool {
    accept.and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains("text/html"))
}

/// What a client accepts.
pub(crate) fn accept(headers: &HeaderMap) -> Option<HeaderValue> {
    headers.get(header::ACCEPT).cloned()
}
