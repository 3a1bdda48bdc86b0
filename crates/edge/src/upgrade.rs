//! WebSockets: a connection, or a stream of HTTP/2 (RFC 8441), that stops being HTTP on both sides.
//!
//! The origin is always asked by HTTP/1.1. It gets the head of the request and nothing else before it
//! has agreed with 101; what a client sends too early breaks its connection (E04).

use std::time::Duration;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, Request, Response, StatusCode, Version};
use hyper::body::Incoming;
use hyper::client::conn::http1::Builder;
use hyper::ext::Protocol;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use net::crowd::Seat;
use tokio::io::copy_bidirectional_with_sizes;
use tokio::time::timeout;

use crate::acme::{Environment as _, Machine};
use crate::figures::Counted;
use crate::origin::{Group, OriginError, RequestBody};
use crate::pages::Refusal;
use crate::plan::Plan;
use crate::proxy::Caller;
use crate::watch::Turn;

/// How long an origin may take to agree.
const AGREE: Duration = Duration::from_secs(30);
/// Bytes that are copied at once, in each direction: streams carry small messages.
const COPIED: usize = 4096;

/// Whether a request asks for a WebSocket (RFC 6455 §4.1).
pub(crate) fn is_asked_for<B>(request: &Request<B>) -> bool {
    let headers = request.headers();
    request.method() == Method::GET
        && request.version() == Version::HTTP_11
        && lists(headers, header::CONNECTION, "upgrade")
        && headers
            .get(header::UPGRADE)
            .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
        && headers.contains_key(header::SEC_WEBSOCKET_KEY)
        && !headers.contains_key(header::CONTENT_LENGTH)
        && !headers.contains_key(header::TRANSFER_ENCODING)
}

/// The same by HTTP/2 (RFC 8441 §4).
pub(crate) fn is_asked_for_by_stream<B>(request: &Request<B>) -> bool {
    request.method() == Method::CONNECT
        && request.version() == Version::HTTP_2
        && request.extensions().get::<Protocol>().is_some_and(|one| one.as_str() == "websocket")
        && !request.headers().contains_key(header::CONTENT_LENGTH)
}

/// A client that waits for its WebSocket.
pub(crate) struct Client {
    upgraded: OnUpgrade,
    stream: Option<Stream>,
}

/// What a WebSocket takes that is one stream of many.
struct Stream {
    /// What the origin has to answer to the key that was made here.
    accept: String,
    /// It counts as a connection of its address, as it would by HTTP/1.1.
    _seat: Seat,
    /// Its connection is in use as long as it is.
    turn: Turn,
}

impl Drop for Stream {
    fn drop(&mut self) {
        // Whoever ended it: that was no request given up.
        self.turn.done();
    }
}

impl Client {
    /// Of a request, if it asks for a WebSocket. One by HTTP/2 becomes one by HTTP/1.1.
    ///
    /// # Errors
    /// [`Refusal::TooMany`] when its address has all that it may have.
    pub fn of(
        caller: &Caller,
        plan: &Plan,
        request: &mut Request<Incoming>,
    ) -> Result<Option<Self>, Refusal> {
        if is_asked_for(request) {
            let upgraded = hyper::upgrade::on(request);
            return Ok(Some(Self { upgraded, stream: None }));
        }
        if !is_asked_for_by_stream(request) {
            return Ok(None);
        }
        let seat = caller.shared.crowd.enter(caller.address, plan.connections_per_address);
        let seat = seat.ok_or(Refusal::TooMany)?;
        if caller.shared.figures.upgraded.get() > caller.shared.most {
            return Err(Refusal::Busy);
        }
        let (key, accept) = key_and_answer();
        let key = HeaderValue::from_str(&key).map_err(|_| Refusal::Malformed)?;
        let upgraded = hyper::upgrade::on(&mut *request);
        *request.method_mut() = Method::GET;
        *request.version_mut() = Version::HTTP_11;
        request.headers_mut().insert(header::SEC_WEBSOCKET_KEY, key);
        let turn = caller.watch.turn();
        Ok(Some(Self { upgraded, stream: Some(Stream { accept, _seat: seat, turn }) }))
    }
}

