//! Who is looking: the session of a signed-in browser, and the key that forms must carry.
//!
//! Cookies are `__Host-`, Secure, HttpOnly and SameSite=Lax; over plain http, which only a local
//! server speaks, without the first two, because browsers would not keep them.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use app::App;
use app::access::{self, Browser, SESSION_DAYS, Whence};
use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::secret::{Secret, sha256_base64url};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, header};

use super::Shared;
use super::answer::Refusal;
use super::spoken;

const SESSION: &str = "tuskling_session";
const FORM: &str = "tuskling_form";
/// A sign-in that waits for its code.
const HALF: &str = "tuskling_half";
/// By which a browser is known that signed in before.
const BROWSER: &str = "tuskling_browser";
/// Where the compiled-in files are.
const ASSETS: &str = "/assets/";
/// Longer cookies are not ours.
const LONGEST: usize = 100;

/// A browser.
#[derive(Clone)]
pub(super) struct Visitor {
    /// Who is signed in.
    pub browser: Option<Browser>,
    /// The secret of the session cookie, whether it opens anything or not.
    pub session: Option<Secret>,
    form: Option<Secret>,
    /// The secret of a sign-in that waits for its code.
    pub half: Option<Secret>,
    known: Option<Secret>,
    /// Network address, as the listener saw it (A07).
    pub address: IpAddr,
    /// What the browser calls itself.
    pub user_agent: String,
}

/// The key for a form, and the cookie that goes with it when there was none.
pub(super) struct FormKey {
    pub token: String,
    pub cookie: Option<HeaderValue>,
}

impl Visitor {
    /// Where they sign in from.
    pub fn whence(&self) -> Whence {
        Whence {
            address: self.address,
            user_agent: self.user_agent.clone(),
            browser: self.known.clone(),
        }
    }

    /// The key that a form on the next page carries.
    pub fn form_key(&self, app: &App) -> FormKey {
        if let Some(browser) = &self.browser {
            return FormKey { token: salted(app, &browser.form_key), cookie: None };
        }
        if let Some(secret) = &self.form {
            return FormKey { token: salted(app, &anonymous_token(secret)), cookie: None };
        }
        let secret = Secret::generate(app.random.as_ref());
        let token = salted(app, &anonymous_token(&secret));
        FormKey { token, cookie: set_cookie(app, FORM, secret.reveal(), None) }
    }

    /// Whether a form carried the right key: the session's, or the one from before signing in.
    pub fn accepts(&self, token: &str) -> bool {
        let of_session =
            self.browser.as_ref().is_some_and(|browser| fits(&browser.form_key, token));
        let anonymous =
            self.form.as_ref().is_some_and(|secret| fits(&anonymous_token(secret), token));
        of_session || anonymous
    }
}

/// Lets a visitor in who has not asked for too many pages (A06). Files of the pages are not counted.
pub(super) async fn admit(State(app): State<Shared>, request: Request, next: Next) -> Response {
    if request.uri().path().starts_with(ASSETS) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let admitted = match Visitor::from_request_parts(&mut parts, &app).await {
        Ok(visitor) => {
            if let Some(browser) = &visitor.browser {
                spoken::prefer_that_of(&browser.me.user);
            }
            let who = visitor.browser.as_ref().map(|browser| browser.me.id());
            access::count_page(&app, visitor.address, who)
                .map(|()| visitor)
                .map_err(Refusal::limited)
        }
        Err(refusal) => Err(refusal),
    };
    match admitted {
        Ok(visitor) => {
            parts.extensions.insert(visitor);
            next.run(Request::from_parts(parts, body)).await
        }
        Err(refusal) => refusal.into_response(),
    }
}

/// The key as one page shows it: another text in each, so that a page's compressed length, with a
/// guess in its address, tells nothing about it (BREACH, breachattack.com).
fn salted(app: &App, key: &str) -> String {
    let mut bytes = [0_u8; 9];
    app.random.fill(&mut bytes);
    let salt = sha256_base64url(&bytes);
    let salt: String = salt.chars().take(12).collect();
    format!("{salt}.{}", digest(&salt, key))
}

fn digest(salt: &str, key: &str) -> String {
    sha256_base64url(format!("{salt} {key}").as_bytes())
}

/// Whether a page's token was made of this key. Digests of both are compared, so time tells nothing.
fn fits(key: &str, token: &str) -> bool {
    let Some((salt, given)) = token.split_once('.') else { return false };
    let wanted = digest(salt, key);
    sha256_base64url(wanted.as_bytes()) == sha256_base64url(given.as_bytes())
}

/// The page never shows the cookie itself.
fn anonymous_token(secret: &Secret) -> String {
    sha256_base64url(format!("form {}", secret.reveal()).as_bytes())
}

/// The cookie of a session that has just begun.
pub(super) fn session_cookie(app: &App, secret: &Secret) -> Option<HeaderValue> {
    set_cookie(app, SESSION, secret.reveal(), Some(SESSION_DAYS * 24 * 60 * 60))
}

/// The cookie by which this browser is known the next time, for 90 days.
pub(super) fn browser_cookie(app: &App, secret: &Secret) -> Option<HeaderValue> {
    set_cookie(app, BROWSER, secret.reveal(), Some(90 * 24 * 60 * 60))
}

/// The cookie of a sign-in that waits for its code; for ten minutes.
pub(super) fn half_cookie(app: &App, secret: &Secret) -> Option<HeaderValue> {
    set_cookie(app, HALF, secret.reveal(), Some(10 * 60))
}

/// The cookie that removes that one.
pub(super) fn no_half_cookie(app: &App) -> Option<HeaderValue> {
    set_cookie(app, HALF, "", Some(0))
}

/// The cookie that removes the session's.
pub(super) fn no_session_cookie(app: &App) -> Option<HeaderValue> {
    set_cookie(app, SESSION, "", Some(0))
}

fn is_secure(app: &App) -> bool {
    app.urls.base.starts_with("https://")
}

fn cookie_name(app: &App, name: &str) -> String {
    if is_secure(app) { format!("__Host-{name}") } else { name.to_owned() }
}

fn set_cookie(app: &App, name: &str, value: &str, seconds: Option<i64>) -> Option<HeaderValue> {
    let name = cookie_name(app, name);
    let secure = if is_secure(app) { "; Secure" } else { "" };
    let age = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
    let text = format!("{name}={value}; Path=/{age}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&text).ok()
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<Secret> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, value)| *key == name && !value.is_empty() && value.len() <= LONGEST)
        .map(|(_, value)| Secret::from_outside(value))
}

impl FromRequestParts<Shared> for Visitor {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Refusal> {
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        let session = cookie(&parts.headers, &cookie_name(app, SESSION));
        let browser = match &session {
            Some(secret) => access::resume(app, secret).await?,
            None => None,
        };
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        Ok(Self {
            browser,
            session,
            form: cookie(&parts.headers, &cookie_name(app, FORM)),
            half: cookie(&parts.headers, &cookie_name(app, HALF)),
            known: cookie(&parts.headers, &cookie_name(app, BROWSER)),
            address: peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip()),
            user_agent: agent.unwrap_or_default().to_owned(),
        })
    }
}
