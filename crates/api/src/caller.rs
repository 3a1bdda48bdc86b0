//! Who is calling: the token of a request, checked against the route's line in the table.

use app::AppError;
use app::access::{Caller, Me, authenticate};
use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::AccountId;
use domain::secret::Secret;
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};

use crate::rate_limit::{Class, Meter, Refused};
use crate::routes::Access;
use crate::{ApiError, Shared};

/// Checks the caller of a request and puts it where the extractors below find it.
pub(crate) async fn admit(
    State((shared, access, class)): State<(Shared, Access, Class)>,
    request: Request,
    next: Next,
) -> Response {
    let meter = Meter::new(&shared, class, &request);
    match admitted_reply(&shared, access, &meter, request, next).await {
        Ok(response) => response,
        Err(refused) => refused.into_response(),
    }
}

async fn admitted_reply(
    shared: &Shared,
    access: Access,
    meter: &Meter,
    mut request: Request,
    next: Next,
) -> Result<Response, Refused> {
    let secret = if access == Access::Open { None } else { bearer(&request) };
    if secret.is_some() {
        meter.check_address(shared)?;
    }
    let checked = check(shared, access, secret).await;
    // A token that opens nothing counts for its address, so that nobody tries many.
    let shown = meter.count(shared, checked.as_ref().ok().and_then(Option::as_ref))?;
    let is_public = request.method() == http::Method::GET && matches!(checked, Ok(None));
    let mut response = match checked {
        Ok(caller) => {
            request.extensions_mut().insert(Admitted(caller));
            next.run(request).await
        }
        Err(error) => error.into_response(),
    };
    shown.write(response.headers_mut());
    if shown.is_of_api() {
        cache(&mut response, is_public);
    }
    Ok(response)
}

/// What anybody sees may be kept for a moment; what somebody sees is theirs.
fn cache(response: &mut Response, is_public: bool) {
    let is_public = is_public && response.status() == StatusCode::OK;
    let headers = response.headers_mut();
    let control = if is_public { "public, max-age=15" } else { "private, no-store" };
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static(control));
    headers.append(header::VARY, HeaderValue::from_static("Authorization, Origin"));
}

async fn check(
    shared: &Shared,
    access: Access,
    secret: Option<Secret>,
) -> Result<Option<Caller>, ApiError> {
    let Some(secret) = secret else {
        return match access {
            Access::Open | Access::Optional(_) => Ok(None),
            Access::User(_)
            | Access::Admin(..)
            | Access::App(_)
            | Access::AppOrUser(_)
            | Access::Unconfirmed(_) => {
                Err(ApiError::new(StatusCode::UNAUTHORIZED, "The access token is invalid"))
            }
        };
    };
    let unconfirmed = matches!(access, Access::Unconfirmed(_));
    let caller = authenticate(shared, &secret, unconfirmed).await?;
    let scopes = access.scopes();
    if !scopes.is_empty() && !scopes.iter().any(|scope| caller.token.scopes.allow(scope)) {
        return Err(ApiError::outside_scopes(&caller.token.scopes));
    }
    match (access, &caller.me) {
        (Access::User(_) | Access::Admin(..), None) => Err(ApiError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "This method requires an authenticated user",
        )),
        (Access::Admin(permission, _), Some(me)) if !me.user.role.may(permission) => {
            Err(AppError::not_allowed().into())
        }
        (Access::App(_), Some(_)) => {
            Err(ApiError::new(StatusCode::FORBIDDEN, "This action is not allowed"))
        }
        _ => Ok(Some(caller)),
    }
}

/// The token of a request: the Authorization header, or `access_token` / `bearer_token` in the query.
pub(crate) fn bearer(request: &Request) -> Option<Secret> {
    let header =
        request.headers().get(http::header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if let Some((scheme, token)) = header.and_then(|value| value.split_once(' '))
        && scheme.eq_ignore_ascii_case("bearer")
    {
        return Some(Secret::from_outside(token.trim()));
    }
    // Browsers cannot send a header with a WebSocket, but name a protocol.
    if request.uri().path() == "/api/v1/streaming"
        && let Some(token) = request.headers().get(header::SEC_WEBSOCKET_PROTOCOL)
        && let Ok(token) = token.to_str()
    {
        return token.split(',').next().map(|token| Secret::from_outside(token.trim()));
    }
    let query = request.uri().query()?;
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "access_token" || name == "bearer_token")
        .map(|(_, token)| Secret::from_outside(token))
}

#[derive(Clone)]
struct Admitted(Option<Caller>);

fn admitted(parts: &Parts) -> Option<Caller> {
    parts.extensions.get::<Admitted>().and_then(|admitted| admitted.0.clone())
}

/// The signed-in person; routes with [`Access::User`] always have one.
pub(crate) struct User(pub Me);

/// The token of the request, on routes that demand one.
pub(crate) struct Token(pub Caller);

/// Whoever looks: a person or nobody.
#[derive(Clone, Copy)]
pub(crate) struct Viewer(pub Option<AccountId>);

impl<S: Sync> FromRequestParts<S> for User {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        admitted(parts)
            .and_then(|caller| caller.me)
            .map(Self)
            .ok_or_else(|| ApiError::new(StatusCode::UNAUTHORIZED, "The access token is invalid"))
    }
}

impl<S: Sync> FromRequestParts<S> for Token {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        admitted(parts)
            .map(Self)
            .ok_or_else(|| ApiError::new(StatusCode::UNAUTHORIZED, "The access token is invalid"))
    }
}

impl<S: Sync> FromRequestParts<S> for Viewer {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Ok(Self(admitted(parts).and_then(|caller| caller.me).map(|me| me.id())))
    }
}
