//! A private bucket as the origin: the path of a request is the key of an object below a prefix, and
//! nothing else of the bucket can be reached.
//!
//! Only GET and HEAD, signed by our keys; no query of a client gets there, so that nobody lists,
//! chooses a version or uses what S3 can do besides. Of the answer only what describes the object is
//! passed on. Called by [`Group`](super::Group).

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use config::{Edge, OriginAddress, OriginScheme, Place, Stored};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Uri, header, request,
};
use http_body_util::{BodyExt as _, Limited};
use net::aws::{self, Credentials, Scope};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use tokio::time::timeout;
use url::Url;

use super::{OriginBody, OriginError, Passage, RequestBody};
use crate::EdgeError;
use crate::acme::{Environment as _, Machine};

/// How long the metadata service may take to give keys.
const KEYS: Duration = Duration::from_secs(3);
/// Bytes of what S3 says about a failure.
const MOST_SAID: usize = 16 * 1024;
/// Letters that stand for themselves in a signed path (RFC 3986 §2.3).
const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');
/// Bytes of a key, as S3 has it.
const LONGEST: usize = 1024;

/// What may be said to S3 of a request: which part, and what the client has already.
const ASKED: [HeaderName; 4] =
    [header::RANGE, header::IF_RANGE, header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE];
/// What is said to clients of an object.
const TOLD: [HeaderName; 10] = [
    header::ACCEPT_RANGES,
    header::CACHE_CONTROL,
    header::CONTENT_DISPOSITION,
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
    header::CONTENT_LENGTH,
    header::CONTENT_RANGE,
    header::CONTENT_TYPE,
    header::ETAG,
    header::LAST_MODIFIED,
];
/// Objects whose owner said nothing: public files, asked about again after an hour.
const USUAL: HeaderValue = HeaderValue::from_static("public, max-age=3600");
/// What is not there may come soon.
const MISSING: HeaderValue = HeaderValue::from_static("public, max-age=10");
/// Somebody uploaded it: whatever it is, it runs nothing in the name of this host.
const TAME: HeaderValue = HeaderValue::from_static("default-src 'none'; form-action 'none'");

/// A bucket.
pub(crate) struct Bucket {
    base: Url,
    /// What all keys begin with: empty, or ending in a slash.
    prefix: String,
    region: String,
    credentials: Arc<dyn Credentials>,
}

impl Bucket {
    /// Of `s3://BUCKET/PREFIX`, and where it is connected to.
    ///
    /// # Errors
    /// [`EdgeError`] when the settings name no bucket.
    pub fn of(text: &str, edge: &Edge) -> Result<(Self, OriginAddress), EdgeError> {
        let odd = |what: String| {
            EdgeError::Config(config::ConfigError::Invalid { key: "edge.origins", problem: what })
        };
        let Place::S3 { bucket, prefix } = Stored::Origin.place(text)? else {
            return Err(odd(format!("{text:?} is no s3://BUCKET/PREFIX")));
        };
        let region = &edge.s3_region;
        let base = match &edge.s3_endpoint {
            Some(endpoint) => format!("{}/{bucket}/", endpoint.trim_end_matches('/')),
            // A name with dots fits no wildcard certificate.
            None if bucket.contains('.') => format!("https://s3.{region}.amazonaws.com/{bucket}/"),
            None => format!("https://{bucket}.s3.{region}.amazonaws.com/"),
        };
        let base = Url::parse(&base).map_err(|error| odd(format!("{base:?}: {error}")))?;
        let scheme = if base.scheme() == "http" { OriginScheme::Http } else { OriginScheme::Https };
        let host = base.host_str().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = base.port_or_known_default().unwrap_or(443);
        let prefix = if prefix.is_empty() { prefix } else { format!("{prefix}/") };
        let credentials = crate::aws::credentials(edge.s3_keys()?)?;
        let bucket = Self { base, prefix, region: region.clone(), credentials };
        Ok((bucket, OriginAddress { scheme, host, port }))
    }

