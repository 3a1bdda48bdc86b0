//! What a changed rule means for accounts that are known: suspended, limited or let in again, some
//! at a time. A rule marks what it did with its own date, so that lifting it leaves alone what staff
//! did to single accounts.

use std::sync::Arc;

use domain::{AccountId, Timestamp};
use store::domain_rules::{self, Severity};
use store::{Conn, accounts, moderation};

use crate::jobs::{self, Job};
use crate::{App, AppError, Result};

/// Accounts looked at in one transaction.
const BATCH: i64 = 100;

/// Brings the accounts of a domain, and of those below it, in line with the rules as they are now.
/// `made_at` is the date of the rule that was changed or removed.
pub(crate) async fn run(app: &Arc<App>, domain: &str, made_at: Timestamp) -> Result<()> {
    let mut after = AccountId(0);
    loop {
        let (context, domain) = (app.clone(), domain.to_owned());
        let last = app
            .write(move |conn| {
                Box::pin(async move {
                    let found = moderation::accounts_of(conn, &domain, after, BATCH).await?;
                    let last = found.last().map(|(id, _)| *id);
                    batch(&context, conn, found, made_at).await?;
                    Ok::<_, AppError>(last)
                })
            })
            .await?;
        match last {
            Some(last) => after = last,
            None => return Ok(()),
        }
    }
}

async fn batch(
    app: &App,
    conn: &mut Conn,
    found: Vec<(AccountId, Option<String>)>,
    made_at: Timestamp,
) -> Result<()> {
    let ids: Vec<AccountId> = found.iter().map(|(id, _)| *id).collect();
    let mut suspended = Vec::new();
    for account in accounts::by_ids(conn, &ids).await? {
        let host =
            found.iter().find(|(id, _)| *id == account.id).and_then(|(_, host)| host.clone());
        let rule = harder(conn, account.domain.as_deref(), host.as_deref()).await?;
        let (severity, date) = rule.map_or((Severity::Noop, None), |(how, at)| (how, Some(at)));
        // What another hand did stays.
        let mark = |is_on: bool, before: Option<Timestamp>| match before {
            Some(at) if at != made_at && Some(at) != date => Some(at),
            _ => date.filter(|_| is_on),
        };
        let suspended_at = mark(severity == Severity::Suspend, account.suspended_at);
        let silenced_at = mark(severity == Severity::Silence, account.silenced_at);
        if (suspended_at, silenced_at) != (account.suspended_at, account.silenced_at) {
            moderation::set_limits(conn, account.id, suspended_at, silenced_at).await?;
        }
        if severity == Severity::Suspend {
            suspended.push(account.id);
        }
    }
    cut_off(app, conn, &suspended).await
}

/// The harder one of the rules for the domain of a handle and for the host of its id.
async fn harder(
    conn: &mut Conn,
    domain: Option<&str>,
    host: Option<&str>,
) -> Result<Option<(Severity, Timestamp)>> {
    let mut hardest = None;
    for name in domain.into_iter().chain(host.filter(|host| Some(*host) != domain)) {
        let rule = domain_rules::rule_for(conn, name).await?;
        hardest = hardest.max(rule.map(|rule| (rule.severity, rule.created_at)));
    }
    Ok(hardest)
}

/// Ends what is between these accounts and everybody here, and lets go of the copies of their
/// files. The rows stay: a lifted rule fetches them again.
pub(crate) async fn cut_off(app: &App, conn: &mut Conn, accounts: &[AccountId]) -> Result<()> {
    if accounts.is_empty() {
        return Ok(());
    }
    moderation::end_follows(conn, accounts).await?;
    let keys = moderation::drop_files(conn, accounts).await?;
    if keys.is_empty() {
        return Ok(());
    }
    let job = Job::DeleteFiles { keys, precaution: None };
    jobs::enqueue(app, conn, &job, app.now()).await
}
