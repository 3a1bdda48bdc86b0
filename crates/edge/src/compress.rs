//! Compresses text answers that their origin did not.

use std::io;
use std::pin::Pin;
use std::sync::Arc;

use async_compression::Level;
use async_compression::brotli::EncoderParams;
use async_compression::tokio::bufread::{BrotliEncoder, GzipEncoder, ZstdEncoder};
use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt};
use http::header::{self, HeaderMap, HeaderValue};
use http::{Response, StatusCode};
use http_body::{Body, Frame};
use http_body_util::{BodyExt as _, BodyStream, StreamBody};
use tokio::io::{AsyncBufRead, AsyncRead, AsyncReadExt as _};
use tokio::sync::Semaphore;
use tokio_util::io::{ReaderStream, StreamReader};

use crate::answer::{BodyFailure, Source};

/// Shorter answers do not become smaller by more than their headers.
const SHORTEST: u64 = 1024;
/// Answers that are compressed at once. Each takes up to a megabyte; more go out as they are.
const MOST_AT_ONCE: usize = 24;

/// A way to compress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    Zstd,
    Brotli,
    Gzip,
}

/// The places at the compressors.
pub(crate) struct Press(Arc<Semaphore>);

impl Default for Press {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MOST_AT_ONCE)))
    }
}

/// What the client accepts, best first for us: cheap and small.
pub(crate) fn accepted(headers: &HeaderMap) -> Option<Coding> {
    let mut found = None;
    let values = headers.get_all(header::ACCEPT_ENCODING).iter();
    for item in values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')) {
        let (name, weight) = item.split_once(';').unwrap_or((item, ""));
        let is_refused = weight
            .trim()
            .strip_prefix("q=")
            .is_some_and(|q| q.trim().parse::<f32>().is_ok_and(|weight| weight <= 0.0));
        let coding = match name.trim() {
            "zstd" => Coding::Zstd,
            "br" => Coding::Brotli,
            "gzip" => Coding::Gzip,
            _ => continue,
        };
        let is_better = |than: Coding| coding.rank() < than.rank();
        if !is_refused && found.is_none_or(is_better) {
            found = Some(coding);
        }
    }
    found
}