    /// The request for an object that a client's request stands for.
    ///
    /// # Errors
    /// [`OriginError::NoObject`] when no object can have such a name, [`OriginError::Unsigned`] when
    /// there are no keys.
    pub async fn question(&self, asked: &request::Parts) -> Result<Passage, OriginError> {
        let method = asked.method.clone();
        if method != Method::GET && method != Method::HEAD {
            return Err(OriginError::NotAllowed);
        }
        let key = key(asked.uri.path()).ok_or(OriginError::NoObject)?;
        let url = self.base.join(&format!("{}{key}", self.prefix));
        let url = url.map_err(|_| OriginError::NoObject)?;
        let keys = timeout(KEYS, self.credentials.keys()).await;
        let keys = keys.unwrap_or_else(|_| Err("the metadata service does not answer".into()));
        let keys = keys.map_err(OriginError::Unsigned)?;
        let scope = Scope { region: &self.region, service: "s3" };
        let signed = aws::headers(&keys, scope, Machine.now(), &method, &url, b"");
        let mut headers =
            signed.ok_or_else(|| OriginError::Unsigned("the keys fit no header".into()))?;
        let host = match (url.host_str(), url.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (host, _) => host.unwrap_or_default().to_owned(),
        };
        let host = HeaderValue::try_from(host).map_err(|_| OriginError::NoObject)?;
        headers.insert(header::HOST, host);
        headers.insert(header::USER_AGENT, HeaderValue::from_static("tuskling"));
        for name in ASKED {
            if let Some(value) = asked.headers.get(&name) {
                headers.insert(name, value.clone());
            }
        }
        let mut head = http::Request::new(()).into_parts().0;
        head.method = method;
        head.uri = url.path().parse::<Uri>().map_err(|_| OriginError::NoObject)?;
        head.headers = headers;
        Ok(Passage { head, body: RequestBody::none() })
    }

    /// The answer as clients may see it: the object, or that there is none.
    pub async fn answer(&self, answer: Response<OriginBody>) -> Response<OriginBody> {
        let (head, body) = answer.into_parts();
        if matches!(
            head.status,
            StatusCode::OK | StatusCode::PARTIAL_CONTENT | StatusCode::NOT_MODIFIED
        ) {
            return respond(head.status, told(&head.headers, &USUAL), body);
        }
        // Read to the end, so that the connection can be used again.
        let said = timeout(KEYS, Limited::new(body, MOST_SAID).collect()).await;
        let said = said.ok().and_then(Result::ok).map(|said| said.to_bytes()).unwrap_or_default();
        let code = code(&said);
        let mut headers = HeaderMap::new();
        let status = match head.status {
            // Who may not list is told 403 for what is not there; wrong keys have other words.
            StatusCode::NOT_FOUND | StatusCode::FORBIDDEN
                if matches!(code.as_str(), "" | "NoSuchKey" | "AccessDenied") =>
            {
                headers.insert(header::CACHE_CONTROL, MISSING);
                StatusCode::NOT_FOUND
            }
            StatusCode::RANGE_NOT_SATISFIABLE => {
                if let Some(range) = head.headers.get(header::CONTENT_RANGE) {
                    headers.insert(header::CONTENT_RANGE, range.clone());
                }
                StatusCode::RANGE_NOT_SATISFIABLE
            }
            status => {
                let status = status.as_u16();
                tracing::warn!(status, code, bucket = %self.base, "the bucket gives no answer");
                StatusCode::BAD_GATEWAY
            }
        };
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
        respond(status, headers, OriginBody::empty())
    }
}

/// The key that a path stands for, as it is written in an address; nothing when no object of ours has
/// such a name: one that could mean another to somebody who reads it, or a folder.
fn key(path: &str) -> Option<String> {
    let plain = percent_decode_str(path.strip_prefix('/')?).decode_utf8().ok()?;
    let is_segment = |segment: &str| !matches!(segment, "" | "." | "..");
    let is_key = plain.len() <= LONGEST
        && plain.split('/').all(is_segment)
        && !plain.chars().any(|letter| letter.is_control() || letter == '\\');
    is_key.then(|| utf8_percent_encode(&plain, ENCODED).to_string())
}

/// `<Code>NoSuchKey</Code>` of what S3 says.
fn code(said: &Bytes) -> String {
    let text = String::from_utf8_lossy(said);
    let code = text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
    let code = code.map(|(code, _)| code).unwrap_or_default();
    code.chars().filter(char::is_ascii_alphanumeric).take(60).collect()
}

fn told(headers: &HeaderMap, cache: &HeaderValue) -> HeaderMap {
    let known =
        TOLD.into_iter().filter_map(|name| Some((name.clone(), headers.get(name)?.clone())));
    let mut told: HeaderMap = known.collect();
    told.entry(header::CACHE_CONTROL).or_insert_with(|| cache.clone());
    told.insert(header::CONTENT_SECURITY_POLICY, TAME);
    told.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    told
}

