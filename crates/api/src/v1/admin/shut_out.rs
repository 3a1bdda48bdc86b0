//! Mail addresses and networks that may not sign up here, or not come here at all.

use app::shut_out::{self, NewNetwork, Severity};
use axum::Json;
use axum::extract::{OriginalUri, State};
use domain::RowId;
use domain::permission::Permission;
use domain::time::SECOND;
use serde::Deserialize;

use super::accounts::PAGE;
use crate::entity::{AdminEmailDomain, AdminEmailHash, AdminNetwork, Empty};
use crate::oauth::Origin;
use crate::pagination::{Cursor, Links, Listed, Style};
use crate::params::{Id, Params};
use crate::routes::{Access, Route, delete, get, post, put};
use crate::{ApiError, Shared};

pub(crate) fn routes() -> Vec<Route> {
    const MANAGE: Permission = Permission::ManageBlocks;
    const READ_DOMAINS: Access = Access::Admin(MANAGE, &["admin:read:email_domain_blocks"]);
    const WRITE_DOMAINS: Access = Access::Admin(MANAGE, &["admin:write:email_domain_blocks"]);
    const READ_HASHES: Access = Access::Admin(MANAGE, &["admin:read:canonical_email_blocks"]);
    const WRITE_HASHES: Access = Access::Admin(MANAGE, &["admin:write:canonical_email_blocks"]);
    const READ_NETWORKS: Access = Access::Admin(MANAGE, &["admin:read:ip_blocks"]);
    const WRITE_NETWORKS: Access = Access::Admin(MANAGE, &["admin:write:ip_blocks"]);
    vec![
        get("/api/v1/admin/email_domain_blocks", READ_DOMAINS, domains),
        post("/api/v1/admin/email_domain_blocks", WRITE_DOMAINS, add_domain),
        get("/api/v1/admin/email_domain_blocks/{id}", READ_DOMAINS, domain),
        delete("/api/v1/admin/email_domain_blocks/{id}", WRITE_DOMAINS, drop_domain),
        get("/api/v1/admin/canonical_email_blocks", READ_HASHES, hashes),
        post("/api/v1/admin/canonical_email_blocks", WRITE_HASHES, add_hash),
        post("/api/v1/admin/canonical_email_blocks/test", READ_HASHES, test_hash),
        get("/api/v1/admin/canonical_email_blocks/{id}", READ_HASHES, hash),
        delete("/api/v1/admin/canonical_email_blocks/{id}", WRITE_HASHES, drop_hash),
        get("/api/v1/admin/ip_blocks", READ_NETWORKS, networks),
        post("/api/v1/admin/ip_blocks", WRITE_NETWORKS, add_network),
        get("/api/v1/admin/ip_blocks/{id}", READ_NETWORKS, network),
        put("/api/v1/admin/ip_blocks/{id}", WRITE_NETWORKS, change_network),
        delete("/api/v1/admin/ip_blocks/{id}", WRITE_NETWORKS, drop_network),
    ]
}

async fn domains(
    State(app): State<Shared>,
    uri: OriginalUri,
    Params(cursor): Params<Cursor>,
) -> Result<Listed<AdminEmailDomain>, ApiError> {
    let page = cursor.page_up_to(PAGE.0, PAGE.1);
    let found = shut_out::domains(&app, page).await?;
    let cursors: Vec<i64> = found.iter().map(|row| row.id.0).collect();
    let links = Links::new(&app, &uri, &page, &cursors, Style::Statuses);
    let list: Vec<AdminEmailDomain> =
        found.iter().map(|row| AdminEmailDomain::render(row, app.now())).collect();
    Ok((links, Json(list)))
}

async fn domain(
    State(app): State<Shared>,
    Id(id): Id<RowId>,
) -> Result<Json<AdminEmailDomain>, ApiError> {
    Ok(Json(AdminEmailDomain::render(&shut_out::domain(&app, id).await?, app.now())))
}

#[derive(Deserialize)]
struct NewDomain {
    domain: String,
    #[serde(default)]
    allow_with_approval: bool,
}

async fn add_domain(
    State(app): State<Shared>,
    Params(new): Params<NewDomain>,
) -> Result<Json<AdminEmailDomain>, ApiError> {
    let made = shut_out::add_domain(&app, &new.domain, new.allow_with_approval).await?;
    Ok(Json(AdminEmailDomain::render(&made, app.now())))
}

async fn drop_domain(
    State(app): State<Shared>,
    Id(id): Id<RowId>,
) -> Result<Json<Empty>, ApiError> {
    shut_out::drop_domain(&app, id).await?;
    Ok(Json(Empty {}))
}

