//! The table of all routes: method, path, who may call it with which scopes, handler.

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter, on};
use domain::permission::Permission;

use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate, SizeAbove};

use crate::rate_limit::Class;
use crate::{
    ApiError, Shared, activitypub, caller, files, oauth, oembed, streaming, v1, v2, well_known,
};

/// Who may call a route. The scopes are alternatives: any one of them, or a parent of it, suffices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody; a token is not even looked at.
    Open,
    /// Anybody; a token shows more, and a bad one is refused.
    Optional(&'static [&'static str]),
    /// A person's token.
    User(&'static [&'static str]),
    /// The token of a person whose role may do this: role and scope are needed (A02).
    Admin(Permission, &'static [&'static str]),
    /// An app's own token.
    App(&'static [&'static str]),
    /// Either.
    AppOrUser(&'static [&'static str]),
    /// Either, and a person who has not confirmed their address may too.
    Unconfirmed(&'static [&'static str]),
}

impl Access {
    /// The scopes of which one is needed.
    #[must_use]
    pub fn scopes(self) -> &'static [&'static str] {
        match self {
            Self::Open => &[],
            Self::Optional(scopes)
            | Self::User(scopes)
            | Self::Admin(_, scopes)
            | Self::App(scopes)
            | Self::AppOrUser(scopes)
            | Self::Unconfirmed(scopes) => scopes,
        }
    }
}

/// A line of the table.
pub struct Route {
    /// `GET`, `POST`, `PUT` (which stands for PATCH as well) or `DELETE`.
    pub method: &'static str,
    /// With `{name}` for a part that varies.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
    /// What it costs.
    pub class: Class,
    handler: MethodRouter<Shared>,
    /// Tells what its handler takes and gives.
    #[cfg(test)]
    pub(crate) describe: fn(&mut crate::description::Operation<'_>),
}

impl Route {
    fn new<H: Handler<T, Shared> + Described<T>, T: 'static>(
        method: &'static str,
        filter: MethodFilter,
        path: &'static str,
        access: Access,
        handler: H,
    ) -> Self {
        Self {
            method,
            path,
            access,
            class: Class::of(method, path),
            handler: on(filter, handler),
            #[cfg(test)]
            describe: H::describe,
        }
    }
}

#[cfg(test)]
pub(crate) use crate::description::Described;

/// What the document of the API needs of a handler. A server needs nothing of it.
#[cfg(not(test))]
pub(crate) trait Described<T> {}

#[cfg(not(test))]
impl<H, T> Described<T> for H {}

pub(crate) fn get<H: Handler<T, Shared> + Described<T>, T: 'static>(
    path: &'static str,
    access: Access,
    handler: H,
) -> Route {
    Route::new("GET", MethodFilter::GET, path, access, handler)
}

pub(crate) fn post<H: Handler<T, Shared> + Described<T>, T: 'static>(
    path: &'static str,
    access: Access,
    handler: H,
) -> Route {
    Route::new("POST", MethodFilter::POST, path, access, handler)
}

/// PUT and PATCH of one resource are the same.
pub(crate) fn put<H: Handler<T, Shared> + Described<T>, T: 'static>(
    path: &'static str,
    access: Access,
    handler: H,
) -> Route {
    Route::new("PUT", MethodFilter::PUT.or(MethodFilter::PATCH), path, access, handler)
}

pub(crate) fn delete<H: Handler<T, Shared> + Described<T>, T: 'static>(
    path: &'static str,
    access: Access,
    handler: H,
) -> Route {
    Route::new("DELETE", MethodFilter::DELETE, path, access, handler)
}

/// Every route of the API.
#[must_use]
pub fn table() -> Vec<Route> {
    let mut table = Vec::new();
    table.extend(activitypub::routes());
    table.extend(files::routes());
    table.extend(oauth::routes());
    table.extend(oembed::routes());
    table.extend(streaming::routes());
    table.extend(v1::routes());
    table.extend(v2::routes());
    table.extend(well_known::routes());
    table
}

/// The router that serves the table. Unknown API paths are a JSON 404.
pub fn router(shared: Shared) -> Router {
    let mut router: Router<Shared> = Router::new();
    for route in table() {
        let line = (shared.clone(), route.access, route.class);
        let admission = axum::middleware::from_fn_with_state(line, caller::admit);
        router = router.route(route.path, route.handler.layer(admission));
    }
    // Less fits into one packet anyway.
    let long = SizeAbove::new(1_200).and(is_text);
    let nowhere = (shared.clone(), Access::Open, Class::Ordinary);
    let nowhere = axum::routing::any(|| async { ApiError::not_found() })
        .layer(axum::middleware::from_fn_with_state(nowhere, caller::admit));
    router
        .route("/api/{*rest}", nowhere)
        .method_not_allowed_fallback(|| async {
            ApiError::new(http::StatusCode::METHOD_NOT_ALLOWED, "This method is not allowed here")
        })
        // Bodies have limits of their own, by kind: see `params`.
        .layer(axum::extract::DefaultBodyLimit::disable())
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(long))
        .with_state(shared)
}

/// JSON is worth compressing; streams and media are not.
fn is_text(
    _: http::StatusCode,
    _: http::Version,
    headers: &http::HeaderMap,
    _: &http::Extensions,
) -> bool {
    let kind = headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    const JSON: &[&str] =
        &["application/json", "application/activity+json", "application/jrd+json"];
    kind.is_some_and(|kind| JSON.iter().any(|json| kind.starts_with(json)))
}
