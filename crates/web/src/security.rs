//! The headers that keep a page to itself: no inline script, nothing from elsewhere, no framing.
//!
//! A page gets the strict policy; what it needs beyond that (a media host, the places a form may
//! lead to) is named in a `PagePolicy`. Values from outside never reach a header unchecked.

use http::header::{self, HeaderName, HeaderValue};
use url::{Host, Url};

/// What one page may do beyond the strict default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PagePolicy {
    media_source: Option<String>,
    form_targets: Vec<String>,
}

impl PagePolicy {
    /// Allows pictures, sound and video from the place media are served from, when that is not
    /// this origin.
    #[must_use]
    pub fn with_media_base(mut self, base: &Url) -> Self {
        self.media_source = source_expression(base);
        self
    }

    /// Allows a form's answer to redirect to this client address. Chromium applies `form-action` to
    /// every redirect after a submit, so the consent page needs it, and so does a sign-in page that
    /// returns to an authorisation which may already be granted. Anything that cannot be written
    /// as one exact source is left out.
    #[must_use]
    pub fn with_form_target(mut self, redirect_uri: &str) -> Self {
        if let Some(source) = Url::parse(redirect_uri).ok().as_ref().and_then(source_expression) {
            self.form_targets.push(source);
        }
        self
    }

    fn content_security_policy(&self) -> String {
        let media = self.media_source.iter().map(|source| format!(" {source}")).collect::<String>();
        let forms = self.form_targets.iter().map(|source| format!(" {source}")).collect::<String>();
        format!(
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:{media}; \
             media-src 'self'{media}; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'{forms}; \
             base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
        )
    }
}

/// All security headers of a page, to be set on every HTML answer, errors included.
pub fn security_headers(policy: &PagePolicy) -> Vec<(HeaderName, HeaderValue)> {
    let policy_value = HeaderValue::from_str(&policy.content_security_policy())
        .unwrap_or(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    vec![
        (header::CONTENT_SECURITY_POLICY, policy_value),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
        (
            HeaderName::from_static("permissions-policy"),
            HeaderValue::from_static(
                "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
                 magnetometer=(), microphone=(), midi=(), payment=(), usb=()",
            ),
        ),
    ]
}

/// The narrowest source that matches the address: scheme and host for the web, else the scheme.
/// The URL standard lets `;`, `,`, `*` and quotes stand in hosts, which would change the policy's
/// meaning, so hosts are checked again here.
fn source_expression(url: &Url) -> Option<String> {
    match (url.scheme(), url.host()) {
        ("http" | "https", Some(Host::Domain(name))) => {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
            name.bytes().all(plain).then(|| with_port(url, name))
        }
        ("http" | "https", Some(Host::Ipv4(address))) => Some(with_port(url, &address.to_string())),
        // A source cannot name an IPv6 address; a program listening on one is reached by scheme.
        ("http" | "https", Some(Host::Ipv6(_))) => Some(format!("{}:", url.scheme())),
        ("http" | "https", None) => None,
        ("javascript" | "data" | "vbscript" | "blob" | "filesystem" | "file" | "urn", _) => None,
        // The URL parser guarantees the scheme's alphabet: letters, digits, `+`, `-`, `.`.
        (scheme, _) => Some(format!("{scheme}:")),
    }
}

fn with_port(url: &Url, host: &str) -> String {
    match url.port() {
        Some(port) => format!("{}://{host}:{port}", url.scheme()),
        None => format!("{}://{host}", url.scheme()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(policy: &PagePolicy) -> String {
        let lines = security_headers(policy)
            .into_iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()));
        lines.collect::<Vec<_>>().join("\n")
    }

    fn form_action(redirect_uri: &str) -> String {
        let all = text(&PagePolicy::default().with_form_target(redirect_uri));
        let start = all.split("form-action ").nth(1).unwrap();
        start.split(';').next().unwrap().to_owned()
    }

    const REST: &str = "x-content-type-options: nosniff
referrer-policy: same-origin
x-frame-options: DENY
permissions-policy: accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()";

    #[test]
    fn m04_headers_of_an_ordinary_page() {
        let expected = format!(
            "content-security-policy: default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; media-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'\n{REST}"
        );
        assert_eq!(text(&PagePolicy::default()), expected);
    }

    #[test]
    fn m04_headers_of_a_consent_page_with_a_media_host() {
        let policy = PagePolicy::default()
            .with_media_base(&Url::parse("https://media.test/files/").unwrap())
            .with_form_target("https://client.test:8443/callback?x=1");
        let expected = format!(
            "content-security-policy: default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data: https://media.test; media-src 'self' https://media.test; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self' https://client.test:8443; base-uri 'none'; frame-ancestors 'none'; object-src 'none'\n{REST}"
        );
        assert_eq!(text(&policy), expected);
    }

    #[test]
    fn m04_form_targets_are_exact_sources() {
        assert_eq!(form_action("icecubesapp://"), "'self' icecubesapp:");
        assert_eq!(
            form_action("mastodon-android-auth://callback"),
            "'self' mastodon-android-auth:"
        );
        assert_eq!(form_action("http://localhost:5000/cb"), "'self' http://localhost:5000");
        assert_eq!(form_action("http://127.0.0.1:5000/cb"), "'self' http://127.0.0.1:5000");
        assert_eq!(form_action("http://[::1]:5000/cb"), "'self' http:");
        assert_eq!(form_action("https://user:word@client.test/cb"), "'self' https://client.test");
    }

    #[test]
    fn m04_a_redirect_address_cannot_change_the_policy() {
        for hostile in [
            "https://a.test;script-src/",
            "https://a.test,b.test/",
            "https://*/",
            "https://*.test/",
            "https://'unsafe-inline'/",
            "javascript:alert(1)",
            "data:text/html,x",
            "urn:ietf:wg:oauth:2.0:oob\r\nX: y",
            "not an address",
            "",
        ] {
            let action = form_action(hostile);
            assert_eq!(action, "'self'", "{hostile:?}");
        }
    }
}
