//! Answers: pages, redirects and refusals, each with the headers that hold it to its purpose.

use app::AppError;
use app::access::{Limited, SignInError};
use askama::Template;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::Timestamp;
use http::header::{self, HeaderName};
use http::{HeaderValue, StatusCode};

use super::{Shared, site, site_called};
use crate::language::{reason, spoken};
use crate::pages::{ErrorPage, Problem};
use crate::security::{PagePolicy, security_headers};

/// What every handler returns.
pub(super) type Answer = Result<Response, Refusal>;

/// Who may keep an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    /// Everybody, for a few seconds, and for a day while this server is away: the same for all
    /// visitors.
    Shortly,
    /// Nobody.
    Never,
}

/// A page that everybody sees alike.
pub(super) fn public(page: &impl Template) -> Answer {
    html(StatusCode::OK, page, &PagePolicy::default(), Keep::Shortly)
}

/// A page for this visitor alone.
pub(super) fn private(page: &impl Template) -> Answer {
    html(StatusCode::OK, page, &PagePolicy::default(), Keep::Never)
}

/// The same with another status or policy.
pub(super) fn private_with(
    status: StatusCode,
    page: &impl Template,
    policy: &PagePolicy,
) -> Answer {
    html(status, page, policy, Keep::Never)
}

fn html(status: StatusCode, page: &impl Template, policy: &PagePolicy, keep: Keep) -> Answer {
    let text = page
        .render()
        .map_err(|error| AppError::Internal(format!("a page could not be rendered: {error}")))?;
    let mut response = (status, text).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static(match keep {
            Keep::Shortly => "public, max-age=15, stale-while-revalidate=30, stale-if-error=86400",
            Keep::Never => "private, no-store",
        }),
    );
    // One address may have a page in several languages, another one for its signed-in reader, and a document for programs.
    headers.insert(header::VARY, HeaderValue::from_static("Accept, Accept-Language, Cookie"));
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(spoken().code()));
    for (name, value) in security_headers(policy) {
        headers.insert(name, value);
    }
    Ok(response)
}

/// Sends the browser on. The caller has made sure where to.
pub(super) fn redirect(to: &str) -> Answer {
    let location = HeaderValue::from_str(to)
        .map_err(|_| AppError::Internal("an address does not fit into a header".into()))?;
    let mut response = StatusCode::FOUND.into_response();
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, location);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    Ok(response)
}

/// Adds a cookie to an answer.
pub(super) fn with_cookie(mut response: Response, cookie: Option<HeaderValue>) -> Response {
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Why there is no page. It becomes an error page on the way out, where the server's title is
/// known.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    problem: Problem,
    detail: Option<String>,
    cause: Option<String>,
    limited: Option<Limited>,
}

impl Refusal {
    /// With the page's usual words.
    pub fn new(problem: Problem) -> Self {
        Self { problem, detail: None, cause: None, limited: None }
    }

    /// With a sentence that is safe to show.
    pub fn because(problem: Problem, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..Self::new(problem) }
    }

    /// Too often.
    pub fn limited(limited: Limited) -> Self {
        Self { limited: Some(limited), ..Self::new(Problem::TooManyRequests(None)) }
    }
}

impl From<AppError> for Refusal {
    fn from(error: AppError) -> Self {
        let text = reason(&error.to_string());
        match error {
            AppError::NotFound => Self::new(Problem::NotFound),
            AppError::Forbidden(_) | AppError::Unauthorized(_) => {
                Self::because(Problem::Forbidden, text)
            }
            AppError::Invalid(_) | AppError::Unprocessable(_) | AppError::Conflict(_) => {
                Self::because(Problem::Unprocessable, text)
            }
            AppError::BadRequest(_) => Self::because(Problem::BadRequest, text),
            AppError::Busy(_) => Self::because(Problem::Unavailable, text),
            AppError::Store(
                app::StoreError::Busy(_) | app::StoreError::Unreachable(_) | app::StoreError::Full,
            ) => Self { cause: Some(text), ..Self::new(Problem::Unavailable) },
            AppError::Store(_) | AppError::Internal(_) => {
                Self { cause: Some(text), ..Self::new(Problem::Internal) }
            }
        }
    }
}

impl From<SignInError> for Refusal {
    fn from(error: SignInError) -> Self {
        let text = reason(&error.to_string());
        match error {
            SignInError::Limited(limited) => Self::limited(limited),
            SignInError::App(error) => error.into(),
            SignInError::Wrong
            | SignInError::WrongCode
            | SignInError::WrongKey(_)
            | SignInError::CopiedKey
            | SignInError::Expired
            | SignInError::Access(_) => Self::because(Problem::Forbidden, text),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = self.problem.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Turns a refusal into its page.
pub(super) async fn finish(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let Some(refusal) = response.extensions_mut().remove::<Refusal>() else { return response };
    if refusal.problem.status().is_server_error() {
        tracing::error!(cause = refusal.cause.as_deref(), "a page failed");
    }
    let title = match site(&app).await {
        Ok(site) => site.title,
        Err(_) => app.config.instance.title.clone(),
    };
    let site = site_called(&app, title);
    let seconds = refusal.limited.map(|limited| seconds_until(limited.reset, app.now()));
    let problem = match refusal.problem {
        Problem::TooManyRequests(_) => Problem::TooManyRequests(seconds),
        other => other,
    };
    let page = ErrorPage { site: &site, problem, detail: refusal.detail, request_id: None };
    let policy = PagePolicy::default();
    let Ok(mut page) = html(problem.status(), &page, &policy, Keep::Never) else {
        return problem.status().into_response();
    };
    if let Some(limited) = refusal.limited {
        add_limit_headers(&mut page, limited, seconds.unwrap_or(1));
    }
    if problem.status() == StatusCode::SERVICE_UNAVAILABLE {
        page.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    }
    page
}

fn seconds_until(reset: Timestamp, now: Timestamp) -> u32 {
    u32::try_from(reset.since(now).max(0)).unwrap_or(u32::MAX).div_ceil(1000).max(1)
}

fn add_limit_headers(response: &mut Response, limited: Limited, seconds: u32) {
    let headers = [
        ("x-ratelimit-limit", limited.limit.to_string()),
        ("x-ratelimit-remaining", "0".to_owned()),
        ("x-ratelimit-reset", limited.reset.rfc3339()),
        ("retry-after", seconds.to_string()),
    ];
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
}
