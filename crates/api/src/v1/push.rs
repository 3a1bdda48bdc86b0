//! `/api/v1/push/subscription`

use std::collections::BTreeMap;

use app::push::{self, NewSubscription, Wanted};
use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use crate::caller::{Token, User};
use crate::entity::{Empty, WebPushSubscription};
use crate::params::Params;
use crate::routes::{Access, Route, delete, get, post, put};
use crate::{ApiError, Shared};

const PUSH: Access = Access::User(&["push"]);
const PATH: &str = "/api/v1/push/subscription";

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get(PATH, PUSH, show),
        post(PATH, PUSH, subscribe),
        put(PATH, PUSH, change),
        delete(PATH, PUSH, unsubscribe),
    ]
}

type Answer = Result<Json<WebPushSubscription>, ApiError>;

async fn show(State(app): State<Shared>, User(me): User, Token(caller): Token) -> Answer {
    let found = push::show(&app, me.id(), caller.token.id).await?;
    Ok(Json(WebPushSubscription::render(&found)))
}

#[derive(Deserialize)]
struct Body {
    subscription: SubscriptionBody,
    #[serde(default)]
    data: Data,
}

#[derive(Deserialize)]
struct SubscriptionBody {
    #[serde(default)]
    endpoint: String,
    #[serde(default)]
    keys: Keys,
    #[serde(default)]
    standard: bool,
}

#[derive(Default, Deserialize)]
struct Keys {
    #[serde(default)]
    p256dh: String,
    #[serde(default)]
    auth: String,
}

#[derive(Default, Deserialize)]
struct Data {
    #[serde(default)]
    alerts: BTreeMap<String, bool>,
    #[serde(default)]
    policy: Option<String>,
}

#[derive(Deserialize)]
struct Change {
    #[serde(default)]
    data: Data,
    #[serde(default)]
    policy: Option<String>,
}

async fn subscribe(
    State(app): State<Shared>,
    User(me): User,
    Token(caller): Token,
    Params(body): Params<Body>,
) -> Answer {
    let new = NewSubscription {
        endpoint: body.subscription.endpoint,
        p256dh: body.subscription.keys.p256dh,
        auth: body.subscription.keys.auth,
        standard: body.subscription.standard,
        wanted: Wanted {
            alerts: body.data.alerts,
            policy: body.data.policy.unwrap_or_else(|| "all".into()),
        },
    };
    let made = push::subscribe(&app, me.id(), caller.token.id, &caller.secret, new).await?;
    Ok(Json(WebPushSubscription::render(&made)))
}

async fn change(
    State(app): State<Shared>,
    User(me): User,
    Token(caller): Token,
    Params(body): Params<Change>,
) -> Answer {
    let policy = body.data.policy.or(body.policy);
    let changed = push::change(&app, me.id(), caller.token.id, body.data.alerts, policy).await?;
    Ok(Json(WebPushSubscription::render(&changed)))
}

async fn unsubscribe(
    State(app): State<Shared>,
    User(me): User,
    Token(caller): Token,
) -> Result<Json<Empty>, ApiError> {
    push::unsubscribe(&app, me.id(), caller.token.id).await?;
    Ok(Json(Empty {}))
}
