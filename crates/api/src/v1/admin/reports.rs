//! Reports as staff works on them.

use app::house_rules;
use app::moderation::{self, Change, ReportCase, ReportFilter};
use axum::Json;
use axum::extract::{OriginalUri, State};
use domain::RowId;
use domain::permission::Permission;
use serde::Deserialize;

use super::accounts::PAGE;
use crate::caller::User;
use crate::entity::{AdminReport, Render};
use crate::pagination::{Cursor, Links, Listed, Style};
use crate::params::{Both, Id, Params};
use crate::routes::{Access, Route, get, post, put};
use crate::v1::statuses::optional_id;
use crate::{ApiError, Shared};

pub(crate) fn routes() -> Vec<Route> {
    const MANAGE: Permission = Permission::ManageReports;
    const READ: Access = Access::Admin(MANAGE, &["admin:read:reports"]);
    const WRITE: Access = Access::Admin(MANAGE, &["admin:write:reports"]);
    vec![
        get("/api/v1/admin/reports", READ, list),
        get("/api/v1/admin/reports/{id}", READ, show),
        put("/api/v1/admin/reports/{id}", WRITE, update),
        post("/api/v1/admin/reports/{id}/assign_to_self", WRITE, assign),
        post("/api/v1/admin/reports/{id}/unassign", WRITE, unassign),
        post("/api/v1/admin/reports/{id}/resolve", WRITE, resolve),
        post("/api/v1/admin/reports/{id}/reopen", WRITE, reopen),
    ]
}

#[derive(Deserialize)]
struct Query {
    #[serde(default)]
    resolved: bool,
    #[serde(default)]
    account_id: Option<String>,
    #[serde(default)]
    target_account_id: Option<String>,
}

async fn list(
    State(app): State<Shared>,
    uri: OriginalUri,
    Params(Both(params, cursor)): Params<Both<Query, Cursor>>,
) -> Result<Listed<AdminReport>, ApiError> {
    let filter = ReportFilter {
        closed: params.resolved,
        by: optional_id(params.account_id.as_deref())?,
        about: optional_id(params.target_account_id.as_deref())?,
    };
    let page = cursor.page_up_to(PAGE.0, PAGE.1);
    let found = moderation::reports(&app, filter, page).await?;
    let cursors: Vec<i64> = found.iter().map(|case| case.report.id).collect();
    let links = Links::new(&app, &uri, &page, &cursors, Style::Statuses);
    let rules = house_rules::ever(&app).await?;
    let render = Render::new(&app);
    let list: Vec<AdminReport> =
        found.iter().map(|case| AdminReport::render(case, &rules, &render)).collect();
    Ok((links, Json(list)))
}

type Answer = Result<Json<AdminReport>, ApiError>;

async fn answer(app: &Shared, case: &ReportCase) -> Answer {
    let rules = house_rules::ever(app).await?;
    Ok(Json(AdminReport::render(case, &rules, &Render::new(app))))
}

async fn show(State(app): State<Shared>, Id(id): Id<RowId>) -> Answer {
    answer(&app, &moderation::report(&app, id.0).await?).await
}

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    category: Option<String>,
    #[serde(default)]
    rule_ids: Option<Vec<String>>,
}

async fn update(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<RowId>,
    Params(body): Params<Body>,
) -> Answer {
    let change = Change::Classify { category: body.category, rules: body.rule_ids };
    answer(&app, &moderation::change(&app, &me, id.0, change).await?).await
}

async fn assign(State(app): State<Shared>, User(me): User, Id(id): Id<RowId>) -> Answer {
    answer(&app, &moderation::change(&app, &me, id.0, Change::Assign).await?).await
}

async fn unassign(State(app): State<Shared>, User(me): User, Id(id): Id<RowId>) -> Answer {
    answer(&app, &moderation::change(&app, &me, id.0, Change::Unassign).await?).await
}

async fn resolve(State(app): State<Shared>, User(me): User, Id(id): Id<RowId>) -> Answer {
    answer(&app, &moderation::change(&app, &me, id.0, Change::Resolve).await?).await
}

async fn reopen(State(app): State<Shared>, User(me): User, Id(id): Id<RowId>) -> Answer {
    answer(&app, &moderation::change(&app, &me, id.0, Change::Reopen).await?).await
}
