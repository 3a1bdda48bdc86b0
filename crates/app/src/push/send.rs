//! Sending: a job for each subscription that wants to hear of a notification, queued in the
//! transaction that makes it, and the request to the push service (RFC 8030).

use std::collections::BTreeMap;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use domain::account::User;
use domain::notification::Notification;
use domain::secret::Secret;
use domain::time::HOUR;
use domain::{NotificationId, RowId};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use net::NetError;
use store::push::Subscription;
use store::{Conn, accounts, push, relations, users};
use url::Url;

use super::encrypt::{Fresh, Receiver, aes128gcm, aesgcm, derive};
use super::keys::{self, Pair};
use super::{decode, vapid, words};
use crate::jobs::{Job, enqueue};
use crate::notifications::NotificationView;
use crate::{App, AppError, Result};

/// How long a push service keeps what it cannot hand over: two days, as in Mastodon. What waited here
/// longer is not sent any more.
const LIFE: i64 = 48 * HOUR;

/// Queues what the subscriptions of a notification's receiver want to hear of it.
pub(crate) async fn queue(app: &App, conn: &mut Conn, new: &Notification) -> Result<()> {
    let subscriptions = push::of_account(conn, new.account_id).await?;
    let wanting: Vec<Subscription> =
        subscriptions.into_iter().filter(|one| wants_kind(one, new)).collect();
    if wanting.is_empty() {
        return Ok(());
    }
    let (to, from) = (new.account_id, new.from_account_id);
    let found = relations::relations(conn, to, &[from], app.now()).await?;
    let relation = found.into_iter().next().map(|(_, relation)| relation).unwrap_or_default();
    for one in wanting {
        let from_whom = match one.policy.as_str() {
            "all" => true,
            "followed" => relation.following.is_some(),
            "follower" => relation.followed_by,
            _ => false,
        };
        let host = Url::parse(&one.endpoint).ok().and_then(|url| url.host_str().map(str::to_owned));
        if let Some(host) = host.filter(|_| from_whom) {
            let job = Job::Push { subscription: one.id, notification: new.id, host };
            enqueue(app, conn, &job, app.now()).await?;
        }
    }
    Ok(())
}

fn wants_kind(subscription: &Subscription, new: &Notification) -> bool {
    let alerts: BTreeMap<String, bool> =
        serde_json::from_str(&subscription.alerts).unwrap_or_default();
    alerts.get(new.kind.name()) == Some(&true)
}

/// The job: sends one notification to one subscription. A push service that knows the subscription no
/// more ends it.
///
/// # Errors
/// [`AppError::Busy`] when another try may help.
pub(crate) async fn send(app: &App, id: RowId, notification: NotificationId) -> Result<()> {
    let Some((subscription, view, user)) = load(app, id, notification).await? else {
        return Ok(());
    };
    let pair = keys::pair(app).await?;
    let token = open_token(&pair, &subscription);
    let is_browser = subscription.session.is_some();
    let text = words::payload(app, &view, &user.locale, token.as_ref(), is_browser);
    let Ok(endpoint) = Url::parse(&subscription.endpoint) else { return forget(app, id).await };
    let Some((headers, body)) = message(app, &pair, &subscription, &endpoint, &text)? else {
        return forget(app, id).await;
    };
    // The address is the client's own secret: errors name its host alone.
    let host = endpoint.host_str().unwrap_or_default();
    match app.net.post(&endpoint, headers, Bytes::from(body)).await {
        Ok(answer) if answer.status.is_success() => Ok(()),
        Ok(answer) => match answer.status.as_u16() {
            408 | 429 => Err(AppError::Busy(format!("{host} takes no push at the moment"))),
            400..=499 => forget(app, id).await,
            code => Err(AppError::Busy(format!("{host} answered a push with {code}"))),
        },
        Err(NetError::Refused(_)) => forget(app, id).await,
        Err(_) => Err(AppError::Busy(format!("{host} did not answer a push"))),
    }
}

/// What is to be sent, if it still is: the notification is there and young enough, and its receiver
/// may still act.
async fn load(
    app: &App,
    id: RowId,
    notification: NotificationId,
) -> Result<Option<(Subscription, NotificationView, User)>> {
    let found = app
        .read(move |conn| {
            Box::pin(async move {
                let Some(subscription) = push::by_id(conn, id).await? else { return Ok(None) };
                let account = accounts::by_id(conn, subscription.account_id).await?;
                let account = account.filter(|account| account.suspended_at.is_none());
                let user = users::by_account(conn, subscription.account_id).await?;
                Ok::<_, AppError>(account.zip(user).map(|(_, user)| (subscription, user)))
            })
        })
        .await?;
    let Some((subscription, user)) = found.filter(|(_, user)| !user.disabled) else {
        return Ok(None);
    };
    let view = crate::notifications::find(app, subscription.account_id, notification).await?;
    let young = |view: &NotificationView| app.now().since(view.notification.created_at) < LIFE;
    Ok(view.filter(young).map(|view| (subscription, view, user)))
}

