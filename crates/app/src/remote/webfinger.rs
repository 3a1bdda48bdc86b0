//! From handles to actors and back: a handle counts only when both ends name each other (F11).

use activitypub::{Actor, Uri, parse};
use http::StatusCode;
use net::Answer;

use super::Budget;
use super::fetch::{get, is_gone};
use crate::{App, AppError, Result};

/// What a WebFinger answer is asked for as.
const JRD: &str = "application/jrd+json, application/json";

/// The domain under which an actor is shown. The host of its id must know it by its name; when that
/// host names another domain, and that domain names the same actor, it is the other one.
pub(super) async fn domain_of(app: &App, actor: &Actor, budget: &mut Budget) -> Result<String> {
    let host = actor.id.host();
    let name = &actor.preferred_username;
    let (subject, found) = ask(app, name, &host, budget).await?;
    if found != actor.id {
        return Err(AppError::NotFound);
    }
    let Some((other_name, other_host)) = subject.rsplit_once('@') else { return Ok(host) };
    let Some(other_host) = domain::host::normal(other_host) else { return Ok(host) };
    if other_host == host || !other_name.eq_ignore_ascii_case(name) {
        return Ok(host);
    }
    // Here lies the only proof that the other domain agrees; without it the handle is the host's.
    match ask(app, name, &other_host, budget).await {
        Ok((confirmed, found))
            if found == actor.id
                && confirmed.eq_ignore_ascii_case(&format!("{name}@{other_host}")) =>
        {
            Ok(other_host)
        }
        Ok(_) | Err(AppError::NotFound | AppError::Forbidden(_)) => Ok(host),
        Err(error) => Err(error),
    }
}

/// What a domain says of one of its names: the handle it prefers, and the actor.
pub(super) async fn ask(
    app: &App,
    name: &str,
    domain: &str,
    budget: &mut Budget,
) -> Result<(String, Uri)> {
    let answer = match ask_by("https", app, name, domain, budget).await {
        // A server of this machine or a test has no certificate, perhaps; one that is here too asks
        // it by http then.
        Err(AppError::Busy(_)) if app.urls.is_local && config::is_local_domain(domain) => {
            ask_by("http", app, name, domain, budget).await?
        }
        answer => answer?,
    };
    let answer = match answer.status {
        StatusCode::NOT_FOUND => ask_by_host_meta(app, &answer, name, domain, budget).await?,
        _ => answer,
    };
    if is_gone(&answer) {
        return Err(AppError::NotFound);
    }
    let found = parse::jrd(&answer.body).map_err(|_| AppError::NotFound)?;
    let actor = found.actor.ok_or(AppError::NotFound)?;
    Ok((found.subject.trim_start_matches("acct:").trim_start_matches('@').to_owned(), actor))
}

async fn ask_by(
    scheme: &str,
    app: &App,
    name: &str,
    domain: &str,
    budget: &mut Budget,
) -> Result<Answer> {
    let mut address = url::Url::parse(&format!("{scheme}://{domain}/.well-known/webfinger"))
        .map_err(|_| AppError::NotFound)?;
    address.query_pairs_mut().append_pair("resource", &format!("acct:{name}@{domain}"));
    let address = Uri::parse(address.as_str()).ok_or(AppError::NotFound)?;
    get(app, &address, JRD, budget).await
}

/// Where WebFinger is not at its usual place, `host-meta` may say where it is (RFC 6415), as Mastodon
/// asks for it too. What is found there has to lead back all the same.
async fn ask_by_host_meta(
    app: &App,
    answer: &Answer,
    name: &str,
    domain: &str,
    budget: &mut Budget,
) -> Result<Answer> {
    let is_plain = answer.url.scheme() == "http";
    let place = format!("{}://{domain}/.well-known/host-meta", answer.url.scheme());
    let place = Uri::parse(&place).ok_or(AppError::NotFound)?;
    let found = get(app, &place, "application/xrd+xml, application/xml, text/xml", budget).await?;
    if is_gone(&found) {
        return Err(AppError::NotFound);
    }
    let template = parse::host_meta(&found.body).ok_or(AppError::NotFound)?;
    let handle = format!("acct:{name}@{domain}");
    let handle: String = url::form_urlencoded::byte_serialize(handle.as_bytes()).collect();
    let address = Uri::parse(&template.replace("{uri}", &handle)).ok_or(AppError::NotFound)?;
    if !is_plain && !address.as_str().starts_with("https://") {
        return Err(AppError::NotFound);
    }
    get(app, &address, JRD, budget).await
}
