//! Streaming: WebSocket and server-sent events. Which channel needs which scope, and which event
//! concerns it, is said in `app::stream`; here are the two ways to a client.

mod frame;
mod socket;
mod sse;

use app::stream::Channel;
use axum::extract::rejection::QueryRejection;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::AccountId;
use domain::scope::Scopes;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use crate::caller::{Token, User};
use crate::routes::{Access, Route, get};
use crate::{ApiError, Shared};

const STATUSES: &[&str] = &["read:statuses"];
const NOTIFICATIONS: &[&str] = &["read:notifications"];
const EITHER: &[&str] = &["read:statuses", "read:notifications"];

pub(crate) fn routes() -> Vec<Route> {
    let sse = |path, scopes, name: &'static str| {
        get(path, Access::User(scopes), move |app, user, token, query| {
            sse::stream(app, user, token, query, name)
        })
    };
    vec![
        get("/api/v1/streaming", Access::User(EITHER), entry),
        get("/api/v1/streaming/health", Access::Open, || async { "OK" }),
        sse("/api/v1/streaming/user", STATUSES, "user"),
        sse("/api/v1/streaming/user/notification", NOTIFICATIONS, "user:notification"),
        sse("/api/v1/streaming/public", STATUSES, "public"),
        sse("/api/v1/streaming/public/local", STATUSES, "public:local"),
        sse("/api/v1/streaming/public/remote", STATUSES, "public:remote"),
        sse("/api/v1/streaming/hashtag", STATUSES, "hashtag"),
        sse("/api/v1/streaming/hashtag/local", STATUSES, "hashtag:local"),
        sse("/api/v1/streaming/list", STATUSES, "list"),
        sse("/api/v1/streaming/direct", STATUSES, "direct"),
    ]
}

/// A subscription as a client asks for it, in a query or in a frame.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    stream: Option<String>,
    tag: Option<String>,
    list: Option<String>,
    only_media: Option<String>,
}

type WantedQuery = Result<Query<Wanted>, QueryRejection>;

/// Whose stream it is, and what their token may read.
#[derive(Clone)]
struct Listener {
    me: AccountId,
    scopes: Scopes,
}

impl Listener {
    /// The channel that is wanted under this name, if this listener may have it.
    async fn channel(
        &self,
        app: &Shared,
        name: &str,
        wanted: &Wanted,
    ) -> Result<Channel, ApiError> {
        let only_media = wanted
            .only_media
            .as_deref()
            .is_some_and(|text| !matches!(text, "" | "0" | "f" | "F" | "false" | "off"));
        let channel =
            Channel::parse(name, wanted.tag.as_deref(), wanted.list.as_deref(), only_media)
                .map_err(|refusal| ApiError::bad_request(refusal.to_string()))?;
        if !self.scopes.allow(channel.scope()) {
            return Err(ApiError::outside_scopes(&self.scopes));
        }
        if let Channel::List(list) = channel
            && !app::stream::owns_list(app, list, self.me).await?
        {
            return Err(ApiError::new(
                StatusCode::UNAUTHORIZED,
                "Not authorized to stream this list",
            ));
        }
        Ok(channel)
    }
}

fn query(query: WantedQuery) -> Result<Wanted, ApiError> {
    query.map(|Query(wanted)| wanted).map_err(|_| ApiError::bad_request("The query cannot be read"))
}

/// `/api/v1/streaming`: a WebSocket, or without an upgrade the events of `?stream=`.
async fn entry(
    State(app): State<Shared>,
    User(me): User,
    Token(caller): Token,
    wanted: WantedQuery,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    let wanted = query(wanted)?;
    let listener = Listener { me: me.id(), scopes: caller.token.scopes };
    match upgrade {
        Ok(upgrade) => {
            socket::accept(&app, listener, caller.token.id, wanted, &headers, upgrade).await
        }
        Err(_) => {
            let Some(name) = wanted.stream.clone() else {
                return Err(ApiError::bad_request("Missing stream name parameter"));
            };
            sse::begin(&app, listener, caller.token.id, &wanted, &name).await
        }
    }
}

fn too_many() -> ApiError {
    ApiError::new(StatusCode::TOO_MANY_REQUESTS, "Too many open streams for this token")
}
