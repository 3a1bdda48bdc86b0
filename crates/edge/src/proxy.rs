//! What happens to a request that came by https, in order: whose name is it for, may its address ask,
//! who answers, what may be seen of the answer.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderValue};
use http::uri::Authority;
use http::{Method, Request, Response, StatusCode, Uri, Version};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

use crate::answer::{AnswerBody, Source, Visit};
use crate::cache::{self, Fetched, Found, How, Wish};
use crate::inbox::Parcel;
use crate::listen::Held;
use crate::origin::{BodyError, Group, OriginError, Passage, RequestBody};
use crate::pages::{self, Refusal};
use crate::plan::{Cached, Plan};
use crate::upgrade::{self, Agreed};
use crate::watch::Watch;
use crate::{Shared, compress, headers};

/// Where a request came from.
pub(crate) struct Caller {
    pub shared: Arc<Shared>,
    pub watch: Arc<Watch>,
    pub address: IpAddr,
    /// What the connection takes until it ends.
    pub held: Arc<Held>,
}

/// Answers one request.
pub(crate) async fn answer(caller: &Caller, request: Request<Incoming>) -> Response<AnswerBody> {
    let (shared, plan) = (&caller.shared, caller.shared.plan());
    // A connection of HTTP/2 carries many requests, and each holds something.
    let most = plan.connections_per_address.saturating_mul(2);
    let seat = shared.visitors.enter(caller.address, most);
    let is_over = seat.is_none();
    let log = plan.access_log;
    let visit = Visit::begin(shared, &caller.watch, caller.address, &request, log, seat);
    let accept = pages::accept(request.headers());
    let is_http2 = request.version() == Version::HTTP_2;
    let passed = async {
        if is_over {
            shared.figures.limited.fetch_add(1, Relaxed);
            return Err(Refusal::TooMany);
        }
        if shared.figures.in_progress.get() > shared.most {
            return Err(Refusal::Busy);
        }
        passed_on(caller, &plan, request).await
    };
    let answered = match passed.await {
        Ok(response) => response,
        Err(refusal) => {
            let mut response = refusal.answer(accept.as_ref()).map(Some).map(Source::Whole);
            if is_http2 {
                response.headers_mut().remove(header::CONNECTION);
            }
            if let Some(hsts) = &plan.hsts {
                response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, hsts.clone());
            }
            response
        }
    };
    let (head, source) = answered.into_parts();
    let body = visit.wrap(head.status, source);
    Response::from_parts(head, body)
}

