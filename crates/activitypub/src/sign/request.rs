//! What both ways of checking ask of a request: which of our own addresses it was sent to, and the
//! values of its headers as they are signed.

use http::header::HOST;
use url::Url;

use super::{Received, SignatureError};

/// An address of this server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Base {
    /// `https`.
    pub scheme: String,
    /// Host in lower case, with the port if it is not the usual one.
    pub authority: String,
}

impl Received<'_> {
    /// The addresses of this server that the request may have been meant for. A `Host` that is none
    /// of them is refused, so that a signature for one server is worth nothing at another.
    pub(super) fn destinations(&self) -> Result<Vec<Base>, SignatureError> {
        let own = self.bases.iter().filter_map(|base| self::base(base));
        let mut hosts = self.headers.get_all(HOST).iter();
        // HTTP/2 has no `Host`; the server has checked `:authority` by then.
        let Some(host) = hosts.next() else { return Ok(own.collect()) };
        let host = host.to_str().map_err(|_| SignatureError::Malformed("host"))?;
        if hosts.next().is_some() {
            return Err(SignatureError::Malformed("host"));
        }
        let meant: Vec<Base> = own.filter(|base| base.is(host)).collect();
        if meant.is_empty() { Err(SignatureError::Malformed("host")) } else { Ok(meant) }
    }

    /// The value of a header as it is signed: repeated ones joined by a comma.
    pub(super) fn header(&self, name: &str) -> Result<String, SignatureError> {
        let mut joined: Option<String> = None;
        for value in self.headers.get_all(name) {
            let value = value.to_str().map_err(|_| SignatureError::Malformed("header value"))?;
            match &mut joined {
                None => joined = Some(value.trim().to_owned()),
                Some(joined) => {
                    joined.push_str(", ");
                    joined.push_str(value.trim());
                }
            }
        }
        joined.ok_or(SignatureError::Absent)
    }

    /// Path and query apart; the query without its `?`.
    pub(super) fn path_and_query(&self) -> (&str, Option<&str>) {
        match self.path_and_query.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (self.path_and_query, None),
        }
    }

    /// Whether a body belongs to it, so that a digest must be signed.
    pub(super) fn needs_digest(&self, body: Option<&[u8]>) -> bool {
        body.is_some() || !matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS" | "DELETE")
    }
}

impl Base {
    fn is(&self, host: &str) -> bool {
        self.authority == host_of(&self.scheme, host).unwrap_or_default()
    }
}

fn base(text: &str) -> Option<Base> {
    let url = Url::parse(text).ok()?;
    Some(Base { scheme: url.scheme().to_owned(), authority: authority(&url)? })
}

/// The value of a `Host` header in the form in which hosts are compared.
fn host_of(scheme: &str, host: &str) -> Option<String> {
    let url = Url::parse(&format!("{scheme}://{host}/")).ok()?;
    let only_host = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty();
    only_host.then(|| authority(&url)).flatten()
}

/// Host, and port if it is not the usual one of the scheme.
pub(super) fn authority(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}