async fn hashes(
    State(app): State<Shared>,
    uri: OriginalUri,
    Params(cursor): Params<Cursor>,
) -> Result<Listed<AdminEmailHash>, ApiError> {
    let page = cursor.page_up_to(PAGE.0, PAGE.1);
    let found = shut_out::hashes(&app, page).await?;
    let cursors: Vec<i64> = found.iter().map(|row| row.id.0).collect();
    let links = Links::new(&app, &uri, &page, &cursors, Style::Statuses);
    let list: Vec<AdminEmailHash> = found.iter().map(AdminEmailHash::render).collect();
    Ok((links, Json(list)))
}

async fn hash(
    State(app): State<Shared>,
    Id(id): Id<RowId>,
) -> Result<Json<AdminEmailHash>, ApiError> {
    Ok(Json(AdminEmailHash::render(&shut_out::hash(&app, id).await?)))
}

#[derive(Deserialize)]
struct Email {
    email: String,
}

async fn test_hash(
    State(app): State<Shared>,
    Params(asked): Params<Email>,
) -> Result<Json<Vec<AdminEmailHash>>, ApiError> {
    let found = shut_out::hashes_of(&app, &asked.email).await?;
    Ok(Json(found.iter().map(AdminEmailHash::render).collect()))
}

#[derive(Deserialize)]
struct NewHash {
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    canonical_email_hash: Option<String>,
}

async fn add_hash(
    State(app): State<Shared>,
    Params(new): Params<NewHash>,
) -> Result<Json<AdminEmailHash>, ApiError> {
    let (email, hash) = (new.email.as_deref(), new.canonical_email_hash.as_deref());
    Ok(Json(AdminEmailHash::render(&shut_out::add_hash(&app, email, hash).await?)))
}

async fn drop_hash(State(app): State<Shared>, Id(id): Id<RowId>) -> Result<Json<Empty>, ApiError> {
    shut_out::drop_hash(&app, id).await?;
    Ok(Json(Empty {}))
}

async fn networks(
    State(app): State<Shared>,
    uri: OriginalUri,
    Params(cursor): Params<Cursor>,
) -> Result<Listed<AdminNetwork>, ApiError> {
    let page = cursor.page_up_to(PAGE.0, PAGE.1);
    let found = shut_out::networks(&app, page).await?;
    let cursors: Vec<i64> = found.iter().map(|row| row.id.0).collect();
    let links = Links::new(&app, &uri, &page, &cursors, Style::Statuses);
    let list: Vec<AdminNetwork> = found.iter().map(AdminNetwork::render).collect();
    Ok((links, Json(list)))
}

async fn network(
    State(app): State<Shared>,
    Id(id): Id<RowId>,
) -> Result<Json<AdminNetwork>, ApiError> {
    Ok(Json(AdminNetwork::render(&shut_out::network(&app, id).await?)))
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct NetworkBody {
    ip: Option<String>,
    severity: Option<String>,
    comment: Option<String>,
    expires_in: Option<i64>,
}

impl NetworkBody {
    /// What is not said stays as it is; what never was is no severity and no network.
    fn settle(
        self,
        app: &Shared,
        before: Option<app::shut_out::Network>,
    ) -> Result<NewNetwork, ApiError> {
        let old = before.as_ref();
        let severity = self.severity.or_else(|| old.map(|old| old.severity.clone()));
        let severity = severity.as_deref().and_then(Severity::parse);
        let until = self.expires_in.filter(|seconds| *seconds > 0);
        let until = until.map(|seconds| app.now().plus(seconds.saturating_mul(SECOND)));
        Ok(NewNetwork {
            id: old.map(|old| old.id),
            network: self.ip.or_else(|| old.map(|old| old.network.clone())).unwrap_or_default(),
            severity: severity
                .ok_or_else(|| app::AppError::invalid("Severity is not included in the list"))?,
            comment: self
                .comment
                .or_else(|| old.map(|old| old.comment.clone()))
                .unwrap_or_default(),
            expires_at: until.or_else(|| old.and_then(|old| old.expires_at)),
        })
    }
}

async fn add_network(
    State(app): State<Shared>,
    Origin(from): Origin,
    Params(body): Params<NetworkBody>,
) -> Result<Json<AdminNetwork>, ApiError> {
    let new = body.settle(&app, None)?;
    Ok(Json(AdminNetwork::render(&shut_out::put_network(&app, new, from).await?)))
}

async fn change_network(
    State(app): State<Shared>,
    Origin(from): Origin,
    Id(id): Id<RowId>,
    Params(body): Params<NetworkBody>,
) -> Result<Json<AdminNetwork>, ApiError> {
    let before = shut_out::network(&app, id).await?;
    let new = body.settle(&app, Some(before))?;
    Ok(Json(AdminNetwork::render(&shut_out::put_network(&app, new, from).await?)))
}

async fn drop_network(
    State(app): State<Shared>,
    Id(id): Id<RowId>,
) -> Result<Json<Empty>, ApiError> {
    shut_out::drop_network(&app, id).await?;
    Ok(Json(Empty {}))
}