/// The way of a request through the edge.
async fn passed_on(
    caller: &Caller,
    plan: &Plan,
    mut request: Request<Incoming>,
) -> Result<Response<Source>, Refusal> {
    let Named { name, host } = named(&request)?;
    let site = plan.site(&name).ok_or(Refusal::Misdirected)?;
    if !caller.shared.rates.take(caller.address, plan.requests_per_second) {
        caller.shared.figures.limited.fetch_add(1, Relaxed);
        return Err(Refusal::TooMany);
    }
    check(&request, plan)?;
    let group = site.group(request.uri().path()).ok_or(Refusal::Misdirected)?;
    if group.is_bucket() && !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(Refusal::NotAllowed);
    }
    let coding = compress::accepted(request.headers());
    // A host with a port of the client's own invention is no name for what others get.
    let wish = caller
        .shared
        .is_own(&host)
        .then(|| Wish::of(&caller.shared.cache, site, &name, &mut request))
        .flatten();
    let found = match &wish {
        Some(wish) => wish.look(&caller.shared.cache, group).await,
        None => Found::Nothing,
    };
    if let (Some(wish), Found::Good(object)) = (&wish, &found) {
        return Ok(cached(caller, plan, wish, object, How::Hit, coding).await);
    }
    let may_upgrade = site.may_upgrade(request.uri().path()) && !group.is_bucket();
    let upgrading =
        if may_upgrade { upgrade::Client::of(caller, plan, &mut request)? } else { None };
    if *request.method() == Method::CONNECT {
        return Err(Refusal::Malformed);
    }
    let is_head = request.method() == Method::HEAD;
    headers::to_origin(request.headers_mut(), caller.address, &host);
    join_cookies(request.headers_mut());
    let request = as_http1(request, plan.body_bytes);
    if let Some(client) = upgrading {
        return upgraded(caller, plan, group, request, client).await;
    }
    let (head, body) = request.into_parts();
    if let (Some(wish), Found::Passing(object)) = (&wish, &found) {
        wish.refresh(&caller.shared, group, head, object.clone());
        return Ok(cached(caller, plan, wish, object, How::Hit, coding).await);
    }
    let parcel = Parcel::of(caller, site, &head);
    let is_read = is_head || head.method == Method::GET;
    let may_be_cached = is_read && site.cached(head.uri.path()) != Cached::No;
    let passage = Passage { head, body };
    let answer = match (&wish, parcel) {
        (_, Some(parcel)) => parcel.pass_on(caller, group, passage).await?,
        (Some(wish), None) => match wish.fetch(&caller.shared, group, passage).await? {
            Fetched::Object(object, how) => {
                return Ok(cached(caller, plan, wish, &object, how, coding).await);
            }
            Fetched::Answer(answer) => Some(answer),
        },
        (None, None) => Some(group.send(passage).await.map_err(refusal)?),
    };
    let Some(mut answer) = answer else { return Ok(kept(plan)) };
    headers::to_client(answer.headers_mut(), plan.hsts.as_ref());
    if may_be_cached {
        cache::passed(answer.headers_mut(), wish.is_some());
    }
    *answer.version_mut() = Version::HTTP_11;
    if is_head {
        return Ok(answer.map(Source::Origin));
    }
    Ok(caller.shared.press.squeeze(answer, coding, Source::Origin))
}

/// An answer that many get.
async fn cached(
    caller: &Caller,
    plan: &Plan,
    wish: &Wish,
    object: &Arc<cache::Object>,
    how: How,
    coding: Option<compress::Coding>,
) -> Response<Source> {
    let mut response = wish.answer(object, how, &caller.shared.press, coding).await;
    if let Some(hsts) = &plan.hsts {
        let headers = response.headers_mut();
        headers.entry(header::STRICT_TRANSPORT_SECURITY).or_insert_with(|| hsts.clone());
    }
    response
}

/// The answer to a delivery that is in the spool.
fn kept(plan: &Plan) -> Response<Source> {
    let mut response = Response::new(Source::Whole(None));
    *response.status_mut() = StatusCode::ACCEPTED;
    headers::to_client(response.headers_mut(), plan.hsts.as_ref());
    response
}

async fn upgraded(
    caller: &Caller,
    plan: &Plan,
    group: &Group,
    request: Request<RequestBody>,
    client: upgrade::Client,
) -> Result<Response<Source>, Refusal> {
    let asked = upgrade::ask(caller, group, request, client).await;
    match asked.map_err(refusal)? {
        Agreed::Yes(status, headers) => {
            let mut response = Response::new(Source::Whole(None));
            *response.status_mut() = status;
            *response.headers_mut() = headers;
            Ok(response)
        }
        Agreed::No(mut answer) => {
            headers::to_client(answer.headers_mut(), plan.hsts.as_ref());
            Ok(answer.map(|body| Source::Made(body.map_err(Into::into).boxed_unsync())))
        }
    }
}

/// The name that a request is for, and what its `Host` says.
pub(crate) struct Named {
    pub name: String,
    pub host: HeaderValue,
}

/// Reads the name: from `:authority` in HTTP/2, from `Host` in HTTP/1. Both say the same, or the
/// request is refused.
pub(crate) fn named<B>(request: &Request<B>) -> Result<Named, Refusal> {
    let header = request.headers().get(header::HOST);
    let host = match (request.uri().authority(), header) {
        (Some(authority), Some(host)) if authority.as_str().as_bytes() != host.as_bytes() => {
            return Err(Refusal::Malformed);
        }
        (Some(authority), _) => {
            HeaderValue::from_str(authority.as_str()).map_err(|_| Refusal::Malformed)?
        }
        (None, Some(host)) => host.clone(),
        (None, None) => return Err(Refusal::Misdirected),
    };
    let text = host.to_str().map_err(|_| Refusal::Malformed)?;
    let authority = text.parse::<Authority>().map_err(|_| Refusal::Malformed)?;
    if text.contains('@') {
        return Err(Refusal::Malformed);
    }
    Ok(Named { name: authority.host().to_ascii_lowercase(), host })
}

