//! Whose signature it is. A key belongs to an account when the account's own document names it
//! (F04); what is kept is believed until it fails once, and then asked for at most every five
//! minutes (F09).

use std::sync::Arc;

use activitypub::sign::Signature;
use activitypub::{Uri, parse};
use domain::account::Account;
use store::{Conn, accounts, actor_keys};

use super::{Budget, Found, Freshness, account, document};
use crate::{App, AppError, Result};

/// Requests for one key: the key, its owner, two of WebFinger, and once more each as RFC 9421.
const BUDGET: u32 = 8;

/// The account whose key made this signature. An unknown key is asked for once, and so is one that
/// does not fit any more.
///
/// # Errors
/// [`AppError::Unauthorized`] when it is nobody's, [`AppError::Busy`] when its server cannot be
/// asked, [`AppError::Forbidden`] for a host that this server has nothing to do with.
pub(crate) async fn signer(app: &Arc<App>, signature: &Signature) -> Result<Account> {
    let known = known(app, &signature.key_id).await?;
    signer_from(app, signature, known).await
}

/// The same for a caller that has looked up the key, see [`find`].
///
/// # Errors
/// As [`signer`].
pub(crate) async fn signer_from(
    app: &Arc<App>,
    signature: &Signature,
    known: Option<(Account, String)>,
) -> Result<Account> {
    let key_id = Uri::parse(&signature.key_id).ok_or_else(nobody)?;
    if let Some((account, pem)) = &known
        && signature.verify(pem).is_ok()
    {
        return Ok(account.clone());
    }
    let owner = match known.and_then(|(account, _)| account.uri).as_deref().and_then(Uri::parse) {
        Some(owner) => owner,
        None => owner_of(app, &key_id).await?,
    };
    // Whoever sends signatures that do not fit causes one question, no more.
    if !app.remote.may_refresh(owner.as_str(), app.now()) {
        return known_signer(app, signature).await;
    }
    match account(app, &owner, Freshness::Now, &mut Budget::new(BUDGET)).await {
        Ok(_) => known_signer(app, signature).await,
        Err(error) => Err(softened(error)),
    }
}

/// The same without asking anybody.
///
/// # Errors
/// [`AppError::Unauthorized`] when the key is unknown or did not make the signature.
pub(crate) async fn known_signer(app: &Arc<App>, signature: &Signature) -> Result<Account> {
    check(signature, known(app, &signature.key_id).await?)
}

/// The account, if its key made the signature.
///
/// # Errors
/// [`AppError::Unauthorized`] when it did not, or nobody is known.
pub(crate) fn check(signature: &Signature, known: Option<(Account, String)>) -> Result<Account> {
    let (account, pem) = known.ok_or_else(nobody)?;
    signature.verify(&pem).map_err(|_| nobody())?;
    Ok(account)
}

async fn known(app: &App, key_id: &str) -> Result<Option<(Account, String)>> {
    let id = key_id.to_owned();
    app.read(move |conn| Box::pin(async move { find(conn, &id).await })).await
}

/// Whose key this is as far as is known here, and the key as PEM.
///
/// # Errors
/// [`AppError::Store`].
pub(crate) async fn find(conn: &mut Conn, key_id: &str) -> Result<Option<(Account, String)>> {
    let Some((owner, pem)) = actor_keys::remote(conn, key_id).await? else { return Ok(None) };
    Ok(accounts::by_id(conn, owner).await?.map(|account| (account, pem)))
}

fn nobody() -> AppError {
    AppError::Unauthorized("The signature is by nobody who is known here".into())
}

/// A key that nobody has is a wrong signature; one that cannot be asked for now may be right.
fn softened(error: AppError) -> AppError {
    match error {
        AppError::NotFound => nobody(),
        other => other,
    }
}

/// Who is to be asked whether it has this key: the document around a `#fragment`; otherwise whom the
/// key's own document names (GoToSocial's `/main-key`). That is a hint only, and none across origins.
async fn owner_of(app: &Arc<App>, key_id: &Uri) -> Result<Uri> {
    let bare = key_id.without_fragment();
    if bare != *key_id {
        return Ok(bare);
    }
    if !app.remote.may_refresh(key_id.as_str(), app.now()) {
        return Err(nobody());
    }
    app.remote.note_asked(key_id.as_str(), app.now());
    let found = document(app, key_id, &mut Budget::new(BUDGET)).await.map_err(softened)?;
    let Found::There(document) = found else { return Err(nobody()) };
    let keys = parse::keys(&document.body).map_err(|_| nobody())?;
    keys.into_iter()
        .find(|key| key.id == *key_id && key.owner.same_origin(&document.url))
        .map(|key| key.owner)
        .ok_or_else(nobody)
}
