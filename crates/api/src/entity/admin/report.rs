//! Reports as staff works on them.

use app::house_rules;
use app::moderation::ReportCase;
use domain::Timestamp;
use serde::Serialize;

use super::AdminAccount;
use crate::entity::instance::Rule;
use crate::entity::{Render, Status};

/// <https://docs.joinmastodon.org/entities/Admin_Report/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct AdminReport {
    id: String,
    action_taken: bool,
    action_taken_at: Option<String>,
    category: String,
    comment: String,
    forwarded: bool,
    created_at: String,
    updated_at: String,
    account: AdminAccount,
    target_account: AdminAccount,
    assigned_account: Option<AdminAccount>,
    action_taken_by_account: Option<AdminAccount>,
    statuses: Vec<Status>,
    rules: Vec<Rule>,
}

impl AdminReport {
    pub fn render(case: &ReportCase, rules: &[house_rules::Rule], render: &Render<'_>) -> Self {
        let report = &case.report;
        let person = |view: &Option<app::moderation::StaffView>| {
            view.as_ref().map(|view| AdminAccount::render(view, render))
        };
        let broken = case.rule_ids();
        Self {
            id: report.id.to_string(),
            action_taken: report.action_taken_at.is_some(),
            action_taken_at: report.action_taken_at.map(Timestamp::rfc3339),
            category: report.category.clone(),
            comment: report.comment.clone(),
            forwarded: report.forwarded,
            created_at: report.created_at.rfc3339(),
            updated_at: report.updated_at.unwrap_or(report.created_at).rfc3339(),
            account: AdminAccount::render(&case.by, render),
            target_account: AdminAccount::render(&case.about, render),
            assigned_account: person(&case.assigned_to),
            action_taken_by_account: person(&case.closed_by),
            statuses: case
                .statuses
                .iter()
                .map(|status| Status::render(status, None, render))
                .collect(),
            rules: Rule::all(rules).into_iter().filter(|rule| broken.contains(&rule.id)).collect(),
        }
    }
}
