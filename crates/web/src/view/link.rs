//! Addresses that stand in a page. Those from other servers are checked when stored; this is the
//! second lock, so that a mistake elsewhere never becomes a link that runs something.

use url::Url;

/// The address if it is a path on this server or an `http(s)` address, else `#`.
pub fn href(address: &str) -> &str {
    let lower: String = address.chars().take(8).collect::<String>().to_ascii_lowercase();
    let local =
        address.starts_with('/') && !address.starts_with("//") && !address.starts_with("/\\");
    if local || lower.starts_with("https://") || lower.starts_with("http://") {
        address
    } else {
        "#"
    }
}

/// A web address from outside with its host, for places where people must see where they go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Website {
    /// The address without user name and password.
    pub address: String,
    /// The whole host (and port, if unusual), in ASCII, never shortened.
    pub host: String,
}

impl Website {
    /// Takes only `http(s)` addresses.
    pub fn parse(text: &str) -> Option<Self> {
        let mut url = Url::parse(text.trim()).ok()?;
        if !matches!(url.scheme(), "http" | "https") {
            return None;
        }
        url.set_username("").ok()?;
        url.set_password(None).ok()?;
        let host = match url.port() {
            Some(port) => format!("{}:{port}", url.host_str()?),
            None => url.host_str()?.to_owned(),
        };
        Some(Self { address: url.into(), host })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_and_own_paths_become_links() {
        for good in ["/", "/@owner/1", "https://a.test/", "HTTP://a.test"] {
            assert_eq!(href(good), good);
        }
        for bad in [
            "javascript:alert(1)",
            "//b.test",
            "/\\b.test",
            "data:text/html,x",
            " https://a.test",
            "",
            "x",
        ] {
            assert_eq!(href(bad), "#", "{bad}");
        }
    }

    #[test]
    fn m09_the_real_host_is_shown() {
        let site = Website::parse("https://good.test@b.test:8443/x").unwrap();
        assert_eq!(site.host, "b.test:8443");
        assert_eq!(site.address, "https://b.test:8443/x");
        assert_eq!(
            Website::parse("https://ex\u{430}mple.test").unwrap().host,
            "xn--exmple-4nf.test"
        );
        assert_eq!(Website::parse("javascript:alert(1)"), None);
        assert_eq!(Website::parse("app://callback"), None);
    }
}
