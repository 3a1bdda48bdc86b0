//! Accounts as staff sees them, and what it does about them.

use app::moderation::{self, Action, Lift, Measure, StaffFilter, StaffView};
use axum::Json;
use axum::extract::{OriginalUri, State};
use domain::AccountId;
use domain::account::Role;
use domain::permission::Permission;
use serde::Deserialize;

use crate::caller::User;
use crate::entity::{AdminAccount, Empty, Render};
use crate::pagination::{Cursor, Links, Listed, Style};
use crate::params::{Both, Id, Params};
use crate::routes::{Access, Route, delete, get, post};
use crate::v1::statuses::optional_id;
use crate::{ApiError, Shared};

pub(crate) fn routes() -> Vec<Route> {
    const MANAGE: Permission = Permission::ManageUsers;
    const READ: Access = Access::Admin(MANAGE, &["admin:read:accounts"]);
    const WRITE: Access = Access::Admin(MANAGE, &["admin:write:accounts"]);
    const DELETE: Access = Access::Admin(Permission::DeleteUserData, &["admin:write:accounts"]);
    vec![
        get("/api/v1/admin/accounts", READ, v1_list),
        get("/api/v2/admin/accounts", READ, v2_list),
        get("/api/v1/admin/accounts/{id}", READ, show),
        delete("/api/v1/admin/accounts/{id}", DELETE, remove),
        post("/api/v1/admin/accounts/{id}/action", WRITE, act),
        post("/api/v1/admin/accounts/{id}/approve", WRITE, approve),
        post("/api/v1/admin/accounts/{id}/reject", WRITE, reject),
        post("/api/v1/admin/accounts/{id}/enable", WRITE, enable),
        post("/api/v1/admin/accounts/{id}/unsensitive", WRITE, unsensitive),
        post("/api/v1/admin/accounts/{id}/unsilence", WRITE, unsilence),
        post("/api/v1/admin/accounts/{id}/unsuspend", WRITE, unsuspend),
    ]
}

/// Usual and longest page.
pub(super) const PAGE: (i64, i64) = (100, 200);

/// Longer than any name; databases refuse patterns of some length.
const LONGEST: usize = 500;

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Named {
    username: Option<String>,
    display_name: Option<String>,
    by_domain: Option<String>,
    email: Option<String>,
    ip: Option<String>,
}

impl Named {
    fn filter(&self) -> StaffFilter {
        let given = |text: &Option<String>| {
            let text = text.as_deref().map(str::trim).filter(|text| !text.is_empty())?;
            Some(text.chars().take(LONGEST).collect::<String>())
        };
        let address = given(&self.ip);
        let spelled = |text: String| {
            text.parse::<std::net::IpAddr>().map_or(text, |ip| ip.to_canonical().to_string())
        };
        StaffFilter {
            username: given(&self.username).map(|name| name.trim_start_matches('@').to_owned()),
            display_name: given(&self.display_name),
            domain: given(&self.by_domain).map(|name| domain::host::normal(&name).unwrap_or(name)),
            email: given(&self.email),
            address: address.map(spelled),
            ..StaffFilter::default()
        }
    }
}

#[derive(Deserialize)]
struct V1 {
    #[serde(default)]
    local: bool,
    #[serde(default)]
    remote: bool,
    #[serde(default)]
    active: bool,
    #[serde(default)]
    pending: bool,
    #[serde(default)]
    disabled: bool,
    #[serde(default)]
    silenced: bool,
    #[serde(default)]
    suspended: bool,
    #[serde(default)]
    sensitized: bool,
    #[serde(default)]
    staff: bool,
}

