//! OAuth 2: authorise, token, revoke, userinfo, metadata (RFC 6749, RFC 7636, RFC 8414).

use crate::routes::Route;

pub(crate) fn routes() -> Vec<Route> {
    Vec::new()
}