/// What makes sure that the origin knows what it agrees to (RFC 6455 §4.2.2).
fn key_and_answer() -> (String, String) {
    let number = || Machine.luck().to_be_bytes();
    let key = STANDARD.encode([number(), number(), number(), number()].concat());
    let accept = answer_to(&key);
    (key, accept)
}

fn answer_to(key: &str) -> String {
    let text = format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    STANDARD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes()))
}

/// What the answer to a WebSocket request is.
pub(crate) enum Agreed {
    /// The status and headers for the client. Bytes flow once they are sent.
    Yes(StatusCode, HeaderMap),
    /// An answer like any other, read to its end.
    No(Response<Incoming>),
}

/// Asks the origin; when it agrees, connects both sides as soon as the client has its answer.
pub(crate) async fn ask(
    caller: &Caller,
    group: &Group,
    mut request: Request<RequestBody>,
    client: Client,
) -> Result<Agreed, OriginError> {
    let shared = &caller.shared;
    let headers = request.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    let stream = group.dial().await?;
    let (mut handle, connection) = Builder::new()
        .max_buf_size(16 * 1024)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(OriginError::Broken)?;
    let stop = shared.cut.clone();
    tokio::spawn(async move {
        tokio::select! {
            () = stop.cancelled() => {}
            ended = connection.with_upgrades() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection to an origin ended");
                }
            }
        }
    });
    let asked = timeout(AGREE, handle.send_request(request)).await;
    let mut answer = asked.map_err(|_| OriginError::Silent)?.map_err(OriginError::Broken)?;
    let Client { upgraded: client, stream } = client;
    if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
        // To a stream any 2xx would be a yes.
        let is_odd = stream.is_some() && answer.status().is_success();
        return if is_odd { Err(OriginError::NoWebSocket) } else { Ok(Agreed::No(answer)) };
    }
    if let Some(stream) = &stream {
        let accept = answer.headers().get(header::SEC_WEBSOCKET_ACCEPT);
        if accept.is_none_or(|accept| accept.as_bytes() != stream.accept.as_bytes()) {
            return Err(OriginError::NoWebSocket);
        }
    } else {
        caller.watch.upgrade();
    }
    let origin = hyper::upgrade::on(&mut answer);
    let agreed = for_client(answer.headers(), stream.is_some());
    let counted = Counted::new(shared, |figures| &figures.upgraded);
    let held = caller.held.clone();
    let stop = shared.cut.clone();
    tokio::spawn(async move {
        let copying = async {
            let (client, origin) = tokio::try_join!(client, origin)?;
            let (mut client, mut origin) = (TokioIo::new(client), TokioIo::new(origin));
            // One side's end is the other's; an error only says that somebody went away.
            let copied =
                copy_bidirectional_with_sizes(&mut client, &mut origin, COPIED, COPIED).await;
            tracing::trace!(?copied, "a WebSocket ended");
            Ok::<_, hyper::Error>(())
        };
        tokio::select! {
            () = stop.cancelled() => {}
            ended = copying => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a WebSocket did not begin");
                }
            }
        }
        drop((counted, held, stream));
    });
    Ok(agreed)
}

/// The headers of the handshake, and no others of the connection.
fn for_client(origin: &HeaderMap, is_stream: bool) -> Agreed {
    let mut headers = origin.clone();
    crate::headers::to_client(&mut headers, None);
    if is_stream {
        headers.remove(header::SEC_WEBSOCKET_ACCEPT);
        headers.remove(header::CONTENT_LENGTH);
        return Agreed::Yes(StatusCode::OK, headers);
    }
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    Agreed::Yes(StatusCode::SWITCHING_PROTOCOLS, headers)
}

fn lists(headers: &HeaderMap, name: header::HeaderName, word: &str) -> bool {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|item| item.trim().eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_to_a_key_is_that_of_the_standard() {
        // RFC 6455 §1.3.
        assert_eq!(answer_to("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!(key_and_answer().0.len(), 24);
    }
}