async fn forget(app: &App, id: RowId) -> Result<()> {
    app.write(move |conn| Box::pin(async move { Ok(push::remove(conn, id).await?) })).await
}

/// Headers and body of a push; `None` when the client's keys are none.
fn message(
    app: &App,
    pair: &Pair,
    subscription: &Subscription,
    endpoint: &Url,
    text: &[u8],
) -> Result<Option<(HeaderMap, Vec<u8>)>> {
    let keys = decode(&subscription.p256dh).zip(decode(&subscription.auth));
    let Some((public, auth)) = keys else { return Ok(None) };
    let to = Receiver { public: &public, auth: &auth };
    let mut salt = [0_u8; 16];
    app.random.fill(&mut salt);
    let fresh = Fresh { private: keys::fresh(app)?, salt };
    let own = URL_SAFE_NO_PAD.encode(&pair.public);
    let token = vapid::token(pair, endpoint, &contact(app), app.now())
        .ok_or_else(|| AppError::Internal("the key for web push does not sign".into()))?;
    let mut lines = vec![
        (HeaderName::from_static("ttl"), (LIFE / 1000).to_string()),
        (HeaderName::from_static("urgency"), "normal".to_owned()),
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
    ];
    let sealed = if subscription.standard {
        lines.push((header::CONTENT_ENCODING, "aes128gcm".into()));
        lines.push((header::AUTHORIZATION, format!("vapid t={token}, k={own}")));
        aes128gcm(text, &to, &fresh)
    } else {
        aesgcm(text, &to, &fresh)
    };
    let Some(sealed) = sealed else { return Ok(None) };
    if !subscription.standard {
        let (salt, key) = (URL_SAFE_NO_PAD.encode(salt), URL_SAFE_NO_PAD.encode(&sealed.public));
        lines.push((header::CONTENT_ENCODING, "aesgcm".into()));
        lines.push((header::AUTHORIZATION, format!("WebPush {token}")));
        lines.push((HeaderName::from_static("encryption"), format!("salt={salt}")));
        let keys = format!("dh={key};p256ecdsa={own}");
        lines.push((HeaderName::from_static("crypto-key"), keys));
    }
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        let value = HeaderValue::from_str(&value);
        headers.insert(name, value.map_err(|error| AppError::Internal(error.to_string()))?);
    }
    Ok(Some((headers, sealed.body)))
}

/// Where the people of a push service can write to.
fn contact(app: &App) -> String {
    let address = &app.config.instance.contact_email;
    if address.is_empty() { app.urls.base.clone() } else { format!("mailto:{address}") }
}

/// Encrypts a token under this server's push key, for the row of its subscription.
pub(super) async fn seal_token(app: &App, id: RowId, secret: &Secret) -> Result<Vec<u8>> {
    let pair = keys::pair(app).await?;
    let mut nonce = [0_u8; NONCE_LEN];
    app.random.fill(&mut nonce);
    let mut text = secret.reveal().as_bytes().to_vec();
    token_key(&pair)
        .and_then(|key| {
            let once = Nonce::assume_unique_for_key(nonce);
            key.seal_in_place_append_tag(once, Aad::from(id.0.to_be_bytes()), &mut text).ok()
        })
        .ok_or_else(|| AppError::Internal("a token could not be sealed".into()))?;
    Ok([&nonce[..], &text].concat())
}

fn open_token(pair: &Pair, subscription: &Subscription) -> Option<Secret> {
    let (nonce, text) = subscription.sealed_token.as_deref()?.split_at_checked(NONCE_LEN)?;
    let mut text = text.to_vec();
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let aad = Aad::from(subscription.id.0.to_be_bytes());
    let open = token_key(pair)?.open_in_place(nonce, aad, &mut text).ok()?;
    Some(Secret::from_outside(String::from_utf8(open.to_vec()).ok()?))
}

fn token_key(pair: &Pair) -> Option<LessSafeKey> {
    let key = derive(b"tuskling push token", &pair.private, b"aes-256-gcm");
    Some(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).ok()?))
}
