//! Which hosts this server has to do with (F12, F13).

use domain::Timestamp;
use domain::account::Account;
use store::Conn;

use crate::domain_rules::{self, Severity};
use crate::{App, AppError, Result};

/// How a host stands with this server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Like everybody.
    Open,
    /// Its accounts are limited.
    Limited,
    /// Nothing is taken from it or asked of it.
    Closed,
}

/// How a host, in normal form, stands with this server.
pub(crate) async fn standing(app: &App, conn: &mut Conn, host: &str) -> Result<Standing> {
    if !app.config.federation.enabled || host.is_empty() {
        return Ok(Standing::Closed);
    }
    Ok(match domain_rules::severity(app, conn, host).await? {
        None | Some(Severity::Noop) => Standing::Open,
        Some(Severity::Silence) => Standing::Limited,
        Some(Severity::Suspend) => Standing::Closed,
    })
}

/// Since when accounts of a host are limited, if they are.
pub(crate) async fn limited_since(conn: &mut Conn, host: &str) -> Result<Option<Timestamp>> {
    let rule = store::domain_rules::rule_for(conn, host).await?;
    Ok(rule.filter(|rule| rule.severity == Severity::Silence).map(|rule| rule.created_at))
}

/// Refuses a host that this server has nothing to do with.
pub(crate) async fn check_host(app: &App, host: &str) -> Result<()> {
    if !app.config.federation.enabled || host.is_empty() {
        return Err(AppError::Forbidden(format!("This server has nothing to do with {host}")));
    }
    domain_rules::check(app, host).await
}

/// Keeps requests from being redirected to hosts that this server has nothing to do with.
pub(crate) struct Gate<'a>(pub &'a App);

impl net::Gate for Gate<'_> {
    fn opens<'g>(&'g self, to: &'g url::Url) -> net::Opening<'g> {
        Box::pin(async move {
            let Some(to) = activitypub::Uri::parse(to.as_str()) else { return false };
            check_host(self.0, &to.host()).await.is_ok()
        })
    }
}

/// What was found out about hosts within one read, so that nothing is asked twice.
#[derive(Default)]
pub(crate) struct Known(Vec<(String, Standing)>);

impl Known {
    async fn standing(&mut self, app: &App, conn: &mut Conn, host: &str) -> Result<Standing> {
        if let Some((_, standing)) = self.0.iter().find(|(known, _)| known == host) {
            return Ok(*standing);
        }
        let standing = standing(app, conn, host).await?;
        self.0.push((host.to_owned(), standing));
        Ok(standing)
    }

    /// As [`check_host`].
    pub(crate) async fn refuse_closed(
        &mut self,
        app: &App,
        conn: &mut Conn,
        host: &str,
    ) -> Result<()> {
        match self.standing(app, conn, host).await? {
            Standing::Closed => {
                Err(AppError::Forbidden("This server does not speak with yours".into()))
            }
            Standing::Open | Standing::Limited => Ok(()),
        }
    }

    /// Whether an account may do things here: neither it is suspended nor its host is (both its home
    /// and the host of its id count).
    pub(crate) async fn is_admitted(
        &mut self,
        app: &App,
        conn: &mut Conn,
        account: &Account,
    ) -> Result<bool> {
        if account.suspended_at.is_some() {
            return Ok(false);
        }
        let of_id = account.uri.as_deref().and_then(activitypub::Uri::parse).map(|uri| uri.host());
        // Mostly they are the same.
        let home = account.domain.as_ref().filter(|home| of_id.as_ref() != Some(*home));
        for host in of_id.iter().chain(home) {
            if self.standing(app, conn, host).await? == Standing::Closed {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Refuses an account that may do nothing here: see [`Known::is_admitted`].
pub(crate) async fn check_account(app: &App, conn: &mut Conn, account: &Account) -> Result<()> {
    if Known::default().is_admitted(app, conn, account).await? {
        return Ok(());
    }
    Err(AppError::Forbidden("This account is suspended here".into()))
}