/// What no origin needs to see.
fn check(request: &Request<Incoming>, plan: &Plan) -> Result<(), Refusal> {
    let is_tunnel =
        *request.method() == Method::CONNECT && !upgrade::is_asked_for_by_stream(request);
    if is_tunnel || *request.method() == Method::TRACE {
        return Err(Refusal::Malformed);
    }
    if request.uri().path_and_query().is_none_or(|target| !target.as_str().starts_with('/')) {
        return Err(Refusal::Malformed);
    }
    let expects = request.headers().get(header::EXPECT);
    if expects.is_some_and(|value| !value.as_bytes().eq_ignore_ascii_case(b"100-continue")) {
        return Err(Refusal::Expectation);
    }
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok());
    if length.is_some_and(|bytes: u64| bytes > plan.body_bytes) {
        return Err(Refusal::TooLarge);
    }
    Ok(())
}

/// HTTP/2 may send a cookie in crumbs; HTTP/1 has them in one line (RFC 9113 §8.2.3).
fn join_cookies(headers: &mut HeaderMap) {
    let mut crumbs = headers.get_all(header::COOKIE).iter();
    if crumbs.next().is_none() || crumbs.next().is_none() {
        return;
    }
    let crumbs: Vec<&[u8]> =
        headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes).collect();
    if let Ok(whole) = HeaderValue::from_bytes(&crumbs.join(&b"; "[..])) {
        headers.insert(header::COOKIE, whole);
    }
}

/// The request as it is sent to an origin: a path instead of a whole address, a bounded body.
fn as_http1(request: Request<Incoming>, most: u64) -> Request<RequestBody> {
    let (mut head, body) = request.into_parts();
    if let Some(target) = head.uri.path_and_query() {
        head.uri = Uri::from(target.clone());
    }
    head.version = Version::HTTP_11;
    head.extensions.clear();
    Request::from_parts(head, RequestBody::limited(body, most))
}

pub(crate) fn refusal(error: OriginError) -> Refusal {
    tracing::debug!(%error, "no answer of an origin");
    match error {
        OriginError::Away => Refusal::Maintenance,
        OriginError::Silent => Refusal::Silent,
        OriginError::NoWebSocket => Refusal::BadOrigin,
        OriginError::NoObject => Refusal::NotFound,
        OriginError::NotAllowed => Refusal::NotAllowed,
        OriginError::Unsigned(why) => {
            tracing::warn!(why, "a bucket cannot be asked; see edge.s3_access_key_id");
            Refusal::BadOrigin
        }
        OriginError::Broken(_) => Refusal::BadOrigin,
        OriginError::Body(BodyError::TooLarge) => Refusal::TooLarge,
        OriginError::Body(BodyError::Late) => Refusal::Late,
        OriginError::Body(BodyError::BrokeOff) => Refusal::Malformed,
    }
}

/// What is answered on the port for plain http: challenges of certificate authorities, and the way to
/// https for names that are ours (E12).
pub(crate) fn plain<B>(shared: &Shared, request: &Request<B>) -> Response<Bytes> {
    let accept = pages::accept(request.headers());
    let plan = shared.plan();
    let path = request.uri().path();
    if let Some(token) = path.strip_prefix("/.well-known/acme-challenge/")
        && let Some(answer) = shared.certificates.http_challenge(token)
    {
        return Response::new(Bytes::from(answer));
    }
    let Ok(Named { name, .. }) = named(request) else {
        return Refusal::Malformed.answer(accept.as_ref());
    };
    if plan.site(&name).is_none() {
        return Refusal::Misdirected.answer(accept.as_ref());
    }
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    let keeps_method = !matches!(*request.method(), Method::GET | Method::HEAD);
    pages::to_https(&shared.authority(&name), target, keeps_method)
}
