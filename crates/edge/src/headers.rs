//! What the edge takes out of messages and what it puts in (E05). The origin believes what the edge
//! says of the client, so nothing that a client says of itself may get there.

use std::fmt::Write as _;
use std::net::IpAddr;

use http::header::{self, HeaderMap, HeaderName, HeaderValue};

/// Headers of one connection, not of the message (RFC 9110 §7.6.1).
const HOP_BY_HOP: &[&str] = &[
    "connection",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// What proxies tell servers of clients, which a client must not.
const IDENTITY: &[&str] = &[
    "cf-connecting-ip",
    "client-ip",
    "fastly-client-ip",
    "forwarded",
    "proxy",
    "true-client-ip",
    "via",
    "x-client-cert",
    "x-client-ip",
    "x-client-verify",
    "x-cluster-client-ip",
    "x-original-host",
    "x-original-url",
    "x-real-ip",
    "x-remote-user",
    "x-rewrite-url",
];

/// Names that begin so are the same.
const IDENTITY_BEGINNINGS: &[&str] = &["x-forwarded", "ssl-client", "x-ssl-", "x-tuskling-"];

/// Makes a client's headers fit for the origin.
pub(crate) fn to_origin(headers: &mut HeaderMap, client: IpAddr, host: &HeaderValue) {
    without_hops(headers);
    // An answer to it is given when the body is asked for.
    headers.remove(header::EXPECT);
    let suspicious = |name: &HeaderName| {
        let name = name.as_str();
        let names_client = match name.as_bytes().first() {
            Some(b'x' | b's') if IDENTITY_BEGINNINGS.iter().any(|part| name.starts_with(part)) => {
                true
            }
            Some(b'c' | b'f' | b'p' | b't' | b'v' | b'x') => IDENTITY.contains(&name),
            _ => false,
        };
        // To some servers X_Forwarded_For is X-Forwarded-For.
        names_client || name.contains('_')
    };
    let found: Vec<HeaderName> = headers.keys().filter(|name| suspicious(name)).cloned().collect();
    for name in found {
        headers.remove(name);
    }
    headers.reserve(4);
    let client = client.to_canonical();
    set(headers, HeaderName::from_static("x-forwarded-for"), client.to_string());
    let mut text = String::with_capacity(96);
    let shown = String::from_utf8_lossy(host.as_bytes());
    // Writing into a string cannot fail.
    let _ = match client {
        IpAddr::V4(address) => write!(text, "for={address};host=\"{shown}\";proto=https"),
        IpAddr::V6(address) => write!(text, "for=\"[{address}]\";host=\"{shown}\";proto=https"),
    };
    set(headers, header::FORWARDED, text);
    let https = HeaderValue::from_static("https");
    headers.insert(HeaderName::from_static("x-forwarded-proto"), https);
    headers.insert(HeaderName::from_static("x-forwarded-host"), host.clone());
    headers.insert(header::HOST, host.clone());
}

/// Makes an origin's headers fit for a client.
pub(crate) fn to_client(headers: &mut HeaderMap, hsts: Option<&HeaderValue>) {
    without_hops(headers);
    if let Some(hsts) = hsts {
        headers.entry(header::STRICT_TRANSPORT_SECURITY).or_insert_with(|| hsts.clone());
    }
}

fn without_hops(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| HeaderName::from_bytes(name.trim().as_bytes()).ok())
        // Nobody may have these taken away by naming them.
        .filter(|name| *name != header::HOST && *name != header::CONTENT_LENGTH)
        .collect();
    for name in named {
        headers.remove(name);
    }
    for name in HOP_BY_HOP {
        headers.remove(*name);
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, text: String) {
    match HeaderValue::try_from(text) {
        Ok(value) => headers.insert(name, value),
        Err(_) => headers.remove(name),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(lines: &[(&str, &str)]) -> HeaderMap {
        let pairs = lines.iter().map(|(name, value)| {
            (
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            )
        });
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(name, value);
        }
        headers
    }

    #[test]
    fn e05_what_a_client_says_of_itself_is_replaced_by_one_set() {
        let mut headers = map(&[
            ("x-forwarded-for", "1.2.3.4"),
            ("x-forwarded-for", "5.6.7.8"),
            ("x_forwarded_for", "1.2.3.4"),
            ("x-forwarded-proto", "http"),
            ("x-forwarded-port", "80"),
            ("x-forwarded-client-cert", "By=x"),
            ("forwarded", "for=1.2.3.4"),
            ("x-real-ip", "1.2.3.4"),
            ("cf-connecting-ip", "1.2.3.4"),
            ("true-client-ip", "1.2.3.4"),
            ("x-original-url", "/admin"),
            ("x-remote-user", "owner"),
            ("ssl-client-verify", "SUCCESS"),
            ("proxy", "http://evil.test"),
            ("via", "1.1 x"),
            ("connection", "keep-alive, x-hop, host"),
            ("keep-alive", "timeout=5"),
            ("x-hop", "1"),
            ("te", "trailers"),
            ("upgrade", "h2c"),
            ("http2-settings", "AAMAAABkAAQAAP__"),
            ("proxy-authorization", "Basic x"),
            ("expect", "100-continue"),
            ("authorization", "Bearer kept"),
            ("cookie", "kept=1"),
            ("signature", "kept"),
            ("x-requested-with", "kept"),
        ]);
        let host = HeaderValue::from_static("a.test");
        to_origin(&mut headers, "::ffff:192.0.2.7".parse().unwrap(), &host);
        let mut left: Vec<_> = headers
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        left.sort();
        assert_eq!(
            left,
            [
                "authorization: Bearer kept",
                "cookie: kept=1",
                "forwarded: for=192.0.2.7;host=\"a.test\";proto=https",
                "host: a.test",
                "signature: kept",
                "x-forwarded-for: 192.0.2.7",
                "x-forwarded-host: a.test",
                "x-forwarded-proto: https",
                "x-requested-with: kept",
            ]
        );
    }

    #[test]
    fn answers_lose_what_belonged_to_the_connection_and_gain_hsts() {
        let mut headers = map(&[("connection", "close"), ("keep-alive", "x"), ("etag", "\"1\"")]);
        to_client(&mut headers, Some(&HeaderValue::from_static("max-age=1")));
        assert_eq!(headers, map(&[("etag", "\"1\""), ("strict-transport-security", "max-age=1")]));
        let mut own = map(&[("strict-transport-security", "max-age=2")]);
        to_client(&mut own, Some(&HeaderValue::from_static("max-age=1")));
        assert_eq!(own["strict-transport-security"], "max-age=2");
    }
}
