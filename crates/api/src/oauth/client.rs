//! Who calls the token endpoint: an app by its credentials, from a network address.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use app::access::{Client, OAuthError, verify_client};
use axum::extract::{ConnectInfo, FromRequestParts};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::secret::Secret;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;

use crate::{ApiError, Shared};

/// The app whose credentials stand in the Authorization header (RFC 6749 §2.3.1), else in the body.
pub(super) async fn client(
    app: &Shared,
    headers: &HeaderMap,
    client_id: Option<String>,
    client_secret: Option<String>,
) -> Result<Client, OAuthError> {
    let given = basic(headers).or_else(|| client_id.zip(client_secret));
    let (id, secret) = given.ok_or(OAuthError::InvalidClient)?;
    verify_client(app, &id, &Secret::from_outside(secret)).await
}

/// Both parts are form-encoded before they are joined.
fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    let plain = |text: &str| {
        percent_encoding::percent_decode_str(text).decode_utf8().map(std::borrow::Cow::into_owned)
    };
    Some((plain(id).ok()?, plain(secret).ok()?))
}

/// The address a request comes from, as the listener saw it. What headers say of it is not looked
/// at (A07).
pub(crate) struct Origin(pub IpAddr);

impl<S: Sync> FromRequestParts<S> for Origin {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self(peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip())))
    }
}
