//! Asking another server for a document: signed, typed, and never believed beyond its own origin.

use std::sync::Arc;

use activitypub::sign::Scheme;
use activitypub::{Object, Uri, parse};
use domain::Timestamp;
use http::{HeaderMap, Method, StatusCode, header};
use net::{Answer, Get};
use store::{hosts, remote_accounts};
use url::Url;

use super::{Budget, local, policy};
use crate::delivery;
use crate::{App, AppError, Result};

/// Longest document that is taken, in bytes.
const LONGEST: usize = 1024 * 1024;

/// What was found at an address.
pub(crate) enum Found<T> {
    /// This.
    There(T),
    /// Its server shows nothing there (404). What is not for everybody looks the same to this server's
    /// own actor, so this proves nothing of it.
    Missing,
    /// Its server says that it is no more (410, Tombstone).
    Gone,
}

/// A document, and where its bytes came from in the end.
pub(crate) struct Document {
    /// The origin of its bytes.
    pub url: Uri,
    /// What it says.
    pub body: Vec<u8>,
}

struct Signer {
    key: Arc<crate::keys::Key>,
    accept: &'static str,
    scheme: Scheme,
    now: Timestamp,
}

impl net::Sign for Signer {
    fn headers(&self, _: &Method, url: &Url) -> HeaderMap {
        self.key.signing.sign_get(url, self.accept, self.scheme, self.now)
    }
}

/// The object with this id, as its own origin has it. A document that names another id than the one
/// asked for is a hint where to ask once more, no more than that (F01).
pub(crate) async fn object(app: &App, id: &Uri, budget: &mut Budget) -> Result<Found<Object>> {
    let document = match document(app, id, budget).await? {
        Found::There(document) => document,
        Found::Missing => return Ok(Found::Missing),
        Found::Gone => return Ok(Found::Gone),
    };
    let object = read(&document)?;
    let claimed = object.id().cloned().ok_or(AppError::NotFound)?;
    if is_at_home(&claimed, &document.url) && (claimed == *id || claimed == document.url) {
        return Ok(settle(object));
    }
    // That there is nothing at the other id says nothing of the first one.
    let Found::There(document) = self::document(app, &claimed, budget).await? else {
        return Err(AppError::NotFound);
    };
    let object = read(&document)?;
    if object.id() != Some(&claimed) || !is_at_home(&claimed, &document.url) {
        return Err(AppError::NotFound);
    }
    Ok(settle(object))
}

fn read(document: &Document) -> Result<Object> {
    parse::object(&document.body).map_err(|error| {
        tracing::debug!(url = %document.url, %error, "a document was not taken");
        AppError::NotFound
    })
}

fn is_at_home(claimed: &Uri, origin: &Uri) -> bool {
    claimed.same_origin(origin)
}

fn settle(object: Object) -> Found<Object> {
    match object {
        Object::Tombstone(_) => Found::Gone,
        other => Found::There(other),
    }
}

/// A document of ActivityPub (F03).
pub(crate) async fn document(app: &App, id: &Uri, budget: &mut Budget) -> Result<Found<Document>> {
    let answer = get(app, id, activitypub::ACCEPT, budget).await?;
    let url = Uri::parse(answer.url.as_str()).ok_or(AppError::NotFound)?;
    match answer.status {
        // Only its own server knows what is no more.
        StatusCode::GONE | StatusCode::NOT_FOUND if !url.same_origin(id) => {
            return Err(AppError::NotFound);
        }
        StatusCode::GONE => return Ok(Found::Gone),
        StatusCode::NOT_FOUND => return Ok(Found::Missing),
        _ => {}
    }
    let kind = answer.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(parse::is_activity_type) {
        return Err(AppError::NotFound);
    }
    Ok(Found::There(Document { url, body: answer.body.to_vec() }))
}

/// Whether an answer says that there is nothing.
pub(super) fn is_gone(answer: &Answer) -> bool {
    matches!(answer.status, StatusCode::GONE | StatusCode::NOT_FOUND)
}

/// A signed GET that was answered with 200, 404 or 410. Refused for hosts that this server has
/// nothing to do with and for itself; [`AppError::Busy`] when it may work later.
pub(super) async fn get(
    app: &App,
    address: &Uri,
    accept: &'static str,
    budget: &mut Budget,
) -> Result<Answer> {
    let host = address.host();
    if local::is_here(app, address) {
        return Err(AppError::NotFound);
    }
    policy::check_host(app, &host).await?;
    meet(app, &host, budget).await?;
    let address = address.without_fragment();
    let first = scheme(app, &host).await?;
    let answer = ask(app, &address, accept, first, budget).await?;
    let denied =
        |answer: &Answer| matches!(answer.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
    let answer = if denied(&answer) {
        let other = match first {
            Scheme::Cavage => Scheme::Rfc9421,
            Scheme::Rfc9421 => Scheme::Cavage,
        };
        let second = ask(app, &address, accept, other, budget).await?;
        if !denied(&second) {
            learn(app, &host, other).await?;
        }
        second
    } else {
        answer
    };
    match answer.status {
        StatusCode::OK | StatusCode::NOT_FOUND | StatusCode::GONE => {}
        status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            return Err(AppError::Busy(format!("{host} answers with {status}")));
        }
        _ => return Err(AppError::NotFound),
    }
    Ok(answer)
}

/// Counts a host among those that this piece of work brought, unless somebody of it is known here.
async fn meet(app: &App, host: &str, budget: &mut Budget) -> Result<()> {
    if budget.has_met(host) {
        return Ok(());
    }
    let name = host.to_owned();
    let is_known = app
        .read(move |conn| {
            Box::pin(async move {
                Ok::<_, AppError>(remote_accounts::is_host_known(conn, &name).await?)
            })
        })
        .await?;
    if is_known {
        budget.meet_known(host);
        return Ok(());
    }
    budget.meet(host)
}

/// How a host wants to be asked: deliveries and questions learn it for each other.
async fn scheme(app: &App, host: &str) -> Result<Scheme> {
    if let Some(known) = app.remote.scheme(host, app.now()) {
        return Ok(known);
    }
    let name = host.to_owned();
    let found = app
        .read(move |conn| {
            Box::pin(async move { Ok::<_, AppError>(hosts::of(conn, vec![name]).await?) })
        })
        .await?;
    let kept = found.first().and_then(|host| host.signature_scheme.as_deref());
    let scheme = delivery::scheme_named(kept);
    app.remote.learn_scheme(host, scheme, app.now());
    Ok(scheme)
}

async fn learn(app: &App, host: &str, scheme: Scheme) -> Result<()> {
    app.remote.learn_scheme(host, scheme, app.now());
    let (name, now) = (host.to_owned(), app.now());
    app.write(move |conn| {
        Box::pin(
            async move { Ok(hosts::learn(conn, &name, delivery::scheme_name(scheme), now).await?) },
        )
    })
    .await
}

async fn ask(
    app: &App,
    address: &Uri,
    accept: &'static str,
    scheme: Scheme,
    budget: &mut Budget,
) -> Result<Answer> {
    budget.spend()?;
    let url = address.url().ok_or(AppError::NotFound)?;
    let key = crate::keys::of_instance(app).await?;
    let signer = Signer { key, accept, scheme, now: app.now() };
    let gate = policy::Gate(app);
    let get =
        Get { url: &url, accept, most_bytes: LONGEST, signer: Some(&signer), gate: Some(&gate) };
    app.net.get(get).await.map_err(|error| {
        tracing::debug!(%url, %error, "another server was asked in vain");
        if error.is_transient() { AppError::Busy(error.to_string()) } else { AppError::NotFound }
    })
}
