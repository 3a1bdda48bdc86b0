//! The WebSocket: many channels on one connection, bounded in both directions (A11).

use std::time::Duration;

use app::stream::{Channel, Published, Subscription};
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code};
use axum::response::Response;
use domain::TokenId;
use http::{HeaderMap, header};
use serde::Deserialize;
use serde_json::json;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

use super::frame::{Frame, frame};
use super::{Listener, Wanted, too_many};
use crate::{ApiError, Shared};

/// Channels of one connection.
const MOST_CHANNELS: usize = 100;
/// Bytes of a message from a client.
const LARGEST: usize = 64 * 1024;
/// Bytes read at once: what clients say is short, and each connection has such a buffer.
const READING: usize = 4 * 1024;
/// Bytes that may wait to be sent.
const WAITING: usize = 1024 * 1024;
/// Between two pings.
const PING: Duration = Duration::from_secs(30);
/// How long a client may take to read one message.
const PATIENCE: Duration = Duration::from_secs(10);

/// Checks the first subscription and upgrades.
pub(super) async fn accept(
    app: &Shared,
    listener: Listener,
    token: TokenId,
    wanted: Wanted,
    headers: &HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, ApiError> {
    let mut channels = Vec::new();
    if let Some(name) = wanted.stream.as_deref().filter(|name| !name.is_empty()) {
        let channel = listener.channel(app, name, &wanted).await?;
        channels.push(Subscribed { label: label(&channel, name, &wanted), channel });
    }
    let subscription = app::stream::open(app, token, listener.me).ok_or_else(too_many)?;
    // A client that named its token as a protocol wants to hear it back.
    let protocol = headers
        .get(header::SEC_WEBSOCKET_PROTOCOL)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(',').next())
        .map(|value| value.trim().to_owned());
    let connection =
        Connection { app: app.clone(), listener, subscription, channels, answered: true };
    Ok(upgrade
        .protocols(protocol)
        .read_buffer_size(READING)
        .max_message_size(LARGEST)
        .max_frame_size(LARGEST)
        .write_buffer_size(0)
        .max_write_buffer_size(WAITING)
        .on_upgrade(move |socket| connection.run(socket)))
}

struct Subscribed {
    /// As the client named it.
    label: Vec<String>,
    channel: Channel,
}

fn label(channel: &Channel, name: &str, wanted: &Wanted) -> Vec<String> {
    let parameter = match channel {
        Channel::Hashtag(..) => wanted.tag.clone(),
        Channel::List(id) => Some(id.to_string()),
        Channel::User | Channel::UserNotification | Channel::Public(_) | Channel::Direct => None,
    };
    std::iter::once(name.to_owned()).chain(parameter).collect()
}

struct Connection {
    app: Shared,
    listener: Listener,
    subscription: Subscription,
    channels: Vec<Subscribed>,
    /// The last ping was answered, or anything else was heard since.
    answered: bool,
}

/// Why a connection ends.
enum End {
    /// The client is gone, or does not read.
    Gone,
    /// With this code and reason.
    Close(u16, &'static str),
}

impl Connection {
    async fn run(mut self, mut socket: WebSocket) {
        let ended = self.subscription.ended.clone();
        let end = tokio::select! {
            biased;
            () = ended.cancelled() => End::Close(close_code::POLICY, "This stream is over"),
            end = self.talk(&mut socket) => end,
        };
        if let End::Close(code, reason) = end {
            let close = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
            // Whether it arrives is the client's matter.
            let farewell = socket.send(Message::Close(Some(close)));
            let _ = timeout(Duration::from_secs(1), farewell).await;
        }
    }

    async fn talk(&mut self, socket: &mut WebSocket) -> End {
        let mut pings = interval_at(Instant::now() + PING, PING);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let result = tokio::select! {
                published = self.subscription.next() => match published {
                    Some(published) => self.tell(socket, &published).await,
                    None => Err(End::Close(close_code::AWAY, "The server restarts")),
                },
                heard = socket.recv() => match heard {
                    Some(Ok(message)) => self.hear(socket, message).await,
                    Some(Err(_)) | None => Err(End::Gone),
                },
                _ = pings.tick() => self.ping(socket).await,
            };
            if let Err(end) = result {
                return end;
            }
        }
    }

