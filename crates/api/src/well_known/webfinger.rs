//! Who a handle is (RFC 7033), and where to ask (RFC 6415).

use app::instance::{self, Resolved};
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use domain::account::Account;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

use super::kept;
use crate::entity::Render;
use crate::params::Params;
use crate::{ApiError, Shared};

#[derive(Deserialize)]
pub(super) struct Query {
    resource: String,
}

pub(super) async fn webfinger(
    State(app): State<Shared>,
    Params(query): Params<Query>,
) -> Result<Response, ApiError> {
    if query.resource.trim().is_empty() {
        return Err(ApiError::bad_request("param is missing or the value is empty: resource"));
    }
    let document = match instance::resolve(&app, &query.resource).await? {
        Resolved::Account(account) => describe(&account, &Render::new(&app)),
        Resolved::Instance => describe_instance(&app),
        Resolved::Gone => return Err(ApiError::new(StatusCode::GONE, "This account is gone")),
    };
    let kind = [(header::CONTENT_TYPE, "application/jrd+json; charset=utf-8")];
    Ok(kept((kind, Json(document))))
}

fn describe(account: &Account, render: &Render<'_>) -> Value {
    let (profile, actor) = (render.urls.profile(account), render.urls.actor(account));
    let mut links = vec![
        json!({ "rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": profile }),
        json!({ "rel": "self", "type": "application/activity+json", "href": actor }),
    ];
    links.push(json!({
        "rel": "http://ostatus.org/schema/1.0/subscribe",
        "template": format!("{}/authorize_interaction?uri={{uri}}", render.urls.base),
    }));
    if let Some(key) = &account.avatar {
        links.push(json!({
            "rel": "http://webfinger.net/rel/avatar",
            "href": render.urls.file(key),
        }));
    }
    json!({
        "subject": format!("acct:{}@{}", account.username, render.urls.domain),
        "aliases": [profile, actor],
        "links": links,
    })
}

/// The server's own actor, whose name is the domain.
fn describe_instance(app: &Shared) -> Value {
    let (actor, page) = (app.urls.instance_actor(), format!("{}/about", app.urls.base));
    json!({
        "subject": format!("acct:{}@{}", app.urls.instance_name(), app.urls.domain),
        "aliases": [actor],
        "links": [
            { "rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": page },
            { "rel": "self", "type": "application/activity+json", "href": actor },
        ],
    })
}

fn template(app: &Shared) -> String {
    format!("{}/.well-known/webfinger?resource={{uri}}", app.urls.base)
}

pub(super) async fn host_meta(State(app): State<Shared>, headers: HeaderMap) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("json")) {
        return varying(host_meta_json(State(app)).await);
    }
    let document = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <XRD xmlns=\"http://docs.oasis-open.org/ns/xri/xrd-1.0\">\n  \
         <Link rel=\"lrdd\" template=\"{}\"/>\n</XRD>\n",
        domain::text::escape(&template(&app))
    );
    varying(kept(([(header::CONTENT_TYPE, "application/xrd+xml; charset=utf-8")], document)))
}

/// One address, two forms (E08).
fn varying(mut response: Response) -> Response {
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept"));
    response
}

pub(super) async fn host_meta_json(State(app): State<Shared>) -> Response {
    kept(Json(json!({ "links": [{ "rel": "lrdd", "template": template(&app) }] })))
}
