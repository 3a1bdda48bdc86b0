//! What stands behind the edge, as it is written in the configuration.

use url::{Host, Url};

use crate::ConfigError;

/// How an origin is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OriginScheme {
    /// Plain http.
    Http,
    /// TLS with a certificate of a known authority.
    Https,
    /// TLS where both sides prove that they know the shared secret.
    Link,
}

/// An origin, read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OriginAddress {
    /// How it is spoken to.
    pub scheme: OriginScheme,
    /// Name or address.
    pub host: String,
    /// Port.
    pub port: u16,
}

impl OriginAddress {
    /// Reads `http://HOST:PORT`, `https://HOST:PORT` or `link://HOST:PORT`.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] for anything else.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let invalid = |problem: &str| ConfigError::Invalid {
            key: "edge.origins",
            problem: format!(
                "{text:?} {problem}; write http://127.0.0.1:3000, https://… or link://…"
            ),
        };
        let (scheme, usual_port) = match text.split_once("://") {
            Some(("http", _)) => (OriginScheme::Http, 80),
            Some(("https", _)) => (OriginScheme::Https, 443),
            Some(("link", _)) => (OriginScheme::Link, 3443),
            _ => return Err(invalid("has no scheme that is known here")),
        };
        // Only for "special" schemes does the parser read hosts as such.
        let rest = text.split_once("://").map_or("", |(_, rest)| rest);
        let has_port = rest.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let url = Url::parse(&format!("http://{rest}")).map_err(|_| invalid("is no address"))?;
        let host = match url.host() {
            Some(Host::Domain(name)) => name.to_owned(),
            Some(Host::Ipv4(address)) => address.to_string(),
            Some(Host::Ipv6(address)) => address.to_string(),
            None => return Err(invalid("names no host")),
        };
        if url.path() != "/" || url.query().is_some() || !url.username().is_empty() {
            return Err(invalid("must be a bare origin, without a path"));
        }
        let port = if has_port { url.port_or_known_default().unwrap_or(80) } else { usual_port };
        Ok(Self { scheme, host, port })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_read() {
        let read = |text: &str| OriginAddress::parse(text).map(|o| (o.scheme, o.host, o.port));
        assert_eq!(read("http://[::1]:80").unwrap(), (OriginScheme::Http, "::1".into(), 80));
        assert_eq!(read("link://10.0.1.5").unwrap(), (OriginScheme::Link, "10.0.1.5".into(), 3443));
        assert_eq!(
            read("https://m.example").unwrap(),
            (OriginScheme::Https, "m.example".into(), 443)
        );
        for bad in
            ["", "127.0.0.1:3000", "ftp://x", "http://", "http://x/y", "http://u@x", "http://x?y"]
        {
            assert!(read(bad).is_err(), "{bad:?}");
        }
    }
}