async fn v1_list(
    State(app): State<Shared>,
    uri: OriginalUri,
    Params(Both(params, Both(named, cursor))): Params<Both<V1, Both<Named, Cursor>>>,
) -> Result<Listed<AdminAccount>, ApiError> {
    let states = [
        (params.pending, "pending"),
        (params.disabled, "disabled"),
        (params.silenced, "silenced"),
        (params.suspended, "suspended"),
        (params.sensitized, "sensitized"),
        (params.active, "active"),
    ];
    let origins = [(params.local, "local"), (params.remote, "remote")];
    let chosen = |names: &[(bool, &'static str)]| {
        names.iter().find(|(is_asked, _)| *is_asked).map(|(_, name)| *name)
    };
    let filter = StaffFilter {
        origin: chosen(&origins).filter(|_| !(params.local && params.remote)),
        state: chosen(&states),
        staff: params.staff,
        ..named.filter()
    };
    list(&app, &uri, filter, &cursor).await
}

#[derive(Deserialize)]
struct V2 {
    #[serde(default)]
    origin: Option<String>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    permissions: Option<String>,
    #[serde(default)]
    role_ids: Vec<String>,
}

async fn v2_list(
    State(app): State<Shared>,
    uri: OriginalUri,
    Params(Both(params, Both(named, cursor))): Params<Both<V2, Both<Named, Cursor>>>,
) -> Result<Listed<AdminAccount>, ApiError> {
    const STATES: [&str; 6] =
        ["active", "pending", "disabled", "silenced", "suspended", "sensitized"];
    let chosen = |names: &[&'static str], wanted: Option<&str>| match wanted {
        None | Some("") => Ok(None),
        Some(wanted) => names
            .iter()
            .find(|name| **name == wanted)
            .map(|name| Some(*name))
            .ok_or_else(|| ApiError::bad_request(format!("Unknown filter value: {wanted}"))),
    };
    let role = |id: &String| {
        let roles = [Role::Moderator, Role::Admin, Role::Owner, Role::Member];
        roles.into_iter().find(|role| crate::entity::role_id(*role) == id).map(Role::name)
    };
    let filter = StaffFilter {
        origin: chosen(&["local", "remote"], params.origin.as_deref())?,
        state: chosen(&STATES, params.status.as_deref())?,
        staff: params.permissions.as_deref() == Some("staff"),
        role: params.role_ids.first().and_then(role),
        ..named.filter()
    };
    list(&app, &uri, filter, &cursor).await
}

async fn list(
    app: &Shared,
    uri: &OriginalUri,
    filter: StaffFilter,
    cursor: &Cursor,
) -> Result<Listed<AdminAccount>, ApiError> {
    let page = cursor.page_up_to(PAGE.0, PAGE.1);
    let found = moderation::list(app, filter, page).await?;
    let cursors: Vec<i64> = found.iter().map(|view| view.account.id.0).collect();
    let links = Links::new(app, uri, &page, &cursors, Style::Statuses);
    let render = Render::new(app);
    let list: Vec<AdminAccount> =
        found.iter().map(|view| AdminAccount::render(view, &render)).collect();
    Ok((links, Json(list)))
}

type Answer = Result<Json<AdminAccount>, ApiError>;

fn answer(app: &Shared, view: &StaffView) -> Answer {
    Ok(Json(AdminAccount::render(view, &Render::new(app))))
}

async fn show(State(app): State<Shared>, Id(id): Id<AccountId>) -> Answer {
    answer(&app, &moderation::show(&app, id).await?)
}

async fn remove(State(app): State<Shared>, User(me): User, Id(id): Id<AccountId>) -> Answer {
    answer(&app, &moderation::delete(&app, &me, id).await?)
}

#[derive(Deserialize)]
struct Act {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    report_id: Option<String>,
    #[serde(default)]
    text: Option<String>,
}

async fn act(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<AccountId>,
    Params(params): Params<Act>,
) -> Result<Json<Empty>, ApiError> {
    let measure = Measure::parse(&params.kind)
        .ok_or_else(|| app::AppError::invalid("Type is not included in the list"))?;
    let action = Action {
        measure,
        report: optional_id(params.report_id.as_deref())?,
        text: params.text.unwrap_or_default(),
    };
    moderation::act(&app, &me, id, action).await?;
    Ok(Json(Empty {}))
}

async fn approve(State(app): State<Shared>, User(me): User, Id(id): Id<AccountId>) -> Answer {
    answer(&app, &moderation::approve(&app, &me, id).await?)
}

async fn reject(State(app): State<Shared>, User(me): User, Id(id): Id<AccountId>) -> Answer {
    answer(&app, &moderation::reject(&app, &me, id).await?)
}

async fn enable(State(app): State<Shared>, User(me): User, Id(id): Id<AccountId>) -> Answer {
    answer(&app, &moderation::lift(&app, &me, id, Lift::Disabled).await?)
}

async fn unsensitive(State(app): State<Shared>, User(me): User, Id(id): Id<AccountId>) -> Answer {
    answer(&app, &moderation::lift(&app, &me, id, Lift::Sensitized).await?)
}

async fn unsilence(State(app): State<Shared>, User(me): User, Id(id): Id<AccountId>) -> Answer {
    answer(&app, &moderation::lift(&app, &me, id, Lift::Silenced).await?)
}

async fn unsuspend(State(app): State<Shared>, User(me): User, Id(id): Id<AccountId>) -> Answer {
    answer(&app, &moderation::lift(&app, &me, id, Lift::Suspended).await?)
}
