//! `[server]`: the name of the instance, its address, and where its data lives.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::ConfigError;

/// Where the server lives and listens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Folder of the database, media and mail of local mode.
    pub data: PathBuf,
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// Host, with port if unusual, in handles and ids.
    pub domain: Option<String>,
    /// Base address of pages and ids.
    pub url: Option<String>,
    /// Proxies whose word on the client's address is taken.
    pub trusted_proxies: Vec<String>,
    /// Address and port for edges that prove that they know the shared secret.
    pub link_listen: Option<SocketAddr>,
    /// File with that secret.
    pub link_secret_file: Option<PathBuf>,
}

pub(super) const DOCS: &[(&str, &str, &str)] = &[
    ("data", "Folder of the SQLite database, media and, in local mode, mail.", "\"./data\""),
    ("listen", "Address and port to listen on.", "\"127.0.0.1:3000\""),
    (
        "domain",
        "The host in handles (@name@domain). Never change it later. Default: localhost and the port.",
        "\"social.example\"",
    ),
    (
        "url",
        "Where the server is reached. Default: https://DOMAIN, or http for localhost.",
        "\"https://social.example\"",
    ),
    (
        "trusted_proxies",
        "Addresses or networks of reverse proxies that may say whom they speak for (X-Forwarded-For, its last entry). Nobody else may.",
        "",
    ),
    (
        "link_listen",
        "Address and port for `tuskling edge` on another machine: encrypted, and both sides prove that they know the secret.",
        "\"10.0.1.5:3443\"",
    ),
    (
        "link_secret_file",
        "File with the secret that the edge has as well (edge.link_secret_file); `tuskling edge secret` makes one.",
        "\"/etc/tuskling/link-secret\"",
    ),
];

impl Default for Server {
    fn default() -> Self {
        Self {
            data: PathBuf::from("./data"),
            listen: SocketAddr::from(([127, 0, 0, 1], 3000)),
            domain: None,
            url: None,
            trusted_proxies: Vec::new(),
            link_listen: None,
            link_secret_file: None,
        }
    }
}

/// The name and base address that follow from the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Host, with port if unusual, as in handles.
    pub domain: String,
    /// Base of every address, without a trailing slash.
    pub base: String,
    /// The same for WebSockets.
    pub streaming_base: String,
    /// The domain is this machine or a test name: plain http and loopback peers are allowed.
    pub is_local: bool,
}

impl Server {
    pub(crate) fn validate(&self) -> Result<(), ConfigError> {
        crate::networks::parse_all("server.trusted_proxies", &self.trusted_proxies)?;
        if self.link_listen.is_some() && self.link_secret_file.is_none() {
            let problem = "is needed for server.link_listen; make one with `tuskling edge secret` \
                and give the same file to the edge";
            return Err(ConfigError::Invalid {
                key: "server.link_secret_file",
                problem: problem.into(),
            });
        }
        self.address().map(|_| ())
    }

    /// The host of the configured name, without a port; none when no name is configured.
    #[must_use]
    pub fn host(&self) -> Option<String> {
        if self.domain.is_none() && self.url.is_none() {
            return None;
        }
        let base = self.address().ok()?.base;
        Url::parse(&base).ok()?.host_str().map(str::to_owned)
    }

    /// The name and base address of this server.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] when domain or URL are malformed or do not go together.
    pub fn address(&self) -> Result<Address, ConfigError> {
        let domain = self.checked_domain()?;
        let is_local = is_local_domain(&domain);
        let base = match &self.url {
            Some(url) => checked_url(url, is_local)?,
            None if is_local => format!("http://{domain}"),
            None => format!("https://{domain}"),
        };
        let streaming_base = base.replacen("http", "ws", 1);
        Ok(Address { domain, base, streaming_base, is_local })
    }

    fn checked_domain(&self) -> Result<String, ConfigError> {
        let from_url = || {
            let url = Url::parse(self.url.as_deref()?).ok()?;
            let host = url.host_str()?;
            Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
        };
        let domain = match &self.domain {
            Some(domain) => domain.clone(),
            None => from_url().unwrap_or_else(|| format!("localhost:{}", self.listen.port())),
        };
        let parsed = Url::parse(&format!("http://{domain}/"));
        let same = parsed.as_ref().is_ok_and(|url| {
            let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
            url.path() == "/"
                && url.username().is_empty()
                && format!("{}{port}", url.host_str().unwrap_or_default()) == domain
        });
        if same {
            return Ok(domain);
        }
        Err(ConfigError::Invalid {
            key: "server.domain",
            problem: format!(
                "{domain:?} is no host name; write it in lower case, like social.example"
            ),
        })
    }
}

fn checked_url(url: &str, is_local: bool) -> Result<String, ConfigError> {
    let invalid = |problem: &str| ConfigError::Invalid {
        key: "server.url",
        problem: format!("{url:?} {problem}"),
    };
    let parsed = Url::parse(url)
        .map_err(|_| invalid("is no address; write one like https://social.example"))?;
    match parsed.scheme() {
        "https" => {}
        "http" if is_local => {}
        "http" => {
            return Err(invalid(
                "is plain http, which is only for localhost and .test names; write https",
            ));
        }
        _ => return Err(invalid("must begin with https://")),
    }
    if parsed.host_str().is_none() || parsed.path() != "/" || parsed.query().is_some() {
        return Err(invalid("must be a bare origin, without a path"));
    }
    Ok(parsed.as_str().trim_end_matches('/').to_owned())
}

/// Whether a domain, with or without a port, is this machine, or a name that can never be on the
/// internet (RFC 6761).
#[must_use]
pub fn is_local_domain(domain: &str) -> bool {
    let host = domain.rsplit_once(':').map_or(domain, |(host, _)| host);
    host == "localhost"
        || host.ends_with(".localhost")
        || host.ends_with(".test")
        || host == "[::1]"
        || host.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(domain: Option<&str>, url: Option<&str>) -> Result<Address, ConfigError> {
        Server { domain: domain.map(Into::into), url: url.map(Into::into), ..Server::default() }
            .address()
    }

    #[test]
    fn without_settings_the_server_is_localhost() {
        let local = address(None, None).unwrap();
        assert_eq!(local.domain, "localhost:3000");
        assert_eq!(local.base, "http://localhost:3000");
        assert_eq!(local.streaming_base, "ws://localhost:3000");
        assert!(local.is_local);
    }

    #[test]
    fn a_real_domain_is_https_and_a_test_name_may_be_http() {
        assert_eq!(address(Some("social.example"), None).unwrap().base, "https://social.example");
        assert_eq!(address(None, Some("http://a.test")).unwrap().domain, "a.test");
        assert!(address(Some("social.example"), Some("http://social.example")).is_err());
        for bad in ["", "a b", "Social.Example", "https://x", "x/y", "u@x"] {
            assert!(address(Some(bad), None).is_err(), "{bad:?}");
        }
    }
}
