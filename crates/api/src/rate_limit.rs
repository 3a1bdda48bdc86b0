//! Rate limits of the API (A06, A07): every route has a class, every caller a subject. The client's
//! address is the socket's: no header can say another.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use app::access::Caller;
use app::rates::{Limit, Standing, Subject};
use axum::extract::{ConnectInfo, Request};
use axum::response::{IntoResponse, Response};
use config::Limits;
use domain::time::{DAY, HOUR, MINUTE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::{ApiError, Shared};

/// What a route costs beyond an ordinary request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Nothing.
    Ordinary,
    /// Outside the API: not counted.
    Free,
    /// Uploads.
    Upload,
    /// Deleting and unboosting.
    Delete,
    /// Posting, editing and boosting.
    Post,
    /// Following.
    Follow,
    /// Reporting.
    Report,
    /// Signing up.
    SignUp,
    /// Registering an app.
    AppCreation,
    /// Mails that confirm an address.
    Mail,
    /// What other servers send: far more than a person asks for, and counted by address alone.
    Inbox,
}

impl Class {
    /// The class of a line of the table.
    #[must_use]
    pub fn of(method: &str, path: &str) -> Self {
        match (method, path) {
            ("POST", "/api/v1/media" | "/api/v2/media") => Self::Upload,
            ("DELETE", "/api/v1/statuses/{id}") | ("POST", "/api/v1/statuses/{id}/unreblog") => {
                Self::Delete
            }
            ("POST", "/api/v1/statuses" | "/api/v1/statuses/{id}/reblog")
            | ("PUT", "/api/v1/statuses/{id}") => Self::Post,
            ("POST", "/api/v1/accounts/{id}/follow") => Self::Follow,
            ("POST", "/api/v1/reports") => Self::Report,
            ("POST", "/api/v1/accounts") => Self::SignUp,
            ("POST", "/api/v1/apps") => Self::AppCreation,
            ("POST", "/api/v1/emails/confirmations") => Self::Mail,
            ("POST", "/inbox" | "/users/{name}/inbox") => Self::Inbox,
            (_, path) if path.starts_with("/api/") || path.starts_with("/oauth/") => Self::Ordinary,
            _ => Self::Free,
        }
    }

    /// What it is limited to; `None` for nothing of its own.
    fn limit(self, limits: &Limits) -> Option<Limit> {
        let limit = |name, most, window| Some(Limit { name, most, window });
        match self {
            Self::Ordinary | Self::Free => None,
            Self::Upload => limit("uploads", limits.uploads, 30 * MINUTE),
            Self::Delete => limit("deletions", limits.deletions, 30 * MINUTE),
            Self::Post => limit("statuses", limits.statuses, 3 * HOUR),
            Self::Follow => limit("follows", limits.follows, DAY),
            Self::Report => limit("reports", limits.reports, DAY),
            Self::SignUp => limit("sign_ups", limits.sign_ups, 30 * MINUTE),
            Self::AppCreation => limit("apps", limits.apps, 10 * MINUTE),
            Self::Mail => limit("mails", 5, 30 * MINUTE),
            Self::Inbox => limit("inbox", INBOX, 5 * MINUTE),
        }
    }

    /// Whether it is counted by address even when there is a user.
    fn is_by_address(self) -> bool {
        matches!(self, Self::SignUp | Self::AppCreation)
    }
}

/// Activities of one address in five minutes: a hundred a second, which a busy server sends when a
/// famous account is boosted, and no more.
const INBOX: u32 = 30_000;
/// Pages of lists in fifteen minutes.
const PAGES: u32 = 300;

/// The counters of one request, before it is answered.
pub(crate) struct Meter {
    class: Class,
    address: Subject,
    is_paging: bool,
    is_on: bool,
}

