//! `/api/v2/suggestions`

use app::discovery;
use axum::Json;
use axum::extract::State;

use crate::caller::User;
use crate::entity::{Account, Render, Suggestion};
use crate::pagination::Offset;
use crate::params::Params;
use crate::routes::{Access, Route, get};
use crate::{ApiError, Shared};

pub(crate) fn routes() -> Vec<Route> {
    vec![get("/api/v2/suggestions", Access::User(&["read:accounts"]), suggested)]
}

async fn suggested(
    State(app): State<Shared>,
    User(me): User,
    Params(offset): Params<Offset>,
) -> Result<Json<Vec<Suggestion>>, ApiError> {
    let found = discovery::suggested(&app, me.id(), offset.stretch(40)?).await?;
    let render = Render::new(&app);
    let list =
        found.iter().map(|account| Suggestion::most_followed(Account::render(account, &render)));
    Ok(Json(list.collect()))
}
