//! Whose signature it is. A key belongs to an account when the account's own document names it
//! (F04); what is kept is believed until it fails once, and then asked for at most every five
//! minutes (F09).

use std::sync::Arc;

use activitypub::sign::Signature;
use activitypub::{Uri, parse};
use domain::account::Account;
use store::{accounts, remote_accounts};

use crate::remote::{self, Budget, Found, Freshness};
use crate::{App, AppError, Result};

/// Requests for one key: the key, its owner, two of WebFinger, and once more each as RFC 9421.
const BUDGET: u32 = 8;

/// The account that made a signature.
pub(super) async fn verify(
    app: &Arc<App>,
    signature: &Signature,
    key_id: &Uri,
) -> Result<Account> {
    let known = find(app, key_id).await?;
    if let Some((account, pem)) = &known
        && signature.verify(pem).is_ok()
    {
        return Ok(account.clone());
    }
    let owner = match known.and_then(|(account, _)| account.uri).as_deref().and_then(Uri::parse) {
        Some(owner) => owner,
        None => owner_of(app, key_id).await?,
    };
    // Whoever sends signatures that do not fit causes no more than one question.
    if !app.remote.may_refresh(owner.as_str(), app.now()) {
        return check(app, signature, key_id).await;
    }
    let mut budget = Budget(BUDGET);
    match remote::account(app, &owner, Freshness::Now, &mut budget).await {
        Ok(_) => check(app, signature, key_id).await,
        Err(error) => Err(softened(error)),
    }
}

async fn check(app: &App, signature: &Signature, key_id: &Uri) -> Result<Account> {
    match find(app, key_id).await? {
        Some((account, pem)) => match signature.verify(&pem) {
            Ok(()) => Ok(account),
            Err(error) => Err(AppError::Unauthorized(error.to_string())),
        },
        None => Err(AppError::Unauthorized("The key is not known at its owner's".into())),
    }
}

/// A key that nobody has is a wrong signature; one that cannot be asked for now may be right.
fn softened(error: AppError) -> AppError {
    match error {
        AppError::NotFound => AppError::Unauthorized("The key cannot be found".into()),
        other => other,
    }
}

async fn find(app: &App, key_id: &Uri) -> Result<Option<(Account, String)>> {
    let id = key_id.as_str().to_owned();
    app.read(move |conn| {
        Box::pin(async move {
            let Some(key) = remote_accounts::key(conn, &id).await? else { return Ok(None) };
            let account = accounts::by_id(conn, key.account).await?;
            Ok(account.map(|account| (account, key.public_pem)))
        })
    })
    .await
}

/// Who is to be asked whether it has this key: the document around a `#fragment`; otherwise whom the
/// key's own document names (GoToSocial's `/main-key`). That is a hint only, and none across origins.
async fn owner_of(app: &Arc<App>, key_id: &Uri) -> Result<Uri> {
    let bare = key_id.without_fragment();
    if bare != *key_id {
        return Ok(bare);
    }
    if !app.remote.may_refresh(key_id.as_str(), app.now()) {
        return Err(AppError::Unauthorized("The key could not be found lately".into()));
    }
    app.remote.note_asked(key_id.as_str(), app.now());
    let mut budget = Budget(BUDGET);
    let found = remote::document(app, key_id, &mut budget).await.map_err(softened)?;
    let Found::There(document) = found else {
        return Err(AppError::Unauthorized("The key cannot be found".into()));
    };
    let keys = parse::keys(&document.body)
        .map_err(|_| AppError::Unauthorized("The key cannot be read".into()))?;
    keys.into_iter()
        .find(|key| key.id == *key_id && key.owner.same_origin(&document.url))
        .map(|key| key.owner)
        .ok_or_else(|| AppError::Unauthorized("The key is another one".into()))
}
