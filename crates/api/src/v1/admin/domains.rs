//! `/api/v1/admin/domain_blocks` and `/api/v1/admin/domain_allows`: rules about other servers, for those
//! who manage this one.

use app::domain_rules::{self, Change, Severity};
use axum::Json;
use axum::extract::{OriginalUri, State};
use domain::RowId;
use domain::permission::Permission;
use http::StatusCode;
use serde::Deserialize;

use crate::entity::{AdminDomainAllow, AdminDomainBlock, Empty};
use crate::pagination::{Cursor, Links, Listed, Style};
use crate::params::{Id, Params};
use crate::routes::{Access, Route, delete, get, post, put};
use crate::{ApiError, Shared};

/// Usual and longest page.
const PAGE: (i64, i64) = (100, 500);

pub(crate) fn routes() -> Vec<Route> {
    const MANAGE: Permission = Permission::ManageFederation;
    const READ_BLOCKS: Access = Access::Admin(MANAGE, &["admin:read:domain_blocks"]);
    const WRITE_BLOCKS: Access = Access::Admin(MANAGE, &["admin:write:domain_blocks"]);
    const READ_ALLOWS: Access = Access::Admin(MANAGE, &["admin:read:domain_allows"]);
    const WRITE_ALLOWS: Access = Access::Admin(MANAGE, &["admin:write:domain_allows"]);
    vec![
        get("/api/v1/admin/domain_blocks", READ_BLOCKS, blocks),
        post("/api/v1/admin/domain_blocks", WRITE_BLOCKS, block),
        get("/api/v1/admin/domain_blocks/{id}", READ_BLOCKS, show_block),
        put("/api/v1/admin/domain_blocks/{id}", WRITE_BLOCKS, change_block),
        delete("/api/v1/admin/domain_blocks/{id}", WRITE_BLOCKS, unblock),
        get("/api/v1/admin/domain_allows", READ_ALLOWS, allows),
        post("/api/v1/admin/domain_allows", WRITE_ALLOWS, allow),
        get("/api/v1/admin/domain_allows/{id}", READ_ALLOWS, show_allow),
        delete("/api/v1/admin/domain_allows/{id}", WRITE_ALLOWS, disallow),
    ]
}

async fn blocks(
    State(app): State<Shared>,
    uri: OriginalUri,
    Params(cursor): Params<Cursor>,
) -> Result<Listed<AdminDomainBlock>, ApiError> {
    let page = cursor.page_up_to(PAGE.0, PAGE.1);
    let rules = domain_rules::page(&app, page).await?;
    let cursors: Vec<i64> = rules.iter().map(|rule| rule.id.0).collect();
    let links = Links::new(&app, &uri, &page, &cursors, Style::Statuses);
    let list: Vec<AdminDomainBlock> = rules.iter().map(AdminDomainBlock::render).collect();
    Ok((links, Json(list)))
}

async fn show_block(
    State(app): State<Shared>,
    Id(id): Id<RowId>,
) -> Result<Json<AdminDomainBlock>, ApiError> {
    Ok(Json(AdminDomainBlock::render(&domain_rules::show(&app, id).await?)))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    domain: String,
    severity: Option<String>,
    reject_media: Option<bool>,
    reject_reports: Option<bool>,
    private_comment: Option<String>,
    public_comment: Option<String>,
    obfuscate: Option<bool>,
}

impl Body {
    /// What is not said stays as it is.
    fn change(self, before: Change) -> Result<Change, ApiError> {
        let severity = match &self.severity {
            Some(name) => Severity::parse(name).ok_or_else(|| {
                app::AppError::invalid("Severity is not one of noop, silence, suspend")
            })?,
            None => before.severity,
        };
        Ok(Change {
            severity,
            reject_media: self.reject_media.unwrap_or(before.reject_media),
            reject_reports: self.reject_reports.unwrap_or(before.reject_reports),
            obfuscate: self.obfuscate.unwrap_or(before.obfuscate),
            private_comment: self.private_comment.unwrap_or(before.private_comment),
            public_comment: self.public_comment.unwrap_or(before.public_comment),
            domain: before.domain,
        })
    }
}

async fn block(
    State(app): State<Shared>,
    Params(mut body): Params<Body>,
) -> Result<Json<AdminDomainBlock>, ApiError> {
    let change = body_of_new(&mut body);
    let change = body.change(change)?;
    if let Some(rule) = domain_rules::standing_against(&app, &change).await? {
        let text = format!("You have already imposed stricter limits on {}.", rule.domain);
        let rule = serde_json::to_value(AdminDomainBlock::render(&rule)).unwrap_or_default();
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Err(ApiError::with(status, &text, "existing_domain_block", rule));
    }
    Ok(Json(AdminDomainBlock::render(&domain_rules::set(&app, change).await?)))
}

fn body_of_new(body: &mut Body) -> Change {
    Change {
        domain: std::mem::take(&mut body.domain),
        severity: Severity::Silence,
        reject_media: false,
        reject_reports: false,
        obfuscate: false,
        private_comment: String::new(),
        public_comment: String::new(),
    }
}

async fn change_block(
    State(app): State<Shared>,
    Id(id): Id<RowId>,
    Params(body): Params<Body>,
) -> Result<Json<AdminDomainBlock>, ApiError> {
    let rule = domain_rules::show(&app, id).await?;
    let before = Change {
        domain: rule.domain,
        severity: rule.severity,
        reject_media: rule.reject_media,
        reject_reports: rule.reject_reports,
        obfuscate: rule.obfuscate,
        private_comment: rule.private_comment,
        public_comment: rule.public_comment,
    };
    Ok(Json(AdminDomainBlock::render(&domain_rules::set(&app, body.change(before)?).await?)))
}

async fn unblock(State(app): State<Shared>, Id(id): Id<RowId>) -> Result<Json<Empty>, ApiError> {
    let rule = domain_rules::show(&app, id).await?;
    domain_rules::remove(&app, &rule.domain).await?;
    Ok(Json(Empty {}))
}

async fn allows(
    State(app): State<Shared>,
    uri: OriginalUri,
    Params(cursor): Params<Cursor>,
) -> Result<Listed<AdminDomainAllow>, ApiError> {
    let page = cursor.page_up_to(PAGE.0, PAGE.1);
    let allowed = domain_rules::allowed_page(&app, page).await?;
    let cursors: Vec<i64> = allowed.iter().map(|allowed| allowed.id.0).collect();
    let links = Links::new(&app, &uri, &page, &cursors, Style::Statuses);
    let list: Vec<AdminDomainAllow> = allowed.iter().map(AdminDomainAllow::render).collect();
    Ok((links, Json(list)))
}

async fn show_allow(
    State(app): State<Shared>,
    Id(id): Id<RowId>,
) -> Result<Json<AdminDomainAllow>, ApiError> {
    Ok(Json(AdminDomainAllow::render(&domain_rules::show_allowed(&app, id).await?)))
}

#[derive(Deserialize)]
struct Named {
    domain: String,
}

async fn allow(
    State(app): State<Shared>,
    Params(named): Params<Named>,
) -> Result<Json<AdminDomainAllow>, ApiError> {
    domain_rules::allow(&app, &named.domain).await?;
    let allowed = domain_rules::allowed_named(&app, &named.domain).await?;
    Ok(Json(AdminDomainAllow::render(&allowed)))
}

async fn disallow(State(app): State<Shared>, Id(id): Id<RowId>) -> Result<Json<Empty>, ApiError> {
    let allowed = domain_rules::show_allowed(&app, id).await?;
    domain_rules::disallow(&app, &allowed.domain).await?;
    Ok(Json(Empty {}))
}
