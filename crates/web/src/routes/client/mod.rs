//! The client: pages for those who are signed in. Everybody else is sent to sign in and comes back.

mod account;
mod act;
mod backups;
mod compose;
mod dashboard;
mod data;
mod edit;
mod files;
mod filters;
pub(in crate::routes) mod frame;
mod house;
pub(in crate::routes) mod member;
mod notifications;
mod organise;
pub(in crate::routes) mod paging;
mod people;
pub(in crate::routes) mod profile;
mod push;
mod scheduled;
mod settings;
pub(in crate::routes) mod show;
mod state;
mod stream;
mod suggest;
pub(in crate::routes) mod thread;
pub(in crate::routes) mod timelines;
mod when;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::routing::{get, post};

use super::Shared;
use super::answer::{Answer, private};
use crate::pages::client::{MenuPage, Place};
use crate::paths;
use member::Member;

/// The routes of the client.
pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route(paths::HOME, get(timelines::home))
        .route(paths::LOCAL, get(timelines::local))
        .route(paths::FEDERATED, get(timelines::federated))
        .route("/lists/{id}", get(timelines::list))
        .route(paths::BOOKMARKS, get(timelines::bookmarks))
        .route(paths::FAVOURITES, get(timelines::favourites))
        .route(paths::STREAM, get(stream::open))
        .route(paths::MENU, get(menu))
        .route("/posts/{id}", post(act::act))
        .route("/posts/{id}/delete", get(act::ask_delete).post(act::delete))
        .route("/posts/{id}/people", get(people::of_post))
        .route("/posts/{id}/history", get(people::history))
        .route("/people/{id}", post(people::act))
        .route("/people/{id}/followers", get(people::followers))
        .route("/people/{id}/following", get(people::following))
        .route("/people/{id}/report", get(people::report_form).post(people::report))
        .route(paths::FOLLOW_REQUESTS, get(people::requests))
        .route("/mutes", get(people::muted))
        .route("/blocks", get(people::blocked))
        .route(paths::NOTIFICATIONS, get(notifications::list))
        .route("/notifications/clear", post(notifications::clear))
        .route(
            "/notifications/requests",
            get(notifications::kept_back).post(notifications::answer_kept_back),
        )
        .route(paths::CONVERSATIONS, get(notifications::conversations))
        .route("/conversations/{id}", post(notifications::converse))
        .route(paths::SEARCH, get(organise::search))
        .route(paths::LISTS, get(organise::all_lists).post(organise::make_list))
        .route("/lists/{id}/edit", get(organise::list_form).post(organise::change_list))
        .route("/people/{id}/lists", get(organise::choose_lists))
        .route(paths::FOLLOWED_TAGS, get(organise::followed_tags).post(organise::follow_typed))
        .route("/tags/{name}/follow", post(organise::follow_tag))
        .route(paths::FILTERS, get(filters::list))
        .route("/filters/new", get(filters::new).post(filters::create))
        .route("/filters/{id}", get(filters::form).post(filters::change))
        .route(paths::SETTINGS, get(settings::index))
        .route(
            paths::SETTINGS_PREFERENCES,
            get(settings::preferences).post(settings::save_preferences),
        )
        .route(paths::SETTINGS_PUSH, get(push::form).post(push::submit))
        .route(paths::WORKER, get(push::worker))
        .route(paths::SETTINGS_ACCOUNT, get(account::form).post(account::submit))
        .route("/settings/export/{name}", get(data::export))
        .route("/settings/archive", post(data::ask_for_archive))
        .route("/settings/archive/{name}", get(data::download))
        .route(paths::DASHBOARD, get(dashboard::overview))
        .route("/dashboard/work", get(dashboard::work).post(dashboard::do_work))
        .route("/dashboard/reports", get(dashboard::reports))
        .route("/dashboard/reports/{id}", post(dashboard::settle))
        .route("/dashboard/domains.csv", get(dashboard::export_domains))
        .route(paths::SUGGEST, get(suggest::suggest))
        .route(paths::SCHEDULED, get(scheduled::list))
        .merge(house::routes())
        .merge(with_files())
}

/// Forms that may carry files: these have limits of their own, by field and by file.
fn with_files() -> Router<Shared> {
    Router::new()
        .route(paths::COMPOSE, get(compose::form).post(compose::submit))
        .route("/scheduled/{id}", get(scheduled::form).post(scheduled::submit))
        .route(paths::COMPOSE_MEDIA, post(compose::upload))
        .route(paths::SETTINGS_PROFILE, get(settings::profile).post(settings::save_profile))
        .route(paths::SETTINGS_DATA, get(data::form).post(data::import))
        .route("/dashboard/domains", get(dashboard::domains).post(dashboard::change_domains))
        .route("/posts/{id}/edit", get(compose::edit_form).post(edit::submit))
        .merge(house::with_files())
        .layer(DefaultBodyLimit::disable())
}

async fn menu(State(app): State<Shared>, member: Member) -> Answer {
    private(&MenuPage { frame: frame::frame(&app, &member, Place::Menu).await? })
}
