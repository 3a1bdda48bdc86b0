//! Signing what this server sends. Order and set of headers are those of Mastodon, so that whoever
//! reads Mastodon reads us.

use domain::Timestamp;
use http::header::{ACCEPT, CONTENT_TYPE, DATE, HOST};
use http::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::request::authority;
use super::{Scheme, SigningKey, digest, moment};

impl SigningKey {
    /// Headers that sign a GET: `Date`, `Signature` (and `Signature-Input`), `Host` and `Accept` as
    /// signed. The `url` must be requested exactly as it is.
    #[must_use]
    pub fn sign_get(&self, url: &Url, accept: &str, scheme: Scheme, now: Timestamp) -> HeaderMap {
        let mut headers = common(url, now);
        put(&mut headers, ACCEPT, accept);
        match scheme {
            Scheme::Cavage => {
                let signed = ["host", "date", "accept", "(request-target)"];
                self.cavage(&mut headers, "get", url, &signed);
            }
            Scheme::Rfc9421 => self.message(&mut headers, "GET", url, &[], now),
        }
        headers
    }

    /// Headers that sign a POST of this body; `extra` are signed and sent as well (followers
    /// synchronisation). The `url` must be requested exactly as it is.
    #[must_use]
    pub fn sign_post(
        &self,
        url: &Url,
        content_type: &str,
        body: &[u8],
        extra: &HeaderMap,
        scheme: Scheme,
        now: Timestamp,
    ) -> HeaderMap {
        let mut headers = common(url, now);
        put(&mut headers, CONTENT_TYPE, content_type);
        headers.extend(extra.iter().map(|(name, value)| (name.clone(), value.clone())));
        match scheme {
            Scheme::Cavage => {
                put(&mut headers, HeaderName::from_static("digest"), &digest::digest_header(body));
                let mut signed = vec!["host", "date", "digest", "content-type"];
                signed.extend(extra.keys().map(HeaderName::as_str));
                signed.push("(request-target)");
                self.cavage(&mut headers, "post", url, &signed);
            }
            Scheme::Rfc9421 => {
                let content_digest = digest::content_digest_header(body);
                put(&mut headers, HeaderName::from_static("content-digest"), &content_digest);
                let mut signed = vec!["content-digest", "content-type"];
                signed.extend(extra.keys().map(HeaderName::as_str));
                self.message(&mut headers, "POST", url, &signed, now);
            }
        }
        headers
    }

    fn cavage(&self, headers: &mut HeaderMap, method: &str, url: &Url, signed: &[&str]) {
        let lines: Vec<String> = signed
            .iter()
            .map(|name| match *name {
                "(request-target)" => format!("{name}: {method} {}", target(url)),
                name => format!("{name}: {}", value(headers, name)),
            })
            .collect();
        let signature = self.sign(lines.join("\n").as_bytes());
        let header = format!(
            "keyId=\"{}\",algorithm=\"rsa-sha256\",headers=\"{}\",signature=\"{signature}\"",
            self.key_id,
            signed.join(" ")
        );
        put(headers, HeaderName::from_static("signature"), &header);
    }

    fn message(
        &self,
        headers: &mut HeaderMap,
        method: &str,
        url: &Url,
        signed: &[&str],
        now: Timestamp,
    ) {
        let mut names = vec!["\"@method\"".to_owned(), "\"@target-uri\"".to_owned()];
        let mut base = format!("\"@method\": {method}\n\"@target-uri\": {}\n", sent(url));
        for name in signed {
            names.push(format!("\"{name}\""));
            base.push_str(&format!("\"{name}\": {}\n", value(headers, name)));
        }
        let parameters = format!(
            "({});created={};keyid=\"{}\";alg=\"rsa-v1_5-sha256\"",
            names.join(" "),
            now.seconds(),
            self.key_id
        );
        base.push_str(&format!("\"@signature-params\": {parameters}"));
        let signature = self.sign(base.as_bytes());
        put(headers, HeaderName::from_static("signature-input"), &format!("sig1={parameters}"));
        put(headers, HeaderName::from_static("signature"), &format!("sig1=:{signature}:"));
    }
}

fn common(url: &Url, now: Timestamp) -> HeaderMap {
    let mut headers = HeaderMap::new();
    put(&mut headers, HOST, &authority(url).unwrap_or_default());
    put(&mut headers, DATE, &moment::http_date(now));
    headers
}

/// A value that is no header value cannot come from a [`Url`] or from this room; if one did, leaving
/// it out makes a signature that the other side refuses.
fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn value(headers: &HeaderMap, name: &str) -> String {
    let values: Vec<&str> =
        headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
    values.join(", ")
}

/// Path and query as they go over the wire.
fn target(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}

/// The address without its fragment, which is not sent.
fn sent(url: &Url) -> String {
    format!("{}://{}{}", url.scheme(), authority(url).unwrap_or_default(), target(url))
}
