//! Security keys and passkeys beside codes (W3C Web Authentication): an account that is asked for codes may
//! add keys, and signs in with either. Codes stay the way back for whoever has lost a key or sits at a browser
//! without scripts, so that keys go when codes are switched off.

mod add;
mod sign_in;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::secret::Secret;
use domain::{AccountId, RowId, Timestamp};
use store::security_keys;

use super::session;
use super::webauthn::RelyingParty;
use crate::mail::{self, Notice};
use crate::{App, AppError, Result};

pub use add::{KeyOffer, NewKey, add, begin, pending};
pub use sign_in::{KeyAnswer, KeyQuestion, question, sign_in_by_key};

/// Bytes of a challenge; sixteen would do (§13.4.3).
const CHALLENGE: usize = 32;

/// A security key as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityKey {
    /// Names it in [`remove`].
    pub id: RowId,
    /// What its owner calls it.
    pub name: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last used to sign in.
    pub last_used_at: Option<Timestamp>,
}

/// A key that the browser is told of, so that it offers or leaves out the right ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownKey {
    /// By which the key knows it, in base64url.
    pub credential: String,
    /// How it is reached, in the browser's words, separated by commas.
    pub transports: String,
}

/// The keys of an account, in the order in which they came.
///
/// # Errors
/// [`AppError::Store`].
pub async fn list(app: &App, me: AccountId) -> Result<Vec<SecurityKey>> {
    let keys = app
        .read(move |conn| {
            Box::pin(async move { Ok::<_, AppError>(security_keys::of_account(conn, me).await?) })
        })
        .await?;
    let shown = |key: security_keys::SecurityKey| SecurityKey {
        id: key.id,
        name: key.name,
        created_at: key.created_at,
        last_used_at: key.last_used_at,
    };
    Ok(keys.into_iter().map(shown).collect())
}

/// Forgets a key of an account; the caller has checked the password. Other browsers are signed out: who
/// removes a lost key does not know who found it.
///
/// # Errors
/// [`AppError::NotFound`] when it has no such key (V05), [`AppError::Unauthorized`] when this browser was signed out
/// meanwhile.
pub async fn remove(app: &Arc<App>, me: AccountId, id: RowId, this: &Secret) -> Result<()> {
    let (context, this) = (app.clone(), this.hash());
    app.write(move |conn| {
        Box::pin(async move {
            session::must_be_open(conn, &this).await?;
            let keys = security_keys::of_account(conn, me).await?;
            let name = keys.into_iter().find(|key| key.id == id).map(|key| key.name);
            let name = name.ok_or(AppError::NotFound)?;
            if !security_keys::remove(conn, me, id).await? {
                return Err(AppError::NotFound);
            }
            store::sessions::remove_others(conn, me, &this).await?;
            mail::tell(&context, conn, me, Notice::KeyRemoved { name }).await
        })
    })
    .await
}

/// Who asks; keys are bound to names.
fn party(app: &App) -> Result<RelyingParty> {
    RelyingParty::of(&app.urls.base).ok_or_else(|| {
        AppError::invalid(
            "Security keys need a server with a domain name; this one is reached by a number",
        )
    })
}

fn known(keys: Vec<security_keys::SecurityKey>) -> Vec<KnownKey> {
    let known = |key: security_keys::SecurityKey| KnownKey {
        credential: encode(&key.credential),
        transports: key.transports,
    };
    keys.into_iter().map(known).collect()
}

pub(super) fn new_challenge(app: &App) -> [u8; CHALLENGE] {
    let mut bytes = [0; CHALLENGE];
    app.random.fill(&mut bytes);
    bytes
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What a script of ours sent; `None` when it is no base64url. Forms are bounded, and so is this.
fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}
