//! Server-sent events: one channel a connection.

use std::convert::Infallible;
use std::time::Duration;

use app::stream::{Channel, Subscription};
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::TokenId;
use futures_util::stream;
use http::header;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::frame::{Frame, frame};
use super::{Listener, Wanted, WantedQuery, query, too_many};
use crate::caller::{Token, User};
use crate::{ApiError, Shared};

/// Between two signs of life.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// The stream of the channel `name`, as each path has one.
pub(super) async fn stream(
    State(app): State<Shared>,
    User(me): User,
    Token(caller): Token,
    wanted: WantedQuery,
    name: &'static str,
) -> Result<Response, ApiError> {
    let wanted = query(wanted)?;
    let listener = Listener { me: me.id(), scopes: caller.token.scopes };
    begin(&app, listener, caller.token.id, &wanted, name).await
}

/// Begins to send.
pub(super) async fn begin(
    app: &Shared,
    listener: Listener,
    token: TokenId,
    wanted: &Wanted,
    name: &str,
) -> Result<Response, ApiError> {
    let channel = listener.channel(app, name, wanted).await?;
    let subscription = app::stream::open(app, token, listener.me).ok_or_else(too_many)?;
    let mut heartbeat = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let source =
        Source { app: app.clone(), listener, channel, subscription, heartbeat, begun: false };
    // Nothing is made before the client takes it, so a slow one costs its queue of ids.
    let body = Body::from_stream(stream::unfold(source, |mut source| async move {
        let chunk = source.next().await?;
        Some((Ok::<_, Infallible>(chunk), source))
    }));
    let headers =
        [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "private, no-store")];
    Ok((headers, [("x-accel-buffering", "no")], body).into_response())
}

struct Source {
    app: Shared,
    listener: Listener,
    channel: Channel,
    subscription: Subscription,
    heartbeat: Interval,
    begun: bool,
}

impl Source {
    /// The next bytes; `None` ends the stream.
    async fn next(&mut self) -> Option<Bytes> {
        if !self.begun {
            self.begun = true;
            return Some(Bytes::from_static(b":)\n"));
        }
        let ended = self.subscription.ended.clone();
        loop {
            let published = tokio::select! {
                biased;
                () = ended.cancelled() => return None,
                published = self.subscription.next() => published?,
                _ = self.heartbeat.tick() => return Some(Bytes::from_static(b":thump\n")),
            };
            if let Some(frame) = frame(&self.app, &self.listener, &self.channel, &published).await {
                return Some(Bytes::from(lines(&frame)));
            }
        }
    }
}

/// JSON has no line breaks, so a payload is one line.
fn lines(frame: &Frame) -> String {
    let payload = frame.payload.as_deref().unwrap_or("undefined");
    format!("event: {}\ndata: {payload}\n\n", frame.event)
}
