//! Finding people: `/api/v1/suggestions`, `/api/v1/directory`, followers in common.

use app::discovery::{self, Order};
use axum::Json;
use axum::extract::State;
use domain::AccountId;
use serde::Deserialize;

use crate::caller::User;
use crate::entity::{Account, Empty, FamiliarFollowers, Render};
use crate::pagination::Offset;
use crate::params::{Both, Id, Params};
use crate::routes::{Access, Route, delete, get};
use crate::{ApiError, Shared};

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get("/api/v1/suggestions", Access::User(&["read:accounts"]), suggested),
        delete("/api/v1/suggestions/{id}", Access::User(&["write:accounts"]), dismiss),
        get("/api/v1/directory", Access::Open, directory),
        get(
            "/api/v1/accounts/familiar_followers",
            Access::User(&["read:follows"]),
            familiar_followers,
        ),
    ]
}

fn rendered(app: &Shared, accounts: &[domain::account::Account]) -> Vec<Account> {
    let render = Render::new(app);
    accounts.iter().map(|account| Account::render(account, &render)).collect()
}

async fn suggested(
    State(app): State<Shared>,
    User(me): User,
    Params(offset): Params<Offset>,
) -> Result<Json<Vec<Account>>, ApiError> {
    let found = discovery::suggested(&app, me.id(), offset.stretch(40)?).await?;
    Ok(Json(rendered(&app, &found)))
}

async fn dismiss(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<AccountId>,
) -> Result<Json<Empty>, ApiError> {
    discovery::dismiss(&app, me.id(), id).await?;
    Ok(Json(Empty {}))
}

#[derive(Deserialize)]
struct DirectoryParams {
    #[serde(default)]
    order: Option<String>,
    #[serde(default)]
    local: bool,
}

async fn directory(
    State(app): State<Shared>,
    Params(Both(params, offset)): Params<Both<DirectoryParams, Offset>>,
) -> Result<Json<Vec<Account>>, ApiError> {
    let order = if params.order.as_deref() == Some("new") { Order::New } else { Order::Active };
    let stretch = offset.stretch(40)?;
    let found = discovery::directory(&app, order, params.local, stretch).await?;
    Ok(Json(rendered(&app, &found)))
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    id: Vec<AccountId>,
}

async fn familiar_followers(
    State(app): State<Shared>,
    User(me): User,
    Params(wanted): Params<Wanted>,
) -> Result<Json<Vec<FamiliarFollowers>>, ApiError> {
    let mut ids = wanted.id;
    ids.truncate(40);
    let found = discovery::familiar(&app, me.id(), ids).await?;
    let list = found.iter().map(|(id, accounts)| FamiliarFollowers {
        id: id.to_string(),
        accounts: rendered(&app, accounts),
    });
    Ok(Json(list.collect()))
}
