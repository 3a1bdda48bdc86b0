//! WebSockets: a connection that stops being HTTP on both sides.
//!
//! The origin gets the head of the request and nothing else before it has agreed with 101; what a
//! client sends too early breaks its connection (E04).

use std::time::Duration;

use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, Request, Response, StatusCode, Version};
use hyper::body::Incoming;
use hyper::client::conn::http1::Builder;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::copy_bidirectional_with_sizes;
use tokio::time::timeout;

use crate::figures::Counted;
use crate::origin::{Group, OriginError, RequestBody};
use crate::proxy::Caller;

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

/// What the answer to a WebSocket request is.
pub(crate) enum Agreed {
    /// 101: the headers for the client. Bytes flow once they are sent.
    Yes(HeaderMap),
    /// An answer like any other, read to its end.
    No(Response<Incoming>),
}

/// Asks the origin; when it agrees, connects both sides as soon as the client has its 101.
pub(crate) async fn ask(
    caller: &Caller,
    group: &Group,
    mut request: Request<RequestBody>,
    client: OnUpgrade,
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
    if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
        return Ok(Agreed::No(answer));
    }
    let origin = hyper::upgrade::on(&mut answer);
    caller.watch.upgrade();
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
        drop((counted, held));
    });
    let (head, _) = answer.into_parts();
    Ok(Agreed::Yes(for_client(&head.headers)))
}

/// The headers of the handshake, and no others of the connection.
fn for_client(origin: &HeaderMap) -> HeaderMap {
    let mut headers = origin.clone();
    crate::headers::to_client(&mut headers, None);
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers
}

fn lists(headers: &HeaderMap, name: header::HeaderName, word: &str) -> bool {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|item| item.trim().eq_ignore_ascii_case(word))
}
