//! Whose key made a signature (F04, F09).

use std::sync::Arc;

use activitypub::Uri;
use activitypub::sign::Signature;
use domain::account::Account;
use store::{accounts, actor_keys};

use super::{Budget, Freshness, account};
use crate::{App, AppError, Result};

/// The account whose key made this signature. An unknown key is asked for once, and so is one that
/// does not fit any more.
///
/// # Errors
/// [`AppError::Unauthorized`] when it is nobody's, [`AppError::Busy`] when its server cannot be
/// asked.
pub(crate) async fn signer(app: &Arc<App>, signature: &Signature) -> Result<Account> {
    match known_signer(app, signature).await {
        Err(AppError::Unauthorized(_)) => {}
        other => return other,
    }
    let owner = Uri::parse(&signature.key_id).ok_or_else(nobody)?.without_fragment();
    account(app, &owner, Freshness::Now, &mut Budget(4)).await?;
    known_signer(app, signature).await
}

/// The same without asking anybody.
///
/// # Errors
/// [`AppError::Unauthorized`] when the key is unknown or did not make the signature.
pub(crate) async fn known_signer(app: &Arc<App>, signature: &Signature) -> Result<Account> {
    let key_id = signature.key_id.clone();
    let found = app
        .read(move |conn| {
            Box::pin(async move {
                let Some((owner, pem)) = actor_keys::remote(conn, &key_id).await? else {
                    return Ok::<_, AppError>(None);
                };
                Ok(accounts::by_id(conn, owner).await?.map(|account| (account, pem)))
            })
        })
        .await?;
    let (account, pem) = found.ok_or_else(nobody)?;
    signature.verify(&pem).map_err(|_| nobody())?;
    Ok(account)
}

fn nobody() -> AppError {
    AppError::Unauthorized("The signature is by nobody who is known here".into())
}
