//! Web push: what clients asked for, and sending it ([`queue`] and its job).

mod browser;
mod encrypt;
mod keys;
mod send;
mod vapid;
mod words;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use domain::secret::Secret;
use domain::{AccountId, RowId, TokenId};
use store::push;

pub use browser::{change_browser, of_browser, subscribe_browser, unsubscribe_browser};
pub use keys::server_key;
pub(crate) use send::{queue, send};
pub(crate) use words::cut;

use crate::{App, AppError, Result};

/// Kinds of notification a client can ask to be told of, by Mastodon's names.
pub const ALERTS: [&str; 12] = [
    "mention",
    "status",
    "reblog",
    "follow",
    "follow_request",
    "favourite",
    "poll",
    "update",
    "quote",
    "quoted_update",
    "admin.sign_up",
    "admin.report",
];

/// Most subscriptions of one account; the oldest goes when another comes.
const MOST: i64 = 40;

/// From whom a client can ask to be told.
pub const POLICIES: [&str; 4] = ["all", "followed", "follower", "none"];

/// What a client wants to hear of: only what it said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Kinds switched on or off.
    pub alerts: BTreeMap<String, bool>,
    /// From whom.
    pub policy: String,
}

/// A subscription as its owner sees it.
#[derive(Clone, Debug)]
pub struct Subscription {
    /// Its id.
    pub id: RowId,
    /// The push service's address.
    pub endpoint: String,
    /// RFC 8291 instead of the older draft.
    pub standard: bool,
    /// What it wants to hear of.
    pub wanted: Wanted,
    /// This server's public key.
    pub server_key: String,
}

/// A subscription as a client sends it.
#[derive(Clone, Debug)]
pub struct NewSubscription {
    /// The push service's address.
    pub endpoint: String,
    /// The client's public key, base64url.
    pub p256dh: String,
    /// The client's secret, base64url.
    pub auth: String,
    /// RFC 8291 instead of the older draft.
    pub standard: bool,
    /// What it wants to hear of.
    pub wanted: Wanted,
}

/// The subscription of a token.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn show(app: &App, me: AccountId, token: TokenId) -> Result<Subscription> {
    let found = app
        .read(move |conn| {
            Box::pin(async move { Ok::<_, AppError>(push::of_token(conn, me, token).await?) })
        })
        .await?;
    view(app, found.ok_or(AppError::NotFound)?).await
}

/// Makes this the subscription of its token. The token's secret is kept, sealed, because clients know
/// by it whom a push is for (`docs/decisions/0011-…`).
///
/// # Errors
/// [`AppError::Invalid`] for an address or keys that cannot be.
pub async fn subscribe(
    app: &App,
    me: AccountId,
    token: TokenId,
    secret: &Secret,
    new: NewSubscription,
) -> Result<Subscription> {
    check_endpoint(app, &new.endpoint)?;
    check_keys(&new)?;
    check_policy(&new.wanted.policy)?;
    let id: RowId = app.ids.next();
    let row = push::Subscription {
        id,
        sealed_token: Some(send::seal_token(app, id, secret).await?),
        token_id: Some(token),
        session: None,
        account_id: me,
        endpoint: new.endpoint,
        p256dh: new.p256dh,
        auth: new.auth,
        standard: new.standard,
        alerts: to_json(&new.wanted)?,
        policy: new.wanted.policy,
        created_at: app.now(),
    };
    let kept = app
        .write(move |conn| {
            Box::pin(async move {
                push::replace(conn, &row, MOST).await?;
                Ok::<_, AppError>(row)
            })
        })
        .await?;
    view(app, kept).await
}

/// Changes what the subscription of a token wants to hear of.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Invalid`].
pub async fn change(
    app: &App,
    me: AccountId,
    token: TokenId,
    alerts: BTreeMap<String, bool>,
    policy: Option<String>,
) -> Result<Subscription> {
    let known = show(app, me, token).await?;
    let wanted = Wanted { alerts, policy: policy.unwrap_or(known.wanted.policy) };
    check_policy(&wanted.policy)?;
    let (json, policy) = (to_json(&wanted)?, wanted.policy);
    app.write(move |conn| {
        Box::pin(async move {
            let there = push::update(conn, me, token, &json, &policy).await?;
            if there { Ok(()) } else { Err(AppError::NotFound) }
        })
    })
    .await?;
    show(app, me, token).await
}

/// Removes the subscription of a token, if there is one.
///
/// # Errors
/// [`AppError::Store`].
pub async fn unsubscribe(app: &App, me: AccountId, token: TokenId) -> Result<()> {
    app.write(move |conn| {
        Box::pin(async move { Ok(push::delete(conn, me, token).await.map(|_| ())?) })
    })
    .await
}

async fn view(app: &App, row: push::Subscription) -> Result<Subscription> {
    Ok(Subscription {
        id: row.id,
        endpoint: row.endpoint,
        standard: row.standard,
        // What cannot be read counts as nothing asked for.
        wanted: Wanted {
            alerts: serde_json::from_str(&row.alerts).unwrap_or_default(),
            policy: row.policy,
        },
        server_key: server_key(app).await?,
    })
}

fn to_json(wanted: &Wanted) -> Result<String> {
    let known: BTreeMap<&String, bool> = wanted
        .alerts
        .iter()
        .filter(|(name, _)| ALERTS.contains(&name.as_str()))
        .map(|(name, on)| (name, *on))
        .collect();
    serde_json::to_string(&known).map_err(|error| AppError::Internal(error.to_string()))
}

/// An https address of at most 2048 bytes; plain http only where the server itself is local.
fn check_endpoint(app: &App, endpoint: &str) -> Result<()> {
    let invalid = || AppError::invalid("Endpoint is not a valid URL");
    let parsed = url::Url::parse(endpoint).map_err(|_| invalid())?;
    let fits = parsed.scheme() == "https" || (parsed.scheme() == "http" && app.urls.is_local);
    let plain = parsed.username().is_empty() && parsed.password().is_none();
    if !fits || !plain || parsed.host_str().is_none() || endpoint.len() > 2048 {
        return Err(invalid());
    }
    Ok(())
}

/// An uncompressed P-256 point and 16 secret bytes.
fn check_keys(new: &NewSubscription) -> Result<()> {
    let point = decode(&new.p256dh);
    if point.is_none_or(|bytes| bytes.len() != 65 || bytes.first() != Some(&4)) {
        return Err(AppError::invalid("Key p256dh is invalid"));
    }
    if decode(&new.auth).is_none_or(|bytes| bytes.len() != 16) {
        return Err(AppError::invalid("Key auth is invalid"));
    }
    Ok(())
}

/// Clients write base64 in both alphabets, with and without padding.
fn decode(text: &str) -> Option<Vec<u8>> {
    if text.len() > 200 {
        return None;
    }
    let bare = text.trim_end_matches('=');
    URL_SAFE_NO_PAD.decode(bare).or_else(|_| STANDARD_NO_PAD.decode(bare)).ok()
}

fn check_policy(policy: &str) -> Result<()> {
    if POLICIES.contains(&policy) {
        return Ok(());
    }
    Err(AppError::invalid("Policy is not included in the list"))
}
