//! Makes the answer to one request of what is kept for many: all of it or a part, packed or not, or
//! nothing but that the client has it already.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Response, StatusCode};

use super::fetch::How;
use super::object::Object;
use super::range::Wanted;
use super::wish::Wish;
use super::{StoredBody, now};
use crate::answer::Source;
use crate::compress::{self, Coding, Press};

/// How this cache calls itself (RFC 9211 §2).
const NAME: &str = "tuskling";
const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");

impl Wish {
    /// The answer to this request.
    pub async fn answer(
        &self,
        object: &Arc<Object>,
        how: How,
        press: &Press,
        coding: Option<Coding>,
    ) -> Response<Source> {
        let head = &object.head;
        let mut headers = head.headers.clone();
        let age = object.age(now()).as_secs();
        headers.insert(header::AGE, HeaderValue::from(age));
        say(&mut headers, &status_text(how, head.terms.fresh, age));
        if self.asked.has(&headers) && head.status == StatusCode::OK {
            headers.remove(header::CONTENT_LENGTH);
            headers.remove(header::CONTENT_TYPE);
            return respond(StatusCode::NOT_MODIFIED, headers, Source::Whole(None));
        }
        let is_text = object.is_text();
        if is_text {
            // Whether or not this client takes it packed: caches keep the two apart.
            compress::vary(&mut headers);
        }
        if let Some(coding) = coding.filter(|_| is_text) {
            let Some(packed) = object.packed(coding).await else {
                // Large text is packed as it is sent.
                let whole = self.whole(object, headers);
                return press.squeeze(whole, Some(coding), Source::Stored);
            };
            compress::dress(&mut headers, coding);
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(packed.len()));
            return respond(head.status, headers, Source::Whole(self.unless_head(packed)));
        }
        if head.status != StatusCode::OK {
            let whole = self.whole(object, headers);
            return whole.map(Source::Stored);
        }
        headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        match self.asked.wanted(&headers, head.length) {
            Wanted::Part(from, to) if !self.is_head => {
                let range = format!("bytes {from}-{}/{}", to.saturating_sub(1), head.length);
                set(&mut headers, header::CONTENT_RANGE, &range);
                headers.insert(header::CONTENT_LENGTH, HeaderValue::from(to.saturating_sub(from)));
                let body = Source::Stored(StoredBody::new(&object.body, from, to));
                respond(StatusCode::PARTIAL_CONTENT, headers, body)
            }
            Wanted::Beyond if !self.is_head => {
                set(&mut headers, header::CONTENT_RANGE, &format!("bytes */{}", head.length));
                headers.insert(header::CONTENT_LENGTH, HeaderValue::from(0));
                headers.remove(header::CONTENT_TYPE);
                respond(StatusCode::RANGE_NOT_SATISFIABLE, headers, Source::Whole(None))
            }
            _ => self.whole(object, headers).map(Source::Stored),
        }
    }

    fn whole(&self, object: &Object, mut headers: HeaderMap) -> Response<StoredBody> {
        let length = object.head.length;
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        let end = if self.is_head { 0 } else { length };
        respond(object.head.status, headers, StoredBody::new(&object.body, 0, end))
    }

    fn unless_head(&self, bytes: Bytes) -> Option<Bytes> {
        (!self.is_head).then_some(bytes)
    }
}

/// Tells that an answer came from an origin, and why.
pub(crate) fn passed(headers: &mut HeaderMap, was_looked_for: bool) {
    let why = if was_looked_for { "miss" } else { "bypass" };
    say(headers, &format!("{NAME}; fwd={why}"));
}

/// RFC 9211 §2.1, §2.2 and §2.4: a time to live below 0 says that it is stale.
fn status_text(how: How, fresh: u64, age: u64) -> String {
    match how {
        How::Hit => {
            let left = i128::from(fresh) - i128::from(age);
            format!("{NAME}; hit; ttl={left}")
        }
        How::Asked { was_stale: true, status } => {
            format!("{NAME}; fwd=stale; fwd-status={}; stored", status.as_u16())
        }
        How::Asked { was_stale: false, .. } => format!("{NAME}; fwd=uri-miss; stored"),
        How::Collapsed => format!("{NAME}; fwd=uri-miss; collapsed"),
    }
}

/// After what a cache nearer to the origin says.
fn say(headers: &mut HeaderMap, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.append(CACHE_STATUS, value);
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, text: &str) {
    // Numbers and plain words always fit.
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(name, value);
    }
}

fn respond<B>(status: StatusCode, headers: HeaderMap, body: B) -> Response<B> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}
