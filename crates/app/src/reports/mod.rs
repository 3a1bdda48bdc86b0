//! Reporting an account to the staff of this server.

use std::sync::Arc;

use domain::account::Account;
use domain::notification::NotificationKind;
use domain::{AccountId, StatusId};
use store::reports::{self, Report};
use store::{Conn, accounts, statuses};

use crate::notifications::{Cause, notify};
use crate::{App, AppError, Result, delivery};

/// Longest comment, in characters.
const LONGEST_COMMENT: usize = 1000;
/// Most statuses of a report.
const MOST_STATUSES: usize = 100;

/// A report as a client sends it.
#[derive(Clone, Debug, Default)]
pub struct NewReport {
    /// Statuses that show why.
    pub statuses: Vec<StatusId>,
    /// What the reporter says.
    pub comment: String,
    /// `spam`, `legal`, `violation` or `other`; `None` is `other`, or `violation` with rules.
    pub category: Option<String>,
    /// Numbers of rules that were broken.
    pub rules: Vec<String>,
    /// Pass it on to the other server, without saying who reports.
    pub forward: bool,
}

/// A report with whom it is about.
#[derive(Clone, Debug)]
pub struct ReportView {
    /// The report.
    pub report: Report,
    /// Whom it is about.
    pub target: Account,
}

impl ReportView {
    /// Statuses that show why.
    #[must_use]
    pub fn status_ids(&self) -> Vec<String> {
        serde_json::from_str(&self.report.status_ids).unwrap_or_default()
    }

    /// Rules that were broken.
    #[must_use]
    pub fn rule_ids(&self) -> Vec<String> {
        serde_json::from_str(&self.report.rule_ids).unwrap_or_default()
    }
}

/// Reports an account.
///
/// # Errors
/// [`AppError::Invalid`], [`AppError::NotFound`] for an unknown account or status.
pub async fn report(
    app: &Arc<App>,
    me: AccountId,
    target: AccountId,
    new: NewReport,
) -> Result<ReportView> {
    let (category, rules) = check(app, &new).await?;
    let context = app.clone();
    let (view, events) = app
        .write(move |conn| {
            Box::pin(async move {
                let app = context.as_ref();
                let target = accounts::by_id(conn, target).await?.ok_or(AppError::NotFound)?;
                check_statuses(conn, me, target.id, &new.statuses).await?;
                let report = Report {
                    id: app.ids.next(),
                    account_id: me,
                    target_id: target.id,
                    status_ids: json(new.statuses.iter().map(ToString::to_string))?,
                    rule_ids: json(rules.into_iter())?,
                    category,
                    comment: new.comment.clone(),
                    forwarded: new.forward && !target.is_local(),
                    action_taken_at: None,
                    created_at: app.now(),
                    assigned_to: None,
                    closed_by: None,
                    updated_at: None,
                };
                reports::insert(conn, &report).await?;
                if report.forwarded {
                    let (evidence, comment) = (&new.statuses, &new.comment);
                    delivery::reported(app, conn, report.id, &target, evidence, comment).await?;
                }
                let mut events = Vec::new();
                for staff in reports::staff(conn).await? {
                    let cause = Cause {
                        to: staff,
                        from: me,
                        kind: NotificationKind::Report,
                        status: None,
                        report: Some(report.id),
                    };
                    events.extend(notify(app, conn, cause).await?);
                }
                Ok::<_, AppError>((ReportView { report, target }, events))
            })
        })
        .await?;
    app.publish(events).await;
    Ok(view)
}

/// Reports with whom they are about: for the notifications of staff.
///
/// # Errors
/// [`AppError::Store`].
pub async fn views(conn: &mut Conn, ids: &[i64]) -> Result<Vec<ReportView>> {
    let reports = reports::by_ids(conn, ids).await?;
    let targets: Vec<AccountId> = reports.iter().map(|report| report.target_id).collect();
    let accounts = accounts::by_ids(conn, &targets).await?;
    Ok(reports
        .into_iter()
        .filter_map(|report| {
            let target = accounts.iter().find(|account| account.id == report.target_id)?.clone();
            Some(ReportView { report, target })
        })
        .collect())
}

async fn check(app: &App, new: &NewReport) -> Result<(String, Vec<String>)> {
    if new.comment.chars().count() > LONGEST_COMMENT {
        return Err(AppError::invalid(format!(
            "Comment is too long (maximum is {LONGEST_COMMENT} characters)"
        )));
    }
    if new.statuses.len() > MOST_STATUSES {
        return Err(AppError::invalid(format!("Only {MOST_STATUSES} posts at a time")));
    }
    if !crate::house_rules::are_rules(app, &new.rules).await? {
        return Err(AppError::invalid("Rule ids does not reference valid rules"));
    }
    let category = match new.category.as_deref().filter(|name| !name.is_empty()) {
        None if new.rules.is_empty() => "other",
        None => "violation",
        Some(name @ ("spam" | "legal" | "violation" | "other")) => name,
        Some(_) => return Err(AppError::invalid("Category is not included in the list")),
    };
    // Rules say something only of a violation.
    let rules = if category == "violation" { new.rules.clone() } else { Vec::new() };
    Ok((category.to_owned(), rules))
}

/// Only statuses of the reported account that the reporter may see.
async fn check_statuses(
    conn: &mut Conn,
    me: AccountId,
    target: AccountId,
    ids: &[StatusId],
) -> Result<()> {
    let mut distinct = ids.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    let visible = statuses::visible_of(conn, &distinct, Some(me)).await?;
    let found = statuses::hydrate(conn, &visible, None).await?;
    let theirs = found.iter().filter(|view| view.status.account_id == target).count();
    if theirs < distinct.len() {
        return Err(AppError::NotFound);
    }
    Ok(())
}

fn json(items: impl Iterator<Item = String>) -> Result<String> {
    serde_json::to_string(&items.collect::<Vec<_>>())
        .map_err(|error| AppError::Internal(error.to_string()))
}