fn respond(status: StatusCode, headers: HeaderMap, body: OriginBody) -> Response<OriginBody> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(text: &str, endpoint: Option<&str>) -> (Bucket, OriginAddress) {
        let edge = Edge {
            s3_endpoint: endpoint.map(str::to_owned),
            s3_region: "eu-west-3".into(),
            s3_access_key_id: Some("AKIA".into()),
            s3_secret_access_key: Some("secret".into()),
            ..Edge::default()
        };
        Bucket::of(text, &edge).unwrap()
    }

    async fn asked(bucket: &Bucket, method: &str, target: &str) -> Result<Passage, OriginError> {
        let request = http::Request::builder().method(method).uri(target);
        let request =
            request.header("cookie", "a=b").header("range", "bytes=0-1").body(()).unwrap();
        bucket.question(&request.into_parts().0).await
    }

    #[tokio::test]
    async fn e10_only_keys_below_the_prefix_can_be_asked_for() {
        let (ours, address) = bucket("s3://media/site", None);
        assert_eq!(
            (address.host.as_str(), address.port),
            ("media.s3.eu-west-3.amazonaws.com", 443)
        );
        for (target, key) in [
            ("/a/b.png", "/site/a/b.png"),
            ("/a/b.png?list-type=2&versionId=1", "/site/a/b.png"),
            ("/a%20b/%C3%A4+c", "/site/a%20b/%C3%A4%2Bc"),
            ("/a~b%7Ec", "/site/a~b~c"),
        ] {
            let passage = asked(&ours, "GET", target).await.unwrap();
            assert_eq!(passage.head.uri, key, "{target}");
            assert!(!passage.head.headers.contains_key("cookie"));
            assert_eq!(passage.head.headers["range"], "bytes=0-1");
            assert_eq!(passage.head.headers["host"], "media.s3.eu-west-3.amazonaws.com");
            let proof = passage.head.headers["authorization"].to_str().unwrap();
            assert!(proof.contains("/eu-west-3/s3/aws4_request"), "{proof}");
            assert!(proof.contains("SignedHeaders=host;x-amz-content-sha256;x-amz-date,"));
        }
        for target in [
            "/",
            "/?list-type=2",
            "/a/",
            "//a",
            "/a//b",
            "/../other/a",
            "/a/../../b",
            "/%2e%2e/b",
            "/a%2f..%2fb",
            "/a%00b",
            "/a%5cb",
            "/%ff",
            "/.",
            "/./a",
        ] {
            let refused = asked(&ours, "GET", target).await;
            assert!(matches!(refused, Err(OriginError::NoObject)), "{target}");
        }
        for method in ["PUT", "POST", "DELETE", "PATCH", "OPTIONS"] {
            let refused = asked(&ours, method, "/a").await;
            assert!(matches!(refused, Err(OriginError::NotAllowed)), "{method}");
        }
    }

    #[tokio::test]
    async fn a_bucket_of_another_make_is_a_part_of_the_path() {
        let (other, address) = bucket("s3://media", Some("http://127.0.0.1:9000"));
        assert_eq!((address.scheme, address.port), (OriginScheme::Http, 9000));
        let passage = asked(&other, "HEAD", "/a.png").await.unwrap();
        assert_eq!(passage.head.uri, "/media/a.png");
        assert_eq!(passage.head.headers["host"], "127.0.0.1:9000");
        assert_eq!(bucket("s3://a.b/c", None).1.host, "s3.eu-west-3.amazonaws.com");
    }

    #[test]
    fn what_s3_says_of_itself_stays_here() {
        let mut headers = HeaderMap::new();
        for name in ["x-amz-request-id", "server", "set-cookie", "etag", "content-type"] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static("x"));
        }
        let told = told(&headers, &USUAL);
        let mut names: Vec<&str> = told.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        let expected = [
            "cache-control",
            "content-security-policy",
            "content-type",
            "etag",
            "x-content-type-options",
        ];
        assert_eq!(names, expected);
        let said = Bytes::from_static(b"<Error><Code>NoSuchKey</Code></Error>");
        assert_eq!((code(&said).as_str(), code(&Bytes::new()).as_str()), ("NoSuchKey", ""));
    }
}
