//! `/api/v1/preferences`

use axum::Json;

use crate::caller::User;
use crate::entity::Preferences;
use crate::routes::{Access, Route, get};

pub(crate) fn routes() -> Vec<Route> {
    vec![get("/api/v1/preferences", Access::User(&["read:accounts"]), show)]
}

async fn show(User(me): User) -> Json<Preferences> {
    Json(Preferences::render(&me.user))
}