impl Meter {
    /// For this request.
    pub fn new(shared: &Shared, class: Class, request: &Request) -> Self {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
        let address = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip());
        let is_on = shared.config.limits.rate == config::Rate::On;
        Self { class, address: Subject::address(address), is_paging: is_paging(request), is_on }
    }

    /// Refuses an address that has used up its own requests, before its token is looked at.
    pub fn check_address(&self, shared: &Shared) -> Result<(), Refused> {
        let limit = by_token(shared, "address");
        let counts = self.is_on && self.class != Class::Free;
        if counts && shared.rates.is_exceeded(limit, self.address, shared.now()) {
            return Err(Refused(shared.rates.count(limit, self.address, shared.now())));
        }
        Ok(())
    }

    /// Counts the request of a known caller, or of an address. The answer is what the headers show.
    pub fn count(&self, shared: &Shared, caller: Option<&Caller>) -> Result<Shown, Refused> {
        if !self.is_on || self.class == Class::Free {
            return Ok(Shown { standing: None, is_api: self.class != Class::Free });
        }
        let now = shared.now();
        if self.class == Class::Inbox {
            return self.count_inbox(shared);
        }
        let user = caller.and_then(|caller| caller.me.as_ref());
        let own = user.map_or(self.address, |me| Subject::User(me.id().0));
        let mut shown = match caller {
            Some(caller) => {
                let token = Subject::Token(caller.token.id.0);
                shared.rates.count(by_token(shared, "token"), token, now)
            }
            None => shared.rates.count(by_token(shared, "address"), self.address, now),
        };
        let mut more = Vec::new();
        if user.is_some() {
            let most = shared.config.limits.user;
            more.push((Limit { name: "user", most, window: 5 * MINUTE }, own));
        }
        if self.is_paging {
            more.push((Limit { name: "pages", most: PAGES, window: 15 * MINUTE }, own));
        }
        let special = self.class.limit(&shared.config.limits);
        if let Some(limit) = special {
            let by_address = self.class.is_by_address();
            more.push((limit, if by_address { self.address } else { own }));
        }
        if shown.exceeded {
            return Err(Refused(shown));
        }
        for (limit, subject) in more {
            let standing = shared.rates.count(limit, subject, now);
            if standing.exceeded {
                return Err(Refused(standing));
            }
            if Some(limit) == special {
                shown = standing;
            }
        }
        Ok(Shown { standing: Some(shown), is_api: true })
    }
}

impl Meter {
    fn count_inbox(&self, shared: &Shared) -> Result<Shown, Refused> {
        let limit = self.class.limit(&shared.config.limits);
        let standing = limit.map(|limit| shared.rates.count(limit, self.address, shared.now()));
        match standing.filter(|standing| standing.exceeded) {
            Some(standing) => Err(Refused(standing)),
            None => Ok(Shown { standing: None, is_api: false }),
        }
    }
}

/// Requests with one token or from one address.
fn by_token(shared: &Shared, name: &'static str) -> Limit {
    Limit { name, most: shared.config.limits.token, window: 5 * MINUTE }
}

fn is_paging(request: &Request) -> bool {
    const CURSORS: &[&str] = &["max_id", "min_id", "since_id", "page", "offset"];
    let query = request.uri().query().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes())
        .any(|(name, value)| CURSORS.contains(&name.as_ref()) && !value.is_empty())
}

/// One request too many.
#[derive(Clone, Copy)]
pub(crate) struct Refused(Standing);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response =
            ApiError::new(StatusCode::TOO_MANY_REQUESTS, "Too many requests").into_response();
        Shown { standing: Some(self.0), is_api: true }.write(response.headers_mut());
        response
    }
}

/// What the headers of a reply show.
#[derive(Clone, Copy)]
pub(crate) struct Shown {
    standing: Option<Standing>,
    is_api: bool,
}

impl Shown {
    /// Whether this is a reply of the API.
    pub fn is_of_api(self) -> bool {
        self.is_api
    }

    /// Writes the headers.
    pub fn write(self, headers: &mut HeaderMap) {
        let Some(standing) = self.standing else { return };
        let mut set = |name: &'static str, value: String| {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        };
        set("x-ratelimit-limit", standing.limit.to_string());
        set("x-ratelimit-remaining", standing.remaining.to_string());
        // Microseconds, as Mastodon writes it.
        set("x-ratelimit-reset", standing.reset.rfc3339().replace('Z', "000Z"));
    }
}
