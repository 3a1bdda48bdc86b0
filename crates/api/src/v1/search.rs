//! `/api/v1/accounts/search`; `/api/v1/search` is gone since Mastodon 3.0 and answers 404.

use app::search;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use crate::caller::User;
use crate::entity::{Account, Render};
use crate::params::Params;
use crate::routes::{Access, Route, get};
use crate::v2::search::window;
use crate::{ApiError, Shared};

pub(crate) fn routes() -> Vec<Route> {
    vec![get("/api/v1/accounts/search", Access::User(&["read:accounts"]), accounts)]
}

#[derive(Deserialize)]
struct AccountsParams {
    #[serde(default)]
    q: String,
    #[serde(default)]
    resolve: bool,
    #[serde(default)]
    following: bool,
    #[serde(default)]
    limit: Option<i64>,
    #[serde(default)]
    offset: Option<i64>,
}

async fn accounts(
    State(app): State<Shared>,
    User(me): User,
    Params(params): Params<AccountsParams>,
) -> Result<Json<Vec<Account>>, ApiError> {
    let window = window(params.limit, params.offset, 40)?;
    let found =
        search::accounts(&app, me.id(), params.q, (params.following, params.resolve), window)
            .await?;
    let render = Render::new(&app);
    Ok(Json(found.iter().map(|account| Account::render(account, &render)).collect()))
}