impl Coding {
    /// Best first.
    pub fn rank(self) -> u8 {
        match self {
            Self::Zstd => 0,
            Self::Brotli => 1,
            Self::Gzip => 2,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Zstd => "zstd",
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }
}

impl Press {
    /// The answer compressed, or as it is.
    pub fn squeeze<B>(
        &self,
        response: Response<B>,
        coding: Option<Coding>,
        plain: fn(B) -> Source,
    ) -> Response<Source>
    where
        B: Body<Data = Bytes, Error: Into<BodyFailure>> + Send + 'static,
    {
        let (mut head, body) = response.into_parts();
        if !is_worth_it(head.status, &head.headers, body.size_hint().upper()) {
            return Response::from_parts(head, plain(body));
        }
        // Whether or not this client takes it: caches keep the two apart.
        vary(&mut head.headers);
        let place = self.0.clone().try_acquire_owned().ok();
        let (Some(coding), Some(place)) = (coding, place) else {
            return Response::from_parts(head, plain(body));
        };
        dress(&mut head.headers, coding);
        let frames = TryStreamExt::map_err(BodyStream::new(body), io::Error::other);
        let bytes = frames.try_filter_map(async |frame| Ok(frame.into_data().ok()));
        let packed = packer(StreamReader::new(Box::pin(bytes)), coding);
        let pieces = ReaderStream::with_capacity(packed, 16 * 1024).map(move |piece| {
            let _held = &place;
            piece.map(Frame::<Bytes>::data).map_err(Into::into)
        });
        Response::from_parts(head, Source::Made(StreamBody::new(pieces).boxed_unsync()))
    }
}

/// Bytes that are all here, compressed.
pub(crate) async fn whole(bytes: Bytes, coding: Coding) -> io::Result<Bytes> {
    let mut packed = Vec::with_capacity(bytes.len() / 3);
    packer(io::Cursor::new(bytes), coding).read_to_end(&mut packed).await?;
    Ok(packed.into())
}

fn packer<R>(reader: R, coding: Coding) -> Pin<Box<dyn AsyncRead + Send>>
where
    R: AsyncBufRead + Send + 'static,
{
    match coding {
        Coding::Gzip => Box::pin(GzipEncoder::with_quality(reader, Level::Fastest)),
        Coding::Zstd => Box::pin(ZstdEncoder::with_quality(reader, Level::Precise(1))),
        Coding::Brotli => {
            let params = EncoderParams::default().quality(Level::Precise(3)).window_size(17);
            Box::pin(BrotliEncoder::with_params(reader, params))
        }
    }
}

/// The headers of an answer that is compressed.
pub(crate) fn dress(headers: &mut HeaderMap, coding: Coding) {
    headers.remove(header::CONTENT_LENGTH);
    headers.remove(header::ACCEPT_RANGES);
    weaken(headers);
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
}

/// Text of some length that nobody compressed; no event stream, which would be held back.
pub(crate) fn is_worth_it(status: StatusCode, headers: &HeaderMap, length: Option<u64>) -> bool {
    let says = |name: header::HeaderName, word: &str| {
        headers.get(name).and_then(|value| value.to_str().ok()).is_some_and(|v| v.contains(word))
    };
    status == StatusCode::OK
        && length.is_none_or(|bytes| bytes >= SHORTEST)
        && !headers.contains_key(header::CONTENT_ENCODING)
        && !says(header::CACHE_CONTROL, "no-transform")
        && headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(is_text)
}

fn is_text(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or_default().trim();
    (kind.starts_with("text/") && kind != "text/event-stream")
        || kind.ends_with("json")
        || kind.ends_with("xml")
        || kind.ends_with("/javascript")
        || kind == "application/wasm"
}

/// Says that it may be compressed for others.
pub(crate) fn vary(headers: &mut HeaderMap) {
    let mut said = headers.get_all(header::VARY).iter().filter_map(|value| value.to_str().ok());
    if !said.any(|value| value.to_ascii_lowercase().contains("accept-encoding")) {
        headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
}

/// Other bytes, so no strong validator any more (RFC 9110 §8.8.3).
fn weaken(headers: &mut HeaderMap) {
    let Some(tag) = headers.get(header::ETAG) else { return };
    if tag.as_bytes().starts_with(b"W/") {
        return;
    }
    match HeaderValue::from_bytes(&[b"W/", tag.as_bytes()].concat()) {
        Ok(weak) => headers.insert(header::ETAG, weak),
        Err(_) => headers.remove(header::ETAG),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_that_a_client_accepts_is_taken() {
        let accepts = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(value));
            accepted(&headers)
        };
        assert_eq!(accepts("gzip, deflate, br, zstd"), Some(Coding::Zstd));
        assert_eq!(accepts("gzip;q=1.0, br;q=0"), Some(Coding::Gzip));
        assert_eq!(accepts("gzip, br"), Some(Coding::Brotli));
        assert_eq!(accepts("identity"), None);
        assert_eq!(accepts("gzip; q=0.0"), None);
    }

    #[test]
    fn only_text_of_some_length_is_compressed() {
        let worth = |status: u16, lines: &[(&'static str, &'static str)], length| {
            let mut headers = HeaderMap::new();
            for (name, value) in lines {
                headers.insert(*name, HeaderValue::from_static(value));
            }
            is_worth_it(StatusCode::from_u16(status).unwrap(), &headers, length)
        };
        let json = ("content-type", "application/activity+json; charset=utf-8");
        assert!(worth(200, &[json], Some(5000)) && worth(200, &[json], None));
        assert!(!worth(200, &[json], Some(100)));
        assert!(!worth(206, &[json], Some(5000)));
        assert!(!worth(200, &[json, ("content-encoding", "gzip")], Some(5000)));
        assert!(!worth(200, &[json, ("cache-control", "public, no-transform")], None));
        assert!(!worth(200, &[("content-type", "text/event-stream")], None));
        assert!(!worth(200, &[("content-type", "image/png")], None));
        assert!(!worth(200, &[], None));
    }
}
