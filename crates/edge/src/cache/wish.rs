//! A request that may be answered from the cache, and what is found for it.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use http::{HeaderMap, Method, Request, Uri, header};
use http_body::Body;

use super::key::{Form, Place};
use super::object::Object;
use super::range::Asked;
use super::{Cache, is_plain, now};
use crate::origin::Group;
use crate::plan::{Cached, Site};

/// What shows who somebody is (E08).
const CREDENTIALS: [&str; 4] = ["authorization", "cookie", "signature", "signature-input"];
/// Tokens may stand in queries; no such address is written to the disk.
const TOKENS: [&str; 2] = ["access_token=", "bearer_token="];

/// A request for something that everybody may have.
#[derive(Clone)]
pub(crate) struct Wish {
    pub(super) place: Place,
    pub(super) form: Form,
    pub(super) kind: Cached,
    pub(super) is_head: bool,
    pub(super) asked: Asked,
}

/// What is in the cache.
pub(crate) enum Found {
    /// This can be sent.
    Good(Arc<Object>),
    /// The same; then the origin is to be asked.
    Passing(Arc<Object>),
    /// The origin is to be asked first.
    Stale(Arc<Object>),
    Nothing,
}

impl Wish {
    /// Of a request, if it is one. One for a public file loses what shows who asks.
    ///
    /// A request with a body is none: whoever answers it reads the body (E03).
    pub fn of<B: Body>(
        cache: &Cache,
        site: &Site,
        name: &str,
        request: &mut Request<B>,
    ) -> Option<Self> {
        let is_head = *request.method() == Method::HEAD;
        if !(is_head || *request.method() == Method::GET) || !request.body().is_end_stream() {
            return None;
        }
        let path = request.uri().path();
        let kind = site.cached(path);
        if kind == Cached::No || !cache.is_wanted() || !is_plain(path) || site.may_upgrade(path) {
            return None;
        }
        cache.disk()?;
        if kind == Cached::Files {
            without_credentials(request);
        } else if shows_who_asks(request.headers(), request.uri()) {
            return None;
        }
        let target = request.uri().path_and_query()?.as_str();
        // Of a file there is one form; browsers ask for pictures in many words.
        let form = match kind {
            Cached::Files => Form::Any,
            Cached::Answers | Cached::No => Form::of(request.headers()),
        };
        let place = Place::of(name, target);
        Some(Self { place, form, kind, is_head, asked: Asked::of(request.headers()) })
    }

    /// Looks for it.
    pub async fn look(&self, cache: &Cache, group: &Group) -> Found {
        let Some(object) = cache.find(self.place, self.form).await else { return Found::Nothing };
        let now = now();
        let (age, terms) = (object.age(now), object.head.terms);
        let is_trusted = object.validated() >= cache.trusted_since.load(Relaxed);
        if is_trusted && terms.is_fresh(age) {
            cache.figures.hits.fetch_add(1, Relaxed);
            return Found::Good(object);
        }
        // Nobody waits for a server that is away, if there is something to show.
        if terms.may_replace_error(age) && (group.is_away() || object.rests(now)) {
            cache.figures.hits.fetch_add(1, Relaxed);
            cache.figures.stale.fetch_add(1, Relaxed);
            return Found::Good(object);
        }
        if is_trusted && terms.may_revalidate(age) {
            cache.figures.hits.fetch_add(1, Relaxed);
            return Found::Passing(object);
        }
        Found::Stale(object)
    }
}

/// Whether it may be answered differently for somebody.
fn shows_who_asks(headers: &HeaderMap, uri: &Uri) -> bool {
    let query = uri.query().unwrap_or_default();
    CREDENTIALS.iter().any(|name| headers.contains_key(*name))
        || TOKENS.iter().any(|token| query.contains(token))
}

/// Files are the same for all: the query is no part of their name either, so that nobody can have a
/// second copy under another.
fn without_credentials<B>(request: &mut Request<B>) {
    for name in CREDENTIALS {
        request.headers_mut().remove(name);
    }
    request.headers_mut().remove(header::ORIGIN);
    if request.uri().query().is_some() {
        let mut parts = request.uri().clone().into_parts();
        parts.path_and_query = request.uri().path().parse().ok();
        if let Ok(uri) = Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
    }
}
