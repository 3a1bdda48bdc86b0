//! The pages over HTTP: each handler asks `app`, fills a page, answers. Nothing here decides who
//! may see what.

mod answer;
mod assets;
mod authorize;
mod client;
mod compress;
mod confirmation;
mod feed;
mod install;
mod instance;
mod interaction;
mod invites;
mod mail_choices;
mod member;
mod password;
mod posted;
mod present;
mod profile;
mod return_to;
mod second_factor;
mod security;
mod security_keys;
mod set_up;
mod sign_in;
mod sign_up;
mod spoken;
mod status;
mod tag;
mod two_factor;
mod visitor;

use std::sync::Arc;

use app::App;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use crate::pages::{Problem, Site};
use crate::paths;
use answer::Refusal;

/// The state of every handler.
type Shared = Arc<App>;

/// The router of all pages and compiled-in files. What it does not know is a page saying so.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route(paths::FRONT, get(instance::front))
        .route(paths::ABOUT, get(instance::about))
        .route(paths::PRIVACY, get(instance::privacy))
        .route(paths::TERMS, get(instance::terms))
        .route("/@{name}", get(profile::show))
        .route("/@{name}/feed.atom", get(feed::account_atom))
        .route("/tags/{name}/feed.atom", get(feed::tag_atom))
        .route("/manifest.webmanifest", get(install::manifest))
        .route("/robots.txt", get(install::robots))
        .route("/@{name}/{id}", get(status::show))
        .route("/tags/{name}", get(tag::show))
        .route("/assets/{name}", get(assets::show))
        .route("/assets/{version}/{name}", get(assets::show_module))
        .merge(client::routes())
        .route(paths::INTERACTION, get(interaction::show))
        .route(paths::SIGN_IN, get(sign_in::form).post(sign_in::submit))
        .route(paths::SIGN_OUT, post(sign_in::leave).delete(sign_in::leave))
        .route(paths::SIGN_UP, get(sign_up::form).post(sign_up::submit))
        .route("/invite/{code}", get(invites::open))
        .route(paths::SECOND_FACTOR, get(second_factor::form).post(second_factor::submit))
        .route(paths::SECOND_FACTOR_KEY, post(second_factor::key))
        .route(paths::PASSWORD_RESET, get(password::ask).post(password::send))
        .route(paths::PASSWORD_EDIT, get(password::edit).post(password::change))
        .route(paths::CONFIRMATION, get(confirmation::confirm))
        .route(
            paths::AUTHORIZE,
            get(authorize::form).post(authorize::decide).delete(authorize::deny),
        )
        .route(paths::AUTHORIZE_NATIVE, get(authorize::native))
        .merge(settings())
        .route(paths::SET_UP, get(set_up::form).post(set_up::submit))
        .fallback(|| async { Refusal::new(Problem::NotFound) })
        .layer(axum::middleware::from_fn_with_state(app.clone(), visitor::admit))
        .layer(axum::middleware::from_fn_with_state(app.clone(), answer::finish))
        .layer(axum::middleware::from_fn(spoken::choose))
        .layer(compress::layer())
        .layer(DefaultBodyLimit::max(posted::LARGEST))
        .with_state(app)
}

/// What people set about their own account.
fn settings() -> Router<Shared> {
    Router::new()
        .route(paths::SECURITY, get(security::form))
        .route(paths::SECURITY_PASSWORD, post(security::password))
        .route(paths::SECURITY_EMAIL, post(security::email))
        .route(paths::SECURITY_SESSION, post(security::end_session))
        .route(paths::SECURITY_APP, post(security::revoke))
        .route(paths::AUTHORIZED_APPS, get(security::apps))
        .route(paths::TWO_FACTOR, get(two_factor::form).post(two_factor::begin))
        .route(paths::TWO_FACTOR_CONFIRM, post(two_factor::confirm))
        .route(paths::TWO_FACTOR_OFF, post(two_factor::disable))
        .route(paths::SECURITY_KEYS, get(security_keys::form).post(security_keys::begin))
        .route(paths::SECURITY_KEYS_ADD, post(security_keys::add))
        .route(paths::SECURITY_KEYS_REMOVE, get(security_keys::ask).post(security_keys::remove))
        .route(paths::MAIL_CHOICES, get(mail_choices::form).post(mail_choices::change))
        .route(paths::UNSUBSCRIBE, get(mail_choices::ask_to_end).post(mail_choices::end))
        .route(paths::INVITES, get(invites::form).post(invites::create))
        .route(paths::INVITES_REMOVE, post(invites::remove))
}

/// What all pages say of this server. The title may have been chosen at set-up.
async fn site(app: &App) -> app::Result<Site> {
    Ok(site_called(app, app::setup::title(app).await?))
}

fn site_called(app: &App, title: String) -> Site {
    Site {
        title,
        domain: app.urls.domain.clone(),
        base_url: app.urls.base.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}
