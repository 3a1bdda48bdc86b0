//! What those who look after the server write: what it says of itself, its rules, announcements, custom
//! emoji. Who may is decided by permission, in `app` or at the top of each handler.

mod about;
mod announcements;
mod emoji;
mod rules;

use axum::Router;
use axum::routing::{get, post};

use crate::paths;
use crate::routes::Shared;

pub(super) use announcements::current;

/// The editors.
pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route(paths::DASHBOARD_RULES, get(rules::form).post(rules::submit))
        .route(
            paths::DASHBOARD_ANNOUNCEMENTS,
            get(announcements::list).post(announcements::publish),
        )
        .route(
            "/dashboard/announcements/{id}",
            get(announcements::form).post(announcements::submit),
        )
        .route("/announcements/{id}", post(announcements::dismiss))
}

/// Those with files.
pub(super) fn with_files() -> Router<Shared> {
    Router::new()
        .route(paths::DASHBOARD_ABOUT, get(about::form).post(about::submit))
        .route(paths::DASHBOARD_EMOJI, get(emoji::list).post(emoji::submit))
}

/// A sentence of `app` as it stands beside a field.
fn sentence(words: &str) -> String {
    let words = crate::language::reason(words);
    let mut letters = words.trim_end_matches('.').chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
