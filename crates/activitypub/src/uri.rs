//! Ids of things on other servers: absolute http(s) addresses, nothing else (F17).

use std::fmt;

use url::Url;

/// An absolute http or https address with a host and without credentials, as its owner spelled it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Uri(String);

/// Longest id that is taken, in bytes.
const LONGEST: usize = 2_048;

impl Uri {
    /// The address, if it is one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > LONGEST || text.chars().any(char::is_control) {
            return None;
        }
        // The library forgives spaces around it and missing slashes; two spellings that it reads as
        // one address would be two ids.
        let begins = ["https://", "http://"].iter().any(|scheme| {
            text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
        });
        if !begins || text.ends_with(char::is_whitespace) {
            return None;
        }
        let url = Url::parse(text).ok()?;
        let plain = matches!(url.scheme(), "http" | "https")
            && url.host_str().is_some_and(|host| !host.is_empty())
            && url.username().is_empty()
            && url.password().is_none();
        plain.then(|| Self(text.to_owned()))
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// It, taken apart. The text was checked by [`Uri::parse`].
    #[must_use]
    pub fn url(&self) -> Option<Url> {
        Url::parse(&self.0).ok()
    }

    /// Host in lower case and punycode, without a trailing dot, with the port if unusual (F12).
    #[must_use]
    pub fn host(&self) -> String {
        let Some(url) = self.url() else { return String::new() };
        let host = url.host_str().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase();
        url.port().map_or(host.clone(), |port| format!("{host}:{port}"))
    }

    /// Whether both have scheme, host and port in common: only then may one speak for the other.
    #[must_use]
    pub fn same_origin(&self, other: &Self) -> bool {
        match (self.url(), other.url()) {
            (Some(one), Some(two)) => one.scheme() == two.scheme() && self.host() == other.host(),
            _ => false,
        }
    }

    /// It without the part behind `#`.
    #[must_use]
    pub fn without_fragment(&self) -> Self {
        Self(self.0.split('#').next().unwrap_or_default().to_owned())
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Uri;

    #[test]
    fn f17_only_plain_addresses_are_ids() {
        for good in [
            "https://a.test/1",
            "http://a.test:8080/?a=b#c",
            "HTTPS://a.test/é",
            "https://a.test/a b",
        ] {
            assert!(Uri::parse(good).is_some(), "{good}");
        }
        for bad in [
            " https://a.test/1",
            "https://a.test/1 ",
            "https:/a.test/1",
            "https:a.test",
            "https:\\\\a.test",
            "https://",
            "https://user@a.test/",
            "ftp://a.test/",
            "javascript:alert(1)",
            "//a.test",
            "https://a.test/\n1",
            "",
        ] {
            assert!(Uri::parse(bad).is_none(), "{bad}");
        }
    }
}
