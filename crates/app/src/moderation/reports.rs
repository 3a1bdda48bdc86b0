//! Reports as staff works on them.

use std::sync::Arc;

use domain::{AccountId, StatusId};
use store::reports::{self, Report, ReportFilter};
use store::statuses::{self, StatusView};
use store::{Conn, Page};

use super::view::{StaffView, views};
use crate::access::Me;
use crate::{App, AppError, Result};

/// A report with everything staff needs to judge it.
#[derive(Clone, Debug)]
pub struct ReportCase {
    /// The report.
    pub report: Report,
    /// Who reports.
    pub by: StaffView,
    /// Whom.
    pub about: StaffView,
    /// Who of the staff handles it.
    pub assigned_to: Option<StaffView>,
    /// Who of the staff was done with it.
    pub closed_by: Option<StaffView>,
    /// The statuses that show why, as far as they are still there. They were checked when it was made:
    /// staff sees them whoever they were for.
    pub statuses: Vec<StatusView>,
}

impl ReportCase {
    /// Rules that were broken.
    #[must_use]
    pub fn rule_ids(&self) -> Vec<String> {
        serde_json::from_str(&self.report.rule_ids).unwrap_or_default()
    }
}

/// The reports that fit, newest first.
///
/// # Errors
/// [`AppError::Store`].
pub async fn reports(app: &App, filter: ReportFilter, page: Page) -> Result<Vec<ReportCase>> {
    app.read(move |conn| {
        Box::pin(async move {
            let found = reports::find(conn, filter, &page).await?;
            cases(conn, found).await
        })
    })
    .await
}

/// One report.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn report(app: &App, id: i64) -> Result<ReportCase> {
    app.read(move |conn| Box::pin(async move { case(conn, id).await })).await
}

/// What staff changes about a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Another category, other rules; `None` leaves as it is.
    Classify {
        /// `spam`, `legal`, `violation` or `other`.
        category: Option<String>,
        /// Numbers of rules.
        rules: Option<Vec<String>>,
    },
    /// Whoever does this handles it.
    Assign,
    /// Nobody does.
    Unassign,
    /// It is done.
    Resolve,
    /// It is not.
    Reopen,
}

/// Changes a report.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Forbidden`] for a report about oneself, [`AppError::Invalid`] for what is
/// no category or rule.
pub async fn change(app: &Arc<App>, staff: &Me, id: i64, change: Change) -> Result<ReportCase> {
    check(app, &change).await?;
    let (me, now) = (staff.id(), app.now());
    app.write(move |conn| {
        Box::pin(async move {
            let found = reports::by_ids(conn, &[id]).await?.into_iter().next();
            let mut report = found.ok_or(AppError::NotFound)?;
            if report.target_id == me {
                return Err(AppError::not_allowed());
            }
            report.updated_at = Some(now);
            match change {
                Change::Classify { category, rules } => classify(&mut report, category, rules)?,
                Change::Assign => report.assigned_to = Some(me),
                Change::Unassign => report.assigned_to = None,
                Change::Resolve => {
                    report.action_taken_at = Some(now);
                    report.closed_by = Some(me);
                }
                Change::Reopen => {
                    report.action_taken_at = None;
                    report.closed_by = None;
                }
            }
            reports::update(conn, &report).await?;
            case(conn, id).await
        })
    })
    .await
}

async fn check(app: &App, change: &Change) -> Result<()> {
    let Change::Classify { category, rules } = change else { return Ok(()) };
    let known = ["spam", "legal", "violation", "other"];
    if category.as_deref().is_some_and(|name| !known.contains(&name)) {
        return Err(AppError::invalid("Category is not included in the list"));
    }
    if !crate::house_rules::are_rules(app, rules.as_deref().unwrap_or_default()).await? {
        return Err(AppError::invalid("Rule ids does not reference valid rules"));
    }
    Ok(())
}

/// Rules say something only of a violation.
fn classify(
    report: &mut Report,
    category: Option<String>,
    rules: Option<Vec<String>>,
) -> Result<()> {
    report.category = category.unwrap_or_else(|| report.category.clone());
    let rules = if report.category == "violation" { rules } else { Some(Vec::new()) };
    if let Some(rules) = rules {
        let json = serde_json::to_string(&rules);
        report.rule_ids = json.map_err(|error| AppError::Internal(error.to_string()))?;
    }
    Ok(())
}

async fn case(conn: &mut Conn, id: i64) -> Result<ReportCase> {
    let found = reports::by_ids(conn, &[id]).await?;
    cases(conn, found).await?.into_iter().next().ok_or(AppError::NotFound)
}

async fn cases(conn: &mut Conn, found: Vec<Report>) -> Result<Vec<ReportCase>> {
    let mut people: Vec<AccountId> = found
        .iter()
        .flat_map(|report| {
            [Some(report.account_id), Some(report.target_id), report.assigned_to, report.closed_by]
        })
        .flatten()
        .collect();
    people.sort_unstable();
    people.dedup();
    let people = views(conn, &people).await?;
    let mut evidence: Vec<StatusId> = found.iter().flat_map(status_ids).collect();
    evidence.sort_unstable();
    evidence.dedup();
    let shown = statuses::hydrate(conn, &evidence, None).await?;
    let person = |id: AccountId| people.iter().find(|view| view.account.id == id).cloned();
    let case = |report: Report| {
        let ids: Vec<StatusId> = status_ids(&report).collect();
        Some(ReportCase {
            by: person(report.account_id)?,
            about: person(report.target_id)?,
            assigned_to: report.assigned_to.and_then(person),
            closed_by: report.closed_by.and_then(person),
            statuses: shown.iter().filter(|view| ids.contains(&view.status.id)).cloned().collect(),
            report,
        })
    };
    Ok(found.into_iter().filter_map(case).collect())
}

fn status_ids(report: &Report) -> impl Iterator<Item = StatusId> + use<> {
    let texts: Vec<String> = serde_json::from_str(&report.status_ids).unwrap_or_default();
    texts.into_iter().filter_map(|text| text.parse().ok().map(StatusId))
}
