//! Who asks for a document: the account whose key signed the request, or nobody.

use std::sync::Arc;

use activitypub::Uri;
use activitypub::sign::{self, Received, Signature};
use domain::account::Account;
use domain::{AccountId, host};

use super::{Answer, Asked};
use crate::remote;
use crate::{App, AppError, Result, domain_rules};

/// Who asks.
pub(super) struct Asker {
    /// The signer.
    pub account: Option<Account>,
    /// Everybody who does not sign gets the same.
    is_anybody: bool,
}

impl Asker {
    /// The viewer whose eyes a document is made for.
    pub fn viewer(&self) -> Option<AccountId> {
        self.account.as_ref().map(|account| account.id)
    }

    /// Every name under which the signer's domain may be blocked.
    pub fn names(&self) -> Vec<String> {
        let Some(account) = &self.account else { return Vec::new() };
        let home = account.uri.as_deref().and_then(Uri::parse).map(|uri| uri.host());
        let domains = account.domain.iter().cloned().chain(home);
        domains.flat_map(|domain| host::covering(&domain)).collect()
    }

    /// The host of the signer's id.
    pub fn host(&self) -> Option<String> {
        Some(Uri::parse(self.account.as_ref()?.uri.as_deref()?)?.host())
    }

    /// A document for this asker.
    pub fn document(&self, body: String) -> Answer {
        Answer::Document { body, is_open: self.is_anybody }
    }
}

/// Who signed this request.
///
/// # Errors
/// [`AppError::Unauthorized`] when a signature is demanded and there is no good one,
/// [`AppError::Forbidden`] when the signer's domain is blocked or the signer suspended.
pub(super) async fn ask(app: &Arc<App>, asked: Asked<'_>) -> Result<Asker> {
    let federation = &app.config.federation;
    let must_sign = federation.secure_mode || federation.allow_list;
    let received = Received {
        method: asked.method,
        path_and_query: asked.path_and_query,
        bases: &[app.urls.base.as_str()],
        headers: asked.headers,
    };
    let is_signed = ["signature", "signature-input"].iter().any(|name| {
        // Both ways of signing use the first name, the newer one the second as well.
        asked.headers.contains_key(*name)
    });
    if !is_signed {
        return if must_sign {
            Err(unsigned())
        } else {
            Ok(Asker { account: None, is_anybody: true })
        };
    }
    let signer = match sign::read(received, None, app.now()) {
        Ok(signature) => signer(app, &signature, must_sign).await?,
        Err(_) => None,
    };
    match signer {
        Some(account) if account.suspended_at.is_some() => {
            Err(AppError::Forbidden("This account is suspended".into()))
        }
        None if must_sign => Err(unsigned()),
        account => Ok(Asker { account, is_anybody: false }),
    }
}

fn unsigned() -> AppError {
    AppError::Unauthorized("This server answers signed requests only".into())
}

/// The account whose key made the signature. Only who is known here may see more than everybody, so
/// an unknown signer is asked for only where everybody must sign.
async fn signer(app: &Arc<App>, signature: &Signature, must_sign: bool) -> Result<Option<Account>> {
    let Some(key) = Uri::parse(&signature.key_id) else { return Ok(None) };
    domain_rules::check(app, &key.host()).await?;
    let found = if must_sign {
        remote::signer(app, signature).await
    } else {
        remote::known_signer(app, signature).await
    };
    match found {
        Ok(account) => {
            if let Some(domain) = &account.domain {
                domain_rules::check(app, domain).await?;
            }
            Ok(Some(account))
        }
        Err(AppError::Unauthorized(_) | AppError::NotFound | AppError::Busy(_)) => Ok(None),
        Err(other) => Err(other),
    }
}