    async fn ping(&mut self, socket: &mut WebSocket) -> Result<(), End> {
        if !std::mem::replace(&mut self.answered, false) {
            return Err(End::Gone);
        }
        send(socket, Message::Ping(axum::body::Bytes::new())).await
    }

    /// Sends an event on every channel that it concerns.
    async fn tell(&mut self, socket: &mut WebSocket, published: &Published) -> Result<(), End> {
        for subscribed in &self.channels {
            let sent = frame(&self.app, &self.listener, &subscribed.channel, published).await;
            if let Some(sent) = sent {
                send(socket, text(&subscribed.label, &sent)).await?;
            }
        }
        Ok(())
    }

    async fn hear(&mut self, socket: &mut WebSocket, message: Message) -> Result<(), End> {
        self.answered = true;
        match message {
            Message::Text(request) => match self.obey(request.as_str()).await {
                Ok(()) => Ok(()),
                Err(error) => {
                    let body = json!({
                        "error": error.text(),
                        "status": error.status().as_u16(),
                    });
                    send(socket, Message::Text(body.to_string().into())).await
                }
            },
            Message::Binary(_) => Err(End::Close(
                close_code::UNSUPPORTED,
                "The mastodon streaming server does not support binary messages",
            )),
            Message::Ping(_) | Message::Pong(_) => Ok(()),
            Message::Close(_) => Err(End::Gone),
        }
    }

    async fn obey(&mut self, request: &str) -> Result<(), ApiError> {
        let request: Request = serde_json::from_str(request)
            .map_err(|_| ApiError::bad_request("The message is not valid JSON"))?;
        let wanted = Wanted {
            stream: request.stream,
            tag: request.tag.map(Parameter::text),
            list: request.list.map(Parameter::text),
            only_media: request.only_media.map(Parameter::text),
        };
        let name = wanted.stream.clone().unwrap_or_default();
        match request.kind.as_str() {
            "subscribe" => {
                let channel = self.listener.channel(&self.app, &name, &wanted).await?;
                if self.channels.iter().any(|known| known.channel == channel) {
                    return Ok(());
                }
                if self.channels.len() >= MOST_CHANNELS {
                    return Err(ApiError::bad_request("Too many subscriptions on this connection"));
                }
                self.channels.push(Subscribed { label: label(&channel, &name, &wanted), channel });
                Ok(())
            }
            "unsubscribe" => {
                let channel = self.listener.channel(&self.app, &name, &wanted).await?;
                self.channels.retain(|known| known.channel != channel);
                Ok(())
            }
            _ => Err(ApiError::bad_request("Unknown message type")),
        }
    }
}

/// A message from a client.
#[derive(Deserialize)]
struct Request {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    stream: Option<String>,
    #[serde(default)]
    tag: Option<Parameter>,
    #[serde(default)]
    list: Option<Parameter>,
    #[serde(default)]
    only_media: Option<Parameter>,
}

/// Clients send ids as text or as numbers.
#[derive(Deserialize)]
#[serde(untagged)]
enum Parameter {
    Text(String),
    Number(i64),
    Flag(bool),
}

impl Parameter {
    fn text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Number(number) => number.to_string(),
            Self::Flag(flag) => flag.to_string(),
        }
    }
}

fn text(label: &[String], frame: &Frame) -> Message {
    let body = json!({
        "stream": label,
        "event": frame.event,
        "payload": frame.payload.as_deref(),
    });
    Message::Text(body.to_string().into())
}

/// Sends a message, unless the client takes too long to read it.
async fn send(socket: &mut WebSocket, message: Message) -> Result<(), End> {
    match timeout(PATIENCE, socket.send(message)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(End::Gone),
    }
}
