//! What this server does with whole domains: limits them, suspends them, or speaks with allowed
//! ones only. Changed by staff; asked wherever something of another server comes in or goes out.

mod change;
mod csv;
mod effect;

use sha2::{Digest, Sha256};
use store::{Conn, domain_rules};

pub use change::{
    Change, allow, allowed, allowed_named, allowed_page, disallow, list, page, remove, set,
    set_many, show, show_allowed, standing_against,
};
pub use csv::{Import, export, import};
pub(crate) use effect::{cut_off, run as apply};
pub use store::domain_rules::{Allowed, Rule, Severity};

use crate::{App, AppError, Result};

/// How hard the rule for a host is. Where only allowed domains are spoken with, every other is as
/// good as suspended; the server itself never is.
///
/// # Errors
/// [`AppError::Store`].
pub async fn severity(app: &App, conn: &mut Conn, host: &str) -> Result<Option<Severity>> {
    if app.urls.is_here(Some(host)) {
        return Ok(None);
    }
    elsewhere(conn, app.config.federation.allow_list, host).await
}

async fn elsewhere(conn: &mut Conn, allow_list: bool, host: &str) -> Result<Option<Severity>> {
    if allow_list && !domain_rules::is_allowed(conn, host).await? {
        return Ok(Some(Severity::Suspend));
    }
    Ok(domain_rules::severity_of(conn, host).await?)
}

/// Refuses a host that is suspended or, where only allowed ones are spoken with, not allowed.
///
/// # Errors
/// [`AppError::Forbidden`].
pub async fn check(app: &App, host: &str) -> Result<()> {
    if app.urls.is_here(Some(host)) {
        return Ok(());
    }
    let (allow_list, host) = (app.config.federation.allow_list, host.to_owned());
    let severity = app
        .read(move |conn| Box::pin(async move { elsewhere(conn, allow_list, &host).await }))
        .await?;
    match severity {
        Some(Severity::Suspend) => {
            Err(AppError::Forbidden("This server does not speak with yours".into()))
        }
        Some(Severity::Silence | Severity::Noop) | None => Ok(()),
    }
}

/// By which somebody who knows a domain finds its rule, where the name is shown with stars.
#[must_use]
pub fn digest(domain: &str) -> String {
    hex::encode(Sha256::digest(domain.as_bytes()))
}
