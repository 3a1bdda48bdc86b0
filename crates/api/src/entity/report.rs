//! Reports.

use app::reports::ReportView;
use domain::Timestamp;
use serde::Serialize;

use super::{Account, Render};

/// <https://docs.joinmastodon.org/entities/Report/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Report {
    id: String,
    action_taken: bool,
    action_taken_at: Option<String>,
    category: String,
    comment: String,
    forwarded: bool,
    created_at: String,
    status_ids: Vec<String>,
    rule_ids: Vec<String>,
    target_account: Account,
}

impl Report {
    pub fn render(view: &ReportView, render: &Render<'_>) -> Self {
        let report = &view.report;
        Self {
            id: report.id.to_string(),
            action_taken: report.action_taken_at.is_some(),
            action_taken_at: report.action_taken_at.map(Timestamp::rfc3339),
            category: report.category.clone(),
            comment: report.comment.clone(),
            forwarded: report.forwarded,
            created_at: report.created_at.rfc3339(),
            status_ids: view.status_ids(),
            rule_ids: view.rule_ids(),
            target_account: Account::render(&view.target, render),
        }
    }
}
